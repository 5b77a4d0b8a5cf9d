/** A search's progress in one line: where it is, how fast, the best so far, what was thrown out. */
import type { RequestProgress } from '../api/search.ts';
import { count, microjoules, percent, significant } from '../report/format.ts';

/** The share is of all candidates: those costed and those thrown out before. */
export function progressText(progress: RequestProgress): string {
  const { layer, index, layers, evaluations, rate, best } = progress;
  const place = layers > 1 ? `${layer} (${index}/${layers})` : layer;
  const found = best
    ? `best ${microjoules(best.energyPj)} uJ, ${count(best.cycles)} cycles`
    : 'nothing found yet';
  const parts = [
    place,
    `${count(evaluations)} mappings`,
    `${significant(rate * 1e-6, 3)} M/s`,
    found,
    ...prunedParts(progress),
  ];
  return parts.join('  ');
}

function prunedParts({ evaluations, refusals }: RequestProgress): string[] {
  const reasons = { ...refusals.memories, arrays: refusals.fanout, constraints: refusals.constraints };
  const all = evaluations + refusals.capacity + refusals.fanout + refusals.constraints;
  const largest = Object.entries(reasons)
    .filter(([, amount]) => amount / all >= 0.001)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3);
  if (largest.length === 0) return [];
  return [`pruned ${largest.map(([name, amount]) => `${name} ${percent(amount / all)}`).join(', ')}`];
}
