// Tables that depend on the lattice alone: the least cost ahead of every node, and how far arrays can still spread.
import * as L from './layout';

/** Fills S_BOUND_IN of a memory stage: the best node to close it at, what that costs at least, and all outside. */
export function prepareBound(p: usize, stage: usize): void {
  const nodes = L.i(p, L.H_NODES);
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) {
    const into = <usize>L.word(L.pointer(stage, L.S_BOUND_IN), k);
    const out = <usize>L.word(L.pointer(stage, L.S_BOUND_OUT), k);
    for (let node = 0; node < nodes; node++) L.put(into, node, closingCost(p, stage, k, node) + L.at(out, node));
    leastOfMultiples(p, into);
  }
}

/** Least cost of the tiles of `node` over the keep sets that fit; infinite if none does. */
function closingCost(p: usize, stage: usize, k: i32, node: i32): f64 {
  const keeps = L.pointer(stage, L.S_KEEPS);
  const count = L.i(stage, L.S_KEEP_COUNT);
  let least = Infinity;
  for (let c = 0; c < count; c++) least = min(least, tilesCost(p, stage, k, node, L.word(keeps, c)));
  return least;
}

function tilesCost(p: usize, stage: usize, k: i32, node: i32, keeps: i32): f64 {
  const perElement = L.pointer(stage, L.S_ELEMENT_WORDS);
  const output = L.i(p, L.H_OUTPUT);
  let cost: f64 = 0;
  let used: f64 = 0;
  for (let t = 0, set = keeps; set != 0; t++, set >>= 1) {
    if (!(set & 1)) continue;
    const words = L.ofTensor(p, L.H_WORDS, t, node);
    used += words * L.at(perElement, t);
    const ahead = L.coefficient(p, stage, L.S_AHEAD_FIXED, k, t) + L.coefficient(p, stage, L.S_AHEAD_SHARED, k, t);
    const fill = t == output ? 0 : L.coefficient(p, stage, L.S_FILL, k, t);
    cost += words * L.ofTensor(p, L.H_LEAST, t, node) * (ahead + fill);
  }
  return used > L.f(stage, L.S_USABLE_F) ? Infinity : cost;
}

/** Replaces every entry by the least among its multiples: one pass per dimension, prime by prime from large to small. */
function leastOfMultiples(p: usize, table: usize): void {
  const dims = L.i(p, L.H_DIMS);
  const nodes = L.i(p, L.H_NODES);
  const radix = L.i(p, L.H_RADIX);
  for (let d = 0; d < dims; d++) {
    const stride = L.word(L.pointer(p, L.H_STRIDES), d);
    for (let node = nodes - 1; node >= 0; node--) {
      const own = L.digit(p, node, d);
      const primes = L.pointer(p, L.H_PRIMES) + (d * radix + own) * radix;
      let least = L.at(table, node);
      for (let next = own + 1; next < radix; next++) {
        if (load<u8>(primes + next)) least = min(least, L.at(table, node + (next - own) * stride));
      }
      L.put(table, node, least);
    }
  }
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
  const radix = L.i(p, L.H_RADIX);
  for (let d = 0; d < dims; d++) {
    const stride = L.word(L.pointer(p, L.H_STRIDES), d);
    for (let node = 0; node < nodes; node++) {
      const own = L.digit(p, node, d);
      const primes = L.pointer(p, L.H_PRIMES) + d * radix * radix + own;
      let most = L.at(table, node);
      for (let inner = own - 1; inner >= 0; inner--) {
        if (load<u8>(primes + inner * radix)) most = max(most, L.at(table, node - (own - inner) * stride));
      }
      L.put(table, node, most);
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
