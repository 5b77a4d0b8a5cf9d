// One given mapping, step by step through the same operations as the search: what hill-climbing compares.
import { closeMemory, endByLoop, enterMemory, slideByLoop, spread } from './label';
import { canClose, countDistinct, finish, finishArray, product, rejected } from './expand';
import { first } from './start';
import * as L from './layout';

/** Bytes of one stage's record. */
// @ts-ignore: decorator
@inline
export function recordBytes(p: usize): i32 {
  return (L.C_DIGITS + 2 * L.i(p, L.H_DIMS) + 3) & ~3;
}

/**
 * Offers the mapping that `chain` describes, unless it is illegal or its bound at some stage cannot beat the best.
 * `stages` lists the stages' records, innermost first.
 */
export function offerChain(p: usize, stages: usize, count: i32, chain: usize): void {
  const work = L.pointer(p, L.H_WORK);
  first(p, L.pointer(stages, 0), work);
  let node = 0;
  for (let s = 1; s < count && node >= 0; s++) {
    const stage = <usize>L.word(stages, s);
    const record = chain + s * recordBytes(p);
    node = L.i(stage, L.S_KIND) == L.ARRAY_STAGE ? throughArray(p, stage, record, work, node) : throughMemory(p, stage, record, work, node);
  }
}

function throughArray(p: usize, stage: usize, record: usize, work: usize, node: i32): i32 {
  const digits = record + L.C_DIGITS;
  const reached = product(p, node, digits);
  const vector = product(p, 0, digits);
  if (reached < 0) return -1;
  const copies = copiesOf(p, digits);
  // A vector that is not legal itself only contains smaller ones that are.
  if (L.at(L.pointer(stage, L.S_LEGAL), vector) != copies) return -1;
  const reduced = countDistinct(p, stage, node, digits, copies);
  spread(p, stage, work, copies, reduced);
  finishArray(p, stage, work, reached);
  return rejected(p, stage, work, reached, L.pointer(stage, L.S_BOUND_OUT)) ? -1 : reached;
}

function copiesOf(p: usize, digits: usize): f64 {
  const dims = L.i(p, L.H_DIMS);
  let copies: f64 = 1;
  for (let d = 0; d < dims; d++) copies *= <f64>L.divisor(p, d, <i32>load<u8>(digits + d));
  return copies;
}

function throughMemory(p: usize, stage: usize, record: usize, work: usize, node: i32): i32 {
  const keeps = L.i(record, L.C_KEEPS);
  enterMemory(p, stage, work, keeps, node);
  const dims = L.i(p, L.H_DIMS);
  let mask = 0;
  let reached = node;
  for (let place = 0; place < dims; place++) {
    const d = <i32>load<u8>(record + L.C_DIGITS + dims + place);
    const factor = <i32>load<u8>(record + L.C_DIGITS + d);
    if (factor == 0) continue;
    if ((mask >> d) & 1) return -1;
    const next = throughLoop(p, stage, work, reached, d, factor);
    if (next < 0) return -1;
    reached = next;
    mask |= 1 << d;
    if (L.i(stage, L.S_ORDERED)) mask |= L.word(L.pointer(stage, L.S_INSIDE), d);
  }
  if (keeps == 0) {
    if (mask != 0) return -1;
  } else if (!canClose(p, stage, work, keeps, usedDims(p, record), reached)) return -1;
  if (L.i(stage, L.S_TOP)) {
    finish(p, work);
    return reached;
  }
  closeMemory(p, stage, work, keeps, reached);
  return rejected(p, stage, work, reached, L.pointer(stage, L.S_BOUND_OUT)) ? -1 : reached;
}

function usedDims(p: usize, record: usize): i32 {
  const dims = L.i(p, L.H_DIMS);
  let mask = 0;
  for (let d = 0; d < dims; d++) if (load<u8>(record + L.C_DIGITS + d) != 0) mask |= 1 << d;
  return mask;
}

function throughLoop(p: usize, stage: usize, work: usize, node: i32, dim: i32, factor: i32): i32 {
  const radix = L.i(p, L.H_RADIX);
  const own = L.digit(p, node, dim);
  const next = <i32>load<u8>(L.pointer(p, L.H_PRODUCTS) + (dim * radix + own) * radix + factor);
  if (next == 255 || !load<u8>(L.pointer(stage, L.S_ALLOWED) + (dim * radix + own) * radix + next)) return -1;
  const reached = node + (next - own) * L.word(L.pointer(p, L.H_STRIDES), dim);
  endByLoop(p, work, dim, node);
  if (L.runs(work) > 0) slideByLoop(p, work, dim, node, reached);
  return reached;
}
