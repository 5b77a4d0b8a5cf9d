/** One factorisation of a frame's loops, grown and shrunk prime by prime, that never overflows a tile or an array. */
import type { Architecture, Fanout } from '../arch/architecture.ts';
import { memories, usableWords, wordsPerElement } from '../arch/architecture.ts';
import type { Frame } from './frame.ts';
import { neededWords } from './occupancy.ts';

/** Why a factor cannot be: the index of the memory that overflows, or, counted from the number of memories, one of: */
export type Reason = number;
export const FANOUT = 0;
export const FACTOR_LIMIT = 1;
export const UTILIZATION = 2;

/** Number of reasons there are on an architecture. */
export function reasonCount(arch: Architecture): number {
  return memories(arch).length + 3;
}

/** Sums of an array by reason. */
export interface Refusals {
  readonly capacity: number;
  /** By memory; together they are `capacity`. */
  readonly memories: Readonly<Record<string, number>>;
  readonly fanout: number;
  /** Factor limits and utilisation floors. */
  readonly constraints: number;
}

/** An array with one entry per reason, in words. */
export function refusals(arch: Architecture, refused: ArrayLike<number>): Refusals {
  const names = memories(arch).map((memory) => memory.name);
  const after = names.length;
  return {
    capacity: names.reduce((sum, _, m) => sum + refused[m], 0),
    memories: Object.fromEntries(names.map((name, m) => [name, refused[m]])),
    fanout: refused[after + FANOUT],
    constraints: refused[after + FACTOR_LIMIT] + refused[after + UTILIZATION],
  };
}

export const FITS = -1;

/**
 * State of one factorisation. Tiles only grow with factors, so whatever holds of a full factorisation's upper limits
 * holds of each part of it: a factorisation fits exactly if its primes can be added one by one in any order.
 * Everything is in flat arrays: searches call `grow` and `shrink` millions of times a second.
 */
export class Tiling {
  /** By cell of the frame. */
  readonly factors: Float64Array;
  readonly frame: Frame;
  /** By cell: its dimension. */
  readonly dimOf: Int32Array;
  /** By cell: its group, all cells of one dimension at one level. */
  readonly groupOf: Int32Array;
  /** By group: limits of the product. */
  readonly groupLeast: Float64Array;
  readonly groupMost: Float64Array;
  readonly #groupProduct: Float64Array;

  /** By cell: its axis (two per array), −1 for a temporal loop. */
  readonly #axisOf: Int32Array;
  readonly #axisLimit: Float64Array;
  readonly #axisProduct: Float64Array;
  readonly #minCopies: Float64Array;

  /** Bounded stations outermost first: the memory of each, its limits, its tensors' words per element. */
  readonly #stations: number;
  readonly #memoryOf: Int32Array;
  readonly #capacity: Float64Array;
  readonly #needed: Float64Array;
  /** Kept tensors, those of station s from `#keptStart[s]` on, and the words of one element of each. */
  readonly #kept: Int32Array;
  readonly #keptStart: Int32Array;
  readonly #width: Float64Array;
  /** By cell: how many bounded stations lie outside it. */
  readonly #outside: Int32Array;
  /** `[station × dim]`: 1 if a kept tensor depends on the dimension. */
  readonly #relevant: Uint8Array;

  /** Ranks of all tensors in one row: tensor t has those from `#rankStart[t]` to `#rankStart[t + 1]`. */
  readonly #rankStart: Int32Array;
  readonly #ranks: number;
  /** `[dim × rank]`: sum of the absolute coefficients. */
  readonly #coefficient: Float64Array;
  /** Ranks that depend on each dimension: those of dim d from `#affectedStart[d]` on. */
  readonly #affected: Int32Array;
  readonly #affectedStart: Int32Array;
  /** All that changes, in one piece: every entry is 1 at the start. */
  readonly #state: Float64Array;
  /** `[station × dim]` and `[station × rank]` of the current tiles. */
  readonly #extents: Float64Array;
  readonly #spans: Float64Array;

  readonly #dims: number;
  readonly #memories: number;
  readonly #minUnits: number;

  constructor(frame: Frame) {
    const { space, cells } = frame;
    const { arch, einsum } = space;
    this.frame = frame;
    this.dimOf = Int32Array.from(cells, (cell) => cell.dim);
    this.#dims = einsum.dims.length;
    this.#memories = memories(arch).length;
    this.#minUnits = space.minUnits;

    const groups = [...new Set(cells.map((cell) => cell.level * this.#dims + cell.dim))];
    const limits = groups.map((group) => {
      const dim = group % this.#dims;
      return space.levels[(group - dim) / this.#dims].limits[dim];
    });
    this.groupOf = Int32Array.from(cells, (cell) => groups.indexOf(cell.level * this.#dims + cell.dim));
    this.groupLeast = Float64Array.from(limits, (limit) => limit.least);
    this.groupMost = Float64Array.from(limits, (limit) => limit.most);

    const arrays = arch.nodes.filter((node): node is Fanout => node.kind === 'array');
    this.#axisOf = Int32Array.from(cells, (c) =>
      c.fanout < 0 ? -1 : 2 * c.fanout + (c.axis === 'y' ? 1 : 0),
    );
    this.#axisLimit = Float64Array.from(arrays.flatMap((array) => [array.x, array.y]));
    this.#minCopies = Float64Array.from(
      space.levels.flatMap((level) => (level.kind === 'array' ? [level.minCopies] : [])),
    );

    const bounded = boundedStations(frame);
    this.#stations = bounded.length;
    this.#memoryOf = Int32Array.from(bounded, ({ memory }) => memory);
    const nodes = bounded.map(({ memory }) => memories(arch)[memory]);
    this.#capacity = Float64Array.from(nodes, usableWords);
    this.#needed = Float64Array.from(nodes, neededWords);
    this.#kept = Int32Array.from(bounded.flatMap(({ tensors }) => tensors));
    this.#keptStart = starts(bounded.map(({ tensors }) => tensors.length));
    this.#width = Float64Array.from(
      bounded.flatMap(({ tensors }, s) => tensors.map((t) => wordsPerElement(nodes[s], einsum.tensors[t]))),
    );
    this.#outside = Int32Array.from(cells, (c) => bounded.filter(({ level }) => level <= c.level).length);
    this.#relevant = Uint8Array.from(
      bounded.flatMap(({ tensors }) =>
        einsum.dims.map((_, dim) =>
          tensors.some((t) => einsum.tensors[t].ranks.flat().some((term) => term.dim === dim)) ? 1 : 0,
        ),
      ),
    );

    const ranks = einsum.tensors.flatMap((tensor) => tensor.ranks);
    this.#ranks = ranks.length;
    this.#rankStart = starts(einsum.tensors.map((tensor) => tensor.ranks.length));
    this.#coefficient = Float64Array.from(
      einsum.dims.flatMap((_, dim) =>
        ranks.map((rank) =>
          rank.reduce((sum, term) => (term.dim === dim ? sum + Math.abs(term.coefficient) : sum), 0),
        ),
      ),
    );
    const affected = einsum.dims.map((_, dim) =>
      ranks.flatMap((_, r) => (this.#coefficient[dim * ranks.length + r] > 0 ? [r] : [])),
    );
    this.#affected = Int32Array.from(affected.flat());
    this.#affectedStart = starts(affected.map((list) => list.length));

    const lengths = [cells.length, groups.length, this.#axisLimit.length];
    lengths.push(bounded.length * this.#dims, bounded.length * ranks.length);
    this.#state = new Float64Array(lengths.reduce((sum, length) => sum + length, 0)).fill(1);
    const [factors, products, axes, extents, spans] = slices(this.#state, lengths);
    this.factors = factors;
    this.#groupProduct = products;
    this.#axisProduct = axes;
    this.#extents = extents;
    this.#spans = spans;
  }

  /** Back to all factors 1. */
  clear(): void {
    this.#state.fill(1);
  }

  /** Multiplies a cell's factor by `by` if everything still fits; otherwise changes nothing and says what does not. */
  grow(cell: number, by: number): Reason {
    const group = this.groupOf[cell];
    const axis = this.#axisOf[cell];
    if (axis >= 0 && this.#axisProduct[axis] * by > this.#axisLimit[axis]) return this.#memories + FANOUT;
    if (this.#groupProduct[group] * by > this.groupMost[group]) return this.#memories + FACTOR_LIMIT;
    const dim = this.dimOf[cell];
    // Innermost first: small memories overflow first.
    for (let s = this.#outside[cell] - 1; s >= 0; s--) {
      if (this.#relevant[s * this.#dims + dim] === 1 && this.#wordsIfGrown(s, dim, by) > this.#capacity[s]) {
        return this.#memoryOf[s];
      }
    }
    this.#scale(cell, by, 1);
    return FITS;
  }

  /** Divides a cell's factor, of which `by` is a divisor. */
  shrink(cell: number, by: number): void {
    this.#scale(cell, 1, by);
  }

  /** The first lower limit that does not hold: of factors, of copies at work, of words in use. `FITS` if all do. */
  floorBroken(): Reason {
    for (let g = 0; g < this.#groupProduct.length; g++) {
      if (this.#groupProduct[g] < this.groupLeast[g]) return this.#memories + FACTOR_LIMIT;
    }
    let units = 1;
    for (let f = 0; f < this.#minCopies.length; f++) {
      const copies = this.#axisProduct[2 * f] * this.#axisProduct[2 * f + 1];
      if (copies < this.#minCopies[f]) return this.#memories + UTILIZATION;
      units *= copies;
    }
    if (units < this.#minUnits) return this.#memories + UTILIZATION;
    for (let s = 0; s < this.#stations; s++) {
      if (this.#needed[s] > 0 && this.#wordsIfGrown(s, 0, 1) < this.#needed[s])
        return this.#memories + UTILIZATION;
    }
    return FITS;
  }

  /** Words in use in one instance of station `s` if the extent of `dim` were `by` times what it is. */
  #wordsIfGrown(s: number, dim: number, by: number): number {
    const spans = this.#spans;
    const coefficient = this.#coefficient;
    const rankStart = this.#rankStart;
    const added = this.#extents[s * this.#dims + dim] * (by - 1);
    const spanBase = s * this.#ranks;
    const coefficientBase = dim * this.#ranks;
    let total = 0;
    for (let kept = this.#keptStart[s]; kept < this.#keptStart[s + 1]; kept++) {
      const t = this.#kept[kept];
      let words = 1;
      for (let r = rankStart[t]; r < rankStart[t + 1]; r++) {
        words *= spans[spanBase + r] + coefficient[coefficientBase + r] * added;
      }
      total += words * this.#width[kept];
    }
    return total;
  }

  /** Multiplies a cell's factor by `up / down`, which leaves an integer. */
  #scale(cell: number, up: number, down: number): void {
    const dim = this.dimOf[cell];
    const axis = this.#axisOf[cell];
    const group = this.groupOf[cell];
    this.factors[cell] = (this.factors[cell] * up) / down;
    this.#groupProduct[group] = (this.#groupProduct[group] * up) / down;
    if (axis >= 0) this.#axisProduct[axis] = (this.#axisProduct[axis] * up) / down;
    const spans = this.#spans;
    const outside = this.#outside[cell];
    for (let s = 0; s < outside; s++) {
      const at = s * this.#dims + dim;
      if (this.#relevant[at] === 0) continue;
      const extent = this.#extents[at];
      const grown = (extent * up) / down;
      this.#extents[at] = grown;
      for (let i = this.#affectedStart[dim]; i < this.#affectedStart[dim + 1]; i++) {
        const r = this.#affected[i];
        spans[s * this.#ranks + r] += this.#coefficient[dim * this.#ranks + r] * (grown - extent);
      }
    }
  }
}

/** Where each of several runs of these lengths begins in one row, and where the last ends. */
function starts(lengths: readonly number[]): Int32Array {
  const row = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    row[i + 1] = row[i] + length;
  });
  return row;
}

function slices(state: Float64Array, lengths: readonly number[]): Float64Array[] {
  return lengths.map((length, i) => {
    const start = lengths.slice(0, i).reduce((sum, other) => sum + other, 0);
    return state.subarray(start, start + length);
  });
}

interface Bounded {
  readonly level: number;
  readonly memory: number;
  readonly tensors: readonly number[];
}

/** Stations that may overflow or be too empty. The outermost holds whole tensors, which was checked once for all. */
function boundedStations(frame: Frame): Bounded[] {
  const all = memories(frame.space.arch);
  return frame.stations.flatMap((station, level) => {
    if (!station || level === 0 || !Number.isFinite(all[station.memory].words)) return [];
    return [{ level, memory: station.memory, tensors: station.tensors }];
  });
}
