/** The header of a problem by its fields' names, and the pool behind the tables: labels, traces and mask pages. */
import { pageCount, type Problem } from './problem.ts';

/** Typed access to the header's fields by name. */
export function header(problem: Problem): {
  i32(name: string, value: number): void;
  f64(name: string, value: number): void;
  readI32(name: string): number;
  readF64(name: string): number;
} {
  const view = new DataView(problem.image.memory.buffer);
  const at = (name: string): number => problem.header + problem.layout[name];
  return {
    i32: (name, value) => view.setInt32(at(name), value, true),
    f64: (name, value) => view.setFloat64(at(name), value, true),
    readI32: (name) => view.getInt32(at(name), true),
    readF64: (name) => view.getFloat64(at(name), true),
  };
}

/** Empties the pool from `start` on, and the two stage tables in use. */
export function resetPool(problem: Problem, start = problem.poolStart): void {
  const { image, space, lattice, layout: L } = problem;
  const h = header(problem);
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
  zero('H_IN_HEADS', lattice.nodes);
  zero('H_OUT_HEADS', lattice.nodes);
  zero('H_MASKS', pageCount(space, lattice));
  // Records begin behind address 0: the root label's parent.
  if (problem.poolStart <= L.TRACE) throw new RangeError('the pool overlaps the null address');
}
