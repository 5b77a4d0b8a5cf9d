// Where everything lies, in bytes. The module exports these constants, so src/kernel/kernel.ts, which places the
// regions and writes the first two, reads the same map. i32 unless a name ends in F (f64).
//
//   problem   header │ tensors … │ memories … │ fanouts …          fixed for one architecture and layer
//   plan      header │ ops … │ keepers …                           fixed for one structure
//   scratch   cells of one block of lanes: extents, tiles, counts   overwritten for each block
//   factors   row of `batch` f64 per slot                          factors[slot][lane]
//   results   energyPj[batch] f64 │ cycles[batch] f64
//
// header of the problem
export const P_DIMS: i32 = 0;
export const P_TENSORS: i32 = 4;
export const P_MEMORIES: i32 = 8;
export const P_FANOUTS: i32 = 12;
export const P_COMPUTES_F: i32 = 16;
export const P_COMPUTE_PJ_F: i32 = 24;
export const P_COMPUTE_LEAK_F: i32 = 32;
export const P_UNITS_F: i32 = 40;
export const P_LATENCY_F: i32 = 48;
export const P_GATED: i32 = 56;
export const P_HEADER: i32 = 64;

// one tensor: its ranks of one term ("hard": a step leaves the tile entirely) and up to two of two terms ("soft": a
// window may slide), as pairs of dimension and absolute coefficient; soft coefficients keep their sign
export const T_OUTPUT: i32 = 0;
export const T_RELEVANT: i32 = 4;
export const T_HARD: i32 = 8;
export const T_SOFT: i32 = 12;
export const T_HARD_DIMS: i32 = 16;
export const T_HARD_COEFFICIENTS_F: i32 = 48;
export const T_SOFT_DIMS: i32 = 112;
export const T_SOFT_COEFFICIENTS_F: i32 = 128;
export const TENSOR: i32 = 160;

// one memory
export const M_DRAIN_READS: i32 = 0;
export const M_RMW: i32 = 4;
export const M_GATED: i32 = 8;
export const M_FANOUTS_OUTSIDE: i32 = 12;
export const M_USABLE_F: i32 = 16;
export const M_FLOOR_F: i32 = 24;
export const M_BLOCK_F: i32 = 32;
export const M_READ_PJ_F: i32 = 40;
export const M_FILL_PJ_F: i32 = 48;
export const M_UPDATE_PJ_F: i32 = 56;
export const M_ADDRESS_PJ_F: i32 = 64;
export const M_REDUCTION_PJ_F: i32 = 72;
export const M_LEAK_F: i32 = 80;
export const M_READ_BANDWIDTH_F: i32 = 88;
export const M_WRITE_BANDWIDTH_F: i32 = 96;
export const M_SHARED_BANDWIDTH_F: i32 = 104;
export const M_INSTANCES_F: i32 = 112;
export const M_WORDS_PER_ELEMENT_F: i32 = 120;
export const M_LIMITED: i32 = 184; // any finite bandwidth
export const MEMORY: i32 = 192;

// one fanout
export const F_MULTICAST: i32 = 0;
export const F_REDUCTION: i32 = 4;
export const F_CHARGED: i32 = 8;
export const F_X_F: i32 = 16;
export const F_Y_F: i32 = 24;
export const F_HOP_PJ_F: i32 = 32;
export const F_INGRESS_PJ_F: i32 = 40;
export const F_REDUCTION_PJ_F: i32 = 48;
export const FANOUT: i32 = 56;

// plan: mask of the tensors each memory keeps, ops from the innermost item outward, each tensor's keepers, and one byte
// per temporal loop, innermost first: its dimension
export const L_OPS: i32 = 0;
export const L_TEMPORAL: i32 = 4;
export const L_KEPT: i32 = 8;
export const L_HEADER: i32 = 72;

export const OP_KIND: i32 = 0;
export const OP_DIM: i32 = 4; // of a station: its memory
export const OP_ROW: i32 = 8; // of a station: the mask of its tensors
export const OP_FANOUT: i32 = 12;
export const OP_FIRST: i32 = 16; // first slot of this dimension in its fanout
export const OP_AXIS: i32 = 20;
export const OP: i32 = 24;

export const TEMPORAL: i32 = 0;
export const SPATIAL: i32 = 1;
export const STATION: i32 = 2;

// keepers of one tensor, innermost first: count, then (station, memory, temporal loops inside it, fanouts outside it)
export const K_STATION: i32 = 4;
export const K_MEMORY: i32 = 8;
export const K_TEMPORAL: i32 = 12;
export const K_FANOUTS: i32 = 16;
export const KEEPER: i32 = 16;

export const MAX_DIMS: i32 = 16;
export const MAX_TENSORS: i32 = 8;
export const MAX_MEMORIES: i32 = 16;
export const MAX_FANOUTS: i32 = 8;
export const MAX_STATIONS: i32 = 32;
export const MAX_TEMPORAL: i32 = 256;
export const KEEPERS: i32 = 4 + MAX_STATIONS * KEEPER;

// A block of mappings is evaluated together, so that each decision about the structure is taken once for all of them.
// A cell holds one number for each lane of the block.
export const BLOCK_LANES: i32 = 8;
export const CELL: i32 = 64;

// scratch, in cells
export const S_EXTENTS: i32 = 0;
export const S_STRIDES: i32 = S_EXTENTS + MAX_DIMS;
export const S_BOUNDS: i32 = S_STRIDES + MAX_TEMPORAL;
export const S_FAN: i32 = S_BOUNDS + MAX_TEMPORAL; // copies of each fanout
export const S_FAN_X: i32 = S_FAN + MAX_FANOUTS;
export const S_FAN_Y: i32 = S_FAN_X + MAX_FANOUTS;
export const S_FAN_FACTORS: i32 = S_FAN_Y + MAX_FANOUTS; // [fanout][dim]
export const S_FAN_STRIDES: i32 = S_FAN_FACTORS + MAX_FANOUTS * MAX_DIMS; // [fanout][dim]
export const S_TILES: i32 = S_FAN_STRIDES + MAX_FANOUTS * MAX_DIMS; // [station][tensor]
export const S_SPANS: i32 = S_TILES + MAX_STATIONS * MAX_TENSORS; // [station][tensor][2]: soft spans
export const S_USED: i32 = S_SPANS + MAX_STATIONS * MAX_TENSORS * 2; // [memory]
export const S_READS: i32 = S_USED + MAX_MEMORIES; // [memory][tensor]
export const S_REDUCTIONS: i32 = S_READS + MAX_MEMORIES * MAX_TENSORS;
export const S_FILLS: i32 = S_REDUCTIONS + MAX_MEMORIES * MAX_TENSORS;
export const S_UPDATES: i32 = S_FILLS + MAX_MEMORIES * MAX_TENSORS;
export const S_NETWORK_PJ: i32 = S_UPDATES + MAX_MEMORIES * MAX_TENSORS; // [fanout][tensor]
export const S_MEMORY_PJ: i32 = S_NETWORK_PJ + MAX_FANOUTS * MAX_TENSORS; // [memory], without leakage
export const S_INSTANCES: i32 = S_MEMORY_PJ + MAX_MEMORIES; // [fanouts outside]: utilised copies
export const S_COMPUTE_CYCLES: i32 = S_INSTANCES + MAX_FANOUTS + 1;
export const S_CYCLES: i32 = S_COMPUTE_CYCLES + 1;
export const S_ENERGY: i32 = S_CYCLES + 1;
export const S_WORDS: i32 = S_ENERGY + 1; // on one tensor's way outward: down for operands, up for outputs
export const S_INNER: i32 = S_WORDS + 1; // the same, one network further in
export const S_HELD: i32 = S_INNER + 1; // distinct outputs that ever pass
export const S_TRAFFIC: i32 = S_HELD + 1; // of one station; then how far its window has travelled, and whether it overlaps
export const S_MOVED: i32 = S_TRAFFIC + 1;
export const S_TRAVEL_X: i32 = S_MOVED + 1;
export const S_TRAVEL_Y: i32 = S_TRAVEL_X + 1;
export const S_SUM: i32 = S_TRAVEL_Y + 1; // words through one memory's ports
export const SCRATCH_CELLS: i32 = S_SUM + 3;
