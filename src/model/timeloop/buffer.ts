/** Energy, bandwidth and address generation of one storage level, from its tiles. */
import type { Problem, StorageLevel } from '../../timeloop/spec.ts';
import type { BufferResult } from './result.ts';
import { dramEnergy, sramEnergy } from './pat.ts';
import type { Tile } from './tiles.ts';

/** How much of the level the mapping uses. */
export interface Usage {
  /** Instances at work on average, and as many as ever. */
  readonly mean: number;
  readonly most: number;
}

/** Action names of energy reference tables that mean an access, best first. */
export const READ = ['random_read', 'read'];
export const FILL = ['random_fill', 'random_write', 'fill', 'write'];
export const UPDATE = ['random_update', 'random_write', 'update', 'write'];

/** @param cycles of the arithmetic */
export function evaluateBuffer(
  level: StorageLevel,
  problem: Problem,
  tiles: readonly Tile[],
  keep: readonly boolean[],
  usage: Usage,
  cycles: number,
): Omit<BufferResult, 'leakage' | 'totalEnergy'> {
  const clusters = Math.min(usage.most, Math.floor(level.instances / level.clusterSize));
  const addresses = tiles.map((tile, d) =>
    problem.dataspaces[d].readWrite ? tile.updates + tile.fills : tile.reads + tile.fills,
  );
  const energy = tiles.map((tile) => accessEnergy(level, tile) / (usage.most / clusters));
  return {
    name: level.name,
    keep,
    partitionSize: tiles.map((tile) => tile.partition),
    utilizedCapacity: tiles.map((tile) => tile.size),
    utilizedInstances: tiles.map(() => usage.mean),
    utilizedClusters: tiles.map(() => clusters),
    reads: tiles.map((tile) => tile.reads),
    updates: tiles.map((tile) => tile.updates),
    fills: tiles.map((tile) => tile.fills),
    addressGenerations: addresses,
    temporalReductions: tiles.map((tile) => tile.temporalReductions),
    energy,
    energyPerAccess: tiles.map((tile, d) => energy[d] / (tile.reads + tile.updates + tile.fills)),
    temporalReductionEnergy: tiles.map(() => 0),
    addressGenerationEnergy: addresses.map((count) => count * level.addressGenerationEnergy),
    addressGenerationBits: addressBits(level, tiles),
    ...throughput(level, problem, tiles, usage, cycles),
  };
}

function accessEnergy(level: StorageLevel, { reads, fills, updates }: Tile): number {
  const vectors = (scalars: number): number => Math.ceil(scalars / level.blockSize);
  return (
    vectors(reads) * actionEnergy(level, READ) +
    vectors(fills) * actionEnergy(level, FILL) +
    vectors(updates) * actionEnergy(level, UPDATE)
  );
}

/** Energy of one vector access by the first of the names that is listed, pJ. */
export function actionEnergy(level: StorageLevel, names: readonly string[]): number {
  if (level.vectorAccessEnergy !== undefined) return level.vectorAccessEnergy;
  const listed = names.find((name) => level.actions[name] !== undefined);
  return listed === undefined ? builtInEnergy(level) : level.actions[listed];
}

/** What Timeloop assumes of a level no energy table lists. */
export function builtInEnergy(level: StorageLevel): number {
  const { technology, size, wordBits, blockSize, clusterSize } = level;
  if (technology === 'DRAM') return dramEnergy(wordBits * blockSize);
  if (!size) return 0;
  return sramEnergy(Math.ceil(size / blockSize), wordBits * blockSize * clusterSize) / clusterSize;
}

function addressBits({ size, blockSize }: StorageLevel, tiles: readonly Tile[]): number {
  const words = size ?? tiles.reduce((sum, tile) => sum + tile.size, 0);
  return Math.ceil(Math.log2(Math.max(1, Math.floor(words / blockSize))));
}

type Throughput = Pick<
  BufferResult,
  'readBandwidth' | 'writeBandwidth' | 'sharedBandwidth' | 'slowdown' | 'cycles'
>;

function throughput(
  level: StorageLevel,
  problem: Problem,
  tiles: readonly Tile[],
  usage: Usage,
  cycles: number,
): Throughput {
  // All instances' accesses, spread over the instances that work at some time.
  const spread = usage.most / usage.mean;
  const scale = problem.dataspaces.map(({ name }) => level.bandwidthScale[name] ?? 1);
  const demand = (words: number, d: number): number => (Math.ceil(words / spread) / cycles) * scale[d];
  const read = tiles.map((tile, d) => demand(tile.reads, d));
  const write = tiles.map((tile, d) => demand(tile.updates + tile.fills, d));
  const shared = read.map((words, d) => words + write[d]);
  const ratio = (limit: number | undefined, words: readonly number[]): number =>
    limit === undefined || sum(words) <= limit ? 1 : limit / sum(words);
  const slowdown = Math.min(
    ratio(level.readBandwidth, read),
    ratio(level.writeBandwidth, write),
    ratio(level.sharedBandwidth, shared),
  );
  return {
    readBandwidth: read.map((words) => words * slowdown),
    writeBandwidth: write.map((words) => words * slowdown),
    sharedBandwidth: shared.map((words) => words * slowdown),
    slowdown,
    cycles: Math.ceil(cycles / slowdown),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
