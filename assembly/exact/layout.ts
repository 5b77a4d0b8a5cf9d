// Where everything of the exact search lies, in bytes. src/search/exact/memory.ts reads these constants from the module
// and owns the map. i32 or a pointer unless a name ends in F (f64).
//
//   header │ lattice tables │ stages, each with its tables │ two stage tables │ pool: labels, trace, mask pages → grows
//
//   lattice   a node is one divisor per dimension (mixed radix, last dimension fastest): the extents reached so far
//   stage     one node of the architecture, innermost first; stage 0 is the compute unit
//   table     heads[node] → list of labels, touched[…] = nodes with labels
//   label     next, trace, flags │ bound, parallelism, leak │ m[T] │ dead[T] │ (f, q, copies, wc[T]) per functional │ runs │ share
//   trace     (parent, node, stage and keep set), 12 bytes, only of labels that were kept
//
// header
export const H_DIMS: i32 = 0;
export const H_TENSORS: i32 = 4;
export const H_NODES: i32 = 8;
export const H_FUNCTIONALS: i32 = 12;
export const H_MAX_RUNS: i32 = 16;
export const H_LABEL: i32 = 20; // bytes of a label
export const H_OUTPUT: i32 = 24; // the read-write tensor
export const H_HAS_ENERGY: i32 = 28; // functional 0 is energy
export const H_RADIX: i32 = 32; // most divisors of any dimension
export const H_FUNCTIONAL_BYTES: i32 = 36;
export const H_RUN_BYTES: i32 = 40;
export const H_FUNCTIONALS_AT: i32 = 44; // within a label
export const H_RUNS_AT: i32 = 48;
export const H_OBJECTIVE: i32 = 52;
export const H_FRONT_COUNT: i32 = 56;
export const H_FRONT_ROOM: i32 = 60;
export const H_DIGITS: i32 = 64; // u8[node][dim]
export const H_STRIDES: i32 = 68; // i32[dim]
export const H_DIVISORS: i32 = 72; // i32[dim][radix]
export const H_PRODUCTS: i32 = 76; // u8[dim][radix][radix]: digit of the product, 255 if none
export const H_ROWS: i32 = 80; // row[node]: trips (Π bound / extent), then the three below, f64[tensor] each
export const H_LEAST: i32 = 84; // within a row: least number of times a tile of this node is moved
export const H_HARD_TRIPS: i32 = 88;
export const H_WORDS: i32 = 92;
export const H_RELEVANT: i32 = 96; // i32[tensor]: mask of dims
export const H_HARD: i32 = 100; // i32[tensor]: mask of dims that index a rank alone
export const H_WINDOWS: i32 = 104; // window[tensor]
export const H_STEPS: i32 = 108; // (offset, count)[dim][radix] then i32 values: strides a later loop may have
export const H_SPREADS: i32 = 112; // the same: displacements later loops may add up to
export const H_IN_HEADS: i32 = 116;
export const H_IN_TOUCHED: i32 = 120;
export const H_IN_COUNT: i32 = 124;
export const H_OUT_HEADS: i32 = 128;
export const H_OUT_TOUCHED: i32 = 132;
export const H_OUT_COUNT: i32 = 136;
export const H_MASKS: i32 = 140; // pointer[2^dims + 2^tensors] to pages: count, touched[nodes], heads[nodes]
export const H_FREE_LABEL: i32 = 144;
export const H_FREE_PAGE: i32 = 148;
export const H_BUMP: i32 = 152;
export const H_TRACE: i32 = 156;
export const H_TRACE_END: i32 = 160;
export const H_FULL: i32 = 164; // set once memory ran out: some labels were given up
export const H_WORK: i32 = 168; // a label to work on
export const H_WORK2: i32 = 172;
export const H_FRONT: i32 = 176; // (energy, cycles, trace, –)[…], cycles ascending
export const H_DISTINCT: i32 = 180; // f64[tensor]: scratch
export const H_BEST_TRACE: i32 = 184;
export const H_MARKS: i32 = 188; // bytes: scratch to count distinct offsets
export const H_MACS_F: i32 = 192;
export const H_OUTPUT_WORDS_F: i32 = 200;
export const H_BEST_F: i32 = 208;
export const H_CUT_F: i32 = 216; // a bound times this that reaches the best is cut: 1 + gap
export const H_GIVEN_UP_F: i32 = 224; // least bound among labels given up (gap, memory, time)
export const H_ENERGY_F: i32 = 232; // energy no mapping changes
export const H_LATENCY_F: i32 = 240; // cycles no mapping changes
export const H_LEAK_F: i32 = 248; // per cycle, of everything ungated
export const H_ENERGY_LIMIT_F: i32 = 256;
export const H_CYCLES_LIMIT_F: i32 = 264;
export const H_ENERGY_WEIGHT_F: i32 = 272;
export const H_CYCLES_WEIGHT_F: i32 = 280;
export const H_MIN_UNITS_F: i32 = 288;
export const H_GENERATED_F: i32 = 296;
export const H_CUT_BOUND_F: i32 = 304;
export const H_CUT_DOMINATED_F: i32 = 312;
export const H_CUT_CAPACITY_F: i32 = 320;
export const H_KEPT_F: i32 = 328;
export const H_BOUND_ENERGY_F: i32 = 336;
export const H_BOUND_CYCLES_F: i32 = 344;
export const H_BEST_ENERGY_F: i32 = 352;
export const H_BEST_CYCLES_F: i32 = 360;
export const H_LIVE_F: i32 = 368; // labels held now
export const H_MEMORY_F: i32 = 376; // most bytes the pool may reach
export const H_TOLERANCE: i32 = 384; // f64[functional]: differences that are rounding
export const H_STAGES: i32 = 388; // pointer[stage], innermost first, then 0
export const H_LOW_F: i32 = 392;
export const H_HIGH_F: i32 = 400;
export const H_ROW_BYTES: i32 = 408;
export const H_PRIMES: i32 = 412; // u8[dim][radix][radix]: 1 where one divisor is a prime times the other
export const H_MIRROR: i32 = 416; // i32[node]: mirror image under an exchange of dimensions, or 0
export const H_MIRROR_WINDOWS: i32 = 420; // u8[tensor][MAX_WINDOWS]: where each window goes
export const H_PARTS: i32 = 424; // u8[node]: the part that explores what reaches it through the outermost array
export const H_PART: i32 = 428; // the one at work; −1 for all at once
export const H_SPARE_HEADS: i32 = 432; // a third stage table, for what every part begins with
export const H_SPARE_TOUCHED: i32 = 436;
export const H_QUOTIENTS: i32 = 440; // u8[dim][radix][radix]: digit of the quotient, 255 if none
export const H_SHARE_AT: i32 = 444; // within a label; 0 if all mappings are even
export const H_UNEVEN: i32 = 448; // 1: stations of one memory may lie apart; 0: an even pass
export const H_QUANTITIES: i32 = 452; // functionals that are energy or ports; behind them those that count accesses
export const H_BLOCKS: i32 = 456; // f64[functional behind H_QUANTITIES][3]: words of an element, words of a block, pJ of a block
export const H_FROM: i32 = 460; // the node at which an array or a mask page goes on
export const H_MASK: i32 = 464; // the page at which a memory goes on
export const H_PAUSE_F: i32 = 472; // labels made until then are enough for one step
export const HEADER: i32 = 480;

// a tensor's windows: its ranks of several terms
export const W_COUNT: i32 = 0;
export const W_SETTLES: i32 = 4; // overlap of later loops can be foretold: two terms a rank, positive coefficients
export const W_RANKS: i32 = 8;
export const W_TERMS: i32 = 0; // of a rank: number of terms, then (dim, coefficient) pairs
export const W_PAIRS: i32 = 4;
export const MAX_TERMS: i32 = 4;
export const WINDOW_RANK: i32 = 4 + MAX_TERMS * 8;
export const MAX_WINDOWS: i32 = 3;
export const WINDOW: i32 = 8 + MAX_WINDOWS * WINDOW_RANK;

// stage; the coefficient tables are f64[functional][tensor] or f64[functional]
export const S_KIND: i32 = 0;
export const S_TOP: i32 = 4; // outermost memory
export const S_NUMBER: i32 = 8;
export const S_KEEPS: i32 = 12; // i32[keep sets]
export const S_KEEP_COUNT: i32 = 16;
export const S_ALLOWED: i32 = 20; // u8[dim][radix][radix]: a loop may lead from one digit to the other
export const S_ORDERED: i32 = 24; // loop orders are constrained
export const S_INSIDE: i32 = 28; // i32[dim]: dims whose loops must lie inside
export const S_BOUND_IN: i32 = 32; // pointer[functional] to f64[node]: least cost of closing this memory and all outside; if uneven, behind it the same for every set of tensors still without a station
export const S_BOUND_OUT: i32 = 36; // the same once it is closed
export const S_VECTORS: i32 = 40; // u8[vector][dim]: digits
export const S_VECTOR_COUNT: i32 = 44;
export const S_COPIES: i32 = 48; // f64[vector], descending
export const S_SHARES: i32 = 52; // mask of tensors that equal copies share
export const S_PORTS_INSIDE: i32 = 56; // u8[functional]: 1 for ports and accesses of memories inside this array
export const S_SPREAD: i32 = 60; // f64[node]: most copies that arrays outside can still make
export const S_EARLY: i32 = 64; // pointer[tensor] to the stage that serves it, if known and no array lies between
export const S_READ: i32 = 68; // per word a child asks for
export const S_FILL: i32 = 72;
export const S_HOP: i32 = 76;
export const S_DISTINCT: i32 = 80;
export const S_READ_CREDIT: i32 = 84; // f64[functional]
export const S_FILL_CREDIT: i32 = 88;
export const S_HOP_CREDIT: i32 = 92;
export const S_DISTINCT_CREDIT: i32 = 96;
export const S_AHEAD_FIXED: i32 = 100; // least cost ahead of a pending word, whatever is shared
export const S_AHEAD_SHARED: i32 = 104; // and the part that sharing divides
export const S_AHEAD_MOST: i32 = 108;
export const S_SPREAD_OUTSIDE: i32 = 112; // f64[functional]: most copies of the memory that the functional counts at, still to come
export const S_ELEMENT_BITS: i32 = 116; // f64[tensor]
export const S_SERVED: i32 = 120; // credit of the output's reads was given early
export const S_LEGAL: i32 = 124; // f64[node]: most copies of a vector that divides this node
export const S_REQUIRED: i32 = 160; // mask of dims that must have a loop
export const S_USABLE_F: i32 = 128; // bits that tiles may take, and those they must
export const S_NEEDED_F: i32 = 136;
export const S_REDUCED_F: i32 = 144; // at most so many copies outside reduce into one output
export const S_LEAK_F: i32 = 152; // of one instance, power gated
export const S_UNEVEN: i32 = 164; // tensors may lie at different depths
export const S_RULED: i32 = 168; // of an uneven memory: mask of dims whose loops are limited or ordered
export const S_LIMITS: i32 = 172; // f64[dim][2]: least and most of the product of a dim's loops
export const S_RESTARTS: i32 = 176; // of an array: nothing inside stays stationary over the loops outside
export const S_PARENTS: i32 = 180; // i32[tensor]: number of the outermost stage that may serve it next
export const S_SHARED: i32 = 184; // f64[tensor]: at most so many copies up to there share a transfer
export const S_ONE_SHARED: i32 = 188; // of an array: the same of it alone
export const S_ONE_REDUCED_F: i32 = 192;
export const STAGE: i32 = 200;
export const MEMORY_STAGE: i32 = 0;
export const ARRAY_STAGE: i32 = 1;
export const COMPUTE_STAGE: i32 = 2;

// label
export const L_NEXT: i32 = 0;
export const L_TRACE: i32 = 4;
export const L_ALIVE: i32 = 8; // u8: tensors stationary since their keeper
export const L_OWNED: i32 = 9; // u8: tensors whose m belongs to their last run
export const L_RUNS: i32 = 10; // u8
export const L_BOUND_F: i32 = 16;
export const L_PARALLEL_F: i32 = 24;
export const L_LEAK_F: i32 = 32;
export const L_LOW_F: i32 = 40; // first functional, every pending coefficient at its least
export const L_HIGH_F: i32 = 48; // and at its most
export const L_ENERGY_F: i32 = 56; // least energy of its completions
export const L_PENDING_F: i32 = 64; // m[tensor], dead[tensor]

// functional within a label
export const F_PAID_F: i32 = 0;
export const F_CREDIT_F: i32 = 8;
export const F_COPIES_F: i32 = 16; // instances in use of the port's memory, as far as arrays have been spread
export const F_ALIVE_F: i32 = 24; // wc[tensor]

// run: a window sliding since its keeper
export const R_TENSOR: i32 = 0;
export const R_SPANS: i32 = 4;
export const R_MOVED: i32 = 16;
export const R_AREA_F: i32 = 32; // words of the window
export const R_COST_F: i32 = 40; // per word of the window and functional

// share: what an uneven memory's label has of it so far; zero between memories
export const SHARE_BITS_F: i32 = 0; // taken by the stations opened
export const SHARE_BEGAN: i32 = 8; // u8[dim]: digit of a ruled dim where the memory's loops began

// chain: one record per stage, innermost first: keep set, then u8 factor digit[dim], u8 dim[place] from inside out
export const C_KEEPS: i32 = 0;
export const C_DIGITS: i32 = 4;

// annealing
export const A_STATE: i32 = 0; // u64, not 0: of the random numbers
export const A_STAGES: i32 = 8; // pointer[stage]
export const A_COUNT: i32 = 12;
export const A_CHAIN: i32 = 16;
export const A_BEFORE: i32 = 20; // room for a chain each
export const A_BEST: i32 = 24;
export const A_PLACES: i32 = 28; // u8[stage][dim]: the dimension may have a loop there
export const A_VALUE_F: i32 = 32; // of the chain
export const A_HEAT_F: i32 = 40;
export const A_COOLING_F: i32 = 48;
export const ANNEALING: i32 = 56;

// trace record
export const T_PARENT: i32 = 0;
export const T_NODE: i32 = 4;
export const T_STEP: i32 = 8; // stage | keep set << 8 | MIRRORED | CLOSED when the memory's station for the set opens
export const TRACE: i32 = 12;
export const TRACE_CHUNK: i32 = 12 * 4096;
export const CLOSED: i32 = 1 << 30;
export const MIRRORED: i32 = 1 << 29; // everything inside stands for its mirror image

export const OBJECTIVE_ENERGY: i32 = 0;
export const OBJECTIVE_LATENCY: i32 = 1;
export const OBJECTIVE_EDP: i32 = 2;
export const OBJECTIVE_ED2P: i32 = 3;
export const OBJECTIVE_WEIGHTED: i32 = 4;
export const OBJECTIVE_FRONT: i32 = 5;
export const FRONT_POINT: i32 = 24;

// @ts-ignore: decorator
@inline
export function i(at: usize, offset: i32): i32 {
  return load<i32>(at + offset);
}

// @ts-ignore: decorator
@inline
export function pointer(at: usize, offset: i32): usize {
  return <usize>load<u32>(at + offset);
}

// @ts-ignore: decorator
@inline
export function f(at: usize, offset: i32): f64 {
  return load<f64>(at + offset);
}

/** Element of an f64 array. */
// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): f64 {
  return load<f64>(base + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
export function put(base: usize, index: i32, value: f64): void {
  store<f64>(base + (<usize>index << 3), value);
}

// @ts-ignore: decorator
@inline
export function word(base: usize, index: i32): i32 {
  return load<i32>(base + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function bump(p: usize, statistic: i32): void {
  store<f64>(p + statistic, load<f64>(p + statistic) + 1);
}

// @ts-ignore: decorator
@inline
export function functional(p: usize, label: usize, k: i32): usize {
  return label + i(p, H_FUNCTIONALS_AT) + k * i(p, H_FUNCTIONAL_BYTES);
}

/** Words of an element, words of a block and pJ of a block, of a functional that counts accesses. */
// @ts-ignore: decorator
@inline
export function blocksOf(p: usize, k: i32): usize {
  return pointer(p, H_BLOCKS) + 24 * (k - i(p, H_QUANTITIES));
}

// @ts-ignore: decorator
@inline
export function run(p: usize, label: usize, r: i32): usize {
  return label + i(p, H_RUNS_AT) + r * i(p, H_RUN_BYTES);
}

// @ts-ignore: decorator
@inline
export function runs(label: usize): i32 {
  return <i32>load<u8>(label + L_RUNS);
}

/** What the label has of the memory it is at, if that may be uneven; 0 where all mappings are even. */
// @ts-ignore: decorator
@inline
export function share(p: usize, label: usize): usize {
  const offset = i(p, H_SHARE_AT);
  return offset == 0 ? 0 : label + offset;
}

/** Words per fetch of the tensor's newest child, times the copies that asked separately so far. */
// @ts-ignore: decorator
@inline
export function pendingAt(label: usize, tensor: i32): usize {
  return label + L_PENDING_F + (<usize>tensor << 3);
}

/** Words already counted in full, on their way to the parent. */
// @ts-ignore: decorator
@inline
export function deadAt(p: usize, label: usize, tensor: i32): usize {
  return label + L_PENDING_F + (<usize>(tensor + i(p, H_TENSORS)) << 3);
}

// @ts-ignore: decorator
@inline
export function row(p: usize, node: i32): usize {
  return pointer(p, H_ROWS) + node * i(p, H_ROW_BYTES);
}

// @ts-ignore: decorator
@inline
export function trips(p: usize, node: i32): f64 {
  return load<f64>(row(p, node));
}

// @ts-ignore: decorator
@inline
export function ofTensor(p: usize, table: i32, tensor: i32, node: i32): f64 {
  return at(row(p, node) + i(p, table), tensor);
}

// @ts-ignore: decorator
@inline
export function digit(p: usize, node: i32, dim: i32): i32 {
  return <i32>load<u8>(pointer(p, H_DIGITS) + node * i(p, H_DIMS) + dim);
}

// @ts-ignore: decorator
@inline
export function divisor(p: usize, dim: i32, d: i32): i32 {
  return word(pointer(p, H_DIVISORS), dim * i(p, H_RADIX) + d);
}

/** A coefficient of a stage's table, per functional and tensor. */
// @ts-ignore: decorator
@inline
export function coefficient(p: usize, stage: usize, table: i32, k: i32, tensor: i32): f64 {
  return at(pointer(stage, table), k * i(p, H_TENSORS) + tensor);
}
