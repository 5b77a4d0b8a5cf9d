/**
 * From what the nest asks to what each kept tile sees: partitions, bypass, neighbours' transfers, and the rounding
 * of Timeloop's counters. Counts are per instance.
 */
import type { LevelMapping, Problem } from '../../timeloop/spec.ts';
import type { AccessRecord, Analysis } from './analysis.ts';
import { mappedFanout, meanInstances } from './nest.ts';

/** One dataspace at one level. */
export interface Tile {
  /** Words; 0 if the level bypasses the dataspace. */
  size: number;
  partition: number;
  /** Copies below one instance. */
  fanout: number;
  /** What the level's network carries; kept when the level itself is bypassed. */
  records: AccessRecord[];
  linkTransfers: number;
  /** Words sent by the level's own buffer. */
  accesses: number;
  /** Words one instance gets from the level outside it. */
  parentShare: number;
  /** Words exchanged with neighbours: as many read from one as filled from another. */
  peer: number;
  reads: number;
  fills: number;
  updates: number;
  temporalReductions: number;
}

/** `[level][dataspace]`, innermost level first. */
export function collapse(problem: Problem, mapping: readonly LevelMapping[], analysis: Analysis): Tile[][] {
  const nests = problem.dataspaces.map((dataspace, d) => {
    const tiles = rawTiles(analysis, d);
    const keep = mapping.map((level) => level.keep[d]);
    partition(tiles, analysis, d);
    shareOfParent(tiles);
    bypass(tiles, keep);
    forgetOutside(tiles, keep);
    exchangeWithNeighbours(tiles, analysis);
    tiles.forEach((tile, l) =>
      count(tile, dataspace.readWrite, mapping[l].rmwFirstUpdate[d], l === keep.lastIndexOf(true)),
    );
    return tiles;
  });
  return mapping.map((_, l) => nests.map((tiles) => tiles[l]));
}

function rawTiles({ nest, tiles }: Analysis, d: number): Tile[] {
  return tiles.map((level, l) => {
    const { size, records, linkTransfers } = level[d];
    return {
      size,
      records: records.map((record) => ({ ...record })),
      linkTransfers,
      fanout: mappedFanout(nest, l, 'x') * mappedFanout(nest, l, 'y'),
      accesses: total(records),
      partition: 0,
      parentShare: 0,
      peer: 0,
      reads: 0,
      fills: 0,
      updates: 0,
      temporalReductions: 0,
    };
  });
}

function total(records: readonly AccessRecord[]): number {
  return records.reduce((sum, { accesses }) => sum + accesses, 0);
}

/** An instance's share of the dataspace: the parent's, cut as the tiles of all children together are cut. */
function partition(tiles: readonly Tile[], { tiles: raw }: Analysis, d: number): void {
  let words = tiles[tiles.length - 1].size;
  for (let l = tiles.length - 1; l >= 0; l--) {
    const together = raw[l + 1]?.[d].childrenSize ?? 0;
    if (together > 0) words = Math.floor((words * tiles[l].size) / together);
    tiles[l].partition = words;
  }
}

/** Mean over the children: neighbours' transfers and residual factors make them differ. */
function shareOfParent(tiles: readonly Tile[]): void {
  for (let l = 0; l + 1 < tiles.length; l++) {
    const { records, fanout } = tiles[l + 1];
    tiles[l].parentShare = records.reduce(
      (sum, record) => sum + (record.accesses * record.multicast) / fanout,
      0,
    );
  }
}

/** A bypassed level's children go to the next level outside; its own network keeps carrying what it carried. */
function bypass(tiles: readonly Tile[], keep: readonly boolean[]): void {
  for (let l = 0; l < tiles.length; l++) {
    if (keep[l]) continue;
    const outer = tiles.slice(l + 1).find((tile) => tile.size > 0);
    if (outer) {
      const delivered = outer.records.reduce((sum, { accesses, multicast }) => sum + accesses * multicast, 0);
      const factor = (tiles[l].accesses * outer.fanout) / delivered;
      for (const record of outer.records) record.accesses *= factor;
      outer.linkTransfers = 0;
      outer.accesses = total(outer.records);
    }
    Object.assign(tiles[l], { size: 0, partition: 0, accesses: 0, parentShare: 0 });
  }
}

/** Nothing happens outside the outermost keeper, and nothing is filled into it. */
function forgetOutside(tiles: readonly Tile[], keep: readonly boolean[]): void {
  const outermost = keep.lastIndexOf(true);
  for (const tile of tiles.slice(outermost + 1))
    Object.assign(tile, { records: [], linkTransfers: 0, fanout: 0 });
  tiles[outermost].parentShare = 0;
}

function exchangeWithNeighbours(tiles: readonly Tile[], { nest }: Analysis): void {
  for (let l = 1; l < tiles.length; l++) {
    tiles[l - 1].peer += Math.trunc(tiles[l].linkTransfers / meanInstances(nest, l - 1));
  }
}

/** `rmw`: the first update of an element reads it, too. */
function count(tile: Tile, readWrite: boolean, rmw: boolean, outermost: boolean): void {
  if (tile.size === 0) return;
  const { accesses, parentShare, peer } = tile;
  if (!readWrite) {
    tile.reads = Math.round(accesses + peer);
    tile.fills = Math.trunc(parentShare + peer);
    return;
  }
  const first = rmw ? 0 : tile.partition;
  tile.updates = Math.round(accesses);
  tile.reads = Math.round(accesses + peer - first);
  tile.temporalReductions = tile.reads;
  tile.fills = Math.round(parentShare + peer - (outermost ? 0 : first));
}
