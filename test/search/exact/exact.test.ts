/** The exact search against exhaustive enumeration over all factorisations, permutations, spreadings and keep sets. */
import { describe, expect, it } from 'vitest';
import { PLAIN } from './cases.ts';
import { compareCases } from './compare.ts';

describe('exact search equals exhaustive enumeration for every objective, order of objectives and the front', () => {
  it.each([
    ['fixed keep sets', PLAIN, 1],
    ['free keep sets', { ...PLAIN, freeKeeps: true }, 1000],
    ['limited bandwidth', { ...PLAIN, bandwidth: true }, 2000],
    ['leakage and networks', { ...PLAIN, leakage: true, network: true }, 3000],
    ['constraints', { ...PLAIN, constraints: true }, 4000],
    ['blocks of several words: the bound holds', { ...PLAIN, blocks: true }, 6000],
    [
      'everything at once',
      { ...PLAIN, bandwidth: true, leakage: true, network: true, freeKeeps: true, constraints: true },
      5000,
    ],
  ] as const)('%s', (_, options, seed) => {
    const { problems, legal } = compareCases(options, seed, 9, 400);
    expect(problems).toEqual([]);
    expect(legal).toBeGreaterThan(3);
  });
});
