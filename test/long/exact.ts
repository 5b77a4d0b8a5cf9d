/** Long comparison of the exact search with exhaustive enumeration: `node test/long/exact.ts [problems] [first seed]`. */
import { randomCase } from '../search/exact/cases.ts';
import { compare, OBJECTIVES } from '../search/exact/compare.ts';

const wanted = Number(process.argv[2] ?? 500);
const limit = Number(process.argv[4] ?? 20_000);
const first = Number(process.argv[3] ?? 1);
const tally = { equal: 0, infeasible: 0, skipped: 0 };
let evaluated = 0;
let mismatches = 0;
const begun = performance.now();
for (let seed = first; tally.equal + tally.infeasible < wanted; seed++) {
  const bit = (n: number): boolean => ((seed * 2654435761) >>> (20 + n)) % 2 === 1;
  const options = {
    bandwidth: bit(0),
    leakage: bit(1),
    network: bit(2),
    freeKeeps: bit(3),
    constraints: bit(4),
    blocks: bit(5) && bit(6),
  };
  const result = compare(randomCase(seed, options), OBJECTIVES, limit);
  tally[result.outcome]++;
  evaluated += result.evaluated;
  for (const problem of result.problems) console.log(`seed ${seed} ${JSON.stringify(options)}: ${problem}`);
  if (result.problems.length > 0) mismatches++;
  if (seed % 50 === 0) report();
}
report();

function report(): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `${JSON.stringify(tally)}: ${mismatches} mismatches, ${evaluated} mappings enumerated, ${seconds} s`,
  );
}
