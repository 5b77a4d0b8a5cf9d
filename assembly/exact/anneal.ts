// Simulated annealing on one chain by fixed random numbers: moves factors between stages, exchanges them, reorders
// loops, changes keep sets. The closer its best to the optimum, the more the bound cuts. What a chain is: layout.ts.
import { offerChain, recordBytes } from './chain';
import * as L from './layout';

/** Relative excess accepted, first and last. */
const HOTTEST: f64 = 0.4;
const COLDEST: f64 = 0.002;
const NONE: i32 = -1;

/** Begins with the chain in A_CHAIN, whose value is H_BEST_F; cools down over `evaluations` proposals. */
export function beginAnnealing(p: usize, a: usize, evaluations: i32): void {
  const bytes = L.i(a, L.A_COUNT) * recordBytes(p);
  memory.copy(L.pointer(a, L.A_BEFORE), L.pointer(a, L.A_CHAIN), bytes);
  memory.copy(L.pointer(a, L.A_BEST), L.pointer(a, L.A_CHAIN), bytes);
  store<f64>(a + L.A_VALUE_F, L.f(p, L.H_BEST_F));
  store<f64>(a + L.A_HEAT_F, HOTTEST);
  store<f64>(a + L.A_COOLING_F, Math.exp(Math.log(COLDEST / HOTTEST) / <f64>evaluations));
}

/** The next proposals. The best chain so far is then in A_BEST and its value in H_BEST_F. */
export function anneal(p: usize, a: usize, evaluations: i32): void {
  const bytes = L.i(a, L.A_COUNT) * recordBytes(p);
  const chain = L.pointer(a, L.A_CHAIN);
  const before = L.pointer(a, L.A_BEFORE);
  const best = L.pointer(a, L.A_BEST);
  const cooling = L.f(a, L.A_COOLING_F);
  let heat = L.f(a, L.A_HEAT_F);
  let value = L.f(a, L.A_VALUE_F);
  let least = L.f(p, L.H_BEST_F);
  for (let n = 0; n < evaluations; n++) {
    heat *= cooling;
    if (!propose(p, a)) continue;
    const limit = value * (1 - heat * Math.log(1 - unit(a)));
    store<f64>(p + L.H_BEST_F, limit);
    offerChain(p, L.pointer(a, L.A_STAGES), L.i(a, L.A_COUNT), chain);
    const next = L.f(p, L.H_BEST_F);
    if (!(next < limit)) {
      memory.copy(chain, before, bytes);
      continue;
    }
    memory.copy(before, chain, bytes);
    value = next;
    if (value < least * (1 - 1e-12)) {
      least = value;
      memory.copy(best, chain, bytes);
    }
  }
  store<f64>(a + L.A_HEAT_F, heat);
  store<f64>(a + L.A_VALUE_F, value);
  store<f64>(p + L.H_BEST_F, least);
}

/** Changes the chain; false if nothing changed. */
function propose(p: usize, a: usize): bool {
  const kind = unit(a);
  if (kind < 0.1) return reorder(p, a);
  if (kind < 0.15) return rekeep(p, a);
  return transfer(p, a);
}

function record(p: usize, a: usize, stage: i32): usize {
  return L.pointer(a, L.A_CHAIN) + stage * recordBytes(p);
}

function factor(p: usize, a: usize, stage: i32, dim: i32): i32 {
  return <i32>load<u8>(record(p, a, stage) + L.C_DIGITS + dim);
}

function isMemory(a: usize, stage: i32): bool {
  return L.i(<usize>L.word(L.pointer(a, L.A_STAGES), stage), L.S_KIND) == L.MEMORY_STAGE;
}

/** Some loop of a memory goes to another place there. */
function reorder(p: usize, a: usize): bool {
  const dims = L.i(p, L.H_DIMS);
  const stage = 1 + below(a, L.i(a, L.A_COUNT) - 1);
  const dim = below(a, dims);
  if (!isMemory(a, stage) || factor(p, a, stage, dim) == 0) return false;
  const order = record(p, a, stage) + L.C_DIGITS + dims;
  let from = 0;
  while (<i32>load<u8>(order + from) != dim) from++;
  const to = below(a, dims);
  if (to == from) return false;
  if (to < from) memory.copy(order + to + 1, order + to, from - to);
  else memory.copy(order + from, order + from + 1, to - from);
  store<u8>(order + to, <u8>dim);
  return true;
}

function rekeep(p: usize, a: usize): bool {
  const number = 1 + below(a, L.i(a, L.A_COUNT) - 1);
  const stage = <usize>L.word(L.pointer(a, L.A_STAGES), number);
  if (!isMemory(a, number) || L.i(stage, L.S_KEEP_COUNT) < 2) return false;
  store<i32>(record(p, a, number), L.word(L.pointer(stage, L.S_KEEPS), below(a, L.i(stage, L.S_KEEP_COUNT))));
  return true;
}

/** A factor goes from one stage to another, and mostly one comes back, so that full memories stay full. */
function transfer(p: usize, a: usize): bool {
  const dim = below(a, L.i(p, L.H_DIMS));
  const from = stageOf(p, a, dim, true);
  const to = stageOf(p, a, dim, false);
  if (from == NONE || to == NONE || !shift(p, a, dim, from, to)) return false;
  if (unit(a) >= 0.2) {
    const other = dimBetween(p, a, to, from);
    if (other != NONE) shift(p, a, other, to, from);
  }
  return true;
}

/** A random stage where the dimension may have a loop; with `looping`, one where it has. */
function stageOf(p: usize, a: usize, dim: i32, looping: bool): i32 {
  const count = L.i(a, L.A_COUNT);
  let found = 0;
  let picked = NONE;
  for (let s = 1; s < count; s++) {
    if (!mayLoop(p, a, s, dim) || (looping && factor(p, a, s, dim) == 0)) continue;
    if (below(a, ++found) == 0) picked = s;
  }
  return picked;
}

/** A random dimension with a loop at `from` that may have one at `to`. */
function dimBetween(p: usize, a: usize, from: i32, to: i32): i32 {
  const dims = L.i(p, L.H_DIMS);
  let found = 0;
  let picked = NONE;
  for (let d = 0; d < dims; d++) {
    if (!mayLoop(p, a, to, d) || factor(p, a, from, d) == 0) continue;
    if (below(a, ++found) == 0) picked = d;
  }
  return picked;
}

function mayLoop(p: usize, a: usize, stage: i32, dim: i32): bool {
  return load<u8>(L.pointer(a, L.A_PLACES) + stage * L.i(p, L.H_DIMS) + dim) != 0;
}

/** Moves a random factor of the dimension's loop. */
function shift(p: usize, a: usize, dim: i32, from: i32, to: i32): bool {
  if (from == to) return false;
  const radix = L.i(p, L.H_RADIX);
  const source = factor(p, a, from, dim);
  const quotients = L.pointer(p, L.H_QUOTIENTS) + (dim * radix + source) * radix;
  let found = 0;
  let moved = NONE;
  for (let f = 1; f <= source; f++) {
    if (load<u8>(quotients + f) != 255 && below(a, ++found) == 0) moved = f;
  }
  const target = L.pointer(p, L.H_PRODUCTS) + (dim * radix + factor(p, a, to, dim)) * radix;
  const grown = load<u8>(target + moved);
  if (grown == 255) return false;
  store<u8>(record(p, a, from) + L.C_DIGITS + dim, load<u8>(quotients + moved));
  store<u8>(record(p, a, to) + L.C_DIGITS + dim, grown);
  return true;
}

/** Marsaglia's xorshift64. */
function draw(a: usize): u32 {
  let x = load<u64>(a + L.A_STATE);
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  store<u64>(a + L.A_STATE, x);
  return <u32>(x >> 32);
}

/** A uniform number in [0, 1). */
function unit(a: usize): f64 {
  return <f64>draw(a) / 4294967296.0;
}

/** A uniform integer in [0, n). */
function below(a: usize, n: i32): i32 {
  return <i32>((<u64>draw(a) * <u64>n) >> 32);
}
