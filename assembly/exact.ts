// Exact mapping search: dynamic programming over the lattice of tile shapes, innermost memory first. TypeScript lowers
// the problem, drives the stages and reads the result; everything that grows with the search happens in here.
import { bound } from './exact/bound';
import { leastBound } from './exact/expand';
import * as L from './exact/layout';
import { pageHeads } from './exact/table';

export * from './exact/layout';
export { beginMemory, clearIncoming, expandArray, expandLoops, turnTables } from './exact/expand';
export { prepareBound, prepareLegal, prepareSharing, prepareSpread } from './exact/prepare';
export { turnPage } from './exact/table';
export { start } from './exact/start';
export { anneal, beginAnnealing } from './exact/anneal';
export { trim } from './exact/trim';

/** First byte that no static data of the module takes. */
export function heapBase(): usize {
  return __heap_base;
}

export function leastIncoming(p: usize, from: i32): f64 {
  return leastBound(L.pointer(p, L.H_IN_HEADS), L.pointer(p, L.H_IN_TOUCHED), from, L.i(p, L.H_IN_COUNT));
}

export function leastOutgoing(p: usize): f64 {
  return leastBound(L.pointer(p, L.H_OUT_HEADS), L.pointer(p, L.H_OUT_TOUCHED), 0, L.i(p, L.H_OUT_COUNT));
}

export function leastMasked(p: usize, mask: i32, from: i32): f64 {
  const page = <usize>L.word(L.pointer(p, L.H_MASKS), mask);
  return page == 0 ? Infinity : leastBound(pageHeads(p, page), page + 8, from, L.i(page, 0));
}

/** Bounds the first label: writes the least energy and cycles of any mapping to the header. */
export function boundRoot(p: usize, stage: usize): void {
  const label = <usize>L.word(L.pointer(p, L.H_OUT_HEADS), 0);
  bound(p, stage, label, 0, L.pointer(stage, L.S_BOUND_OUT), false);
}
