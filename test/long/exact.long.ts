/**
 * The long comparison of the exact search with exhaustive enumeration, every objective, order and the front:
 * `npm run test:long`, or `PROBLEMS=200 SEED=5000 LIMIT=2500 npm run test:long` for other cases.
 */
import { expect, it } from 'vitest';
import { randomCase } from '../search/exact/cases.ts';
import { compare, OBJECTIVES, ORDERS } from '../search/exact/compare.ts';

const PROBLEMS = Number(process.env.PROBLEMS ?? 600);
const FIRST_SEED = Number(process.env.SEED ?? 1);
/** Mappings of a problem that are worth enumerating: larger ones are skipped. */
const LIMIT = Number(process.env.LIMIT ?? 6000);

it.each([
  ['even', false],
  ['uneven', true],
])(`equals enumeration on ${PROBLEMS} random problems: %s mappings`, (_, uneven) => {
  const tally = { equal: 0, infeasible: 0, skipped: 0 };
  const problems: string[] = [];
  let evaluated = 0;
  for (let seed = FIRST_SEED; tally.equal + tally.infeasible < PROBLEMS; seed++) {
    const result = compare(randomCase(seed, { ...optionsOf(seed), uneven }), OBJECTIVES, ORDERS, LIMIT);
    tally[result.outcome]++;
    evaluated += result.evaluated;
    problems.push(...result.problems.map((problem) => `seed ${seed}: ${problem}`));
  }
  console.info(`${JSON.stringify(tally)}, ${evaluated} mappings enumerated`);
  expect(problems).toEqual([]);
});

/** Features drawn from the seed's bits. */
function optionsOf(seed: number): Parameters<typeof randomCase>[1] {
  const bit = (n: number): boolean => ((seed * 2_654_435_761) >>> (20 + n)) % 2 === 1;
  return {
    bandwidth: bit(0),
    leakage: bit(1),
    network: bit(2),
    freeKeeps: bit(3),
    constraints: bit(4),
    blocks: bit(5) && bit(6),
    square: bit(7) && bit(8),
  };
}
