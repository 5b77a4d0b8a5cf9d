import { describe, expect, test } from 'vitest';
import {
  brief,
  count,
  jouleSeconds,
  microjoules,
  percent,
  si,
  significant,
} from '../../src/report/format.ts';

describe('numbers for people', () => {
  test.each([
    [0, '0'],
    [1, '1.000'],
    [12.3456, '12.35'],
    [1234.5, '1,235'],
    [9_999_999, '9,999,999'],
    [12_345_678, '1.235e+7'],
    [0.000012345, '1.234e-5'],
    [-0.5, '-0.5000'],
    [Infinity, 'unlimited'],
  ])('significant(%d) is %s', (value, text) => {
    expect(significant(value)).toBe(text);
  });

  test.each([
    [1_234_567, '1,234,567'],
    [999, '999'],
    [0, '0'],
    [2.5, '2.50000'],
    [Infinity, 'unlimited'],
  ])('count(%d) is %s', (value, text) => {
    expect(count(value)).toBe(text);
  });

  test('brief drops trailing zeros', () => {
    expect([4, 0.25, 12.8, 33.333333, Infinity].map(brief)).toEqual([
      '4',
      '0.25',
      '12.8',
      '33.33',
      'unlimited',
    ]);
  });

  test.each([
    [0.00213, '2.130 ms'],
    [64, '64.00 s'],
    [1.6e-6, '1.600 us'],
    [0, '0 s'],
  ])('si(%d) has the right prefix', (value, text) => {
    expect(si(value, 's')).toBe(text);
  });

  test('microjoules, joule-seconds and shares', () => {
    expect(microjoules(1_500_000)).toBe('1.500');
    expect(jouleSeconds(3.0208e-14)).toBe('3.021e-14');
    expect(percent(0.8474)).toBe('84.7%');
    expect(percent(Number.NaN)).toBe('-');
  });
});
