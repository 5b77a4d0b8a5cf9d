import { describe, expect, test } from 'vitest';
import { choice, choices, objective, parameter, seconds, share, wholeNumber } from '../../src/cli/flags.ts';
import { InputError } from '../../src/spec/errors.ts';

const names = choices('--objective', ['edp', 'energy', 'latency']);

function diagnosticOf(call: () => unknown): InputError['diagnostics'][number] {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.diagnostics[0];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('flag values', () => {
  test('a choice is one of its words, a misspelt one is named with the nearest', () => {
    expect(choice('--strategy', ['random', 'anneal'])('anneal')).toBe('anneal');
    const { message, expected, suggestion } = diagnosticOf(() => names('engery'));
    expect(message).toContain("--objective: 'engery'");
    expect(expected).toBe('one of edp, energy, latency');
    expect(suggestion).toBe("did you mean 'energy'?");
  });

  test('choices are joined by commas, each once', () => {
    expect(names('energy,latency,energy')).toEqual(['energy', 'latency']);
    expect(() => names('energy,')).toThrow(InputError);
  });

  test('an objective is a name, names for a front, an order or a weighted sum', () => {
    expect(['ed2p', 'energy,latency', 'lex:latency,energy'].map(objective('--objective'))).toEqual([
      'ed2p',
      ['energy', 'latency'],
      { lexicographic: ['latency', 'energy'] },
    ]);
    const weights = { energy: 1, latency: 2.5 };
    expect(objective('--objective')('weighted:energy=1,latency=2.5')).toEqual({ weights });
    expect(objective('--objective')('weighted:latency=1e-3')).toEqual({ weights: { latency: 0.001 } });
  });

  test.each([
    'lex:',
    'lex:latency,area',
    'weighted:',
    'weighted:energy=-1',
    'weighted:energy=0,latency=0',
    'weighted:energy=1,energy=2',
    'weighted:area=1',
  ])('an objective is not %j', (text) => {
    expect(() => objective('--objective')(text)).toThrow(InputError);
  });

  test('a share is a percentage or a number below 1', () => {
    expect(['1%', '0.01', '.5%', '0', '150%'].map(share('--gap'))).toEqual([0.01, 0.01, 0.005, 0, 1.5]);
    for (const text of ['1', '5', '-1%', 'half', '%', ''])
      expect(() => share('--gap')(text)).toThrow(InputError);
  });

  test.each(['0', '-1', '1.5', 'many', '', '0x10', 'NaN', '1e999', 'Infinity'])(
    'a number of threads is not %j',
    (text) => {
      expect(() => wholeNumber('--threads', 1, 1024)(text)).toThrow(InputError);
    },
  );

  test('whole numbers may be written 2000, 1_000_000 or 1e6', () => {
    expect(['2000', '1_000_000', '1e6'].map(wholeNumber('--evaluations', 1))).toEqual([2000, 1e6, 1e6]);
    expect(() => wholeNumber('--threads', 1, 1024)('1025')).toThrow(InputError);
  });

  test.each(['0', '-2', 'NaN', 'Infinity', '1s', ''])('a time is not %j', (text) => {
    expect(() => seconds('--time')(text)).toThrow(InputError);
  });

  test('times may have fractions', () => {
    expect(['0.5', '.25', '10', '1e3'].map(seconds('--time'))).toEqual([0.5, 0.25, 10, 1000]);
  });

  test('parameters collect over repeated flags, the last of a name wins', () => {
    const param = parameter('--param');
    expect(param('seq=128', param('batch=4'))).toEqual({ batch: 4, seq: 128 });
    expect(param('batch=8', param('batch=4'))).toEqual({ batch: 8 });
    for (const text of ['batch', 'batch=', 'batch=1.5', '=4', 'batch=-1']) {
      expect(() => param(text)).toThrow(InputError);
    }
  });
});
