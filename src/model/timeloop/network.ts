/** Traffic and energy of the network below one storage level. */
import type { Problem, StorageLevel } from '../../timeloop/spec.ts';
import type { AccessRecord } from './analysis.ts';
import type { Ingress, NetworkResult } from './result.ts';
import type { Tile } from './tiles.ts';

/**
 * @param inner name of what is below
 * @param tileWidth side of the square that everything below one child occupies, µm
 * @param instances of the level at work
 */
export function evaluateNetwork(
  level: StorageLevel,
  inner: string,
  problem: Problem,
  tiles: readonly Tile[],
  tileWidth: number,
  instances: number,
): NetworkResult {
  const hop = hopEnergy(level, tileWidth);
  const router = level.network.routerEnergy;
  const traffic = tiles.map((tile, d) => carried(level, tile, problem.dataspaces[d].readWrite));
  const wires = traffic.map((records) => sum(records, ({ hops }) => hops));
  const energy = traffic.map((records, d) => wires[d] * hop + routers(records) * router);
  const reductions = traffic.map((records, d) => (problem.dataspaces[d].readWrite ? additions(records) : 0));
  const linkTransferEnergy = tiles.map((tile) => tile.linkTransfers * (hop + 2 * router));
  const perInstance = [...energy, ...linkTransferEnergy].reduce((total, value) => total + value, 0);
  return {
    name: `${level.name} <==> ${inner}`,
    ingresses: traffic.map((records) => records.map(signature)),
    fanout: tiles.map((tile) => tile.fanout),
    multicastFactor: traffic.map((records) => Math.max(0, ...records.map(({ multicast }) => multicast))),
    linkTransfers: tiles.map((tile) => tile.linkTransfers),
    spatialReductions: reductions,
    hops: traffic.map((records, d) => {
      const ingresses = sum(records, ({ accesses }) => accesses);
      return ingresses > 0 ? wires[d] / ingresses : 0;
    }),
    energyPerHop: tiles.map(() => hop),
    energy,
    linkTransferEnergy,
    spatialReductionEnergy: tiles.map(() => 0),
    totalEnergy: perInstance * instances,
  };
}

function signature({ multicast, scatter, accesses }: AccessRecord): Ingress {
  return { multicast, scatter, accesses };
}

function hopEnergy({ network }: StorageLevel, floorplan: number): number {
  const { energyPerHop, wordBits, wireEnergy } = network;
  return energyPerHop ?? ((wordBits * (network.tileWidth ?? floorplan)) / 1000) * wireEnergy;
}

/** A parent that cannot add sends every partial sum but the first back to be added below. */
function carried(level: StorageLevel, tile: Tile, readWrite: boolean): AccessRecord[] {
  if (!readWrite || level.reductionSupported) return tile.records;
  return tile.records.map((record) => ({ ...record, accesses: 2 * record.accesses - tile.partition }));
}

/** An integer in Timeloop: every record's share is cut. */
function additions(records: readonly AccessRecord[]): number {
  return records.reduce(
    (count, { multicast, accesses }) => Math.trunc(count + (multicast - 1) * accesses),
    0,
  );
}

/** An integer, too. */
function routers(records: readonly AccessRecord[]): number {
  return records.reduce(
    (touched, { hops, accesses }) =>
      accesses > 0 ? Math.trunc(touched + (1 + Math.floor(hops / accesses)) * accesses) : touched,
    0,
  );
}

function sum(records: readonly AccessRecord[], value: (record: AccessRecord) => number): number {
  return records.reduce((total, record) => total + value(record), 0);
}
