// The cost model over a batch of mappings that share one structure, a block of lanes at a time: each function takes
// one decision about the structure, then does its arithmetic for every lane. The readable specification is
// src/model/evaluate.ts; this repeats its arithmetic in the same order. Memory: layout.ts.
import * as at from './layout';
import {
  add, ceiling, div, infinityWhereGreater, larger, magnitude, mul, smaller, splat, sub,
} from './vector';

const BLOCK: usize = <usize>at.CELL;

// Energies and cycles of lanes 0 … count−1 (rounded up to a full block). A lane whose tiles overflow a memory, miss
// its floor, or whose loops overflow a fanout gets infinite energy.
export function evaluateLanes<V>(
  problem: usize, plan: usize, scratch: usize, factors: usize, results: usize, batch: i32, count: i32,
): void {
  for (let lane = 0; lane < count; lane += at.BLOCK_LANES) {
    walk<V>(problem, plan, scratch, factors + ((<usize>lane) << 3), batch);
    moveWords<V>(problem, plan, scratch);
    settle<V>(problem, plan, scratch);
    refuse<V>(problem, scratch);
    const energy = results + ((<usize>lane) << 3);
    memory.copy(energy, cell(scratch, at.S_ENERGY), BLOCK);
    memory.copy(energy + ((<usize>batch) << 3), cell(scratch, at.S_CYCLES), BLOCK);
  }
}

// ---- cells and records ----

// @ts-ignore: decorator
@inline
function cell(scratch: usize, index: i32): usize {
  return scratch + (<usize>index) * BLOCK;
}

// @ts-ignore: decorator
@inline
function fill<V>(address: usize, value: f64): void {
  const all = splat<V>(value);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) store<V>(address + u, all);
}

// @ts-ignore: decorator
@inline
function copy<V>(to: usize, from: usize): void {
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) store<V>(to + u, load<V>(from + u));
}

// @ts-ignore: decorator
@inline
function multiply<V>(to: usize, by: usize): void {
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) store<V>(to + u, mul<V>(load<V>(to + u), load<V>(by + u)));
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

// One byte per temporal loop, innermost first: its dimension.
// @ts-ignore: decorator
@inline
function temporalDims(problem: usize, plan: usize): usize {
  return keepersOf(plan, int(problem, at.P_TENSORS));
}

// ---- one pass outward: extents, strides, tiles, copies ----

function walk<V>(problem: usize, plan: usize, scratch: usize, column: usize, batch: i32): void {
  clear<V>(problem, scratch);
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
    const bounds = column + ((<usize>(row * batch)) << 3);
    const extents = cell(scratch, at.S_EXTENTS + d);
    if (kind == at.TEMPORAL) placeLoop<V>(scratch, temporal++, bounds, extents);
    else spread<V>(scratch, op, d, bounds, extents);
  }
  const fanouts = int(problem, at.P_FANOUTS);
  fill<V>(cell(scratch, at.S_INSTANCES), 1.0);
  for (let f = 0; f < fanouts; f++) {
    copy<V>(cell(scratch, at.S_INSTANCES + f + 1), cell(scratch, at.S_INSTANCES + f));
    multiply<V>(cell(scratch, at.S_INSTANCES + f + 1), cell(scratch, at.S_FAN + f));
  }
}

function clear<V>(problem: usize, scratch: usize): void {
  const dims = int(problem, at.P_DIMS);
  const fanouts = int(problem, at.P_FANOUTS);
  const memories = int(problem, at.P_MEMORIES);
  for (let d = 0; d < dims; d++) fill<V>(cell(scratch, at.S_EXTENTS + d), 1.0);
  for (let m = 0; m < memories; m++) fill<V>(cell(scratch, at.S_USED + m), 0.0);
  for (let f = 0; f < fanouts; f++) {
    fill<V>(cell(scratch, at.S_FAN + f), 1.0);
    fill<V>(cell(scratch, at.S_FAN_X + f), 1.0);
    fill<V>(cell(scratch, at.S_FAN_Y + f), 1.0);
    for (let d = 0; d < dims; d++) fill<V>(cell(scratch, at.S_FAN_FACTORS + f * at.MAX_DIMS + d), 1.0);
  }
  fill<V>(cell(scratch, at.S_COMPUTE_CYCLES), 1.0);
}

// @ts-ignore: decorator
@inline
function placeLoop<V>(scratch: usize, j: i32, bounds: usize, extents: usize): void {
  const strideCell = cell(scratch, at.S_STRIDES + j);
  const boundCell = cell(scratch, at.S_BOUNDS + j);
  const cycles = cell(scratch, at.S_COMPUTE_CYCLES);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const bound = load<V>(bounds + u);
    const extent = load<V>(extents + u);
    store<V>(strideCell + u, extent);
    store<V>(boundCell + u, bound);
    store<V>(extents + u, mul<V>(extent, bound));
    store<V>(cycles + u, mul<V>(load<V>(cycles + u), bound));
  }
}

// @ts-ignore: decorator
@inline
function spread<V>(scratch: usize, op: usize, d: i32, bounds: usize, extents: usize): void {
  const f = int(op, at.OP_FANOUT);
  const pair = f * at.MAX_DIMS + d;
  if (int(op, at.OP_FIRST)) copy<V>(cell(scratch, at.S_FAN_STRIDES + pair), extents);
  multiply<V>(cell(scratch, (int(op, at.OP_AXIS) ? at.S_FAN_Y : at.S_FAN_X) + f), bounds);
  multiply<V>(cell(scratch, at.S_FAN + f), bounds);
  multiply<V>(cell(scratch, at.S_FAN_FACTORS + pair), bounds);
  multiply<V>(extents, bounds);
}

function measureTiles<V>(problem: usize, scratch: usize, station: i32, m: i32, mask: i32): void {
  const tensors = int(problem, at.P_TENSORS);
  const memory = memoryAt(problem, m);
  const used = cell(scratch, at.S_USED + m);
  for (let t = 0; t < tensors; t++) {
    if (!((mask >> t) & 1)) continue;
    const tensor = tensorAt(problem, t);
    const index = station * at.MAX_TENSORS + t;
    const tile = cell(scratch, at.S_TILES + index);
    fill<V>(tile, 1.0);
    const hard = int(tensor, at.T_HARD);
    for (let r = 0; r < hard; r++) widenHard<V>(scratch, tensor, r, tile);
    const soft = int(tensor, at.T_SOFT);
    for (let r = 0; r < soft; r++) widenSoft<V>(scratch, tensor, r, tile, cell(scratch, at.S_SPANS + 2 * index + r));
    if (soft == 1) fill<V>(cell(scratch, at.S_SPANS + 2 * index + 1), 1.0);
    const perElement = splat<V>(real(memory, at.M_WORDS_PER_ELEMENT_F + (t << 3)));
    for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
      store<V>(used + u, add<V>(load<V>(used + u), mul<V>(load<V>(tile + u), perElement)));
    }
  }
}

// A rank of one term: `1 + |coefficient|·(extent−1)` words.
// @ts-ignore: decorator
@inline
function widenHard<V>(scratch: usize, tensor: usize, r: i32, tile: usize): void {
  const extents = cell(scratch, at.S_EXTENTS + int(tensor, at.T_HARD_DIMS + (r << 2)));
  const coefficient = real(tensor, at.T_HARD_COEFFICIENTS_F + (r << 3));
  if (coefficient == 1) {
    multiply<V>(tile, extents);
    return;
  }
  const one = splat<V>(1.0);
  const scale = splat<V>(coefficient);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const span = add<V>(one, mul<V>(scale, sub<V>(load<V>(extents + u), one)));
    store<V>(tile + u, mul<V>(load<V>(tile + u), span));
  }
}

// A rank of two terms; its span is kept too.
// @ts-ignore: decorator
@inline
function widenSoft<V>(scratch: usize, tensor: usize, r: i32, tile: usize, spans: usize): void {
  const dims = tensor + <usize>(r << 3);
  const coefficients = tensor + <usize>(r << 4);
  const first = cell(scratch, at.S_EXTENTS + int(dims, at.T_SOFT_DIMS));
  const second = cell(scratch, at.S_EXTENTS + int(dims, at.T_SOFT_DIMS + 4));
  const a = splat<V>(abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F)));
  const b = splat<V>(abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F + 8)));
  const one = splat<V>(1.0);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const reach = mul<V>(a, sub<V>(load<V>(first + u), one));
    const span = add<V>(one, add<V>(reach, mul<V>(b, sub<V>(load<V>(second + u), one))));
    store<V>(spans + u, span);
    store<V>(tile + u, mul<V>(load<V>(tile + u), span));
  }
}

// ---- words each tensor moves ----

function moveWords<V>(problem: usize, plan: usize, scratch: usize): void {
  const tensors = int(problem, at.P_TENSORS);
  for (let t = 0; t < tensors; t++) {
    if (int(tensorAt(problem, t), at.T_OUTPUT)) moveOutput<V>(problem, plan, scratch, t);
    else moveOperand<V>(problem, plan, scratch, t);
  }
}

// Read-only: each keeper reads what its child fetches, once for all copies that share a box.
function moveOperand<V>(problem: usize, plan: usize, scratch: usize, t: i32): void {
  const keepers = keepersOf(plan, t);
  const count = int(keepers, 0);
  const words = cell(scratch, at.S_WORDS);
  const inner = cell(scratch, at.S_INNER);
  copy<V>(words, cell(scratch, at.S_COMPUTE_CYCLES));
  let fanout = int(problem, at.P_FANOUTS);
  for (let k = 0; k < count; k++) {
    const keeper = keepers + <usize>(k * at.KEEPER);
    const outside = int(keeper, at.K_FANOUTS);
    while (fanout > outside) {
      fanout--;
      copy<V>(inner, words);
      share<V>(problem, scratch, t, fanout, at.F_MULTICAST, words);
      chargeOperand<V>(problem, scratch, t, fanout);
    }
    const index = int(keeper, at.K_MEMORY) * at.MAX_TENSORS + t;
    copy<V>(cell(scratch, at.S_READS + index), words);
    fill<V>(cell(scratch, at.S_REDUCTIONS + index), 0.0);
    fill<V>(cell(scratch, at.S_UPDATES + index), 0.0);
    if (k + 1 < count) tileTraffic<V>(problem, plan, scratch, t, keeper, words);
    else fill<V>(words, 0.0);
    copy<V>(cell(scratch, at.S_FILLS + index), words);
  }
}

// The output: partial sums leave each point of the path (`words`), `held` distinct ones ever pass it, the rest come
// down again, unless the keeper that serves them cannot tell first updates (`rmwFirstUpdate`).
function moveOutput<V>(problem: usize, plan: usize, scratch: usize, t: i32): void {
  const keepers = keepersOf(plan, t);
  const count = int(keepers, 0);
  const relevant = int(tensorAt(problem, t), at.T_RELEVANT);
  const up = cell(scratch, at.S_WORDS);
  const inner = cell(scratch, at.S_INNER);
  const held = cell(scratch, at.S_HELD);
  copy<V>(up, cell(scratch, at.S_COMPUTE_CYCLES));
  holdTemporal<V>(problem, plan, scratch, relevant, held);
  let fanout = int(problem, at.P_FANOUTS);
  let child: i32 = -1;
  for (let k = 0; k < count; k++) {
    const keeper = keepers + <usize>(k * at.KEEPER);
    const m = int(keeper, at.K_MEMORY);
    const index = m * at.MAX_TENSORS + t;
    const elided = int(memoryAt(problem, m), at.M_RMW) ? 0.0 : 1.0;
    if (child >= 0) returning<V>(scratch, elided, cell(scratch, at.S_FILLS + child));
    const outside = int(keeper, at.K_FANOUTS);
    while (fanout > outside) {
      fanout--;
      copy<V>(inner, up);
      passUp<V>(problem, scratch, t, relevant, fanout, elided);
    }
    const down = cell(scratch, at.S_REDUCTIONS + index);
    returning<V>(scratch, elided, down);
    copy<V>(cell(scratch, at.S_UPDATES + index), up);
    fill<V>(cell(scratch, at.S_FILLS + index), 0.0);
    if (k + 1 < count) tileTraffic<V>(problem, plan, scratch, t, keeper, up);
    else fill<V>(up, 0.0);
    const reads = cell(scratch, at.S_READS + index);
    copy<V>(reads, down);
    if (int(memoryAt(problem, m), at.M_DRAIN_READS)) accumulate<V>(reads, up);
    child = index;
  }
}

// @ts-ignore: decorator
@inline
function accumulate<V>(to: usize, from: usize): void {
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) store<V>(to + u, add<V>(load<V>(to + u), load<V>(from + u)));
}

// Partial sums that come down again at this point of an output's path.
// @ts-ignore: decorator
@inline
function returning<V>(scratch: usize, elided: f64, to: usize): void {
  const up = cell(scratch, at.S_WORDS);
  const held = cell(scratch, at.S_HELD);
  const first = splat<V>(elided);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    store<V>(to + u, sub<V>(load<V>(up + u), mul<V>(load<V>(held + u), first)));
  }
}

// Outputs through one fanout on their way up: merge, and charge both directions.
function passUp<V>(problem: usize, scratch: usize, t: i32, relevant: i32, f: i32, elided: f64): void {
  const up = cell(scratch, at.S_WORDS);
  const held = cell(scratch, at.S_HELD);
  const before = cell(scratch, at.S_SUM);
  const after = cell(scratch, at.S_SUM + 1);
  returning<V>(scratch, elided, before);
  share<V>(problem, scratch, t, f, at.F_REDUCTION, up);
  const dims = int(problem, at.P_DIMS);
  for (let d = 0; d < dims; d++) {
    if ((relevant >> d) & 1) multiply<V>(held, cell(scratch, at.S_FAN_FACTORS + f * at.MAX_DIMS + d));
  }
  const fanout = fanoutAt(problem, f);
  if (!int(fanout, at.F_CHARGED)) return;
  returning<V>(scratch, elided, after);
  const inner = cell(scratch, at.S_INNER);
  const children = cell(scratch, at.S_FAN + f);
  const networks = cell(scratch, at.S_INSTANCES + f);
  const energy = cell(scratch, at.S_NETWORK_PJ + f * at.MAX_TENSORS + t);
  const merges = int(fanout, at.F_REDUCTION) ? splat<V>(1.0) : splat<V>(0.0);
  const hopPj = splat<V>(real(fanout, at.F_HOP_PJ_F));
  const ingressPj = splat<V>(real(fanout, at.F_INGRESS_PJ_F));
  const reductionPj = splat<V>(real(fanout, at.F_REDUCTION_PJ_F));
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const copies = load<V>(children + u);
    const nets = load<V>(networks + u);
    const out = load<V>(up + u);
    const hops = mul<V>(mul<V>(add<V>(load<V>(inner + u), load<V>(before + u)), copies), nets);
    const distinct = mul<V>(add<V>(out, load<V>(after + u)), nets);
    const merged = mul<V>(merges, mul<V>(sub<V>(mul<V>(load<V>(inner + u), copies), out), nets));
    store<V>(energy + u, add<V>(add<V>(mul<V>(hops, hopPj), mul<V>(distinct, ingressPj)), mul<V>(merged, reductionPj)));
  }
}

// `inner` words pass each child's link, `words` enter each network from outside.
// @ts-ignore: decorator
@inline
function chargeOperand<V>(problem: usize, scratch: usize, t: i32, f: i32): void {
  const fanout = fanoutAt(problem, f);
  if (!int(fanout, at.F_CHARGED)) return;
  const inner = cell(scratch, at.S_INNER);
  const words = cell(scratch, at.S_WORDS);
  const children = cell(scratch, at.S_FAN + f);
  const networks = cell(scratch, at.S_INSTANCES + f);
  const energy = cell(scratch, at.S_NETWORK_PJ + f * at.MAX_TENSORS + t);
  const hopPj = splat<V>(real(fanout, at.F_HOP_PJ_F));
  const ingressPj = splat<V>(real(fanout, at.F_INGRESS_PJ_F));
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const nets = load<V>(networks + u);
    const hops = mul<V>(mul<V>(load<V>(inner + u), load<V>(children + u)), nets);
    const distinct = mul<V>(load<V>(words + u), nets);
    store<V>(energy + u, add<V>(mul<V>(hops, hopPj), mul<V>(distinct, ingressPj)));
  }
}

// Words a station exchanges: |A| + Σ_j (n_j−1)·(Π outer n)·|A \ (A+δ_j)| over the temporal loops outside it.
// @ts-ignore: decorator
@inline
function tileTraffic<V>(problem: usize, plan: usize, scratch: usize, t: i32, keeper: usize, to: usize): void {
  const tensor = tensorAt(problem, t);
  const index = int(keeper, at.K_STATION) * at.MAX_TENSORS + t;
  const inside = int(keeper, at.K_TEMPORAL);
  const loops = int(plan, at.L_TEMPORAL);
  const dims = temporalDims(problem, plan);
  if (int(tensor, at.T_SOFT) == 0) refetch<V>(scratch, tensor, dims, inside, loops, index, to);
  else slide<V>(scratch, tensor, dims, inside, loops, index, to);
}

// Without windows a loop refetches the whole tile, unless it and all inside it leave the tensor alone.
function refetch<V>(
  scratch: usize, tensor: usize, dims: usize, inside: i32, loops: i32, index: i32, to: usize,
): void {
  const one = splat<V>(1.0);
  const relevant = int(tensor, at.T_RELEVANT);
  const moved = cell(scratch, at.S_MOVED);
  copy<V>(to, cell(scratch, at.S_TILES + index));
  fill<V>(moved, 0.0);
  for (let j = inside; j < loops; j++) {
    const bounds = cell(scratch, at.S_BOUNDS + j);
    if ((relevant >> load<u8>(dims + j)) & 1) {
      for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
        const bound = load<V>(bounds + u);
        store<V>(to + u, mul<V>(load<V>(to + u), bound));
        store<V>(moved + u, smaller<V>(one, add<V>(load<V>(moved + u), sub<V>(bound, one))));
      }
    } else {
      for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
        const more = mul<V>(sub<V>(load<V>(bounds + u), one), load<V>(moved + u));
        store<V>(to + u, mul<V>(load<V>(to + u), add<V>(one, more)));
      }
    }
  }
}

// With windows: a and b are the spans of the two soft ranks, the travels how far the loops so far have carried the
// tile along them, `moved` 1 once a hard rank has moved, so that nothing overlaps. The hard ranks' words are a
// common factor.
function slide<V>(
  scratch: usize, tensor: usize, dims: usize, inside: i32, loops: i32, index: i32, to: usize,
): void {
  const one = splat<V>(1.0);
  const relevant = int(tensor, at.T_RELEVANT);
  const moved = cell(scratch, at.S_MOVED);
  const travelX = cell(scratch, at.S_TRAVEL_X);
  const travelY = cell(scratch, at.S_TRAVEL_Y);
  const spanX = cell(scratch, at.S_SPANS + 2 * index);
  const spanY = cell(scratch, at.S_SPANS + 2 * index + 1);
  fill<V>(to, 0.0);
  fill<V>(moved, 0.0);
  fill<V>(travelX, 0.0);
  fill<V>(travelY, 0.0);
  const terms = int(tensor, at.T_SOFT) << 1;
  for (let j = inside; j < loops; j++) {
    const bounds = cell(scratch, at.S_BOUNDS + j);
    const strides = cell(scratch, at.S_STRIDES + j);
    const d = <i32>load<u8>(dims + j);
    const term = softTerm(tensor, terms, d);
    if (term < 0 && (relevant >> d) & 1) {
      leave<V>(bounds, to, moved, spanX, spanY);
      continue;
    }
    const coefficient = term < 0 ? 0.0 : real(tensor, at.T_SOFT_COEFFICIENTS_F + (term << 3));
    const stepX = splat<V>(term < 2 ? coefficient : 0.0);
    const stepY = splat<V>(term < 2 ? 0.0 : coefficient);
    for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
      const bound = load<V>(bounds + u);
      const stride = load<V>(strides + u);
      const more = sub<V>(bound, one);
      const a = load<V>(spanX + u);
      const b = load<V>(spanY + u);
      const x = load<V>(travelX + u);
      const y = load<V>(travelY + u);
      const shiftX = mul<V>(stepX, stride);
      const shiftY = mul<V>(stepY, stride);
      const overlapX = larger<V>(splat<V>(0.0), sub<V>(a, magnitude<V>(sub<V>(shiftX, x))));
      const overlapY = larger<V>(splat<V>(0.0), sub<V>(b, magnitude<V>(sub<V>(shiftY, y))));
      const still = sub<V>(one, load<V>(moved + u));
      const fresh = sub<V>(mul<V>(a, b), mul<V>(still, mul<V>(overlapX, overlapY)));
      store<V>(to + u, add<V>(mul<V>(bound, load<V>(to + u)), mul<V>(more, fresh)));
      store<V>(travelX + u, add<V>(x, mul<V>(more, shiftX)));
      store<V>(travelY + u, add<V>(y, mul<V>(more, shiftY)));
    }
  }
  const tile = cell(scratch, at.S_TILES + index);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const window = mul<V>(load<V>(spanX + u), load<V>(spanY + u));
    const words = add<V>(window, load<V>(to + u));
    store<V>(to + u, mul<V>(div<V>(load<V>(tile + u), window), words));
  }
}

// A loop along a hard rank: the tile leaves its old place entirely.
// @ts-ignore: decorator
@inline
function leave<V>(bounds: usize, to: usize, moved: usize, spanX: usize, spanY: usize): void {
  const one = splat<V>(1.0);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const bound = load<V>(bounds + u);
    const more = sub<V>(bound, one);
    const window = mul<V>(load<V>(spanX + u), load<V>(spanY + u));
    store<V>(to + u, add<V>(mul<V>(bound, load<V>(to + u)), mul<V>(more, window)));
    store<V>(moved + u, smaller<V>(one, add<V>(load<V>(moved + u), more)));
  }
}

// Which of the soft terms a dimension is (two for each soft rank), or −1.
// @ts-ignore: decorator
@inline
function softTerm(tensor: usize, terms: i32, d: i32): i32 {
  for (let i = 0; i < terms; i++) if (int(tensor, at.T_SOFT_DIMS + (i << 2)) == d) return i;
  return -1;
}

// @ts-ignore: decorator
@inline
function holdTemporal<V>(problem: usize, plan: usize, scratch: usize, relevant: i32, held: usize): void {
  const dims = temporalDims(problem, plan);
  const loops = int(plan, at.L_TEMPORAL);
  fill<V>(held, 1.0);
  for (let j = 0; j < loops; j++) {
    if ((relevant >> load<u8>(dims + j)) & 1) multiply<V>(held, cell(scratch, at.S_BOUNDS + j));
  }
}

// ---- what copies share ----

// Multiplies by the transfers one fanout's copies need: one per distinct box, or one each where it cannot share.
function share<V>(problem: usize, scratch: usize, t: i32, f: i32, shares: i32, words: usize): void {
  if (!int(fanoutAt(problem, f), shares)) {
    multiply<V>(words, cell(scratch, at.S_FAN + f));
    return;
  }
  const tensor = tensorAt(problem, t);
  const hard = int(tensor, at.T_HARD);
  for (let r = 0; r < hard; r++) {
    const d = int(tensor, at.T_HARD_DIMS + (r << 2));
    multiply<V>(words, cell(scratch, at.S_FAN_FACTORS + f * at.MAX_DIMS + d));
  }
  const soft = int(tensor, at.T_SOFT);
  for (let r = 0; r < soft; r++) shareWindows(scratch, tensor, f, r, words);
}

function shareWindows(scratch: usize, tensor: usize, f: i32, r: i32, words: usize): void {
  const dims = tensor + <usize>(r << 3);
  const coefficients = tensor + <usize>(r << 4);
  const first = f * at.MAX_DIMS + int(dims, at.T_SOFT_DIMS);
  const second = f * at.MAX_DIMS + int(dims, at.T_SOFT_DIMS + 4);
  const c0 = abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F));
  const c1 = abs(real(coefficients, at.T_SOFT_COEFFICIENTS_F + 8));
  for (let u: usize = 0; u < BLOCK; u += 8) {
    const m = load<f64>(cell(scratch, at.S_FAN_FACTORS + first) + u);
    const n = load<f64>(cell(scratch, at.S_FAN_FACTORS + second) + u);
    let count = m * n;
    if (m > 1 && n > 1) {
      const p = c0 * load<f64>(cell(scratch, at.S_FAN_STRIDES + first) + u);
      const q = c1 * load<f64>(cell(scratch, at.S_FAN_STRIDES + second) + u);
      count -= metTwice(m, n, p, q);
    }
    store<f64>(words + u, load<f64>(words + u) * count);
  }
}

// Of the m·n sums of two arithmetic progressions with steps p and q, those that repeat an earlier one.
function metTwice(m: f64, n: f64, p: f64, q: f64): f64 {
  let common = <i32>p;
  let rest = <i32>q;
  while (rest != 0) {
    const next = common % rest;
    common = rest;
    rest = next;
  }
  return max<f64>(0, m - q / <f64>common) * max<f64>(0, n - p / <f64>common);
}

// ---- what it costs ----

function settle<V>(problem: usize, plan: usize, scratch: usize): void {
  const memories = int(problem, at.P_MEMORIES);
  const cycles = cell(scratch, at.S_CYCLES);
  const latency = splat<V>(real(problem, at.P_LATENCY_F));
  copy<V>(cycles, cell(scratch, at.S_COMPUTE_CYCLES));
  for (let m = 0; m < memories; m++) settleMemory<V>(problem, plan, scratch, m);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) store<V>(cycles + u, add<V>(load<V>(cycles + u), latency));
  const energy = cell(scratch, at.S_ENERGY);
  fill<V>(energy, 0.0);
  for (let m = 0; m < memories; m++) addMemory<V>(problem, scratch, m);
  addNetworks<V>(problem, scratch);
  addCompute<V>(problem, scratch);
}

// Access energy of one memory, without leakage; and the cycles its ports need, if they are the most so far.
function settleMemory<V>(problem: usize, plan: usize, scratch: usize, m: i32): void {
  const tensors = int(problem, at.P_TENSORS);
  const memory = memoryAt(problem, m);
  const kept = int(plan, at.L_KEPT + (m << 2));
  fill<V>(cell(scratch, at.S_MEMORY_PJ + m), 0.0);
  for (let i = 0; i < 3; i++) fill<V>(cell(scratch, at.S_SUM + i), 0.0);
  for (let t = 0; t < tensors; t++) if ((kept >> t) & 1) settleTensor<V>(problem, scratch, memory, m, t);
  if (!int(memory, at.M_LIMITED)) return;
  const cycles = cell(scratch, at.S_CYCLES);
  const reads = cell(scratch, at.S_SUM);
  const fills = cell(scratch, at.S_SUM + 1);
  const updates = cell(scratch, at.S_SUM + 2);
  const read = splat<V>(real(memory, at.M_READ_BANDWIDTH_F));
  const write = splat<V>(real(memory, at.M_WRITE_BANDWIDTH_F));
  const shared = splat<V>(real(memory, at.M_SHARED_BANDWIDTH_F));
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const out = load<V>(reads + u);
    const written = add<V>(load<V>(fills + u), load<V>(updates + u));
    const busy = larger<V>(larger<V>(div<V>(out, read), div<V>(written, write)), div<V>(add<V>(out, written), shared));
    store<V>(cycles + u, larger<V>(load<V>(cycles + u), ceiling<V>(busy)));
  }
}

function settleTensor<V>(problem: usize, scratch: usize, memory: usize, m: i32, t: i32): void {
  const index = m * at.MAX_TENSORS + t;
  const reads = cell(scratch, at.S_READS + index);
  const fills = cell(scratch, at.S_FILLS + index);
  const updates = cell(scratch, at.S_UPDATES + index);
  const reductions = cell(scratch, at.S_REDUCTIONS + index);
  const addressed = int(tensorAt(problem, t), at.T_OUTPUT) ? updates : reads;
  const used = cell(scratch, at.S_INSTANCES + int(memory, at.M_FANOUTS_OUTSIDE));
  const energy = cell(scratch, at.S_MEMORY_PJ + m);
  const readSum = cell(scratch, at.S_SUM);
  const fillSum = cell(scratch, at.S_SUM + 1);
  const updateSum = cell(scratch, at.S_SUM + 2);
  const block = real(memory, at.M_BLOCK_F);
  const perElement = splat<V>(real(memory, at.M_WORDS_PER_ELEMENT_F + (t << 3)));
  const readPj = splat<V>(real(memory, at.M_READ_PJ_F));
  const fillPj = splat<V>(real(memory, at.M_FILL_PJ_F));
  const updatePj = splat<V>(real(memory, at.M_UPDATE_PJ_F));
  const addressPj = splat<V>(real(memory, at.M_ADDRESS_PJ_F));
  const reductionPj = splat<V>(real(memory, at.M_REDUCTION_PJ_F));
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const filled = load<V>(fills + u);
    const readWords = mul<V>(load<V>(reads + u), perElement);
    const fillWords = mul<V>(filled, perElement);
    const updateWords = mul<V>(load<V>(updates + u), perElement);
    store<V>(readSum + u, add<V>(load<V>(readSum + u), readWords));
    store<V>(fillSum + u, add<V>(load<V>(fillSum + u), fillWords));
    store<V>(updateSum + u, add<V>(load<V>(updateSum + u), updateWords));
    let access = mul<V>(accesses<V>(readWords, block), readPj);
    access = add<V>(access, mul<V>(accesses<V>(fillWords, block), fillPj));
    access = add<V>(access, mul<V>(accesses<V>(updateWords, block), updatePj));
    access = add<V>(access, mul<V>(add<V>(load<V>(addressed + u), filled), addressPj));
    access = add<V>(access, mul<V>(load<V>(reductions + u), reductionPj));
    store<V>(energy + u, add<V>(load<V>(energy + u), mul<V>(access, load<V>(used + u))));
  }
}

// Accesses of `block` words each; dividing by 1 would change nothing.
// @ts-ignore: decorator
@inline
function accesses<V>(words: V, block: f64): V {
  return ceiling<V>(block == 1 ? words : div<V>(words, splat<V>(block)));
}

function addMemory<V>(problem: usize, scratch: usize, m: i32): void {
  const memory = memoryAt(problem, m);
  const energy = cell(scratch, at.S_ENERGY);
  const access = cell(scratch, at.S_MEMORY_PJ + m);
  const cycles = cell(scratch, at.S_CYCLES);
  const used = cell(scratch, at.S_INSTANCES + int(memory, at.M_FANOUTS_OUTSIDE));
  const gated = int(memory, at.M_GATED);
  const instances = splat<V>(real(memory, at.M_INSTANCES_F));
  const leakPj = splat<V>(real(memory, at.M_LEAK_F));
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const leaking = gated ? load<V>(used + u) : instances;
    const leak = mul<V>(mul<V>(leakPj, load<V>(cycles + u)), leaking);
    store<V>(energy + u, add<V>(load<V>(energy + u), add<V>(load<V>(access + u), leak)));
  }
}

function addNetworks<V>(problem: usize, scratch: usize): void {
  const energy = cell(scratch, at.S_ENERGY);
  const fanouts = int(problem, at.P_FANOUTS);
  const tensors = int(problem, at.P_TENSORS);
  for (let f = 0; f < fanouts; f++) {
    if (!int(fanoutAt(problem, f), at.F_CHARGED)) continue;
    for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
      let network = splat<V>(0.0);
      for (let t = 0; t < tensors; t++) {
        network = add<V>(network, load<V>(cell(scratch, at.S_NETWORK_PJ + f * at.MAX_TENSORS + t) + u));
      }
      store<V>(energy + u, add<V>(load<V>(energy + u), network));
    }
  }
}

function addCompute<V>(problem: usize, scratch: usize): void {
  const energy = cell(scratch, at.S_ENERGY);
  const cycles = cell(scratch, at.S_CYCLES);
  const computeCycles = cell(scratch, at.S_COMPUTE_CYCLES);
  const gated = int(problem, at.P_GATED);
  const computes = splat<V>(real(problem, at.P_COMPUTES_F));
  const computePj = splat<V>(real(problem, at.P_COMPUTE_PJ_F));
  const units = splat<V>(real(problem, at.P_UNITS_F));
  const leakPj = splat<V>(real(problem, at.P_COMPUTE_LEAK_F));
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const leaking = gated ? div<V>(computes, load<V>(computeCycles + u)) : units;
    const leak = mul<V>(mul<V>(leakPj, load<V>(cycles + u)), leaking);
    store<V>(energy + u, add<V>(load<V>(energy + u), add<V>(computePj, leak)));
  }
}

// ---- legality that depends on the bounds ----

function refuse<V>(problem: usize, scratch: usize): void {
  const memories = int(problem, at.P_MEMORIES);
  for (let m = 0; m < memories; m++) {
    const memory = memoryAt(problem, m);
    const used = cell(scratch, at.S_USED + m);
    refuseAbove<V>(scratch, used, real(memory, at.M_USABLE_F));
    if (real(memory, at.M_FLOOR_F) > 0) refuseBelow<V>(scratch, used, real(memory, at.M_FLOOR_F));
  }
  const fanouts = int(problem, at.P_FANOUTS);
  for (let f = 0; f < fanouts; f++) {
    refuseAbove<V>(scratch, cell(scratch, at.S_FAN_X + f), real(fanoutAt(problem, f), at.F_X_F));
    refuseAbove<V>(scratch, cell(scratch, at.S_FAN_Y + f), real(fanoutAt(problem, f), at.F_Y_F));
  }
}

function refuseAbove<V>(scratch: usize, amounts: usize, limit: f64): void {
  const energy = cell(scratch, at.S_ENERGY);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const penalty = infinityWhereGreater<V>(load<V>(amounts + u), splat<V>(limit));
    store<V>(energy + u, add<V>(load<V>(energy + u), penalty));
  }
}

function refuseBelow<V>(scratch: usize, amounts: usize, limit: f64): void {
  const energy = cell(scratch, at.S_ENERGY);
  for (let u: usize = 0; u < BLOCK; u += sizeof<V>()) {
    const penalty = infinityWhereGreater<V>(splat<V>(limit), load<V>(amounts + u));
    store<V>(energy + u, add<V>(load<V>(energy + u), penalty));
  }
}
