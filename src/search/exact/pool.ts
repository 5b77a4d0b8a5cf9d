/** The header of a problem by its fields' names, and the pool behind the tables: labels, traces and mask pages. */
import type { Engine } from './engine.ts';

/** Typed access to the header's fields by name. */
export function header({ image, header: start, layout }: Engine): {
  i32(name: string, value: number): void;
  f64(name: string, value: number): void;
  readI32(name: string): number;
  readF64(name: string): number;
} {
  const view = new DataView(image.memory.buffer);
  const at = (name: string): number => start + layout[name];
  return {
    i32: (name, value) => view.setInt32(at(name), value, true),
    f64: (name, value) => view.setFloat64(at(name), value, true),
    readI32: (name) => view.getInt32(at(name), true),
    readF64: (name) => view.getFloat64(at(name), true),
  };
}

/** Empties the pool from `start` on, and the two stage tables in use. */
export function resetPool(engine: Engine, start = engine.poolStart): void {
  const { image, nodes, pages, layout: L } = engine;
  const h = header(engine);
  for (const name of [
    'H_FREE_LABEL',
    'H_FREE_PAGE',
    'H_TRACE',
    'H_TRACE_END',
    'H_IN_COUNT',
    'H_OUT_COUNT',
    'H_FULL',
  ]) {
    h.i32(name, 0);
  }
  h.i32('H_BUMP', start);
  h.f64('H_LIVE_F', 0);
  const zero = (name: string, words: number): void => {
    new Int32Array(image.memory.buffer, h.readI32(name), words).fill(0);
  };
  zero('H_IN_HEADS', nodes);
  zero('H_OUT_HEADS', nodes);
  zero('H_MASKS', pages);
  // Records begin behind address 0: the root label's parent.
  if (engine.poolStart <= L.TRACE) throw new RangeError('the pool overlaps the null address');
}

/** Labels made in one step, at least. */
const LABELS = 8192;

/** Lets the kernel work for one step. */
export function allowLabels(engine: Engine): void {
  const h = header(engine);
  h.f64('H_PAUSE_F', h.readF64('H_GENERATED_F') + LABELS);
}

/** What a search has done so far. */
export interface Counts {
  /** Parts of mappings costed. */
  readonly visited: number;
  readonly capacity: number;
  readonly dominated: number;
  readonly bound: number;
  /** Least bound among labels given up (gap, memory); Infinity if none were. */
  readonly givenUp: number;
}

/** Of the engine since they were last cleared. */
export function readCounts(engine: Engine): Counts {
  const h = header(engine);
  return {
    visited: h.readF64('H_GENERATED_F'),
    capacity: h.readF64('H_CUT_CAPACITY_F'),
    dominated: h.readF64('H_CUT_DOMINATED_F'),
    bound: h.readF64('H_CUT_BOUND_F'),
    givenUp: h.readF64('H_GIVEN_UP_F'),
  };
}

export function clearCounts(engine: Engine): void {
  const h = header(engine);
  h.f64('H_PAUSE_F', 0);
  for (const name of ['H_GENERATED_F', 'H_CUT_BOUND_F', 'H_CUT_DOMINATED_F', 'H_CUT_CAPACITY_F', 'H_KEPT_F'])
    h.f64(name, 0);
  h.f64('H_GIVEN_UP_F', Infinity);
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    visited: a.visited + b.visited,
    capacity: a.capacity + b.capacity,
    dominated: a.dominated + b.dominated,
    bound: a.bound + b.bound,
    givenUp: Math.min(a.givenUp, b.givenUp),
  };
}
