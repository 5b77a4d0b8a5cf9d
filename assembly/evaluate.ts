// The cost model over a batch of mappings that share one structure, one V (one or two mappings) at a time.
// The readable specification is src/model/evaluate.ts; this repeats its arithmetic in the same order. Memory: layout.ts.
import * as at from './layout';
import {
  add, ceiling, div, infinityWhereGreater, larger, magnitude, mul, smaller, splat, sub,
} from './vector';

// Energies and cycles of lanes 0 … count−1 (rounded up to a full V). A lane whose tiles overflow a memory, miss its
// floor, or whose loops overflow a fanout gets infinite energy.
export function evaluateLanes<V>(
  problem: usize, plan: usize, scratch: usize, factors: usize, results: usize, batch: i32, count: i32,
): void {
  const width = <i32>(sizeof<V>() >> 3);
  for (let lane = 0; lane < count; lane += width) {
    const column = factors + ((<usize>lane) << 3);
    walk<V>(problem, plan, scratch, column, batch);
    const computeCycles = temporalProduct<V>(plan, scratch);
    moveWords<V>(problem, plan, scratch, computeCycles);
    const illegal = violations<V>(problem, scratch);
    const energy = results + ((<usize>lane) << 3);
    settle<V>(problem, plan, scratch, computeCycles, illegal, energy, energy + ((<usize>batch) << 3));
  }
}

// ---- cells and records ----

// @ts-ignore: decorator
@inline
function cell<V>(scratch: usize, index: i32): V {
  return load<V>(scratch + (<usize>index) * sizeof<V>());
}

// @ts-ignore: decorator
@inline
function setCell<V>(scratch: usize, index: i32, value: V): void {
  store<V>(scratch + (<usize>index) * sizeof<V>(), value);
}

// @ts-ignore: decorator
@inline
function int(address: usize, offset: i32): i32 {
  return load<i32>(address + <usize>offset);
}

// @ts-ignore: decorator
@inline
function real(address: usize, offset: i32): f64 {
  return load<f64>(address + <usize>offset);
}

// @ts-ignore: decorator
@inline
function tensorAt(problem: usize, t: i32): usize {
  return problem + at.P_HEADER + <usize>(t * at.TENSOR);
}

// @ts-ignore: decorator
@inline
function memoryAt(problem: usize, m: i32): usize {
  return problem + at.P_HEADER + <usize>(int(problem, at.P_TENSORS) * at.TENSOR + m * at.MEMORY);
}

// @ts-ignore: decorator
@inline
function fanoutAt(problem: usize, f: i32): usize {
  return memoryAt(problem, int(problem, at.P_MEMORIES)) + <usize>(f * at.FANOUT);
}

// @ts-ignore: decorator
@inline
function keepersOf(plan: usize, t: i32): usize {
  return plan + at.L_HEADER + <usize>(int(plan, at.L_OPS) * at.OP + t * at.KEEPERS);
}

// ---- one pass outward: extents, strides, tiles, copies ----

function walk<V>(problem: usize, plan: usize, scratch: usize, column: usize, batch: i32): void {
  const one = splat<V>(1.0);
  const dims = int(problem, at.P_DIMS);
  const fanouts = int(problem, at.P_FANOUTS);
  const memories = int(problem, at.P_MEMORIES);
  for (let d = 0; d < dims; d++) setCell<V>(scratch, at.S_EXTENTS + d, one);
  for (let m = 0; m < memories; m++) setCell<V>(scratch, at.S_USED + m, splat<V>(0.0));
  for (let f = 0; f < fanouts; f++) {
    setCell<V>(scratch, at.S_FAN + f, one);
    setCell<V>(scratch, at.S_FAN_X + f, one);
    setCell<V>(scratch, at.S_FAN_Y + f, one);
    for (let d = 0; d < dims; d++) setCell<V>(scratch, at.S_FAN_FACTORS + f * at.MAX_DIMS + d, one);
  }
  const ops = int(plan, at.L_OPS);
  let temporal = 0;
  let station = 0;
  for (let i = 0; i < ops; i++) {
    const op = plan + at.L_HEADER + <usize>(i * at.OP);
    const kind = int(op, at.OP_KIND);
    const d = int(op, at.OP_DIM);
    const row = int(op, at.OP_ROW);
    if (kind == at.STATION) {
      measureTiles<V>(problem, scratch, station++, d, row);
      continue;
    }
    const bound = load<V>(column + ((<usize>(row * batch)) << 3));
    const extent = cell<V>(scratch, at.S_EXTENTS + d);
    if (kind == at.TEMPORAL) {
      setCell<V>(scratch, at.S_STRIDES + temporal, extent);
      setCell<V>(scratch, at.S_BOUNDS + temporal, bound);
      temporal++;
    } else {
      spread<V>(scratch, op, d, bound, extent);
    }
    setCell<V>(scratch, at.S_EXTENTS + d, mul<V>(extent, bound));
  }
}

// @ts-ignore: decorator
@inline
function spread<V>(scratch: usize, op: usize, d: i32, bound: V, extent: V): void {
  const f = int(op, at.OP_FANOUT);
  const axis = (int(op, at.OP_AXIS) ? at.S_FAN_Y : at.S_FAN_X) + f;
  const factor = at.S_FAN_FACTORS + f * at.MAX_DIMS + d;
  setCell<V>(scratch, axis, mul<V>(cell<V>(scratch, axis), bound));
  setCell<V>(scratch, at.S_FAN + f, mul<V>(cell<V>(scratch, at.S_FAN + f), bound));
  setCell<V>(scratch, factor, mul<V>(cell<V>(scratch, factor), bound));
  if (int(op, at.OP_FIRST)) setCell<V>(scratch, at.S_FAN_STRIDES + f * at.MAX_DIMS + d, extent);
}

function measureTiles<V>(problem: usize, scratch: usize, station: i32, m: i32, mask: i32): void {
  const tensors = int(problem, at.P_TENSORS);
  const memory = memoryAt(problem, m);
  let used = cell<V>(scratch, at.S_USED + m);
  for (let t = 0; t < tensors; t++) {
    if (!((mask >> t) & 1)) continue;
    const tensor = tensorAt(problem, t);
    const index = station * at.MAX_TENSORS + t;
    const a = softSpan<V>(scratch, tensor, 0);
    const b = softSpan<V>(scratch, tensor, 1);
    const tile = mul<V>(hardTile<V>(scratch, tensor), mul<V>(a, b));
    setCell<V>(scratch, at.S_SPANS + 2 * index, a);
    setCell<V>(scratch, at.S_SPANS + 2 * index + 1, b);
    setCell<V>(scratch, at.S_TILES + index, tile);
    used = add<V>(used, mul<V>(tile, splat<V>(real(memory, at.M_WORDS_PER_ELEMENT_F + (t << 3)))));
  }
  setCell<V>(scratch, at.S_USED + m, used);
}

// @ts-ignore: decorator
@inline
function span<V>(scratch: usize, d: i32, coefficient: f64): V {
  return mul<V>(splat<V>(coefficient), sub<V>(cell<V>(scratch, at.S_EXTENTS + d), splat<V>(1.0)));
}

// @ts-ignore: decorator
@inline
function hardTile<V>(scratch: usize, tensor: usize): V {
  let tile = splat<V>(1.0);
  const ranks = int(tensor, at.T_HARD);
  for (let r = 0; r < ranks; r++) {
    const d = int(tensor, at.T_HARD_DIMS + (r << 2));
    const coefficient = real(tensor, at.T_HARD_COEFFICIENTS_F + (r << 3));
    tile = mul<V>(tile, add<V>(splat<V>(1.0), span<V>(scratch, d, coefficient)));
  }
  return tile;
}

// Span of soft rank r; 1 where the tensor has no such rank.
// @ts-ignore: decorator
@inline
function softSpan<V>(scratch: usize, tensor: usize, r: i32): V {
  const one = splat<V>(1.0);
  if (r >= int(tensor, at.T_SOFT)) return one;
  const dims = tensor + <usize>(r << 3);
  const coefficients = tensor + <usize>(r << 4);
  const first = span<V>(scratch, int(dims, at.T_SOFT_DIMS), abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F)));
  const second = span<V>(scratch, int(dims, at.T_SOFT_DIMS + 4), abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F + 8)));
  return add<V>(one, add<V>(first, second));
}

function temporalProduct<V>(plan: usize, scratch: usize): V {
  let product = splat<V>(1.0);
  const loops = int(plan, at.L_TEMPORAL);
  for (let j = 0; j < loops; j++) product = mul<V>(product, cell<V>(scratch, at.S_BOUNDS + j));
  return product;
}

// ---- words each tensor moves ----

function moveWords<V>(problem: usize, plan: usize, scratch: usize, computeCycles: V): void {
  const tensors = int(problem, at.P_TENSORS);
  const cells = int(problem, at.P_FANOUTS) * at.MAX_TENSORS;
  for (let i = 0; i < cells; i++) setCell<V>(scratch, at.S_NETWORK_PJ + i, splat<V>(0.0));
  for (let t = 0; t < tensors; t++) {
    if (int(tensorAt(problem, t), at.T_OUTPUT)) moveOutput<V>(problem, plan, scratch, t, computeCycles);
    else moveOperand<V>(problem, plan, scratch, t, computeCycles);
  }
}

// Read-only: each keeper reads what its child fetches, once for all copies that share a box.
function moveOperand<V>(problem: usize, plan: usize, scratch: usize, t: i32, computeCycles: V): void {
  const zero = splat<V>(0.0);
  const keepers = keepersOf(plan, t);
  const count = int(keepers, 0);
  let words = computeCycles;
  let fanout = int(problem, at.P_FANOUTS);
  for (let k = 0; k < count; k++) {
    const keeper = keepers + <usize>(k * at.KEEPER);
    const outside = int(keeper, at.K_FANOUTS);
    while (fanout > outside) {
      fanout--;
      const inner = words;
      words = mul<V>(words, copies<V>(problem, scratch, t, fanout, at.F_MULTICAST));
      chargeNetwork<V>(problem, scratch, t, fanout, inner, words, zero, zero);
    }
    const index = int(keeper, at.K_MEMORY) * at.MAX_TENSORS + t;
    setCell<V>(scratch, at.S_READS + index, words);
    setCell<V>(scratch, at.S_REDUCTIONS + index, zero);
    setCell<V>(scratch, at.S_UPDATES + index, zero);
    words = k + 1 < count ? tileTraffic<V>(problem, plan, scratch, t, keeper) : zero;
    setCell<V>(scratch, at.S_FILLS + index, words);
  }
}

// The output: `up` partial sums leave each point of the path, `held` distinct ones ever pass it, the rest come down again.
function moveOutput<V>(problem: usize, plan: usize, scratch: usize, t: i32, computeCycles: V): void {
  const zero = splat<V>(0.0);
  const tensor = tensorAt(problem, t);
  const relevant = int(tensor, at.T_RELEVANT);
  const keepers = keepersOf(plan, t);
  const count = int(keepers, 0);
  let up = computeCycles;
  let held = relevantTemporal<V>(plan, scratch, relevant);
  let fanout = int(problem, at.P_FANOUTS);
  let below: i32 = -1;
  for (let k = 0; k < count; k++) {
    const keeper = keepers + <usize>(k * at.KEEPER);
    const memory = int(keeper, at.K_MEMORY);
    const elided = int(memoryAt(problem, memory), at.M_RMW) ? 0.0 : 1.0;
    const first = splat<V>(elided);
    if (below >= 0) setCell<V>(scratch, at.S_FILLS + below, sub<V>(up, mul<V>(held, first)));
    const outside = int(keeper, at.K_FANOUTS);
    while (fanout > outside) {
      fanout--;
      const innerUp = up;
      const inner = add<V>(up, sub<V>(up, mul<V>(held, first)));
      up = mul<V>(up, copies<V>(problem, scratch, t, fanout, at.F_REDUCTION));
      held = mul<V>(held, relevantCopies<V>(problem, scratch, relevant, fanout));
      const here = add<V>(up, sub<V>(up, mul<V>(held, first)));
      chargeNetwork<V>(problem, scratch, t, fanout, inner, here, innerUp, up);
    }
    const index = memory * at.MAX_TENSORS + t;
    const down = sub<V>(up, mul<V>(held, first));
    setCell<V>(scratch, at.S_REDUCTIONS + index, down);
    setCell<V>(scratch, at.S_UPDATES + index, up);
    setCell<V>(scratch, at.S_FILLS + index, zero);
    up = k + 1 < count ? tileTraffic<V>(problem, plan, scratch, t, keeper) : zero;
    const drained = int(memoryAt(problem, memory), at.M_DRAIN_READS) ? up : zero;
    setCell<V>(scratch, at.S_READS + index, add<V>(down, drained));
    below = index;
  }
}

// Words a station exchanges: |A| + Σ_j (n_j−1)·(Π outer n)·|A \ (A+δ_j)| over the temporal loops outside it.
// @ts-ignore: decorator
@inline
function tileTraffic<V>(problem: usize, plan: usize, scratch: usize, t: i32, keeper: usize): V {
  const tensor = tensorAt(problem, t);
  const index = int(keeper, at.K_STATION) * at.MAX_TENSORS + t;
  const inside = int(keeper, at.K_TEMPORAL);
  const loops = int(plan, at.L_TEMPORAL);
  const dims = plan + at.L_HEADER + <usize>(int(plan, at.L_OPS) * at.OP + int(problem, at.P_TENSORS) * at.KEEPERS);
  const tile = cell<V>(scratch, at.S_TILES + index);
  if (int(tensor, at.T_SOFT) == 0) return mul<V>(tile, refetches<V>(scratch, tensor, dims, inside, loops));
  return slidingTraffic<V>(scratch, tensor, dims, inside, loops, tile, index);
}

// Without windows a loop refetches the whole tile, unless it and all inside it leave the tensor alone.
function refetches<V>(scratch: usize, tensor: usize, dims: usize, inside: i32, loops: i32): V {
  const one = splat<V>(1.0);
  const relevant = int(tensor, at.T_RELEVANT);
  let times = one;
  let moved = splat<V>(0.0);
  for (let j = inside; j < loops; j++) {
    const bound = cell<V>(scratch, at.S_BOUNDS + j);
    const more = sub<V>(bound, one);
    if ((relevant >> load<u8>(dims + j)) & 1) {
      times = mul<V>(times, bound);
      moved = smaller<V>(one, add<V>(moved, more));
    } else {
      times = mul<V>(times, add<V>(one, mul<V>(more, moved)));
    }
  }
  return times;
}

// With windows: `a`, `b` the spans of the two soft ranks, `x`, `y` how far the loops so far have carried the tile
// along them, `overlap` 0 once a hard rank has moved. The hard ranks' words are a common factor.
function slidingTraffic<V>(
  scratch: usize, tensor: usize, dims: usize, inside: i32, loops: i32, tile: V, index: i32,
): V {
  const one = splat<V>(1.0);
  const zero = splat<V>(0.0);
  const relevant = int(tensor, at.T_RELEVANT);
  const a = cell<V>(scratch, at.S_SPANS + 2 * index);
  const b = cell<V>(scratch, at.S_SPANS + 2 * index + 1);
  const window = mul<V>(a, b);
  const soft = int(tensor, at.T_SOFT);
  const a0 = int(tensor, at.T_SOFT_DIMS);
  const a1 = int(tensor, at.T_SOFT_DIMS + 4);
  const b0 = soft > 1 ? int(tensor, at.T_SOFT_DIMS + 8) : -1;
  const b1 = soft > 1 ? int(tensor, at.T_SOFT_DIMS + 12) : -1;
  let x = zero;
  let y = zero;
  let overlap = one;
  let words = zero;
  for (let j = inside; j < loops; j++) {
    const bound = cell<V>(scratch, at.S_BOUNDS + j);
    const more = sub<V>(bound, one);
    const d = <i32>load<u8>(dims + j);
    let stepX = zero;
    let stepY = zero;
    let kept = overlap;
    if (d == a0 || d == a1) {
      const coefficient = real(tensor, at.T_SOFT_COEFFICIENTS_F + (d == a0 ? 0 : 8));
      stepX = mul<V>(splat<V>(coefficient), cell<V>(scratch, at.S_STRIDES + j));
    } else if (d == b0 || d == b1) {
      const coefficient = real(tensor, at.T_SOFT_COEFFICIENTS_F + (d == b0 ? 16 : 24));
      stepY = mul<V>(splat<V>(coefficient), cell<V>(scratch, at.S_STRIDES + j));
    } else if ((relevant >> d) & 1) {
      kept = zero;
      overlap = mul<V>(overlap, sub<V>(one, smaller<V>(one, more)));
    }
    const overlapX = larger<V>(zero, sub<V>(a, magnitude<V>(sub<V>(stepX, x))));
    const overlapY = larger<V>(zero, sub<V>(b, magnitude<V>(sub<V>(stepY, y))));
    const fresh = sub<V>(window, mul<V>(kept, mul<V>(overlapX, overlapY)));
    words = add<V>(mul<V>(bound, words), mul<V>(more, fresh));
    x = add<V>(x, mul<V>(more, stepX));
    y = add<V>(y, mul<V>(more, stepY));
  }
  return mul<V>(div<V>(tile, window), add<V>(window, words));
}

// @ts-ignore: decorator
@inline
function relevantTemporal<V>(plan: usize, scratch: usize, relevant: i32): V {
  const ops = int(plan, at.L_OPS);
  let product = splat<V>(1.0);
  let temporal = 0;
  for (let i = 0; i < ops; i++) {
    const op = plan + at.L_HEADER + <usize>(i * at.OP);
    if (int(op, at.OP_KIND) != at.TEMPORAL) continue;
    if ((relevant >> int(op, at.OP_DIM)) & 1) product = mul<V>(product, cell<V>(scratch, at.S_BOUNDS + temporal));
    temporal++;
  }
  return product;
}

// ---- what copies share ----

// Transfers the copies of one fanout need: one per distinct box, or one each where the network cannot share.
// @ts-ignore: decorator
@inline
function copies<V>(problem: usize, scratch: usize, t: i32, f: i32, shares: i32): V {
  if (!int(fanoutAt(problem, f), shares)) return cell<V>(scratch, at.S_FAN + f);
  const tensor = tensorAt(problem, t);
  let count = splat<V>(1.0);
  const ranks = int(tensor, at.T_HARD);
  for (let r = 0; r < ranks; r++) {
    const d = int(tensor, at.T_HARD_DIMS + (r << 2));
    count = mul<V>(count, cell<V>(scratch, at.S_FAN_FACTORS + f * at.MAX_DIMS + d));
  }
  const soft = int(tensor, at.T_SOFT);
  for (let r = 0; r < soft; r++) count = mul<V>(count, distinctWindows<V>(scratch, tensor, f, r));
  return count;
}

// Distinct sums of two arithmetic progressions of m and n terms, steps p and q: m·n less the pairs met twice.
function distinctWindows<V>(scratch: usize, tensor: usize, f: i32, r: i32): V {
  const dims = tensor + <usize>(r << 3);
  const first = f * at.MAX_DIMS + int(dims, at.T_SOFT_DIMS);
  const second = f * at.MAX_DIMS + int(dims, at.T_SOFT_DIMS + 4);
  const m = cell<V>(scratch, at.S_FAN_FACTORS + first);
  const n = cell<V>(scratch, at.S_FAN_FACTORS + second);
  const coefficients = tensor + <usize>(r << 4);
  const c0 = abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F));
  const c1 = abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F + 8));
  if (isVector<V>()) {
    const p = cell<V>(scratch, at.S_FAN_STRIDES + first);
    const q = cell<V>(scratch, at.S_FAN_STRIDES + second);
    const low = distinctSums(
      f64x2.extract_lane(m, 0), f64x2.extract_lane(n, 0),
      c0 * f64x2.extract_lane(p, 0), c1 * f64x2.extract_lane(q, 0),
    );
    const high = distinctSums(
      f64x2.extract_lane(m, 1), f64x2.extract_lane(n, 1),
      c0 * f64x2.extract_lane(p, 1), c1 * f64x2.extract_lane(q, 1),
    );
    return f64x2.replace_lane(f64x2.splat(low), 1, high);
  }
  return <V>distinctSums(
    m, n, c0 * cell<f64>(scratch, at.S_FAN_STRIDES + first), c1 * cell<f64>(scratch, at.S_FAN_STRIDES + second),
  );
}

// @ts-ignore: decorator
@inline
function distinctSums(m: f64, n: f64, p: f64, q: f64): f64 {
  if (m == 1 || n == 1) return m * n;
  const common = <f64>greatestCommonDivisor(<i64>p, <i64>q);
  return m * n - max<f64>(0, m - q / common) * max<f64>(0, n - p / common);
}

function greatestCommonDivisor(a: i64, b: i64): i64 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// @ts-ignore: decorator
@inline
function relevantCopies<V>(problem: usize, scratch: usize, relevant: i32, f: i32): V {
  const dims = int(problem, at.P_DIMS);
  let count = splat<V>(1.0);
  for (let d = 0; d < dims; d++) {
    if ((relevant >> d) & 1) count = mul<V>(count, cell<V>(scratch, at.S_FAN_FACTORS + f * at.MAX_DIMS + d));
  }
  return count;
}

// ---- what it costs ----

// `inner` words (of them `innerUp` upward) pass each child's link, `here` enter or leave one network on its outer side.
// @ts-ignore: decorator
@inline
function chargeNetwork<V>(
  problem: usize, scratch: usize, t: i32, f: i32, inner: V, here: V, innerUp: V, up: V,
): void {
  const fanout = fanoutAt(problem, f);
  if (!int(fanout, at.F_CHARGED)) return;
  let networks = splat<V>(1.0);
  for (let outer = 0; outer < f; outer++) networks = mul<V>(networks, cell<V>(scratch, at.S_FAN + outer));
  const children = cell<V>(scratch, at.S_FAN + f);
  const hops = mul<V>(mul<V>(inner, children), networks);
  const distinct = mul<V>(here, networks);
  const merged = int(fanout, at.F_REDUCTION)
    ? mul<V>(sub<V>(mul<V>(innerUp, children), up), networks)
    : splat<V>(0.0);
  const energy = add<V>(
    add<V>(
      mul<V>(hops, splat<V>(real(fanout, at.F_HOP_PJ_F))),
      mul<V>(distinct, splat<V>(real(fanout, at.F_INGRESS_PJ_F))),
    ),
    mul<V>(merged, splat<V>(real(fanout, at.F_REDUCTION_PJ_F))),
  );
  setCell<V>(scratch, at.S_NETWORK_PJ + f * at.MAX_TENSORS + t, energy);
}

function violations<V>(problem: usize, scratch: usize): V {
  let illegal = splat<V>(0.0);
  const memories = int(problem, at.P_MEMORIES);
  for (let m = 0; m < memories; m++) {
    const memory = memoryAt(problem, m);
    const used = cell<V>(scratch, at.S_USED + m);
    illegal = add<V>(illegal, infinityWhereGreater<V>(used, splat<V>(real(memory, at.M_USABLE_F))));
    illegal = add<V>(illegal, infinityWhereGreater<V>(splat<V>(real(memory, at.M_FLOOR_F)), used));
  }
  const fanouts = int(problem, at.P_FANOUTS);
  for (let f = 0; f < fanouts; f++) {
    const fanout = fanoutAt(problem, f);
    illegal = add<V>(illegal, infinityWhereGreater<V>(cell<V>(scratch, at.S_FAN_X + f), splat<V>(real(fanout, at.F_X_F))));
    illegal = add<V>(illegal, infinityWhereGreater<V>(cell<V>(scratch, at.S_FAN_Y + f), splat<V>(real(fanout, at.F_Y_F))));
  }
  return illegal;
}

function settle<V>(
  problem: usize, plan: usize, scratch: usize, computeCycles: V, illegal: V, energyAt: usize, cyclesAt: usize,
): void {
  const memories = int(problem, at.P_MEMORIES);
  const fanouts = int(problem, at.P_FANOUTS);
  const tensors = int(problem, at.P_TENSORS);
  let cycles = computeCycles;
  for (let m = 0; m < memories; m++) cycles = larger<V>(cycles, settleMemory<V>(problem, plan, scratch, m, tensors));
  cycles = add<V>(cycles, splat<V>(real(problem, at.P_LATENCY_F)));
  let energy = splat<V>(0.0);
  for (let m = 0; m < memories; m++) {
    const memory = memoryAt(problem, m);
    const copiesUsed = utilizedInstances<V>(scratch, int(memory, at.M_FANOUTS_OUTSIDE));
    const leaking = int(memory, at.M_GATED) ? copiesUsed : splat<V>(real(memory, at.M_INSTANCES_F));
    const leak = mul<V>(mul<V>(splat<V>(real(memory, at.M_LEAK_F)), cycles), leaking);
    energy = add<V>(energy, add<V>(cell<V>(scratch, at.S_MEMORY_PJ + m), leak));
  }
  for (let f = 0; f < fanouts; f++) {
    let network = splat<V>(0.0);
    for (let t = 0; t < tensors; t++) {
      network = add<V>(network, cell<V>(scratch, at.S_NETWORK_PJ + f * at.MAX_TENSORS + t));
    }
    energy = add<V>(energy, network);
  }
  const units = int(problem, at.P_GATED)
    ? div<V>(splat<V>(real(problem, at.P_COMPUTES_F)), computeCycles)
    : splat<V>(real(problem, at.P_UNITS_F));
  const leak = mul<V>(mul<V>(splat<V>(real(problem, at.P_COMPUTE_LEAK_F)), cycles), units);
  energy = add<V>(energy, add<V>(splat<V>(real(problem, at.P_COMPUTE_PJ_F)), leak));
  store<V>(energyAt, add<V>(energy, illegal));
  store<V>(cyclesAt, cycles);
}

// Access energy of one memory (kept for `settle`), and the cycles its ports need.
function settleMemory<V>(problem: usize, plan: usize, scratch: usize, m: i32, tensors: i32): V {
  const memory = memoryAt(problem, m);
  const zero = splat<V>(0.0);
  const block = real(memory, at.M_BLOCK_F);
  const kept = int(plan, at.L_KEPT + (m << 2));
  const used = utilizedInstances<V>(scratch, int(memory, at.M_FANOUTS_OUTSIDE));
  let energy = zero;
  let readWords = zero;
  let filledWords = zero;
  let updatedWords = zero;
  for (let t = 0; t < tensors; t++) {
    if (!((kept >> t) & 1)) continue;
    const index = m * at.MAX_TENSORS + t;
    const output = int(tensorAt(problem, t), at.T_OUTPUT);
    const reads = cell<V>(scratch, at.S_READS + index);
    const fills = cell<V>(scratch, at.S_FILLS + index);
    const updates = cell<V>(scratch, at.S_UPDATES + index);
    const perElement = splat<V>(real(memory, at.M_WORDS_PER_ELEMENT_F + (t << 3)));
    const readHere = mul<V>(reads, perElement);
    const filledHere = mul<V>(fills, perElement);
    const updatedHere = mul<V>(updates, perElement);
    const reduced = cell<V>(scratch, at.S_REDUCTIONS + index);
    const addressed = add<V>(output ? updates : reads, fills);
    readWords = add<V>(readWords, readHere);
    filledWords = add<V>(filledWords, filledHere);
    updatedWords = add<V>(updatedWords, updatedHere);
    let access = mul<V>(accesses<V>(readHere, block), splat<V>(real(memory, at.M_READ_PJ_F)));
    access = add<V>(access, mul<V>(accesses<V>(filledHere, block), splat<V>(real(memory, at.M_FILL_PJ_F))));
    access = add<V>(access, mul<V>(accesses<V>(updatedHere, block), splat<V>(real(memory, at.M_UPDATE_PJ_F))));
    access = add<V>(access, mul<V>(addressed, splat<V>(real(memory, at.M_ADDRESS_PJ_F))));
    access = add<V>(access, mul<V>(reduced, splat<V>(real(memory, at.M_REDUCTION_PJ_F))));
    energy = add<V>(energy, mul<V>(access, used));
  }
  setCell<V>(scratch, at.S_MEMORY_PJ + m, energy);
  if (!int(memory, at.M_LIMITED)) return zero;
  const writtenWords = add<V>(filledWords, updatedWords);
  let busy = div<V>(readWords, splat<V>(real(memory, at.M_READ_BANDWIDTH_F)));
  busy = larger<V>(busy, div<V>(writtenWords, splat<V>(real(memory, at.M_WRITE_BANDWIDTH_F))));
  busy = larger<V>(busy, div<V>(add<V>(readWords, writtenWords), splat<V>(real(memory, at.M_SHARED_BANDWIDTH_F))));
  return ceiling<V>(busy);
}

// Accesses of `block` words each; dividing by 1 would change nothing.
// @ts-ignore: decorator
@inline
function accesses<V>(words: V, block: f64): V {
  return ceiling<V>(block == 1 ? words : div<V>(words, splat<V>(block)));
}

// @ts-ignore: decorator
@inline
function utilizedInstances<V>(scratch: usize, fanoutsOutside: i32): V {
  let product = splat<V>(1.0);
  for (let f = 0; f < fanoutsOutside; f++) product = mul<V>(product, cell<V>(scratch, at.S_FAN + f));
  return product;
}
