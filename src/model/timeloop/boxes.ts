/** Boxes of one dataspace's coordinates, and what a buffer that holds one box fetches to hold the next. */
import type { Dataspace } from '../../timeloop/spec.ts';

/** Half-open: `low[r] ≤ coordinate < high[r]`. */
export interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** What is fetched: a box less the part of it that a second box covers. */
export interface Delta {
  readonly box: Box;
  readonly words: number;
  /** The covered part; absent if nothing is. */
  readonly covered?: Box;
}

/** Box a dataspace touches while every dimension runs over `start[dim] … start[dim] + extents[dim] − 1`. */
export function boxAt(dataspace: Dataspace, start: readonly number[], extents: readonly number[]): Box {
  const low: number[] = [];
  const high: number[] = [];
  for (const rank of dataspace.ranks) {
    let from = 0;
    let to = 0;
    for (const { dim, coefficient } of rank) {
      const first = coefficient * start[dim];
      const last = coefficient * (start[dim] + extents[dim] - 1);
      from += Math.min(first, last);
      to += Math.max(first, last);
    }
    low.push(from);
    high.push(to + 1);
  }
  return { low, high };
}

export function words({ low, high }: Box): number {
  let product = 1;
  for (let r = 0; r < low.length; r++) product *= high[r] - low[r];
  return product;
}

/** The previous box of one buffer and the step that led to it. */
export interface BufferState {
  box?: Box;
  /** Absent at first and after a change of direction. */
  step?: readonly number[];
}

/**
 * Timeloop's reuse between two visits: the buffer keeps what it has only while it moves by the same step as before;
 * a change of direction throws everything away. Updates the state.
 */
export function advance(state: BufferState, box: Box): Delta {
  const previous = state.box;
  state.box = box;
  if (!previous) return whole(box);
  const step = box.low.map((low, r) => low - previous.low[r]);
  if (step.every((s) => s === 0)) return subtract(box, previous);
  if (state.step && !equal(step, state.step)) {
    state.step = undefined;
    return whole(box);
  }
  state.step = step;
  return subtract(box, previous);
}

export function whole(box: Box): Delta {
  return { box, words: words(box) };
}

function subtract(box: Box, other: Box): Delta {
  const low = box.low.map((from, r) => Math.max(from, other.low[r]));
  const high = box.high.map((to, r) => Math.min(to, other.high[r]));
  if (low.some((from, r) => from >= high[r])) return whole(box);
  const covered = { low, high };
  return { box, words: words(box) - words(covered), covered };
}

/** Difference of the corners of two fetches if one is the other, moved; undefined if their shapes differ. */
export function displacement(from: Delta, to: Delta): number[] | undefined {
  const a = canonical(from);
  const b = canonical(to);
  const shift = b.box.low.map((low, r) => low - a.box.low[r]);
  if (!isMoved(a.box, b.box, shift)) return undefined;
  if (!a.covered !== !b.covered) return undefined;
  if (a.covered && b.covered && !isMoved(a.covered, b.covered, shift)) return undefined;
  return shift;
}

/** A difference along one rank is a box itself. */
function canonical(delta: Delta): { box: Box; covered?: Box } {
  const { box, covered } = delta;
  if (!covered) return { box };
  const differing = box.low.flatMap((low, r) =>
    low !== covered.low[r] || box.high[r] !== covered.high[r] ? [r] : [],
  );
  const r = differing[0];
  if (differing.length !== 1 || (box.low[r] !== covered.low[r] && box.high[r] !== covered.high[r]))
    return delta;
  const left = box.low[r] !== covered.low[r];
  return {
    box: left
      ? { low: box.low, high: box.high.with(r, covered.low[r]) }
      : { low: box.low.with(r, covered.high[r]), high: box.high },
  };
}

function isMoved(a: Box, b: Box, shift: readonly number[]): boolean {
  return shift.every((s, r) => b.low[r] - a.low[r] === s && b.high[r] - a.high[r] === s);
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.every((x, r) => x === b[r]);
}
