// The beam: of a stage's labels only the most promising go on. Gives no proof, but a mapping to measure others against.
import { bound, score } from './bound';
import { freeLabel } from './table';
import * as L from './layout';

/**
 * Keeps about `room` labels of the outgoing table, best rank first; `guess` ranks stationary tensors as if they ended
 * halfway. `ranks` is scratch for `most` f64; labels
 * beyond are dropped.
 */
export function trim(p: usize, stage: usize, room: i32, guess: bool, ranks: usize, most: i32): void {
  const count = rankAll(p, stage, guess, ranks, most);
  if (count <= room && count < most) return;
  const limit = select(ranks, count, room);
  let spare = room - below(ranks, count, limit);
  const heads = L.pointer(p, L.H_OUT_HEADS);
  const touched = L.pointer(p, L.H_OUT_TOUCHED);
  const nodes = L.i(p, L.H_OUT_COUNT);
  let left = 0;
  for (let n = 0; n < nodes; n++) {
    const node = L.word(touched, n);
    let label = <usize>L.word(heads, node);
    let kept: usize = 0;
    while (label != 0) {
      const next = <usize>load<u32>(label + L.L_NEXT);
      const rank = L.f(label, L.L_BOUND_F);
      const stays = rank < limit || (rank == limit && spare > 0);
      if (stays && rank == limit) spare--;
      if (stays) {
        store<u32>(label + L.L_NEXT, <u32>kept);
        kept = label;
      } else freeLabel(p, label);
      label = next;
    }
    store<u32>(heads + (<usize>node << 2), <u32>kept);
    if (kept != 0) {
      store<i32>(touched + (<usize>left << 2), node);
      left++;
    }
  }
  store<i32>(p + L.H_OUT_COUNT, left);
  store<f64>(p + L.H_LIVE_F, <f64>room);
}

/** Stores every label's rank in place of its bound. */
function rankAll(p: usize, stage: usize, guess: bool, ranks: usize, most: i32): i32 {
  const heads = L.pointer(p, L.H_OUT_HEADS);
  const touched = L.pointer(p, L.H_OUT_TOUCHED);
  const nodes = L.i(p, L.H_OUT_COUNT);
  let count = 0;
  for (let n = 0; n < nodes; n++) {
    const node = L.word(touched, n);
    let label = <usize>L.word(heads, node);
    while (label != 0) {
      bound(p, stage, label, node, L.pointer(stage, L.S_BOUND_OUT), guess);
      const rank = score(p, L.f(p, L.H_BOUND_ENERGY_F), L.f(p, L.H_BOUND_CYCLES_F));
      store<f64>(label + L.L_BOUND_F, count < most ? rank : Infinity);
      if (count < most) L.put(ranks, count++, rank);
      label = <usize>load<u32>(label + L.L_NEXT);
    }
  }
  return count;
}

function below(ranks: usize, count: i32, limit: f64): i32 {
  let less = 0;
  for (let n = 0; n < count; n++) if (L.at(ranks, n) < limit) less++;
  return less;
}

/** The `place`-th smallest (from 1), by quickselect. */
function select(ranks: usize, count: i32, place: i32): f64 {
  let low = 0;
  let high = count - 1;
  const wanted = place - 1;
  while (low < high) {
    const pivot = L.at(ranks, (low + high) >> 1);
    let i = low;
    let j = high;
    while (i <= j) {
      while (L.at(ranks, i) < pivot) i++;
      while (L.at(ranks, j) > pivot) j--;
      if (i <= j) {
        const swap = L.at(ranks, i);
        L.put(ranks, i++, L.at(ranks, j));
        L.put(ranks, j--, swap);
      }
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else return L.at(ranks, wanted);
  }
  return L.at(ranks, low);
}
