/**
 * The exact search against exhaustive enumeration over all factorisations, permutations, spreadings and keep sets: a few
 * cases of each kind; `npm run test:long` compares hundreds.
 */
import { describe, expect, it } from 'vitest';
import { parseLayer } from '../../../src/workload/shorthand.ts';
import { PLAIN, randomCase } from './cases.ts';
import { compare, compareCases } from './compare.ts';

describe('exact search equals exhaustive enumeration for every objective, order of objectives and the front', () => {
  it.each([
    ['fixed keep sets', PLAIN, 1],
    ['free keep sets', { ...PLAIN, freeKeeps: true }, 1000],
    ['limited bandwidth', { ...PLAIN, bandwidth: true }, 2000],
    ['leakage and networks', { ...PLAIN, leakage: true, network: true }, 3000],
    ['constraints', { ...PLAIN, constraints: true }, 4000],
    ['rows and columns told apart', { ...PLAIN, constraints: true, square: true }, 7055],
    ['blocks of several words', { ...PLAIN, blocks: true }, 6000],
    ['blocks of several words, uneven', { ...PLAIN, blocks: true, uneven: true }, 6100],
    ['resident tensors', { ...PLAIN, residents: true }, 8000],
    [
      'resident tensors under limits of every kind',
      {
        ...PLAIN,
        residents: true,
        bandwidth: true,
        leakage: true,
        network: true,
        freeKeeps: true,
        blocks: true,
      },
      8200,
    ],
    ['resident tensors, uneven', { ...PLAIN, residents: true, bandwidth: true, uneven: true }, 8400],
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

it.each([
  [14, 'gemm:M=6,N=4,K=1'],
  [26, 'gemm:M=6,N=4,K=5'],
  [48, 'gemm:M=6,N=4,K=1'],
])('keeps what is dearer in fractions of blocks and cheaper in whole ones: machine %i, %s', (seed, layer) => {
  const random = { ...randomCase(seed, { ...PLAIN, blocks: true }), einsum: parseLayer(layer) };
  const compared = compare(random, ['energy', 'edp', 'front'], [], 6000, [0]);
  expect(compared).toMatchObject({ outcome: 'equal', problems: [] });
});
