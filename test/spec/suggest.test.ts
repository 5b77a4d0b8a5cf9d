import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest, didYouMean, editDistance } from '../../src/spec/suggest.ts';

const KEYS = ['memory', 'size', 'multiple_buffering', 'spatial_reduction', 'keep', 'may_keep'];

test.each([
  ['memry', 'memory'],
  ['szie', 'size'],
  ['multipleBuffering', 'multiple_buffering'],
  ['spatial-reduction', 'spatial_reduction'],
  ['KEEP', 'keep'],
  ['may keep', 'may_keep'],
])('%s is near %s', (word, key) => {
  expect(didYouMean(word, KEYS)).toBe(`did you mean '${key}'?`);
});

test.each(['bandwidth', 'x', '', '___'])('nothing is near %j', (word) => {
  expect(didYouMean(word, KEYS)).toBeUndefined();
});

test('the first of equally near candidates wins', () => {
  expect(closest('abcx', ['abcd', 'abce'])).toBe('abcd');
});

test('a swap of neighbours is one edit', () => {
  expect(editDistance('abcd', 'abdc')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
});

test('distance is symmetric, zero only for equals, and at most the longer length', () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
  const property = fc.property(word, word, (a, b) => {
    const distance = editDistance(a, b);
    expect(distance).toBe(editDistance(b, a));
    expect(distance === 0).toBe(a === b);
    expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
  });
  fc.assert(property, { numRuns: 300 });
});

test('a very long word is answered at once', () => {
  expect(closest('x'.repeat(1_000_000), KEYS)).toBeUndefined();
});
