// Tables that depend on the lattice alone: the least cost ahead of every node, and how far arrays can still spread.
import { boundIn } from './bound';
import { hasTrips } from './expand';
import * as L from './layout';
import { bitsOf, windows } from './label';

/** Fills S_BOUND_IN of a memory stage: the best node to close it at, what that costs at least, and all outside. */
export function prepareBound(p: usize, stage: usize): void {
  const nodes = L.i(p, L.H_NODES);
  const quantities = L.i(p, L.H_QUANTITIES);
  if (L.i(stage, L.S_UNEVEN)) {
    for (let k = 0; k < quantities; k++) prepareUneven(p, stage, k);
    return;
  }
  for (let k = 0; k < quantities; k++) {
    const into = <usize>L.word(L.pointer(stage, L.S_BOUND_IN), k);
    for (let node = 0; node < nodes; node++) L.put(into, node, Infinity);
  }
  for (let node = 0; node < nodes; node++) leastToClose(p, stage, node);
  for (let k = 0; k < quantities; k++) {
    const into = <usize>L.word(L.pointer(stage, L.S_BOUND_IN), k);
    const out = <usize>L.word(L.pointer(stage, L.S_BOUND_OUT), k);
    for (let node = 0; node < nodes; node++) L.put(into, node, L.at(into, node) + L.at(out, node));
    leastOfMultiples(p, into);
  }
}

/** By quantity: the least cost of the tiles of `node` over the keep sets that fit. */
function leastToClose(p: usize, stage: usize, node: i32): void {
  const quantities = L.i(p, L.H_QUANTITIES);
  const keeps = L.pointer(stage, L.S_KEEPS);
  const count = L.i(stage, L.S_KEEP_COUNT);
  for (let c = 0; c < count; c++) {
    const kept = L.word(keeps, c);
    if (bitsOf(p, stage, kept, node) > L.f(stage, L.S_USABLE_F)) continue;
    for (let k = 0; k < quantities; k++) {
      const into = <usize>L.word(L.pointer(stage, L.S_BOUND_IN), k);
      L.put(into, node, min(L.at(into, node), tilesCost(p, stage, k, node, kept)));
    }
  }
}

/**
 * What tiles of `node` cost at least. If arrays alone cannot finish the layer, some loop comes first, and of the tensors
 * that it indexes alone no tile stays over it: they are filled anew in every trip.
 */
function tilesCost(p: usize, stage: usize, k: i32, node: i32, keeps: i32): f64 {
  const hard = L.pointer(p, L.H_HARD);
  const firsts = L.trips(p, node) > L.at(L.pointer(stage, L.S_SPREAD), node) ? openDims(p, node) : 0;
  const more = L.pointer(p, L.H_DISTINCT);
  let cost: f64 = 0;
  for (let t = 0; keeps >> t != 0; t++) {
    if (!((keeps >> t) & 1)) continue;
    const least = tileCost(p, stage, k, node, t, false);
    cost += least;
    if (firsts) L.put(more, t, tileCost(p, stage, k, node, t, true) - least);
  }
  let least = Infinity;
  for (let d = 0; firsts >> d != 0; d++) {
    if (!((firsts >> d) & 1)) continue;
    let first: f64 = 0;
    for (let t = 0; keeps >> t != 0; t++) {
      if ((keeps >> t) & 1 && (L.word(hard, t) >> d) & 1) first += L.at(more, t);
    }
    least = min(least, first);
  }
  return firsts ? cost + least : cost;
}

/** Mask of the dimensions with trips left. */
function openDims(p: usize, node: i32): i32 {
  const dims = L.i(p, L.H_DIMS);
  let open = 0;
  for (let d = 0; d < dims; d++) if (hasTrips(p, d, L.digit(p, node, d))) open |= 1 << d;
  return open;
}

/** With `anew` in every trip outside, otherwise as seldom as any loops allow. */
function tileCost(p: usize, stage: usize, k: i32, node: i32, t: i32, anew: bool): f64 {
  const least = L.ofTensor(p, L.H_LEAST, t, node);
  const times = anew ? L.trips(p, node) : least;
  const words = L.ofTensor(p, L.H_WORDS, t, node);
  const parent = <usize>L.word(L.pointer(stage, L.S_EARLY), t);
  const fill = L.coefficient(p, stage, L.S_FILL, k, t);
  const isOutput = t == L.i(p, L.H_OUTPUT);
  if (parent != 0 && !(isOutput && L.f(stage, L.S_REDUCED_F) > 1)) {
    const cost = words * times * (L.coefficient(p, parent, L.S_READ, k, t) + fill);
    if (!isOutput) return cost;
    return cost - L.f(p, L.H_OUTPUT_WORDS_F) * (L.at(L.pointer(parent, L.S_READ_CREDIT), k) + L.at(L.pointer(stage, L.S_FILL_CREDIT), k));
  }
  const ahead = L.coefficient(p, stage, L.S_AHEAD_FIXED, k, t) + L.coefficient(p, stage, L.S_AHEAD_SHARED, k, t);
  return words * (least * ahead + (isOutput ? 0 : times * fill));
}

/** The same for every set of tensors still without a station: the best node and tensor to go on with, then the rest. */
function prepareUneven(p: usize, stage: usize, k: i32): void {
  const nodes = L.i(p, L.H_NODES);
  const sets = 1 << L.i(p, L.H_TENSORS);
  for (let set = 1; set < sets; set++) {
    const into = <usize>L.word(boundIn(p, stage, set), k);
    if (into == 0) continue;
    for (let node = 0; node < nodes; node++) L.put(into, node, openingCost(p, stage, k, node, set));
    leastOfMultiples(p, into);
  }
  const least = <usize>L.word(boundIn(p, stage, 0), k);
  for (let node = 0; node < nodes; node++) L.put(least, node, leastOfKeeps(p, stage, k, node));
}

function openingCost(p: usize, stage: usize, k: i32, node: i32, set: i32): f64 {
  if (bitsOf(p, stage, set, node) > L.f(stage, L.S_USABLE_F)) return Infinity;
  let least = Infinity;
  for (let t = 0; set >> t != 0; t++) {
    if ((set >> t) & 1) least = min(least, tileCost(p, stage, k, node, t, false) + L.at(closed(p, stage, k, set ^ (1 << t)), node));
  }
  return least;
}

function leastOfKeeps(p: usize, stage: usize, k: i32, node: i32): f64 {
  const keeps = L.pointer(stage, L.S_KEEPS);
  const count = L.i(stage, L.S_KEEP_COUNT);
  let least = Infinity;
  for (let c = 0; c < count; c++) least = min(least, L.at(closed(p, stage, k, L.word(keeps, c)), node));
  return least;
}

/** Least costs with these tensors still to come; with none, those outside the memory. */
function closed(p: usize, stage: usize, k: i32, rest: i32): usize {
  return <usize>L.word(rest == 0 ? L.pointer(stage, L.S_BOUND_OUT) : boundIn(p, stage, rest), k);
}

/** Replaces every entry by the least among its multiples: one pass per dimension, prime by prime from large to small. */
function leastOfMultiples(p: usize, table: usize): void {
  const dims = L.i(p, L.H_DIMS);
  const nodes = L.i(p, L.H_NODES);
  for (let d = 0; d < dims; d++) {
    const stride = L.word(L.pointer(p, L.H_STRIDES), d);
    const count = digitCount(p, d);
    for (let block = 0; block < nodes; block += count * stride) {
      for (let own = count - 1; own >= 0; own--) {
        for (let next = own + 1; next < count; next++) {
          if (!isPrimeStep(p, d, own, next)) continue;
          const into = table + (<usize>(block + own * stride) << 3);
          const from = table + (<usize>(block + next * stride) << 3);
          for (let n = 0; n < stride; n++) L.put(into, n, min(L.at(into, n), L.at(from, n)));
        }
      }
    }
  }
}

function digitCount(p: usize, dim: i32): i32 {
  const radix = L.i(p, L.H_RADIX);
  let count = 1;
  while (count < radix && L.divisor(p, dim, count) > 0) count++;
  return count;
}

function isPrimeStep(p: usize, dim: i32, inner: i32, outer: i32): bool {
  const radix = L.i(p, L.H_RADIX);
  return load<u8>(L.pointer(p, L.H_PRIMES) + (dim * radix + inner) * radix + outer) != 0;
}

/** Fills S_LEGAL of an array: the most copies among legal vectors that divide each node. And what they share at most. */
export function prepareLegal(p: usize, stage: usize): void {
  const nodes = L.i(p, L.H_NODES);
  const dims = L.i(p, L.H_DIMS);
  const legal = L.pointer(stage, L.S_LEGAL);
  for (let node = 0; node < nodes; node++) L.put(legal, node, 0);
  const tensors = L.i(p, L.H_TENSORS);
  for (let t = 0; t < tensors; t++) L.put(L.pointer(stage, L.S_ONE_SHARED), t, 1);
  store<f64>(stage + L.S_ONE_REDUCED_F, 1);
  const vectors = L.i(stage, L.S_VECTOR_COUNT);
  for (let v = 0; v < vectors; v++) {
    const digits = L.pointer(stage, L.S_VECTORS) + v * dims;
    let node = 0;
    for (let d = 0; d < dims; d++) node += <i32>load<u8>(digits + d) * L.word(L.pointer(p, L.H_STRIDES), d);
    const copies = L.at(L.pointer(stage, L.S_COPIES), v);
    L.put(legal, node, copies);
    noteSharing(p, stage, digits, copies);
  }
  mostOfDivisors(p, legal);
}

function mostOfDivisors(p: usize, table: usize): void {
  const dims = L.i(p, L.H_DIMS);
  const nodes = L.i(p, L.H_NODES);
  for (let d = 0; d < dims; d++) {
    const stride = L.word(L.pointer(p, L.H_STRIDES), d);
    const count = digitCount(p, d);
    for (let block = 0; block < nodes; block += count * stride) {
      for (let own = 1; own < count; own++) {
        for (let inner = own - 1; inner >= 0; inner--) {
          if (!isPrimeStep(p, d, inner, own)) continue;
          const into = table + (<usize>(block + own * stride) << 3);
          const from = table + (<usize>(block + inner * stride) << 3);
          for (let n = 0; n < stride; n++) L.put(into, n, max(L.at(into, n), L.at(from, n)));
        }
      }
    }
  }
}

/** Fills S_SPREAD of a stage from the next array outside: at most all that is left, at most what each array can do. */
export function prepareSpread(p: usize, stage: usize, next: usize): void {
  const nodes = L.i(p, L.H_NODES);
  const into = L.pointer(stage, L.S_SPREAD);
  for (let node = 0; node < nodes; node++) {
    let most: f64 = 1;
    if (next != 0) {
      most = L.at(L.pointer(next, L.S_LEGAL), nodes - 1 - node) * L.at(L.pointer(next, L.S_SPREAD), node);
      most = min(most, L.trips(p, node));
    }
    L.put(into, node, most);
  }
}

/** The first array outside the stage of that number, or 0. */
function nextArray(p: usize, number: i32): usize {
  const stages = L.pointer(p, L.H_STAGES);
  let stage = <usize>L.word(stages, ++number);
  while (stage != 0 && L.i(stage, L.S_KIND) != L.ARRAY_STAGE) stage = <usize>L.word(stages, ++number);
  return stage;
}

/** Fills S_SHARED and S_REDUCED_F from the arrays outside, whose own (see `prepareLegal`) are known. */
export function prepareSharing(p: usize, stage: usize): void {
  const tensors = L.i(p, L.H_TENSORS);
  const shared = L.pointer(stage, L.S_SHARED);
  for (let t = 0; t < tensors; t++) L.put(shared, t, 1);
  store<f64>(stage + L.S_REDUCED_F, 1);
  let array = nextArray(p, L.i(stage, L.S_NUMBER));
  while (array != 0) {
    const number = L.i(array, L.S_NUMBER);
    for (let t = 0; t < tensors; t++) {
      if (number < L.word(L.pointer(stage, L.S_PARENTS), t)) L.put(shared, t, L.at(shared, t) * L.at(L.pointer(array, L.S_ONE_SHARED), t));
    }
    store<f64>(stage + L.S_REDUCED_F, L.f(stage, L.S_REDUCED_F) * L.f(array, L.S_ONE_REDUCED_F));
    array = nextArray(p, number);
  }
}

/** Copies of a vector per distinct tile of the tensor, or more: along a window at least those of its longest term differ. */
function mostShared(p: usize, digits: usize, tensor: i32, copies: f64): f64 {
  const dims = L.i(p, L.H_DIMS);
  const hard = L.word(L.pointer(p, L.H_HARD), tensor);
  let different: f64 = 1;
  for (let d = 0; d < dims; d++) if ((hard >> d) & 1) different *= <f64>L.divisor(p, d, <i32>load<u8>(digits + d));
  const window = windows(p, tensor);
  const ranks = L.i(window, L.W_COUNT);
  for (let a = 0; a < ranks; a++) {
    const rank = window + L.W_RANKS + a * L.WINDOW_RANK;
    const terms = L.i(rank, L.W_TERMS);
    let longest = 1;
    for (let n = 0; n < terms; n++) {
      const dim = L.i(rank, L.W_PAIRS + 8 * n);
      longest = max(longest, L.divisor(p, dim, <i32>load<u8>(digits + dim)));
    }
    different *= <f64>longest;
  }
  return copies / different;
}

/** What the copies of a vector share at most goes into S_ONE_SHARED and S_ONE_REDUCED_F of its array. */
function noteSharing(p: usize, stage: usize, digits: usize, copies: f64): void {
  const tensors = L.i(p, L.H_TENSORS);
  const most = L.pointer(stage, L.S_ONE_SHARED);
  for (let t = 0; t < tensors; t++) {
    const shared = mostShared(p, digits, t, copies);
    if (t == L.i(p, L.H_OUTPUT)) store<f64>(stage + L.S_ONE_REDUCED_F, max(L.f(stage, L.S_ONE_REDUCED_F), shared));
    if ((L.i(stage, L.S_SHARES) >> t) & 1) L.put(most, t, max(L.at(most, t), shared));
  }
}
