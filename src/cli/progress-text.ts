/** The progress of long work in one line: what is being done, how much of it, the time left, the best so far. */
import type { RequestProgress, RequestStep } from '../api/search.ts';
import type { VerifyProgress } from '../api/verify.ts';
import type { ExploreProgress } from '../explore/explore.ts';
import { count, microjoules, percent, significant } from '../report/format.ts';
import { METRIC_TEXTS } from '../report/sweep-columns.ts';

/** A search: where it is, the best so far, what is proved, how fast, what was thrown out. */
export function progressText(progress: RequestProgress): string {
  const { rate, best, remainingSeconds } = progress;
  const found = best
    ? `best ${microjoules(best.energyPj)} uJ, ${count(best.cycles)} cycles`
    : 'nothing found yet';
  const parts = [
    ...roundParts(progress),
    placeText(progress),
    ...leftParts(remainingSeconds),
    `${significant(rate * 1e-6, 3)} M/s`,
    found,
    ...boundParts(progress),
    ...prunedParts(progress),
  ];
  return parts.join('  ');
}

/** Of a network's totals: which search of all layers this is, and the best before it. */
function roundParts({ round = 1, totals }: RequestProgress): string[] {
  if (round === 1) return [];
  const best = totals ? `: best ${microjoules(totals.energyPj)} uJ, ${count(totals.cycles)} cycles` : '';
  return [`round ${round}${best}`];
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
  const { question, done, of, remainingSeconds } = step;
  return [placeText(step), `${done + 1} of ${of}: ${question}`, ...leftParts(remainingSeconds)].join('  ');
}

export function verifyText(progress: VerifyProgress): string {
  return [`checking ${placeText(progress)}`, ...leftParts(progress.remainingSeconds)].join('  ');
}

/** A sweep: lower bounds of all designs, then the designs. */
export function sweepText({
  done,
  designs,
  bounding,
  remainingSeconds,
  front,
  best,
}: ExploreProgress): string {
  const left = leftParts(remainingSeconds);
  if (bounding) return [`bounds of ${shareText(bounding.count, bounding.of)} designs`, ...left].join('  ');
  return [
    `${shareText(done, designs)} designs`,
    ...left,
    `front ${count(front)}`,
    ...(best ? [bestText(best)] : []),
  ].join('  ');
}

function bestText({ objective, value }: NonNullable<ExploreProgress['best']>): string {
  const { label, unit, scale } = METRIC_TEXTS[objective];
  return `best ${label} ${significant(value * scale)} ${unit}`;
}

function shareText(done: number, of: number): string {
  return `${count(done)} of ${count(of)} (${Math.floor((100 * done) / of)}%)`;
}

function leftParts(seconds: number | undefined): string[] {
  return seconds === undefined ? [] : [`${duration(seconds)} left`];
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${significant(seconds / 3600, 2)} h`;
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
