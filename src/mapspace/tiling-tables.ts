/** Flat tables of a frame that never change: what `grow` and `shrink` look up. */
import type { Fanout } from '../arch/architecture.ts';
import { memories, wordsPerElement } from '../arch/architecture.ts';
import type { Rank } from '../workload/einsum.ts';
import type { Frame } from './frame.ts';
import { freeWords, neededWords } from './occupancy.ts';

/** Cells of a frame, by number. A group is all cells of one dimension at one level; an axis, of one array and direction. */
export interface CellTable {
  readonly dim: Int32Array;
  readonly group: Int32Array;
  /** −1 for a temporal loop; else twice the array's index, plus 1 for y. */
  readonly axis: Int32Array;
  /** How many bounded stations lie outside the cell. */
  readonly outside: Int32Array;
  /** By group: limits of the product. */
  readonly groupLeast: Float64Array;
  readonly groupMost: Float64Array;
  /** By axis. */
  readonly axisLimit: Float64Array;
  /** By array. */
  readonly minCopies: Float64Array;
}

/**
 * Bounded stations, outermost first, and the tiles they keep. The outermost memory is not among them: it holds whole
 * tensors, which was checked once for all.
 */
export interface StationTable {
  /** By station: its memory, and limits of the words in use in one instance. */
  readonly memory: Int32Array;
  readonly capacity: Float64Array;
  readonly needed: Float64Array;
  /** `[station × dim]`: 1 if a kept tensor depends on the dimension. */
  readonly relevant: Uint8Array;
  /** Tiles of station s: `tileStart[s]` to `tileStart[s + 1]`. */
  readonly tileStart: Int32Array;
  /** By tile: words of one element. */
  readonly width: Float64Array;
  /** Spans of all tiles' ranks. */
  readonly spans: number;
  /** Spans that depend on a dimension, with coefficients: entries `spanStart[tile × dims + dim]` to the next start. */
  readonly spanStart: Int32Array;
  readonly span: Int32Array;
  readonly coefficient: Float64Array;
}

export function cellTable(frame: Frame): CellTable {
  const { space, cells } = frame;
  const dims = space.einsum.dims.length;
  const groups = [...new Set(cells.map(({ level, dim }) => level * dims + dim))];
  const limits = groups.map((group) => space.levels[Math.floor(group / dims)].limits[group % dims]);
  const arrays = space.arch.nodes.filter((node): node is Fanout => node.kind === 'array');
  const levels = bounded(frame).map(({ level }) => level);
  return {
    dim: Int32Array.from(cells, ({ dim }) => dim),
    group: Int32Array.from(cells, ({ level, dim }) => groups.indexOf(level * dims + dim)),
    axis: Int32Array.from(cells, ({ fanout, axis }) => (fanout < 0 ? -1 : 2 * fanout + Number(axis === 'y'))),
    outside: Int32Array.from(cells, (cell) => levels.filter((level) => level <= cell.level).length),
    groupLeast: Float64Array.from(limits, ({ least }) => least),
    groupMost: Float64Array.from(limits, ({ most }) => most),
    axisLimit: Float64Array.from(arrays.flatMap(({ x, y }) => [x, y])),
    minCopies: Float64Array.from(space.levels.flatMap((l) => (l.kind === 'array' ? [l.minCopies] : []))),
  };
}

export function stationTable(frame: Frame): StationTable {
  const { arch, einsum } = frame.space;
  const stations = bounded(frame);
  const nodes = stations.map(({ memory }) => memories(arch)[memory]);
  const tiles = stations.flatMap(({ tensors }, s) =>
    tensors.map((t) => ({ tensor: einsum.tensors[t], memory: nodes[s] })),
  );
  const first = starts(tiles.map(({ tensor }) => tensor.ranks.length));
  const affected = tiles.flatMap(({ tensor }, tile) =>
    einsum.dims.map((_, dim) => affectedSpans(tensor.ranks, dim, first[tile])),
  );
  const relevant = stations.flatMap(({ tensors }) =>
    einsum.dims.map((_, dim) =>
      Number(tensors.some((t) => affectedSpans(einsum.tensors[t].ranks, dim, 0).length > 0)),
    ),
  );
  return {
    memory: Int32Array.from(stations, ({ memory }) => memory),
    capacity: Float64Array.from(stations, ({ memory }) => freeWords(frame.space, memory)),
    needed: Float64Array.from(nodes, neededWords),
    relevant: Uint8Array.from(relevant),
    tileStart: starts(stations.map(({ tensors }) => tensors.length)),
    width: Float64Array.from(tiles, ({ tensor, memory }) => wordsPerElement(memory, tensor)),
    spans: first[tiles.length],
    spanStart: starts(affected.map((list) => list.length)),
    span: Int32Array.from(affected.flat(), ({ span }) => span),
    coefficient: Float64Array.from(affected.flat(), ({ coefficient }) => coefficient),
  };
}

interface Bounded {
  readonly level: number;
  readonly memory: number;
  readonly tensors: readonly number[];
}

/** Stations that may overflow or be too empty. */
function bounded({ space, stations }: Frame): Bounded[] {
  const all = memories(space.arch);
  return stations.flatMap((station, level) =>
    station && level > 0 && Number.isFinite(all[station.memory].words)
      ? [{ level, memory: station.memory, tensors: station.tensors }]
      : [],
  );
}

/** The ranks that depend on a dimension, as spans counted from `first`, with the sum of its absolute coefficients. */
function affectedSpans(
  ranks: readonly Rank[],
  dim: number,
  first: number,
): { span: number; coefficient: number }[] {
  return ranks.flatMap((rank, r) => {
    const own = rank.filter((term) => term.dim === dim);
    const coefficient = own.reduce((sum, term) => sum + Math.abs(term.coefficient), 0);
    return own.length > 0 ? [{ span: first + r, coefficient }] : [];
  });
}

/** Where each of several runs of these lengths begins in one row, and where the last ends. */
function starts(lengths: readonly number[]): Int32Array {
  const row = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    row[i + 1] = row[i] + length;
  });
  return row;
}
