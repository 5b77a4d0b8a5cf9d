/**
 * Words that move through one station over the whole run, in closed form, and how many copies share them.
 * Exact for perfect factors: the test walker enumerates every iteration with real sets and agrees.
 */
import { InputError } from '../spec/errors.ts';
import type { Rank, Tensor } from '../workload/einsum.ts';
import { rankSpan } from '../workload/einsum.ts';
import type { Step } from './nest.ts';

/** Origins a rank takes over some loops: sorted, distinct offsets starting at 0. */
type Offsets = readonly number[];

const ORIGIN: Offsets = [0];

/**
 * Words one station fetches for a tensor whose tile spans `extents`, over all `loops` outside it (innermost first).
 * With `sharers` (spatial loops whose copies share overlapping words) it is the words their union fetches.
 *
 * One step of loop j, all inner loops wrapping, displaces the tile by `δ_j = s_j − Σ_{i inside j} (n_i − 1)·s_i`;
 * the station fetches what the displaced tile adds. `traffic = |A| + Σ_j (n_j−1) · (Π_{k outside j} n_k) · |A \ (A+δ_j)|`.
 */
export function tileTraffic(
  tensor: Tensor,
  extents: readonly number[],
  loops: readonly Step[],
  sharers: readonly Step[] = [],
): number {
  const spans = tensor.ranks.map((rank) => rankSpan(rank, extents));
  const offsets = sharers.length === 0 ? spans.map(() => ORIGIN) : sharedOffsets(tensor, sharers);
  let travelled = spans.map(() => 0);
  let traffic = 0;
  for (const loop of loops) {
    const shift = tensor.ranks.map((rank) => shiftAlong(rank, loop));
    const displacement = shift.map((s, r) => s - travelled[r]);
    traffic = loop.factor * traffic + (loop.factor - 1) * fetched(spans, offsets, displacement);
    travelled = travelled.map((t, r) => t + (loop.factor - 1) * shift[r]);
  }
  return fetched(spans, offsets) + traffic;
}

/** Distinct words of all tiles over some loops: what one station ever holds, or with spatial loops all its copies. */
export function wordsEverHeld(tensor: Tensor, extents: readonly number[], loops: readonly Step[]): number {
  const spans = tensor.ranks.map((rank) => rankSpan(rank, extents));
  if (isCoupled(tensor)) return unionOfBoxes(spans, origins(tensor, loops));
  return tensor.ranks.reduce((words, rank, r) => words * heldAlong(rank, spans[r], loops), 1);
}

/** Distinct tile boxes among the copies made by the spatial `loops` of one fanout. */
export function distinctBoxes(tensor: Tensor, loops: readonly Step[]): number {
  if (isCoupled(tensor)) return origins(tensor, loops).length;
  return tensor.ranks.reduce((count, rank) => count * countSums(progressions(rank, loops)), 1);
}

/** True if a dimension indexes two ranks, so that the ranks' offsets are not independent. */
export function isCoupled(tensor: Tensor): boolean {
  const dims = tensor.ranks.flatMap((rank) => [...new Set(rank.map((term) => term.dim))]);
  return new Set(dims).size < dims.length;
}

/** Words of the union of all sharers' tiles that were not in their own tile one displacement ago; all of them at first. */
function fetched(
  spans: readonly number[],
  offsets: readonly Offsets[],
  displacement?: readonly number[],
): number {
  const whole = spans.reduce((words, span, r) => words * covered(span, offsets[r], 0), 1);
  if (!displacement) return whole;
  return (
    whole - spans.reduce((words, span, r) => words * covered(span, offsets[r], Math.abs(displacement[r])), 1)
  );
}

/** Coordinates that every interval `[o, o+span)` over them also covers after a shift by `displacement`. */
function covered(span: number, offsets: Offsets, displacement: number): number {
  let length = Math.max(0, span - displacement);
  for (let i = 1; i < offsets.length; i++) {
    length += Math.max(0, Math.min(offsets[i] - offsets[i - 1], span) - displacement);
  }
  return length;
}

function heldAlong(rank: Rank, span: number, loops: readonly Step[]): number {
  const steps = progressions(rank, loops);
  if (nests(steps, span)) return steps.reduce((words, step) => words * step.count, span);
  return covered(span, sums(steps), 0);
}

function sharedOffsets(tensor: Tensor, sharers: readonly Step[]): Offsets[] {
  if (isCoupled(tensor)) {
    throw new InputError({
      message: `halo_multicast cannot share ${tensor.name}: one of its dimensions indexes two ranks`,
      suggestion: 'set halo_multicast: false on the array',
    });
  }
  return tensor.ranks.map((rank) => sums(progressions(rank, sharers)));
}

/** An arithmetic progression of offsets: `count` values, `step` apart. */
interface Progression {
  readonly step: number;
  readonly count: number;
}

/** The offsets each loop gives a rank; loops of no effect are left out. Coefficients' signs mirror, so steps are positive. */
function progressions(rank: Rank, loops: readonly Step[]): Progression[] {
  return loops
    .map((loop) => ({ step: Math.abs(shiftAlong(rank, loop)), count: loop.factor }))
    .filter(({ step, count }) => step > 0 && count > 1);
}

function shiftAlong(rank: Rank, loop: Step): number {
  return rank.reduce(
    (shift, term) => (term.dim === loop.dim ? shift + term.coefficient * loop.stride : shift),
    0,
  );
}

function countSums(steps: readonly Progression[]): number {
  return nests(steps, 1) ? steps.reduce((count, step) => count * step.count, 1) : sums(steps).length;
}

/** True if intervals of `span` at the sums never overlap: each step clears everything the smaller ones reach. */
function nests(steps: readonly Progression[], span: number): boolean {
  let reach = span;
  for (const { step, count } of steps.toSorted((a, b) => a.step - b.step)) {
    if (step < reach) return false;
    reach += step * (count - 1);
  }
  return true;
}

function sums(steps: readonly Progression[]): number[] {
  let values = [0];
  for (const { step, count } of steps) {
    const next = new Set<number>();
    for (const value of values) for (let i = 0; i < count; i++) next.add(value + i * step);
    values = [...next];
  }
  return values.toSorted((a, b) => a - b);
}

/** Distinct origins over the loops, as vectors over all ranks. */
function origins(tensor: Tensor, loops: readonly Step[]): number[][] {
  let points = new Map<string, number[]>([['', tensor.ranks.map(() => 0)]]);
  for (const loop of loops) {
    const shift = tensor.ranks.map((rank) => shiftAlong(rank, loop));
    const next = new Map<string, number[]>();
    for (const point of points.values()) {
      for (let i = 0; i < loop.factor; i++) {
        const moved = point.map((x, r) => x + i * shift[r]);
        next.set(moved.join(), moved);
      }
    }
    points = next;
  }
  return [...points.values()];
}

function unionOfBoxes(spans: readonly number[], corners: readonly (readonly number[])[]): number {
  const words = new Set<string>();
  for (const corner of corners) for (const point of boxPoints(spans, corner)) words.add(point.join());
  return words.size;
}

function boxPoints(spans: readonly number[], corner: readonly number[]): number[][] {
  return spans.reduce<number[][]>(
    (points, span, r) =>
      points.flatMap((point) => Array.from({ length: span }, (_, i) => [...point, corner[r] + i])),
    [[]],
  );
}
