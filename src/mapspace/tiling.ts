/** One factorisation of a frame's loops, grown and shrunk prime by prime, that never overflows a tile or an array. */
import type { Architecture } from '../arch/architecture.ts';
import { memories } from '../arch/architecture.ts';
import type { Frame } from './frame.ts';
import type { CellTable, StationTable } from './tiling-tables.ts';
import { cellTable, stationTable } from './tiling-tables.ts';

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
  readonly #cells: CellTable;
  readonly #stations: StationTable;
  readonly #dims: number;
  readonly #memories: number;
  readonly #minUnits: number;
  /** All that changes, in one piece: every entry is 1 at the start. */
  readonly #state: Float64Array;
  readonly #groupProduct: Float64Array;
  readonly #axisProduct: Float64Array;
  /** `[station × dim]`: extents inside each station; elements of each tile; spans of the tiles' ranks. */
  readonly #extents: Float64Array;
  readonly #tiles: Float64Array;
  readonly #spans: Float64Array;

  constructor(frame: Frame) {
    const { arch, einsum, minUnits } = frame.space;
    this.#cells = cellTable(frame);
    this.#stations = stationTable(frame);
    this.#dims = einsum.dims.length;
    this.#memories = memories(arch).length;
    this.#minUnits = minUnits;
    const { groupMost, axisLimit } = this.#cells;
    const { memory, width, spans } = this.#stations;
    const lengths = [frame.cells.length, groupMost.length, axisLimit.length, memory.length * this.#dims];
    lengths.push(width.length, spans);
    this.#state = new Float64Array(lengths.reduce((sum, length) => sum + length, 0)).fill(1);
    const parts = slices(this.#state, lengths);
    [this.factors, this.#groupProduct, this.#axisProduct, this.#extents, this.#tiles, this.#spans] = parts;
  }

  /** Back to all factors 1. */
  clear(): void {
    this.#state.fill(1);
  }

  /** Multiplies a cell's factor by `by` if everything still fits; otherwise changes nothing and says what does not. */
  grow(cell: number, by: number): Reason {
    const { dim: dimOf, group: groupOf, axis: axisOf, outside, groupMost, axisLimit } = this.#cells;
    const group = groupOf[cell];
    const axis = axisOf[cell];
    if (axis >= 0 && this.#axisProduct[axis] * by > axisLimit[axis]) return this.#memories + FANOUT;
    if (this.#groupProduct[group] * by > groupMost[group]) return this.#memories + FACTOR_LIMIT;
    const dim = dimOf[cell];
    const { relevant, capacity, memory } = this.#stations;
    // Innermost first: small memories overflow first.
    for (let s = outside[cell] - 1; s >= 0; s--) {
      if (relevant[s * this.#dims + dim] === 1 && this.#wordsIfGrown(s, dim, by) > capacity[s])
        return memory[s];
    }
    this.#scale(cell, by, false);
    return FITS;
  }

  /** Divides a cell's factor, of which `by` is a divisor. */
  shrink(cell: number, by: number): void {
    this.#scale(cell, by, true);
  }

  /** The first lower limit that does not hold: of factors, of copies at work, of words in use. `FITS` if all do. */
  floorBroken(): Reason {
    const { groupLeast, minCopies } = this.#cells;
    const { needed } = this.#stations;
    for (let g = 0; g < groupLeast.length; g++) {
      if (this.#groupProduct[g] < groupLeast[g]) return this.#memories + FACTOR_LIMIT;
    }
    let units = 1;
    for (let f = 0; f < minCopies.length; f++) {
      const copies = this.#axisProduct[2 * f] * this.#axisProduct[2 * f + 1];
      if (copies < minCopies[f]) return this.#memories + UTILIZATION;
      units *= copies;
    }
    if (units < this.#minUnits) return this.#memories + UTILIZATION;
    for (let s = 0; s < needed.length; s++) {
      if (needed[s] > 0 && this.#wordsIfGrown(s, 0, 1) < needed[s]) return this.#memories + UTILIZATION;
    }
    return FITS;
  }

  /** Words in use in one instance of station `s` if the extent of `dim` were `by` times what it is. */
  #wordsIfGrown(s: number, dim: number, by: number): number {
    const { tileStart, width } = this.#stations;
    const added = this.#extents[s * this.#dims + dim] * (by - 1);
    let total = 0;
    for (let tile = tileStart[s]; tile < tileStart[s + 1]; tile++) {
      total += this.#tileIfLonger(tile, dim, added) * width[tile];
    }
    return total;
  }

  /** Elements of a tile if the extent of `dim` were longer by `added`. Each span divides the tile, so this is exact. */
  #tileIfLonger(tile: number, dim: number, added: number): number {
    const { spanStart, span, coefficient } = this.#stations;
    const end = spanStart[tile * this.#dims + dim + 1];
    let elements = this.#tiles[tile];
    for (let i = spanStart[tile * this.#dims + dim]; i < end; i++) {
      const old = this.#spans[span[i]];
      elements = (elements / old) * (old + coefficient[i] * added);
    }
    return elements;
  }

  #scale(cell: number, by: number, down: boolean): void {
    const { dim: dimOf, group: groupOf, axis: axisOf, outside } = this.#cells;
    const dim = dimOf[cell];
    const axis = axisOf[cell];
    scale(this.factors, cell, by, down);
    scale(this.#groupProduct, groupOf[cell], by, down);
    if (axis >= 0) scale(this.#axisProduct, axis, by, down);
    const { relevant } = this.#stations;
    for (let s = 0; s < outside[cell]; s++) {
      if (relevant[s * this.#dims + dim] === 1) this.#scaleStation(s, dim, by, down);
    }
  }

  #scaleStation(s: number, dim: number, by: number, down: boolean): void {
    const { tileStart, spanStart, span, coefficient } = this.#stations;
    const extent = this.#extents[s * this.#dims + dim];
    scale(this.#extents, s * this.#dims + dim, by, down);
    const added = this.#extents[s * this.#dims + dim] - extent;
    for (let tile = tileStart[s]; tile < tileStart[s + 1]; tile++) {
      this.#tiles[tile] = this.#tileIfLonger(tile, dim, added);
      const end = spanStart[tile * this.#dims + dim + 1];
      for (let i = spanStart[tile * this.#dims + dim]; i < end; i++) {
        this.#spans[span[i]] += coefficient[i] * added;
      }
    }
  }
}

/** Multiplies an integer, or divides it by a divisor: exact, and no division where none is needed. */
function scale(row: Float64Array, at: number, by: number, down: boolean): void {
  row[at] = down ? row[at] / by : row[at] * by;
}

function slices(state: Float64Array, lengths: readonly number[]): Float64Array[] {
  return lengths.map((length, i) => {
    const start = lengths.slice(0, i).reduce((sum, other) => sum + other, 0);
    return state.subarray(start, start + length);
  });
}
