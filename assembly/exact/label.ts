// What one step of a chain does to a label: a loop, an array, entering and closing a memory. See layout.ts for fields.
//
// Costs that multiply with everything outside are settled against `trips` of the node, so they become absolute as soon
// as a tensor stops being stationary, and no outer choice needs to be known.
import * as L from './layout';

/** True if a tensor's m belongs to this run: it is the tensor's last and the tensor's owner bit is set. */
function ownsPending(label: usize, p: usize, r: i32): bool {
  const tensor = L.i(L.run(p, label, r), L.R_TENSOR);
  if (!((<i32>load<u8>(label + L.L_OWNED) >> tensor) & 1)) return false;
  return lastRun(p, label, tensor) == r;
}

export function lastRun(p: usize, label: usize, tensor: i32): i32 {
  for (let r = L.runs(label) - 1; r >= 0; r--) if (L.i(L.run(p, label, r), L.R_TENSOR) == tensor) return r;
  return -1;
}

export function windows(p: usize, tensor: i32): usize {
  return L.pointer(p, L.H_WINDOWS) + tensor * L.WINDOW;
}

/** Words of a run's window: the product of its spans. */
// @ts-ignore: decorator
@inline
export function area(run: usize): f64 {
  return L.f(run, L.R_AREA_F);
}

// @ts-ignore: decorator
@inline
export function isStill(run: usize): bool {
  return (load<u64>(run + L.R_MOVED) | <u64>load<u32>(run + L.R_MOVED + 8)) == 0;
}

function markOwned(label: usize, tensor: i32, owned: bool): void {
  const bits = <i32>load<u8>(label + L.L_OWNED) & ~(1 << tensor);
  store<u8>(label + L.L_OWNED, <u8>(owned ? bits | (1 << tensor) : bits));
}

function markAlive(label: usize, tensor: i32, alive: bool): void {
  const bits = <i32>load<u8>(label + L.L_ALIVE) & ~(1 << tensor);
  store<u8>(label + L.L_ALIVE, <u8>(alive ? bits | (1 << tensor) : bits));
}

/** Moves `share` fetches of the pending words to those counted in full. */
function settlePending(p: usize, label: usize, tensor: i32, share: f64): void {
  const dead = L.deadAt(p, label, tensor);
  store<f64>(dead, load<f64>(dead) + load<f64>(L.pendingAt(label, tensor)) * share);
}

/** A relevant loop at `node`: what the stationary tensor costs per fetch now multiplies with everything outside. */
export function endStationary(p: usize, label: usize, tensor: i32, node: i32): void {
  const times = L.trips(p, node);
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const block = L.functional(p, label, k);
    const cost = L.at(block + L.F_ALIVE_F, tensor);
    if (cost == 0) continue;
    store<f64>(block + L.F_PAID_F, L.f(block, L.F_PAID_F) + cost * times);
    L.put(block + L.F_ALIVE_F, tensor, 0);
  }
  if (!((<i32>load<u8>(label + L.L_OWNED) >> tensor) & 1)) {
    settlePending(p, label, tensor, times);
    store<f64>(L.pendingAt(label, tensor), 0);
  }
  markAlive(label, tensor, false);
}

function removeRun(p: usize, label: usize, r: i32): void {
  const count = L.runs(label);
  const bytes = L.i(p, L.H_RUN_BYTES);
  for (let next = r + 1; next < count; next++) {
    memory.copy(L.run(p, label, next - 1), L.run(p, label, next), bytes);
  }
  store<u8>(label + L.L_RUNS, <u8>(count - 1));
}

function endRun(p: usize, label: usize, r: i32, node: i32): void {
  const run = L.run(p, label, r);
  const tensor = L.i(run, L.R_TENSOR);
  const times = L.trips(p, node);
  const words = area(run);
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const block = L.functional(p, label, k);
    store<f64>(block, L.f(block, L.F_PAID_F) + L.at(run + L.R_COST_F, k) * words * times);
  }
  if (ownsPending(label, p, r)) {
    settlePending(p, label, tensor, times);
    store<f64>(L.pendingAt(label, tensor), 0);
    markOwned(label, tensor, false);
  }
  removeRun(p, label, r);
}

/** A run whose windows no later loop can make overlap costs what an ordinary stationary tensor costs. */
function becomeStationary(p: usize, label: usize, r: i32): void {
  const run = L.run(p, label, r);
  const tensor = L.i(run, L.R_TENSOR);
  const words = area(run);
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const block = L.functional(p, label, k) + L.F_ALIVE_F;
    L.put(block, tensor, L.at(block, tensor) + L.at(run + L.R_COST_F, k) * words);
  }
  if (ownsPending(label, p, r)) markOwned(label, tensor, false);
  markAlive(label, tensor, true);
  removeRun(p, label, r);
}

/** Displacement of a window along one of its axes by one iteration of a loop, before inner loops wrap. */
function stride(rank: usize, dim: i32, extent: i32): i32 {
  const terms = L.i(rank, L.W_TERMS);
  let step = 0;
  for (let t = 0; t < terms; t++) {
    const pair = rank + L.W_PAIRS + 8 * t;
    if (L.i(pair, 0) == dim) step += L.i(pair, 4) * extent;
  }
  return step;
}

/** One loop of `count` iterations over a sliding window: `g_j = n_j·g_(j−1) + (n_j−1)·|A \ (A+δ_j)|`. */
function slide(p: usize, label: usize, r: i32, dim: i32, extent: i32, count: i32, outside: f64): void {
  const run = L.run(p, label, r);
  const tensor = L.i(run, L.R_TENSOR);
  const window = windows(p, tensor);
  const ranks = L.i(window, L.W_COUNT);
  let whole: f64 = 1;
  let common: f64 = 1;
  for (let a = 0; a < ranks; a++) {
    const step = stride(window + L.W_RANKS + a * L.WINDOW_RANK, dim, extent);
    const span = L.i(run, L.R_SPANS + 4 * a);
    const moved = L.i(run, L.R_MOVED + 4 * a);
    const displacement = step - moved;
    whole *= <f64>span;
    common *= <f64>max(0, span - (displacement < 0 ? -displacement : displacement));
    store<i32>(run + L.R_MOVED + 4 * a, moved + (count - 1) * step);
  }
  const times = <f64>(count - 1) * outside;
  const fetched = (whole - common) * times;
  if (fetched == 0) return;
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const block = L.functional(p, label, k);
    store<f64>(block, L.f(block, L.F_PAID_F) + L.at(run + L.R_COST_F, k) * fetched);
  }
  if (ownsPending(label, p, r)) settlePending(p, label, tensor, fetched / whole);
}

/** True if some loop still to come may find part of its window in place. */
function mayOverlap(p: usize, label: usize, r: i32, node: i32): bool {
  const run = L.run(p, label, r);
  const tensor = L.i(run, L.R_TENSOR);
  const window = windows(p, tensor);
  if (!L.i(window, L.W_SETTLES)) return true;
  const ranks = L.i(window, L.W_COUNT);
  for (let a = 0; a < ranks; a++) {
    if (L.i(run, L.R_MOVED + 4 * a) >= L.i(run, L.R_SPANS + 4 * a)) return ranks > 1 ? overlapAlone(p, run, window, node, a) : rankMayOverlap(p, run, window, node, 0);
  }
  if (!isStill(run) && irrelevantAhead(p, tensor, node)) return true;
  for (let a = 0; a < ranks; a++) if (rankMayOverlap(p, run, window, node, a)) return true;
  return false;
}

/** One axis is already past its span: only loops along it can bring it back, and only if the others still overlap. */
function overlapAlone(p: usize, run: usize, window: usize, node: i32, axis: i32): bool {
  const ranks = L.i(window, L.W_COUNT);
  for (let a = 0; a < ranks; a++) {
    if (a != axis && L.i(run, L.R_MOVED + 4 * a) >= L.i(run, L.R_SPANS + 4 * a)) return false;
  }
  return rankMayOverlap(p, run, window, node, axis);
}

function irrelevantAhead(p: usize, tensor: i32, node: i32): bool {
  const dims = L.i(p, L.H_DIMS);
  const relevant = L.word(L.pointer(p, L.H_RELEVANT), tensor);
  for (let d = 0; d < dims; d++) {
    if (!((relevant >> d) & 1) && canLoop(p, node, d)) return true;
  }
  return false;
}

function canLoop(p: usize, node: i32, dim: i32): bool {
  const own = L.digit(p, node, dim);
  const radix = L.i(p, L.H_RADIX);
  return own + 1 < radix && L.divisor(p, dim, own + 1) > 0;
}

/** True if a loop along one of this axis' dimensions can move the window by less than its span. */
function rankMayOverlap(p: usize, run: usize, window: usize, node: i32, axis: i32): bool {
  const rank = window + L.W_RANKS + axis * L.WINDOW_RANK;
  const span = L.i(run, L.R_SPANS + 4 * axis);
  const moved = L.i(run, L.R_MOVED + 4 * axis);
  const terms = L.i(rank, L.W_TERMS);
  for (let t = 0; t < terms; t++) {
    const own = rank + L.W_PAIRS + 8 * t;
    const dim = L.i(own, 0);
    if (!canLoop(p, node, dim)) continue;
    const other = rank + L.W_PAIRS + 8 * (1 - t);
    if (pairMayOverlap(p, node, dim, L.i(own, 4), L.i(other, 0), L.i(other, 4), span, moved)) return true;
  }
  return false;
}

function pairMayOverlap(p: usize, node: i32, dim: i32, c: i32, otherDim: i32, otherC: i32, span: i32, moved: i32): bool {
  const radix = L.i(p, L.H_RADIX);
  const steps = L.pointer(p, L.H_STEPS);
  const spreads = L.pointer(p, L.H_SPREADS);
  const own = steps + 8 * (dim * radix + L.digit(p, node, dim));
  const other = spreads + 8 * (otherDim * radix + L.digit(p, node, otherDim));
  const ownCount = L.i(own, 4);
  const otherCount = L.i(other, 4);
  for (let a = 0; a < ownCount; a++) {
    const reach = c * load<i32>(steps + L.i(own, 0) + 4 * a) - moved;
    for (let b = 0; b < otherCount; b++) {
      const displacement = reach - otherC * load<i32>(spreads + L.i(other, 0) + 4 * b);
      if (displacement < span && displacement > -span) return true;
    }
  }
  return false;
}

/** Ends or demotes the run if the window cannot overlap any more. */
export function settleRun(p: usize, label: usize, r: i32, node: i32): void {
  if (mayOverlap(p, label, r, node)) return;
  if (isStill(L.run(p, label, r))) becomeStationary(p, label, r);
  else endRun(p, label, r, node);
}

/** Ends everything stationary or sliding, as if a loop followed that concerns every tensor. */
export function endAll(p: usize, label: usize, node: i32): void {
  for (let t = 0, alive = <i32>load<u8>(label + L.L_ALIVE); alive != 0; t++, alive >>= 1) {
    if (alive & 1) endStationary(p, label, t, node);
  }
  for (let r = L.runs(label) - 1; r >= 0; r--) endRun(p, label, r, node);
}

/** Ends the stationary tensors a loop over `dim` concerns; what remains to do depends on its factor only through runs. */
export function endByLoop(p: usize, label: usize, dim: i32, node: i32): void {
  let alive = <i32>load<u8>(label + L.L_ALIVE);
  const relevant = L.pointer(p, L.H_RELEVANT);
  for (let t = 0; alive != 0; t++, alive >>= 1) {
    if (alive & 1 && (L.word(relevant, t) >> dim) & 1) endStationary(p, label, t, node);
  }
  const hard = L.pointer(p, L.H_HARD);
  for (let r = L.runs(label) - 1; r >= 0; r--) {
    if ((L.word(hard, L.i(L.run(p, label, r), L.R_TENSOR)) >> dim) & 1) endRun(p, label, r, node);
  }
}

/** The runs a loop slides; `node` is where it begins and `reached` where it ends. */
export function slideByLoop(p: usize, label: usize, dim: i32, node: i32, reached: i32): void {
  const inner = L.divisor(p, dim, L.digit(p, node, dim));
  const count = L.divisor(p, dim, L.digit(p, reached, dim)) / inner;
  const outside = L.trips(p, reached);
  for (let r = L.runs(label) - 1; r >= 0; r--) slide(p, label, r, dim, inner, count, outside);
  for (let r = L.runs(label) - 1; r >= 0; r--) settleRun(p, label, r, reached);
}

/** Charges the parent for what the newest child asks, now and per later fetch. */
export function serve(p: usize, stage: usize, label: usize, tensor: i32): void {
  const pending = L.pendingAt(label, tensor);
  const m = load<f64>(pending);
  const dead = load<f64>(L.deadAt(p, label, tensor));
  const owned = (<i32>load<u8>(label + L.L_OWNED) >> tensor) & 1;
  const last = owned ? L.run(p, label, lastRun(p, label, tensor)) : 0;
  const words = owned ? area(last) : 1;
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const block = L.functional(p, label, k);
    const cost = L.coefficient(p, stage, L.S_READ, k, tensor);
    if (cost == 0) continue;
    store<f64>(block, L.f(block, L.F_PAID_F) + cost * dead);
    const base = owned ? last + L.R_COST_F : block + L.F_ALIVE_F;
    const index = owned ? k : tensor;
    L.put(base, index, L.at(base, index) + (cost * m) / words);
  }
  store<f64>(pending, 0);
  store<f64>(L.deadAt(p, label, tensor), 0);
  markOwned(label, tensor, false);
  if (tensor == L.i(p, L.H_OUTPUT)) credit(p, label, L.pointer(stage, L.S_READ_CREDIT));
}

/** Partial sums never written before need not come down: so many words times the copies that each start their own. */
function credit(p: usize, label: usize, perWord: usize): void {
  const words = L.f(p, L.H_OUTPUT_WORDS_F);
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const block = L.functional(p, label, k);
    const saved = L.at(perWord, k) * words;
    store<f64>(block + L.F_PAID_F, L.f(block, L.F_PAID_F) - saved);
    store<f64>(block + L.F_CREDIT_F, L.f(block, L.F_CREDIT_F) + saved);
  }
}

/** Serves the tensors of a set whose parent is known already and lies behind no array. */
export function serveEarly(p: usize, stage: usize, label: usize, tensors: i32): void {
  for (let t = 0; tensors != 0; t++, tensors >>= 1) {
    const parent = <usize>L.word(L.pointer(stage, L.S_EARLY), t);
    if (tensors & 1 && parent != 0) serve(p, parent, label, t);
  }
}

/** Bits that tiles of a set of tensors take in a memory. */
export function bitsOf(p: usize, stage: usize, tensors: i32, node: i32): f64 {
  const perElement = L.pointer(stage, L.S_ELEMENT_BITS);
  let bits: f64 = 0;
  for (let t = 0, set = tensors; set != 0; t++, set >>= 1) {
    if (set & 1) bits += L.ofTensor(p, L.H_WORDS, t, node) * L.at(perElement, t);
  }
  return bits;
}

/** The memory begins to serve its children: entered before its loops, at `node`. */
export function enterMemory(p: usize, stage: usize, label: usize, keeps: i32, node: i32): void {
  beginShare(p, stage, label, node);
  for (let t = 0; keeps != 0; t++, keeps >>= 1) {
    if (!(keeps & 1) || (L.i(stage, L.S_SERVED) >> t) & 1) continue;
    serve(p, stage, label, t);
  }
}

function beginShare(p: usize, stage: usize, label: usize, node: i32): void {
  const began = L.share(p, label) + L.SHARE_BEGAN;
  for (let d = 0, ruled = L.i(stage, L.S_RULED); ruled != 0; d++, ruled >>= 1) {
    if (ruled & 1) store<u8>(began + d, <u8>L.digit(p, node, d));
  }
}

/** The memory's loops so far over a ruled dimension, up to `digit`, as one factor. */
export function factorTo(p: usize, label: usize, dim: i32, digit: i32): i32 {
  const began = <i32>load<u8>(L.share(p, label) + L.SHARE_BEGAN + dim);
  return L.divisor(p, dim, digit) / L.divisor(p, dim, began);
}

/** A station for a set of tensors, whose tiles are those of `node`: they become children of the next memory outside. */
export function openStation(p: usize, stage: usize, label: usize, tensors: i32, node: i32): void {
  for (let t = 0, set = tensors; set != 0; t++, set >>= 1) if (set & 1) startChild(p, stage, label, t, node);
  serveEarly(p, stage, label, tensors);
}

/** All the memory's stations are open: nothing of its own is left to remember. */
export function leaveMemory(p: usize, stage: usize, label: usize): void {
  store<f64>(label + L.L_LEAK_F, L.f(label, L.L_LEAK_F) + L.f(stage, L.S_LEAK_F));
  const share = L.share(p, label);
  if (share != 0) memory.fill(share, 0, L.SHARE_BEGAN + L.i(p, L.H_DIMS));
}

export function closeMemory(p: usize, stage: usize, label: usize, keeps: i32, node: i32): void {
  openStation(p, stage, label, keeps, node);
  leaveMemory(p, stage, label);
}

function startChild(p: usize, stage: usize, label: usize, tensor: i32, node: i32): void {
  const words = L.ofTensor(p, L.H_WORDS, tensor, node);
  store<f64>(L.pendingAt(label, tensor), words);
  if (L.i(windows(p, tensor), L.W_COUNT) > 0) startRun(p, stage, label, tensor, node, words);
  else startStationary(p, stage, label, tensor, words);
  if (tensor == L.i(p, L.H_OUTPUT)) credit(p, label, L.pointer(stage, L.S_FILL_CREDIT));
}

function startStationary(p: usize, stage: usize, label: usize, tensor: i32, words: f64): void {
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const block = L.functional(p, label, k) + L.F_ALIVE_F;
    L.put(block, tensor, L.at(block, tensor) + L.coefficient(p, stage, L.S_FILL, k, tensor) * words);
  }
  markAlive(label, tensor, true);
}

function startRun(p: usize, stage: usize, label: usize, tensor: i32, node: i32, words: f64): void {
  const r = L.runs(label);
  const run = L.run(p, label, r);
  store<u8>(label + L.L_RUNS, <u8>(r + 1));
  memory.fill(run, 0, L.i(p, L.H_RUN_BYTES));
  store<i32>(run, tensor, L.R_TENSOR);
  const window = windows(p, tensor);
  const ranks = L.i(window, L.W_COUNT);
  let size: f64 = 1;
  for (let a = 0; a < ranks; a++) {
    const span = spanOf(p, window + L.W_RANKS + a * L.WINDOW_RANK, node);
    store<i32>(run + L.R_SPANS + 4 * a, span);
    size *= <f64>span;
  }
  store<f64>(run + L.R_AREA_F, size);
  const share = words / size;
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    L.put(run + L.R_COST_F, k, L.coefficient(p, stage, L.S_FILL, k, tensor) * share);
  }
  markOwned(label, tensor, true);
  mergeRun(p, label, r);
  settleRun(p, label, L.runs(label) - 1, node);
}

/** A run that has not moved and spans the same is one run with the sum of costs. */
function mergeRun(p: usize, label: usize, newest: i32): void {
  const run = L.run(p, label, newest);
  for (let r = 0; r < newest; r++) {
    const other = L.run(p, label, r);
    if (!sameGeometry(run, other)) continue;
    const functionals = L.i(p, L.H_FUNCTIONALS);
    for (let k = 0; k < functionals; k++) {
      L.put(run + L.R_COST_F, k, L.at(run + L.R_COST_F, k) + L.at(other + L.R_COST_F, k));
    }
    removeRun(p, label, r);
    return;
  }
}

// @ts-ignore: decorator
@inline
export function sameGeometry(a: usize, b: usize): bool {
  const head = (load<u64>(a) ^ load<u64>(b)) | (load<u64>(a, 8) ^ load<u64>(b, 8));
  return (head | (load<u64>(a, 16) ^ load<u64>(b, 16)) | <u64>(load<u32>(a, 24) ^ load<u32>(b, 24))) == 0;
}

function spanOf(p: usize, rank: usize, node: i32): i32 {
  const terms = L.i(rank, L.W_TERMS);
  let span = 1;
  for (let t = 0; t < terms; t++) {
    const pair = rank + L.W_PAIRS + 8 * t;
    const dim = L.i(pair, 0);
    const c = L.i(pair, 4);
    span += (c < 0 ? -c : c) * (L.divisor(p, dim, L.digit(p, node, dim)) - 1);
  }
  return span;
}

/** All copies of an array: `copies` of everything inside, of which `distinct[tensor]` ask for different words. */
export function spread(p: usize, stage: usize, label: usize, copies: f64, reduced: f64): void {
  const functionals = L.i(p, L.H_FUNCTIONALS);
  if (L.i(p, L.H_HAS_ENERGY)) spreadEnergy(p, stage, label, copies, reduced);
  for (let k = L.i(p, L.H_HAS_ENERGY); k < functionals; k++) {
    if (load<u8>(L.pointer(stage, L.S_PORTS_INSIDE) + k)) sharePort(L.functional(p, label, k), copies, reduced);
  }
  const tensors = L.i(p, L.H_TENSORS);
  const distinct = L.pointer(p, L.H_DISTINCT);
  for (let t = 0; t < tensors; t++) {
    const pending = L.pendingAt(label, t);
    const dead = L.deadAt(p, label, t);
    store<f64>(pending, load<f64>(pending) * L.at(distinct, t));
    store<f64>(dead, (load<f64>(dead) * L.at(distinct, t)) / copies);
  }
  store<f64>(label + L.L_PARALLEL_F, L.f(label, L.L_PARALLEL_F) * copies);
  store<f64>(label + L.L_LEAK_F, L.f(label, L.L_LEAK_F) * copies);
}

/** A port's load and accesses are counted per instance of their memory. */
function sharePort(block: usize, copies: f64, reduced: f64): void {
  const credit = L.f(block, L.F_CREDIT_F);
  store<f64>(block + L.F_PAID_F, (L.f(block, L.F_PAID_F) - credit * (reduced - 1)) / copies);
  store<f64>(block + L.F_CREDIT_F, (credit * reduced) / copies);
  store<f64>(block + L.F_COPIES_F, L.f(block, L.F_COPIES_F) * copies);
}

function spreadEnergy(p: usize, stage: usize, label: usize, copies: f64, reduced: f64): void {
  const block = L.functional(p, label, 0);
  const tensors = L.i(p, L.H_TENSORS);
  const distinct = L.pointer(p, L.H_DISTINCT);
  credit(p, label, L.pointer(stage, L.S_HOP_CREDIT));
  let paid = L.f(block, L.F_PAID_F);
  const runs = L.runs(label);
  for (let r = 0; r < runs; r++) {
    const cost = L.run(p, label, r) + L.R_COST_F;
    store<f64>(cost, load<f64>(cost) * copies);
  }
  for (let t = 0; t < tensors; t++) {
    const m = load<f64>(L.pendingAt(label, t));
    const dead = load<f64>(L.deadAt(p, label, t));
    const hop = L.at(L.pointer(stage, L.S_HOP), t);
    const ingress = L.at(L.pointer(stage, L.S_DISTINCT), t);
    const different = L.at(distinct, t);
    paid += dead * (hop + (ingress * different) / copies);
    const network = m * (hop * copies + ingress * different);
    const alive = L.at(block + L.F_ALIVE_F, t) * copies;
    if ((<i32>load<u8>(label + L.L_OWNED) >> t) & 1) {
      const last = L.run(p, label, lastRun(p, label, t));
      store<f64>(last + L.R_COST_F, L.f(last, L.R_COST_F) + network / area(last));
      L.put(block + L.F_ALIVE_F, t, alive);
    } else L.put(block + L.F_ALIVE_F, t, alive + network);
  }
  const saved = L.f(block, L.F_CREDIT_F);
  store<f64>(block + L.F_PAID_F, paid - saved * (reduced - 1));
  store<f64>(block + L.F_CREDIT_F, saved * reduced);
  credit(p, label, L.pointer(stage, L.S_DISTINCT_CREDIT));
}
