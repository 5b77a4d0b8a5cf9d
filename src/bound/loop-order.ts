/**
 * The best order of the loops outside a tile, exactly: least traffic over all permutations.
 *
 * The closed form of the cost model adds, for each loop j, `(n_j−1) · Π_{k outside j} n_k · |A \ (A+δ_j)|` with
 * `δ_j = s_j − Σ_{i inside j} (n_i−1)·s_i`. That term depends on the set of loops inside j, not on their order.
 * So the best order is a shortest path from the empty set of loops to the full one: 2^k sets instead of k! orders.
 */
import type { Einsum, Tensor } from '../workload/einsum.ts';
import { isRelevant, rankSpan } from '../workload/einsum.ts';

/** A tensor whose tiles the loops fetch, and the units that one fetched element counts. */
export interface FetchedTensor {
  readonly tensor: Tensor;
  readonly units: number;
}

/** A fetched tensor, its ranks by what a step of a loop leaves of the tile. */
interface Windows {
  readonly units: number;
  /** Dimensions any step of which leaves no overlap: the only term of some rank, so that steps clear the span. */
  readonly clearing: readonly boolean[];
  readonly relevant: readonly boolean[];
  /** Ranks of several terms, whose tiles may overlap after a step. */
  readonly sliding: Tensor['ranks'];
  readonly others: Tensor['ranks'];
}

/** Finds best orders for tile after tile of one layer; holds its scratch memory. */
export class LoopOrders {
  readonly #einsum: Einsum;
  readonly #windows: readonly Windows[];
  /** By set of loops (bit l: loop l is inside): least traffic so far, last loop added, product of the bounds outside. */
  readonly #least: Float64Array;
  readonly #last: Int8Array;
  readonly #outside: Float64Array;
  /** By set and sliding rank: how far the loops of the set carry the tile, `Σ (n_i−1)·s_i`. */
  readonly #travelled: Float64Array;
  readonly #slidingRanks: number;
  #loopDims: number[] = [];

  /** `dims`: how many dimensions may have loops outside the tile. */
  constructor(einsum: Einsum, fetched: readonly FetchedTensor[], dims: number) {
    this.#einsum = einsum;
    this.#windows = fetched.map(({ tensor, units }) => windowsOf(einsum, tensor, units));
    this.#slidingRanks = this.#windows.reduce((sum, { sliding }) => sum + sliding.length, 0);
    this.#least = new Float64Array(1 << dims);
    this.#last = new Int8Array(1 << dims);
    this.#outside = new Float64Array(1 << dims);
    this.#travelled = new Float64Array((1 << dims) * this.#slidingRanks);
  }

  /**
   * Least units fetched over all orders of the loops outside a tile of extents `tile`, or Infinity if no order
   * fetches less than `limit`. Every extent divides its dimension's bound.
   */
  least(tile: readonly number[], limit: number): number {
    const { dims } = this.#einsum;
    this.#loopDims = dims.flatMap(({ bound }, d) => (bound > tile[d] ? [d] : []));
    const bounds = this.#loopDims.map((d) => dims[d].bound / tile[d]);
    const states = this.#windows.map((windows) => tileWindows(windows, tile, this.#loopDims));
    const first = states.reduce((sum, { whole }) => sum + whole, 0);
    if (first >= limit) return Infinity;
    this.#prepare(bounds, states);
    this.#relax(bounds, states, limit - first);
    return first + this.#least[(1 << bounds.length) - 1];
  }

  /** The order that the last successful `least` found: dimensions, innermost loop first. */
  order(): number[] {
    const order: number[] = [];
    for (let set = (1 << this.#loopDims.length) - 1; set > 0; set &= ~(1 << this.#last[set])) {
      order.unshift(this.#loopDims[this.#last[set]]);
    }
    return order;
  }

  /** Bounds outside and distances travelled of every set, each from the set without its lowest loop. */
  #prepare(bounds: readonly number[], states: readonly TileWindows[]): void {
    const shifts = states.flatMap(({ shifts }) => shifts);
    const ranks = this.#slidingRanks;
    this.#outside[0] = bounds.reduce((product, n) => product * n, 1);
    this.#travelled.fill(0, 0, ranks);
    this.#least.fill(Infinity, 0, 1 << bounds.length);
    this.#least[0] = 0;
    for (let set = 1; set < 1 << bounds.length; set++) {
      const loop = 31 - Math.clz32(set & -set);
      const before = set & (set - 1);
      this.#outside[set] = this.#outside[before] / bounds[loop];
      for (let r = 0; r < ranks; r++) {
        const step = (bounds[loop] - 1) * shifts[r][loop];
        this.#travelled[set * ranks + r] = this.#travelled[before * ranks + r] + step;
      }
    }
  }

  /** Shortest paths; sets that already cost `limit` or more lead to nothing that is wanted. */
  #relax(bounds: readonly number[], states: readonly TileWindows[], limit: number): void {
    const least = this.#least;
    const loops = bounds.length;
    for (let set = 0; set < (1 << loops) - 1; set++) {
      if (least[set] >= limit) continue;
      for (let loop = 0; loop < loops; loop++) {
        const next = set | (1 << loop);
        if (next === set) continue;
        const steps = (bounds[loop] - 1) * this.#outside[next];
        const traffic = least[set] + steps * this.#fetched(states, set, loop);
        if (traffic >= least[next] || traffic >= limit) continue;
        least[next] = traffic;
        this.#last[next] = loop;
      }
    }
  }

  /** Units that one step of `loop` fetches, with the loops of `set` inside it wrapping. */
  #fetched(states: readonly TileWindows[], set: number, loop: number): number {
    const moving = set | (1 << loop);
    let at = set * this.#slidingRanks;
    let units = 0;
    for (const { whole, clearing, relevant, fixed, spans, shifts } of states) {
      if (moving & clearing) units += whole;
      else if (moving & relevant) {
        let overlap = fixed;
        for (let r = 0; r < spans.length; r++) {
          overlap *= Math.max(0, spans[r] - Math.abs(shifts[r][loop] - this.#travelled[at + r]));
        }
        units += whole - overlap;
      }
      at += spans.length;
    }
    return units;
  }
}

/** One tensor's tile and how the loops outside move it; masks have a bit per loop. */
interface TileWindows {
  /** Units of the whole tile, and of one element times the spans that do not slide. */
  readonly whole: number;
  readonly fixed: number;
  readonly clearing: number;
  readonly relevant: number;
  /** Of the sliding ranks: spans, and the shift by each loop. */
  readonly spans: readonly number[];
  readonly shifts: readonly (readonly number[])[];
}

function windowsOf(einsum: Einsum, tensor: Tensor, units: number): Windows {
  return {
    units,
    clearing: einsum.dims.map((_, d) => tensor.ranks.some((rank) => rank.length === 1 && rank[0].dim === d)),
    relevant: einsum.dims.map((_, d) => isRelevant(tensor, d)),
    sliding: tensor.ranks.filter((rank) => rank.length > 1),
    others: tensor.ranks.filter((rank) => rank.length <= 1),
  };
}

function tileWindows(windows: Windows, tile: readonly number[], loopDims: readonly number[]): TileWindows {
  const { units, clearing, relevant, sliding, others } = windows;
  const fixed = others.reduce((product, rank) => product * rankSpan(rank, tile), units);
  const spans = sliding.map((rank) => rankSpan(rank, tile));
  const shift = (rank: Tensor['ranks'][number], dim: number): number =>
    rank.reduce((sum, term) => (term.dim === dim ? sum + term.coefficient * tile[dim] : sum), 0);
  return {
    whole: spans.reduce((product, span) => product * span, fixed),
    fixed,
    clearing: mask(loopDims, clearing),
    relevant: mask(loopDims, relevant),
    spans,
    shifts: sliding.map((rank) => loopDims.map((dim) => shift(rank, dim))),
  };
}

function mask(loopDims: readonly number[], of: readonly boolean[]): number {
  return loopDims.reduce((bits, dim, loop) => (of[dim] ? bits | (1 << loop) : bits), 0);
}
