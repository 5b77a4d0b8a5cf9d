/** A search's progress in one line: where it is, how fast, the best so far, what was thrown out. */
import type { RequestProgress, RequestStep } from '../api/search.ts';
import { count, microjoules, percent, significant } from '../report/format.ts';

export function progressText(progress: RequestProgress): string {
  const { rate, best } = progress;
  const place = placeText(progress);
  const found = best
    ? `best ${microjoules(best.energyPj)} uJ, ${count(best.cycles)} cycles`
    : 'nothing found yet';
  const parts = [
    `${significant(rate * 1e-6, 3)} M/s`,
    found,
    ...boundParts(progress),
    ...prunedParts(progress),
  ];
  return [place, ...parts].join('  ');
}

/** What is proved so far, in the objective's unit. */
function boundParts({ bound, gap, best }: RequestProgress): string[] {
  if (bound === undefined) return [];
  const least = `at least ${bound.toPrecision(4)}`;
  return best && gap !== undefined
    ? [`${best.value.toPrecision(4)}, ${least}: gap ${percent(gap)}`]
    : [least];
}

/** What a search beside the layer's own asks. */
export function stepText(step: RequestStep): string {
  return `${placeText(step)}  ${step.question}: search ${step.done + 1}`;
}

function placeText({ layer, index, layers }: Pick<RequestProgress, 'layer' | 'index' | 'layers'>): string {
  return layers > 1 ? `${layer} (${index}/${layers})` : layer;
}

/** Shares of all candidates, those costed and those thrown out before; the largest three reasons. */
function prunedParts({ evaluations, refusals }: RequestProgress): string[] {
  const reasons = { ...refusals.memories, arrays: refusals.fanout, constraints: refusals.constraints };
  const pruned = refusals.capacity + refusals.fanout + refusals.constraints;
  if (pruned === 0) return [];
  const share = (amount: number): string => `${Math.round((100 * amount) / (evaluations + pruned))}%`;
  const largest = Object.entries(reasons)
    .filter(([, amount]) => amount > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3);
  return [
    `pruned ${share(pruned)}: ${largest.map(([name, amount]) => `${name} ${share(amount)}`).join(', ')}`,
  ];
}
