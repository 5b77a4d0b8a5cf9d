// One stage of the search: every label of the incoming table, every way to go on.
import { bound, boundIn, isCut, offer, score, wholeCycles } from './bound';
import { area, bitsOf, closeMemory, endAll, endByLoop, enterMemory, factorTo, leaveMemory, openStation, serve, slideByLoop, spread, windows } from './label';
import { freeLabel, insert, maskPage, openedPage, pageHeads, releasePage } from './table';
import * as L from './layout';

/** Bounds the label in `work` (see `bound`); true if it is not worth keeping. */
export function rejected(p: usize, stage: usize, work: usize, node: i32, ahead: usize): bool {
  L.bump(p, L.H_GENERATED_F);
  if (cutAtOnce(p, stage, work, node, ahead)) {
    L.bump(p, L.H_CUT_BOUND_F);
    return true;
  }
  bound(p, stage, work, node, ahead, false);
  const energy = L.f(p, L.H_BOUND_ENERGY_F);
  const cycles = L.f(p, L.H_BOUND_CYCLES_F);
  if (energy == Infinity || cycles == Infinity) {
    L.bump(p, L.H_CUT_CAPACITY_F);
    return true;
  }
  if (isCut(p, energy, cycles) || tooFewUnits(p, stage, work, node)) {
    L.bump(p, L.H_CUT_BOUND_F);
    return true;
  }
  store<f64>(work + L.L_BOUND_F, score(p, energy, cycles));
  store<f64>(work + L.L_ENERGY_F, energy);
  store<f64>(work + L.L_LOW_F, L.f(p, L.H_LOW_F));
  store<f64>(work + L.L_HIGH_F, L.f(p, L.H_HIGH_F));
  return false;
}

/** The cheap part of the bound: what is paid, and what no label at this node escapes. */
function cutAtOnce(p: usize, stage: usize, work: usize, node: i32, ahead: usize): bool {
  if (!L.i(p, L.H_HAS_ENERGY)) return false;
  const block = L.functional(p, work, 0);
  if (L.f(stage, L.S_REDUCED_F) > 1 && L.f(block, L.F_CREDIT_F) > 0) return false;
  const outside = L.at(<usize>L.word(ahead, 0), node);
  const energy = L.f(block, L.F_PAID_F) + outside + L.f(p, L.H_ENERGY_F);
  const parallel = L.f(work, L.L_PARALLEL_F) * L.at(L.pointer(stage, L.S_SPREAD), node);
  return outside != Infinity && isCut(p, energy, L.f(p, L.H_MACS_F) / parallel);
}

function tooFewUnits(p: usize, stage: usize, work: usize, node: i32): bool {
  return L.f(work, L.L_PARALLEL_F) * L.at(L.pointer(stage, L.S_SPREAD), node) < L.f(p, L.H_MIN_UNITS_F);
}

function keepOut(p: usize, stage: usize, work: usize, node: i32, step: i32): void {
  if (rejected(p, stage, work, node, L.pointer(stage, L.S_BOUND_OUT))) return;
  const mirror = L.pointer(p, L.H_MIRROR);
  const image = mirror == 0 ? node : L.word(mirror, node);
  if (image < node) {
    mirrorRuns(p, work);
    node = image;
    step |= L.MIRRORED;
  }
  insert(p, stage, L.pointer(p, L.H_OUT_HEADS), L.pointer(p, L.H_OUT_TOUCHED), p + L.H_OUT_COUNT, work, node, step);
}

/** Exchanges the axes of every run's window. */
function mirrorRuns(p: usize, work: usize): void {
  const runs = L.runs(work);
  for (let r = 0; r < runs; r++) {
    const run = L.run(p, work, r);
    const tensor = L.i(run, L.R_TENSOR);
    const targets = L.pointer(p, L.H_MIRROR_WINDOWS) + tensor * L.MAX_WINDOWS;
    const count = L.i(windows(p, tensor), L.W_COUNT);
    for (let a = 0; a < count; a++) {
      const b = <i32>load<u8>(targets + a);
      if (b <= a) continue;
      exchange(run + L.R_SPANS + 4 * a, run + L.R_SPANS + 4 * b);
      exchange(run + L.R_MOVED + 4 * a, run + L.R_MOVED + 4 * b);
    }
  }
}

function exchange(a: usize, b: usize): void {
  const kept = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, kept);
}

/** Spreads the incoming labels over an array, in every legal way that stays in the part. True if it paused before the end. */
export function expandArray(p: usize, stage: usize): bool {
  const vectors = L.i(stage, L.S_VECTOR_COUNT);
  const to = L.i(p, L.H_IN_COUNT);
  for (let n = L.i(p, L.H_FROM); n < to; n++) {
    if (isDue(p, n)) return true;
    const node = L.word(L.pointer(p, L.H_IN_TOUCHED), n);
    const energy = leastEnergy(p, node);
    const parallel = mostParallel(p, node) * L.at(L.pointer(stage, L.S_SPREAD), node);
    for (let v = 0; v < vectors; v++) {
      const copies = L.at(L.pointer(stage, L.S_COPIES), v);
      // The vectors behind make even fewer copies.
      if (isCut(p, energy, leastCycles(p, parallel * copies))) break;
      const digits = L.pointer(stage, L.S_VECTORS) + v * L.i(p, L.H_DIMS);
      const reached = product(p, node, digits);
      if (reached < 0 || isElsewhere(p, reached)) continue;
      const reduced = countDistinct(p, stage, node, digits, copies);
      spreadAll(p, stage, node, reached, copies, reduced);
    }
    if (L.i(p, L.H_PART) < 0) clearNode(p, L.pointer(p, L.H_IN_HEADS), node);
  }
  return false;
}

/** True if enough has been done for one step; the next goes on from node `n`. */
function isDue(p: usize, n: i32): bool {
  store<i32>(p + L.H_FROM, n);
  return L.f(p, L.H_GENERATED_F) >= L.f(p, L.H_PAUSE_F);
}

/** Least energy of any completion of the node's incoming labels. */
function leastEnergy(p: usize, node: i32): f64 {
  let least = Infinity;
  let label = <usize>L.word(L.pointer(p, L.H_IN_HEADS), node);
  for (; label != 0; label = <usize>load<u32>(label + L.L_NEXT)) least = min(least, L.f(label, L.L_ENERGY_F));
  return least;
}

function mostParallel(p: usize, node: i32): f64 {
  let most: f64 = 0;
  let label = <usize>L.word(L.pointer(p, L.H_IN_HEADS), node);
  for (; label != 0; label = <usize>load<u32>(label + L.L_NEXT)) most = max(most, L.f(label, L.L_PARALLEL_F));
  return most;
}

function leastCycles(p: usize, parallel: f64): f64 {
  return wholeCycles(L.f(p, L.H_MACS_F) / parallel) + L.f(p, L.H_LATENCY_F);
}

/** True if the labels of a node are left to another part. */
function isElsewhere(p: usize, node: i32): bool {
  const part = L.i(p, L.H_PART);
  return part >= 0 && <i32>load<u8>(L.pointer(p, L.H_PARTS) + node) != part;
}

function spreadAll(p: usize, stage: usize, node: i32, reached: i32, copies: f64, reduced: f64): void {
  const work = L.pointer(p, L.H_WORK);
  const most = copies * L.at(L.pointer(stage, L.S_SPREAD), reached);
  let label = <usize>L.word(L.pointer(p, L.H_IN_HEADS), node);
  for (; label != 0; label = <usize>load<u32>(label + L.L_NEXT)) {
    if (isCut(p, L.f(label, L.L_ENERGY_F), leastCycles(p, L.f(label, L.L_PARALLEL_F) * most))) {
      L.bump(p, L.H_CUT_BOUND_F);
      continue;
    }
    memory.copy(work, label, L.i(p, L.H_LABEL));
    spread(p, stage, work, copies, reduced);
    finishArray(p, stage, work, reached);
    keepOut(p, stage, work, reached, L.i(stage, L.S_NUMBER));
  }
}

/** Tensors whose parent is the next memory outside need not wait for it. */
export function finishArray(p: usize, stage: usize, work: usize, reached: i32): void {
  const tensors = L.i(p, L.H_TENSORS);
  for (let t = 0; t < tensors; t++) {
    const parent = <usize>L.word(L.pointer(stage, L.S_EARLY), t);
    if (parent != 0) serve(p, parent, work, t);
  }
  if (L.i(stage, L.S_RESTARTS)) endAll(p, work, reached);
}

/** Node reached from `node` by a factor per dimension; −1 if one does not divide what is left. */
export function product(p: usize, node: i32, digits: usize): i32 {
  const dims = L.i(p, L.H_DIMS);
  const radix = L.i(p, L.H_RADIX);
  const products = L.pointer(p, L.H_PRODUCTS);
  const strides = L.pointer(p, L.H_STRIDES);
  let reached = node;
  for (let d = 0; d < dims; d++) {
    const factor = <i32>load<u8>(digits + d);
    if (factor == 0) continue;
    const own = L.digit(p, node, d);
    const next = <i32>load<u8>(products + (d * radix + own) * radix + factor);
    if (next == 255) return -1;
    reached += (next - own) * L.word(strides, d);
  }
  return reached;
}

/** Fills H_DISTINCT with the transfers each tensor needs for the copies; returns the copies that reduce into one output. */
export function countDistinct(p: usize, stage: usize, node: i32, digits: usize, copies: f64): f64 {
  const tensors = L.i(p, L.H_TENSORS);
  const output = L.i(p, L.H_OUTPUT);
  const distinct = L.pointer(p, L.H_DISTINCT);
  let reduced: f64 = 1;
  for (let t = 0; t < tensors; t++) {
    const different = distinctBoxes(p, node, digits, t);
    if (t == output) reduced = copies / different;
    L.put(distinct, t, (L.i(stage, L.S_SHARES) >> t) & 1 ? different : copies);
  }
  return reduced;
}

function distinctBoxes(p: usize, node: i32, digits: usize, tensor: i32): f64 {
  const dims = L.i(p, L.H_DIMS);
  const hard = L.word(L.pointer(p, L.H_HARD), tensor);
  let boxes: f64 = 1;
  for (let d = 0; d < dims; d++) {
    if ((hard >> d) & 1) boxes *= <f64>L.divisor(p, d, <i32>load<u8>(digits + d));
  }
  const window = windows(p, tensor);
  const ranks = L.i(window, L.W_COUNT);
  for (let a = 0; a < ranks; a++) boxes *= distinctOffsets(p, window + L.W_RANKS + a * L.WINDOW_RANK, node, digits);
  return boxes;
}

/** Distinct sums of the rank's offsets: `n·m − max(0,n−b/g)·max(0,m−a/g)` for two steps a, b with g = gcd(a, b). */
function distinctOffsets(p: usize, rank: usize, node: i32, digits: usize): f64 {
  const terms = L.i(rank, L.W_TERMS);
  let steps = 0;
  let a = 0;
  let n = 0;
  let b = 0;
  let m = 0;
  for (let t = 0; t < terms; t++) {
    const dim = L.i(rank, L.W_PAIRS + 8 * t);
    const count = L.divisor(p, dim, <i32>load<u8>(digits + dim));
    if (count == 1) continue;
    const c = L.i(rank, L.W_PAIRS + 8 * t + 4);
    const step = (c < 0 ? -c : c) * L.divisor(p, dim, L.digit(p, node, dim));
    steps++;
    if (steps == 1) {
      a = step;
      n = count;
    } else {
      b = step;
      m = count;
    }
  }
  if (steps == 0) return 1;
  if (steps == 1) return <f64>n;
  if (steps > 2) return markedOffsets(p, rank, node, digits);
  const g = gcd(a, b);
  return <f64>n * <f64>m - <f64>max(0, n - b / g) * <f64>max(0, m - a / g);
}

function gcd(a: i32, b: i32): i32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Three or more steps: marks every sum. H_MARKS has room for the widest rank. */
function markedOffsets(p: usize, rank: usize, node: i32, digits: usize): f64 {
  const marks = L.pointer(p, L.H_MARKS);
  const terms = L.i(rank, L.W_TERMS);
  let reach = 0;
  store<u8>(marks, 1);
  for (let t = 0; t < terms; t++) {
    const dim = L.i(rank, L.W_PAIRS + 8 * t);
    const count = L.divisor(p, dim, <i32>load<u8>(digits + dim));
    const c = L.i(rank, L.W_PAIRS + 8 * t + 4);
    const step = (c < 0 ? -c : c) * L.divisor(p, dim, L.digit(p, node, dim));
    const further = reach + step * (count - 1);
    memory.fill(marks + reach + 1, 0, further - reach);
    for (let x = reach; x >= 0; x--) {
      if (!load<u8>(marks + x)) continue;
      for (let j = 1; j < count; j++) store<u8>(marks + x + j * step, 1);
    }
    reach = further;
  }
  let distinct = 0;
  for (let x = 0; x <= reach; x++) distinct += <i32>load<u8>(marks + x);
  return <f64>distinct;
}

function clearNode(p: usize, heads: usize, node: i32): void {
  let label = <usize>L.word(heads, node);
  store<u32>(heads + (<usize>node << 2), 0);
  while (label != 0) {
    const next = <usize>load<u32>(label + L.L_NEXT);
    store<f64>(p + L.H_LIVE_F, L.f(p, L.H_LIVE_F) - 1);
    freeLabel(p, label);
    label = next;
  }
}

/** Empties the incoming table, of which other keep sets may have needed the labels until now. */
export function clearIncoming(p: usize): void {
  const count = L.i(p, L.H_IN_COUNT);
  for (let n = 0; n < count; n++) clearNode(p, L.pointer(p, L.H_IN_HEADS), L.word(L.pointer(p, L.H_IN_TOUCHED), n));
  store<i32>(p + L.H_IN_COUNT, 0);
}

/** What the last stage kept becomes what the next begins with. */
export function turnTables(p: usize): void {
  const heads = load<u32>(p + L.H_IN_HEADS);
  const touched = load<u32>(p + L.H_IN_TOUCHED);
  store<u32>(p + L.H_IN_HEADS, load<u32>(p + L.H_OUT_HEADS));
  store<u32>(p + L.H_IN_TOUCHED, load<u32>(p + L.H_OUT_TOUCHED));
  store<i32>(p + L.H_IN_COUNT, L.i(p, L.H_OUT_COUNT));
  store<u32>(p + L.H_OUT_HEADS, heads);
  store<u32>(p + L.H_OUT_TOUCHED, touched);
  store<i32>(p + L.H_OUT_COUNT, 0);
}

/** The incoming labels begin to loop at a memory that will keep `keeps`; an empty set passes by. */
export function beginMemory(p: usize, stage: usize, keeps: i32): void {
  const work = L.pointer(p, L.H_WORK);
  const count = L.i(p, L.H_IN_COUNT);
  const page = maskPage(p, 0);
  for (let n = 0; n < count; n++) {
    const node = L.word(L.pointer(p, L.H_IN_TOUCHED), n);
    let label = <usize>L.word(L.pointer(p, L.H_IN_HEADS), node);
    while (label != 0) {
      memory.copy(work, label, L.i(p, L.H_LABEL));
      enterMemory(p, stage, work, keeps, node);
      if (keeps == 0) close(p, stage, work, 0, node);
      else if (page != 0 && !rejected(p, stage, work, node, boundIn(p, stage, keeps))) {
        insert(p, stage, pageHeads(p, page), page + 8, page, work, node, -1);
      }
      label = <usize>load<u32>(label + L.L_NEXT);
    }
  }
}

/**
 * Opens the memory's stations and adds more loops in every useful way, page by page. Of the tensors the memory keeps,
 * those of `kept` have their station already. True if it paused before the end.
 */
export function expandLoops(p: usize, stage: usize, keeps: i32, kept: i32): bool {
  const masks = 1 << L.i(p, L.H_DIMS);
  for (let mask = L.i(p, L.H_MASK); mask < masks; mask++) {
    store<i32>(p + L.H_MASK, mask);
    const page = <usize>L.word(L.pointer(p, L.H_MASKS), mask);
    if (page == 0) continue;
    if (expandMask(p, stage, keeps, kept, mask, page)) return true;
    releasePage(p, mask);
    store<i32>(p + L.H_FROM, 0);
  }
  return false;
}

function expandMask(p: usize, stage: usize, keeps: i32, kept: i32, mask: i32, page: usize): bool {
  const heads = pageHeads(p, page);
  const work = L.pointer(p, L.H_WORK);
  const apart = L.i(p, L.H_UNEVEN) & L.i(stage, L.S_UNEVEN);
  const count = L.i(page, 0);
  for (let n = L.i(p, L.H_FROM); n < count; n++) {
    if (isDue(p, n)) return true;
    const node = L.word(page + 8, n);
    let label = <usize>L.word(heads, node);
    while (label != 0) {
      const value = L.f(label, L.L_BOUND_F);
      if (value >= L.f(p, L.H_BEST_F)) L.bump(p, L.H_CUT_BOUND_F);
      else {
        if (apart) openEach(p, stage, label, keeps, kept, node);
        else if (canClose(p, stage, label, keeps, mask, node)) {
          memory.copy(work, label, L.i(p, L.H_LABEL));
          close(p, stage, work, keeps, node);
        }
        addLoops(p, stage, label, keeps, kept, mask, node);
      }
      label = <usize>load<u32>(label + L.L_NEXT);
    }
    clearNode(p, heads, node);
  }
  return false;
}

export function canClose(p: usize, stage: usize, label: usize, keeps: i32, mask: i32, node: i32): bool {
  if (L.i(stage, L.S_REQUIRED) & ~mask) return false;
  if (L.i(stage, L.S_TOP)) return node == L.i(p, L.H_NODES) - 1;
  return canLeave(p, stage, label, bitsOf(p, stage, keeps, node), node);
}

/** True if tiles of so many bits fill the memory as they should, and its loops keep the rules. */
function canLeave(p: usize, stage: usize, label: usize, bits: f64, node: i32): bool {
  if (bits < L.f(stage, L.S_NEEDED_F) || bits > L.f(stage, L.S_USABLE_F)) return false;
  const limits = L.pointer(stage, L.S_LIMITS);
  for (let d = 0, ruled = L.i(stage, L.S_RULED); ruled != 0; d++, ruled >>= 1) {
    if (!(ruled & 1)) continue;
    const factor = <f64>factorTo(p, label, d, L.digit(p, node, d));
    if (factor < L.at(limits, 2 * d) || factor > L.at(limits, 2 * d + 1)) return false;
  }
  return true;
}

/** Opens a station for each of the tensors without one, apart from the others; behind the last the memory is closed. */
function openEach(p: usize, stage: usize, label: usize, keeps: i32, kept: i32, node: i32): void {
  const work = L.pointer(p, L.H_WORK);
  for (let t = 0; keeps >> t != 0; t++) {
    const own = 1 << t;
    if (!(keeps & ~kept & own)) continue;
    const rest = keeps & ~kept & ~own;
    const step = L.i(stage, L.S_NUMBER) | (own << 8) | L.CLOSED;
    const bits = L.f(L.share(p, label), L.SHARE_BITS_F) + bitsOf(p, stage, own, node);
    if (rest == 0 && !canLeave(p, stage, label, bits, node)) continue;
    memory.copy(work, label, L.i(p, L.H_LABEL));
    openStation(p, stage, work, own, node);
    if (rest == 0) {
      leaveMemory(p, stage, work);
      keepOut(p, stage, work, node, step);
      continue;
    }
    store<f64>(L.share(p, work) + L.SHARE_BITS_F, bits);
    if (rejected(p, stage, work, node, boundIn(p, stage, rest))) continue;
    const page = maskPage(p, openedPage(p, kept | own));
    if (page != 0) insert(p, stage, pageHeads(p, page), page + 8, page, work, node, step);
  }
}

function close(p: usize, stage: usize, work: usize, keeps: i32, node: i32): void {
  const step = L.i(stage, L.S_NUMBER) | (keeps << 8) | L.CLOSED;
  if (L.i(stage, L.S_TOP)) finish(p, work);
  else {
    closeMemory(p, stage, work, keeps, node);
    keepOut(p, stage, work, node, step);
  }
}

/** A complete mapping: everything still stationary is fetched once. */
export function finish(p: usize, work: usize): void {
  const quantities = L.i(p, L.H_QUANTITIES);
  const hasEnergy = L.i(p, L.H_HAS_ENERGY);
  const parallel = L.f(work, L.L_PARALLEL_F);
  if (parallel < L.f(p, L.H_MIN_UNITS_F)) return;
  let energy: f64 = 0;
  let cycles = L.f(p, L.H_MACS_F) / parallel;
  for (let k = 0; k < quantities; k++) {
    const cost = completeCost(p, work, k);
    if (k < hasEnergy) energy = cost;
    else cycles = max(cycles, cost);
  }
  store<f64>(p + L.H_BOUND_ENERGY_F, energy + energyToWholeBlocks(p, work));
  store<f64>(p + L.H_BOUND_CYCLES_F, cycles);
  settleTotals(p, work);
  offer(p, L.f(p, L.H_BOUND_ENERGY_F), L.f(p, L.H_BOUND_CYCLES_F), load<u32>(work + L.L_TRACE));
}

function completeCost(p: usize, work: usize, k: i32): f64 {
  const block = L.functional(p, work, k);
  const tensors = L.i(p, L.H_TENSORS);
  let cost = L.f(block, L.F_PAID_F);
  for (let t = 0; t < tensors; t++) cost += L.at(block + L.F_ALIVE_F, t);
  const runs = L.runs(work);
  for (let r = 0; r < runs; r++) {
    const run = L.run(p, work, r);
    cost += L.at(run + L.R_COST_F, k) * area(run);
  }
  return cost;
}

/** What accesses that move part of a block cost beyond that part. */
function energyToWholeBlocks(p: usize, work: usize): f64 {
  const functionals = L.i(p, L.H_FUNCTIONALS);
  let energy: f64 = 0;
  for (let k = L.i(p, L.H_QUANTITIES); k < functionals; k++) {
    const block = L.blocksOf(p, k);
    const blocks = (Math.round(completeCost(p, work, k)) * L.at(block, 0)) / L.at(block, 1);
    energy += (Math.ceil(blocks) - blocks) * L.at(block, 2) * L.f(L.functional(p, work, k), L.F_COPIES_F);
  }
  return energy;
}

/** Adds what no choice changes to the energy and cycles in the header. */
function settleTotals(p: usize, work: usize): void {
  const cycles = Math.ceil(L.f(p, L.H_BOUND_CYCLES_F) * (1 - 1e-11)) + L.f(p, L.H_LATENCY_F);
  const leak = (L.f(work, L.L_LEAK_F) + L.f(p, L.H_LEAK_F)) * cycles;
  store<f64>(p + L.H_BOUND_CYCLES_F, cycles);
  store<f64>(p + L.H_BOUND_ENERGY_F, L.f(p, L.H_BOUND_ENERGY_F) + L.f(p, L.H_ENERGY_F) + leak);
}

/**
 * Adds one loop around a label, over each dimension that may come next and by each factor.
 * Orders that others match are skipped: a loop that ends nothing comes first, of loops that end the same the first
 * dimension comes first, and a loop that ends a sliding window without sparing a stationary tensor comes last.
 */
function addLoops(p: usize, stage: usize, label: usize, keeps: i32, kept: i32, mask: i32, node: i32): void {
  const dims = L.i(p, L.H_DIMS);
  const ordered = L.i(stage, L.S_ORDERED);
  const free = ordered ? 0 : freeDims(p, label, mask);
  const closed = mask | (ordered ? closedDims(p, stage, label, node) : 0);
  for (let d = 0; d < dims; d++) {
    if ((closed >> d) & 1) continue;
    const next = ordered ? mask | (1 << d) | L.word(L.pointer(stage, L.S_INSIDE), d) : maskAfter(p, label, mask, free, d);
    if (!leavesRequired(p, stage, next & ~(mask | (1 << d)), node)) loopOver(p, stage, label, keeps, kept, next, node, d);
  }
}

/** Dimensions whose loops must lie inside one that the memory has already, in front of any of its stations. */
function closedDims(p: usize, stage: usize, label: usize, node: i32): i32 {
  let closed = 0;
  for (let d = 0, ruled = L.i(stage, L.S_RULED); ruled != 0; d++, ruled >>= 1) {
    if (ruled & 1 && factorTo(p, label, d, L.digit(p, node, d)) > 1) closed |= L.word(L.pointer(stage, L.S_INSIDE), d);
  }
  return closed;
}

/** True if dimensions given up without a loop need one: by a constraint, or at the top because trips are left. */
function leavesRequired(p: usize, stage: usize, dims: i32, node: i32): bool {
  if (L.i(stage, L.S_REQUIRED) & dims) return true;
  if (!L.i(stage, L.S_TOP)) return false;
  for (let d = 0; dims != 0; d++, dims >>= 1) {
    if (dims & 1 && hasTrips(p, d, L.digit(p, node, d))) return true;
  }
  return false;
}

export function hasTrips(p: usize, dim: i32, own: i32): bool {
  return own + 1 < L.i(p, L.H_RADIX) && L.divisor(p, dim, own + 1) > 0;
}

/** Open dimensions whose loops would end or move nothing. */
function freeDims(p: usize, label: usize, mask: i32): i32 {
  const all = (1 << L.i(p, L.H_DIMS)) - 1;
  const relevant = L.pointer(p, L.H_RELEVANT);
  let busy = 0;
  for (let t = 0, alive = <i32>load<u8>(label + L.L_ALIVE); alive != 0; t++, alive >>= 1) {
    if (alive & 1) busy |= L.word(relevant, t);
  }
  const runs = L.runs(label);
  for (let r = 0; r < runs; r++) {
    const run = L.run(p, label, r);
    if (load<i32>(run + L.R_MOVED) | load<i32>(run + L.R_MOVED + 4) | load<i32>(run + L.R_MOVED + 8)) return 0;
    busy |= L.word(relevant, L.i(run, L.R_TENSOR));
  }
  return all & ~mask & ~busy;
}

function maskAfter(p: usize, label: usize, mask: i32, free: i32, dim: i32): i32 {
  const own = 1 << dim;
  if (free & own) return mask | own | (free & (own - 1));
  let next = mask | free | own;
  const windowed = windowedTensors(p, label);
  if (windowed != 0 && !endsAll(p, windowed, dim)) return next;
  const alive = <i32>load<u8>(label + L.L_ALIVE);
  const ended = endedBy(p, alive, dim);
  for (let d = 0; d < dim; d++) {
    if (endedBy(p, alive, d) == ended && (windowed == 0 || endsAll(p, windowed, d))) next |= 1 << d;
  }
  if (windowed != 0 && ended == alive && oneBit(windowed)) {
    next |= ~hardDims(p, windowed) & ((1 << L.i(p, L.H_DIMS)) - 1);
  }
  return next;
}

function windowedTensors(p: usize, label: usize): i32 {
  let set = 0;
  const runs = L.runs(label);
  for (let r = 0; r < runs; r++) set |= 1 << L.i(L.run(p, label, r), L.R_TENSOR);
  return set;
}

function oneBit(set: i32): bool {
  return (set & (set - 1)) == 0;
}

function hardDims(p: usize, tensors: i32): i32 {
  let dims = -1;
  for (let t = 0; tensors != 0; t++, tensors >>= 1) if (tensors & 1) dims &= L.word(L.pointer(p, L.H_HARD), t);
  return dims;
}

function endsAll(p: usize, windowed: i32, dim: i32): bool {
  return ((hardDims(p, windowed) >> dim) & 1) != 0;
}

function endedBy(p: usize, alive: i32, dim: i32): i32 {
  let ended = 0;
  for (let t = 0, rest = alive; rest != 0; t++, rest >>= 1) {
    if (rest & 1 && (L.word(L.pointer(p, L.H_RELEVANT), t) >> dim) & 1) ended |= 1 << t;
  }
  return ended;
}

function loopOver(p: usize, stage: usize, label: usize, keeps: i32, kept: i32, mask: i32, node: i32, dim: i32): void {
  const radix = L.i(p, L.H_RADIX);
  const own = L.digit(p, node, dim);
  const allowed = L.pointer(stage, L.S_ALLOWED) + (dim * radix + own) * radix;
  const stride = L.word(L.pointer(p, L.H_STRIDES), dim);
  const ended = L.pointer(p, L.H_WORK2);
  const work = L.pointer(p, L.H_WORK);
  const step = L.i(stage, L.S_NUMBER) | (keeps << 8);
  const rest = keeps & ~kept;
  const room = L.f(stage, L.S_USABLE_F) - (kept == 0 ? 0 : L.f(L.share(p, label), L.SHARE_BITS_F));
  const ahead = boundIn(p, stage, rest);
  const ruled = (L.i(stage, L.S_RULED) >> dim) & 1;
  let ready = false;
  for (let next = own + 1; next < radix; next++) {
    if (!load<u8>(allowed + next)) continue;
    if (ruled && <f64>factorTo(p, label, dim, next) > L.at(L.pointer(stage, L.S_LIMITS), 2 * dim + 1)) continue;
    const reached = node + (next - own) * stride;
    if (bitsOf(p, stage, rest, reached) > room) {
      L.bump(p, L.H_CUT_CAPACITY_F);
      continue;
    }
    if (!ready) {
      memory.copy(ended, label, L.i(p, L.H_LABEL));
      endByLoop(p, ended, dim, node);
      ready = true;
    }
    let result = ended;
    if (L.runs(ended) > 0) {
      memory.copy(work, ended, L.i(p, L.H_LABEL));
      slideByLoop(p, work, dim, node, reached);
      result = work;
    }
    if (rejected(p, stage, result, reached, ahead)) continue;
    const page = maskPage(p, mask);
    if (page != 0) insert(p, stage, pageHeads(p, page), page + 8, page, result, reached, step);
  }
}

/** Least bound among the labels of a list of nodes. */
export function leastBound(heads: usize, touched: usize, from: i32, to: i32): f64 {
  let least = Infinity;
  for (let n = from; n < to; n++) {
    let label = <usize>L.word(heads, L.word(touched, n));
    while (label != 0) {
      least = min(least, L.f(label, L.L_BOUND_F));
      label = <usize>load<u32>(label + L.L_NEXT);
    }
  }
  return least;
}
