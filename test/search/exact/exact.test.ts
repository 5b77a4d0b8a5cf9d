/**
 * The exact search against exhaustive enumeration over all factorisations, permutations, spreadings and keep sets: a few
 * cases of each kind; `npm run test:long` compares hundreds.
 */
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
    ['rows and columns told apart', { ...PLAIN, constraints: true, square: true }, 7055],
    ['blocks of several words: the bound holds', { ...PLAIN, blocks: true }, 6000],
    [
      'everything at once',
      { ...PLAIN, bandwidth: true, leakage: true, network: true, freeKeeps: true, constraints: true },
      5000,
    ],
  ] as const)('%s', (_, options, seed) => {
    const { problems, legal } = compareCases(options, seed, 5, 400);
    expect(problems).toEqual([]);
    expect(legal).toBeGreaterThan(2);
  });
});
