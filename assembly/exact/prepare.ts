// Tables that depend on the lattice alone: the least cost ahead of every node, and how far arrays can still spread.
import * as L from './layout';

/** Fills S_BOUND_IN of a memory stage: the best node to close it at, what that costs at least, and all outside. */
export function prepareBound(p: usize, stage: usize): void {
  const nodes = L.i(p, L.H_NODES);
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const into = <usize>L.word(L.pointer(stage, L.S_BOUND_IN), k);
    for (let node = 0; node < nodes; node++) L.put(into, node, Infinity);
  }
  for (let node = 0; node < nodes; node++) leastToClose(p, stage, node);
  for (let k = 0; k < functionals; k++) {
    const into = <usize>L.word(L.pointer(stage, L.S_BOUND_IN), k);
    const out = <usize>L.word(L.pointer(stage, L.S_BOUND_OUT), k);
    for (let node = 0; node < nodes; node++) L.put(into, node, L.at(into, node) + L.at(out, node));
    leastOfMultiples(p, into);
  }
}

/** By functional: the least cost of the tiles of `node` over the keep sets that fit. */
function leastToClose(p: usize, stage: usize, node: i32): void {
  const functionals = L.i(p, L.H_FUNCTIONALS);
  const keeps = L.pointer(stage, L.S_KEEPS);
  const count = L.i(stage, L.S_KEEP_COUNT);
  for (let c = 0; c < count; c++) {
    const kept = L.word(keeps, c);
    if (usedWords(p, stage, kept, node) > L.f(stage, L.S_USABLE_F)) continue;
    for (let k = 0; k < functionals; k++) {
      const into = <usize>L.word(L.pointer(stage, L.S_BOUND_IN), k);
      L.put(into, node, min(L.at(into, node), tilesCost(p, stage, k, node, kept)));
    }
  }
}

/** Words the tiles of `node` fill. */
export function usedWords(p: usize, stage: usize, keeps: i32, node: i32): f64 {
  const perElement = L.pointer(stage, L.S_ELEMENT_WORDS);
  const tiles = L.row(p, node) + L.i(p, L.H_WORDS);
  let words: f64 = 0;
  for (let t = 0, set = keeps; set != 0; t++, set >>= 1) {
    if (set & 1) words += L.at(tiles, t) * L.at(perElement, t);
  }
  return words;
}

function tilesCost(p: usize, stage: usize, k: i32, node: i32, keeps: i32): f64 {
  const output = L.i(p, L.H_OUTPUT);
  let cost: f64 = 0;
  for (let t = 0, set = keeps; set != 0; t++, set >>= 1) {
    if (!(set & 1)) continue;
    const ahead = L.coefficient(p, stage, L.S_AHEAD_FIXED, k, t) + L.coefficient(p, stage, L.S_AHEAD_SHARED, k, t);
    const fill = t == output ? 0 : L.coefficient(p, stage, L.S_FILL, k, t);
    cost += L.ofTensor(p, L.H_WORDS, t, node) * L.ofTensor(p, L.H_LEAST, t, node) * (ahead + fill);
  }
  return cost;
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

/** Fills S_LEGAL of an array: the most copies among legal vectors that divide each node. */
export function prepareLegal(p: usize, stage: usize): void {
  const nodes = L.i(p, L.H_NODES);
  const dims = L.i(p, L.H_DIMS);
  const legal = L.pointer(stage, L.S_LEGAL);
  for (let node = 0; node < nodes; node++) L.put(legal, node, 0);
  const vectors = L.i(stage, L.S_VECTOR_COUNT);
  for (let v = 0; v < vectors; v++) {
    const digits = L.pointer(stage, L.S_VECTORS) + v * dims;
    let node = 0;
    for (let d = 0; d < dims; d++) node += <i32>load<u8>(digits + d) * L.word(L.pointer(p, L.H_STRIDES), d);
    L.put(legal, node, L.at(L.pointer(stage, L.S_COPIES), v));
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
