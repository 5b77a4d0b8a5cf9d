/**
 * The exact search against exhaustive enumeration over all factorisations, permutations, spreadings and keep sets: a few
 * cases of each kind; `npm run test:long` compares hundreds.
 */
import { describe, expect, it } from 'vitest';
import type { CaseOptions } from './cases.ts';
import { randomCase } from './cases.ts';
import { compare, OBJECTIVES, ORDERS } from './compare.ts';

const PLAIN: CaseOptions = {
  bandwidth: false,
  leakage: false,
  network: false,
  freeKeeps: false,
  constraints: false,
  blocks: false,
};

/** Compares so many cases that can be enumerated; returns what went wrong and how many had a legal mapping. */
function compareCases(
  options: CaseOptions,
  firstSeed: number,
  wanted: number,
): { problems: string[]; legal: number } {
  const problems: string[] = [];
  let compared = 0;
  let legal = 0;
  for (let seed = firstSeed; compared < wanted; seed++) {
    // Half of the objectives for each case, and one order.
    const objectives = OBJECTIVES.filter((_, i) => (i + compared) % 2 === 0);
    const orders = ORDERS.filter((_, i) => i === compared % ORDERS.length);
    const beams = [seed % 2 === 0 ? 20 : 0];
    const result = compare(randomCase(seed, options), objectives, orders, 400, beams);
    if (result.outcome === 'skipped') continue;
    compared++;
    if (result.outcome === 'equal') legal++;
    problems.push(...result.problems.map((problem) => `seed ${seed}: ${problem}`));
  }
  return { problems, legal };
}

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
    const { problems, legal } = compareCases(options, seed, 5);
    expect(problems).toEqual([]);
    expect(legal).toBeGreaterThan(2);
  });
});
