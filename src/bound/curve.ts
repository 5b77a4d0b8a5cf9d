/**
 * The data-movement lower bound: least traffic between a backing store and one buffer, for every capacity of the buffer.
 * Exact over all tiles whose extents divide the bounds and all orders of the loops outside (one loop a dimension).
 * After Orojenesis (Huang et al., ISCA 2024); halos are reused as in the rest of the `dse` cost model.
 */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { elementBits, keeping, memories } from '../arch/architecture.ts';
import { assertCountable } from '../mapping/legality.ts';
import type { Mapping, NestItem } from '../mapping/mapping.ts';
import type { Step } from '../model/nest.ts';
import { isCoupled, tileTraffic, wordsEverHeld } from '../model/traffic.ts';
import { InputError } from '../spec/errors.ts';
import type { Einsum, Tensor } from '../workload/einsum.ts';
import { isRelevant, macs, tensorWords, tileWords } from '../workload/einsum.ts';
import { LoopOrders } from './loop-order.ts';
import { twoMemories } from './machine.ts';
import { Tiles } from './tiles.ts';

/**
 * What becomes of a tensor: kept by the buffer; streamed past it, a word at every multiply-accumulate; or held elsewhere,
 * each word counted once.
 */
export type Treatment = 'kept' | 'streamed' | 'once';

export interface CurveOptions {
  /** Backing store and buffer, exactly; their data widths count. A word an element and every tensor kept if absent. */
  readonly machine?: Architecture;
  /** Tensors the buffer does not keep but some other memory may. Those neither kept nor named here are streamed. */
  readonly heldElsewhere?: readonly number[];
  /** Called now and then with the tiles looked at and all of them. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** One tensor's share of a point, in words of the buffer and of the backing store. */
export interface TensorShare {
  readonly bufferWords: number;
  readonly trafficWords: number;
}

/** A corner of the curve: no buffer of less words has as little traffic. */
export interface CurvePoint {
  /** Tiles of all kept tensors together, in words of the buffer. */
  readonly bufferWords: number;
  /** Read from and written to the backing store, in its words. */
  readonly trafficWords: number;
  /** Multiply-accumulates per word of traffic: operational intensity. */
  readonly macsPerWord: number;
  /** Extents by dimension. */
  readonly tile: readonly number[];
  /** Dimensions of the loops outside the tile, outermost first. */
  readonly order: readonly number[];
  /** One per tensor of the Einsum, in its order. */
  readonly tensors: readonly TensorShare[];
  /** For the curve's machine. */
  readonly mapping: Mapping;
}

export interface TrafficCurve {
  readonly einsum: Einsum;
  readonly machine: Architecture;
  /** One per tensor of the Einsum, in its order. */
  readonly treatment: readonly Treatment[];
  /** By ascending buffer and descending traffic; between two of them the left one holds. */
  readonly points: readonly CurvePoint[];
  /** No buffer of any size has less traffic: each word that is touched crosses once, streamed ones at every MAC. */
  readonly compulsoryWords: number;
  /** Tiles looked at. */
  readonly tiles: number;
}

/**
 * The curve of one layer.
 *
 * @throws InputError if the buffer keeps no tensor, or the layer has too many tiles or counts beyond 2^53
 */
export function trafficCurve(einsum: Einsum, options: CurveOptions = {}): TrafficCurve {
  const problem = problemOf(einsum, options);
  const found = pareto(problem, options.onProgress);
  const compulsory = sum(einsum.tensors.map((_, t) => compulsoryUnits(problem, t)));
  return {
    einsum,
    machine: problem.machine,
    treatment: problem.treatment,
    points: found.map((corner) => curvePoint(problem, corner)),
    compulsoryWords: compulsory / problem.store.unitsPerWord,
    tiles: problem.tiles.count,
  };
}

/** The point in force at a capacity: least traffic of all that fit; undefined if no tile fits. */
export function pointAt(curve: TrafficCurve, bufferWords: number): CurvePoint | undefined {
  return curve.points.findLast((point) => point.bufferWords <= bufferWords);
}

/** A memory's elements as whole numbers: the greatest common divisor of all widths is one unit. */
interface Units {
  readonly unitsPerWord: number;
  /** Of one element, by tensor. */
  readonly elements: readonly number[];
}

interface Problem {
  readonly einsum: Einsum;
  readonly machine: Architecture;
  readonly treatment: readonly Treatment[];
  readonly buffer: Units;
  readonly store: Units;
  /** The backing store needs no read before an element's first update. */
  readonly elides: boolean;
  /** Words that any tiles of a tensor cover, by tensor; undefined where it depends on the gaps tiles leave. */
  readonly covered: readonly (number | undefined)[];
  readonly tiles: Tiles;
}

function problemOf(einsum: Einsum, options: CurveOptions): Problem {
  const { machine = twoMemories(), heldElsewhere = [] } = options;
  const [store, buffer] = memories(machine);
  const treatment = einsum.tensors.map((tensor, t): Treatment => {
    if (keeping(machine, buffer, tensor) === 'keep') return 'kept';
    return heldElsewhere.includes(t) ? 'once' : 'streamed';
  });
  const kept = einsum.tensors.filter((_, t) => treatment[t] === 'kept');
  if (kept.length === 0)
    throw new InputError({ message: `${buffer.name} keeps no tensor of ${einsum.name}` });
  assertCountable(einsum);
  einsum.tensors.forEach((tensor) => assertEnumerable(einsum, tensor));
  // A loop no kept tensor depends on costs nothing inside the tile, and nothing is saved by having it outside.
  const tiles = new Tiles(
    einsum,
    einsum.dims.map((_, d) => kept.some((tensor) => isRelevant(tensor, d))),
  );
  return {
    einsum,
    machine,
    treatment,
    buffer: unitsOf(buffer, einsum),
    store: unitsOf(store, einsum),
    elides: !store.rmwFirstUpdate,
    covered: einsum.tensors.map((tensor) => (isDense(tensor) ? tensorWords(einsum, tensor) : undefined)),
    tiles,
  };
}

/** Words touched by a tensor whose ranks share a dimension are counted one by one. */
const MOST_ENUMERATED = 2 ** 20;

function assertEnumerable(einsum: Einsum, tensor: Tensor): void {
  if (!isCoupled(tensor) || tensorWords(einsum, tensor) <= MOST_ENUMERATED) return;
  throw new InputError({
    message: `tensor ${tensor.name} is too large to count: one of its dimensions indexes two ranks`,
    expected: `at most ${MOST_ENUMERATED} words`,
  });
}

function unitsOf(memory: Memory, einsum: Einsum): Units {
  const bits = einsum.tensors.map((tensor) => elementBits(memory, tensor));
  const unit = bits.reduce(greatestCommonDivisor, memory.wordBits);
  return { unitsPerWord: memory.wordBits / unit, elements: bits.map((width) => width / unit) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** A point of the front before it is written out; sizes in units. */
interface Corner {
  readonly bufferUnits: number;
  readonly tile: readonly number[];
  /** Dimensions of the loops outside the tile, innermost first. */
  readonly order: readonly number[];
}

const TILES_PER_REPORT = 2048;

/** Tiles by ascending size; a tile is on the front if its best order moves less than every smaller tile. */
function pareto(problem: Problem, onProgress?: CurveOptions['onProgress']): Corner[] {
  const { einsum, tiles } = problem;
  const orders = new LoopOrders(einsum, fetchedTensors(problem), dimsOutside(problem));
  const { sizes, bySize } = sortedTiles(problem);
  const corners: Corner[] = [];
  const tile = einsum.dims.map(() => 1);
  let best = Infinity;
  for (let i = 0; i < bySize.length; i++) {
    if (i % TILES_PER_REPORT === 0) onProgress?.(i, bySize.length);
    tiles.read(bySize[i], tile);
    const elided = elidedUnits(problem, tile);
    const moved = orders.least(tile, best + elided) - elided;
    if (moved >= best) continue;
    best = moved;
    const bufferUnits = sizes[bySize[i]];
    if (corners.at(-1)?.bufferUnits === bufferUnits) corners.pop();
    corners.push({ bufferUnits, tile: [...tile], order: orders.order() });
  }
  return corners;
}

/** Partial sums go up and come down again: each fetched word of the output counts twice. */
function fetchedTensors({ einsum, treatment, store }: Problem): { tensor: Tensor; units: number }[] {
  return einsum.tensors.flatMap((tensor, t) => {
    if (treatment[t] !== 'kept') return [];
    return [{ tensor, units: store.elements[t] * (tensor.role === 'outputs' ? 2 : 1) }];
  });
}

function dimsOutside({ einsum }: Problem): number {
  return einsum.dims.filter(({ bound }) => bound > 1).length;
}

/** Sizes of all tiles in units of the buffer, and the tiles' indices by ascending size. */
function sortedTiles({ einsum, treatment, buffer, tiles }: Problem): {
  sizes: Float64Array;
  bySize: Uint32Array;
} {
  const sizes = new Float64Array(tiles.count);
  const tile = einsum.dims.map(() => 1);
  for (let i = 0; i < tiles.count; i++) {
    tiles.read(i, tile);
    for (let t = 0; t < einsum.tensors.length; t++) {
      if (treatment[t] === 'kept') sizes[i] += buffer.elements[t] * tileWords(einsum.tensors[t], tile);
    }
  }
  const bySize = Uint32Array.from({ length: tiles.count }, (_, i) => i);
  bySize.sort((a, b) => sizes[a] - sizes[b] || a - b);
  return { sizes, bySize };
}

/** First reads that are left out, for all kept outputs of the run. */
function elidedUnits(problem: Problem, tile: readonly number[]): number {
  const { einsum, treatment, store, elides } = problem;
  if (!elides) return 0;
  let units = 0;
  for (let t = 0; t < einsum.tensors.length; t++) {
    const tensor = einsum.tensors[t];
    if (tensor.role !== 'outputs' || treatment[t] !== 'kept') continue;
    units += store.elements[t] * wordsHeld(problem, t, tile);
  }
  return units;
}

/** Words the tiles of a tensor ever cover. */
function wordsHeld({ einsum, covered }: Problem, t: number, tile: readonly number[]): number {
  return covered[t] ?? wordsEverHeld(einsum.tensors[t], tile, stepsOutside(einsum, tile));
}

function isDense(tensor: Tensor): boolean {
  const single = (rank: Tensor['ranks'][number]): boolean =>
    rank.length === 0 || (rank.length === 1 && Math.abs(rank[0].coefficient) === 1);
  return tensor.ranks.every(single) && !isCoupled(tensor);
}

/** The loops outside a tile, in the order of `dims` (innermost first). */
function stepsOutside(einsum: Einsum, tile: readonly number[], dims?: readonly number[]): Step[] {
  return (dims ?? einsum.dims.map((_, d) => d)).map((dim) => ({
    dim,
    factor: einsum.dims[dim].bound / tile[dim],
    stride: tile[dim],
  }));
}

function compulsoryUnits(problem: Problem, t: number): number {
  if (problem.treatment[t] === 'streamed') return streamedUnits(problem, t);
  return problem.store.elements[t] * wordsTouched(problem.einsum, problem.einsum.tensors[t]);
}

function wordsTouched(einsum: Einsum, tensor: Tensor): number {
  const point = einsum.dims.map(() => 1);
  return wordsEverHeld(tensor, point, stepsOutside(einsum, point));
}

/** A word at every multiply-accumulate; of the output one up, and one down unless it is the first. */
function streamedUnits({ einsum, store, elides }: Problem, t: number): number {
  const tensor = einsum.tensors[t];
  if (tensor.role !== 'outputs') return store.elements[t] * macs(einsum);
  return store.elements[t] * (2 * macs(einsum) - (elides ? wordsTouched(einsum, tensor) : 0));
}

function curvePoint(problem: Problem, { bufferUnits, tile, order }: Corner): CurvePoint {
  const { einsum, buffer, store } = problem;
  const tensors = einsum.tensors.map((_, t) => tensorShare(problem, t, tile, order));
  const trafficUnits = sum(einsum.tensors.map((_, t) => trafficUnitsOf(problem, t, tile, order)));
  const trafficWords = trafficUnits / store.unitsPerWord;
  return {
    bufferWords: bufferUnits / buffer.unitsPerWord,
    trafficWords,
    macsPerWord: macs(einsum) / trafficWords,
    tile,
    order: order.toReversed(),
    tensors,
    mapping: mappingOf(problem, tile, order),
  };
}

function tensorShare(
  problem: Problem,
  t: number,
  tile: readonly number[],
  order: readonly number[],
): TensorShare {
  const { einsum, treatment, buffer, store } = problem;
  const bufferUnits = treatment[t] === 'kept' ? buffer.elements[t] * tileWords(einsum.tensors[t], tile) : 0;
  return {
    bufferWords: bufferUnits / buffer.unitsPerWord,
    trafficWords: trafficUnitsOf(problem, t, tile, order) / store.unitsPerWord,
  };
}

function trafficUnitsOf(
  problem: Problem,
  t: number,
  tile: readonly number[],
  order: readonly number[],
): number {
  const { einsum, treatment, store, elides } = problem;
  if (treatment[t] !== 'kept') return compulsoryUnits(problem, t);
  const tensor = einsum.tensors[t];
  const moved = tileTraffic(tensor, tile, stepsOutside(einsum, tile, order));
  if (tensor.role !== 'outputs') return store.elements[t] * moved;
  return store.elements[t] * (2 * moved - (elides ? wordsHeld(problem, t, tile) : 0));
}

/** The nest: loops of the backing store, then the buffer's tiles. */
function mappingOf(
  { einsum, treatment }: Problem,
  tile: readonly number[],
  order: readonly number[],
): Mapping {
  const all = einsum.tensors.map((_, t) => t);
  const inside = tile.flatMap((factor, dim): NestItem[] =>
    factor > 1 ? [{ kind: 'for', dim, factor }] : [],
  );
  return {
    nest: [
      { kind: 'station', memory: 0, tensors: all },
      ...order
        .toReversed()
        .map((dim): NestItem => ({ kind: 'for', dim, factor: einsum.dims[dim].bound / tile[dim] })),
      { kind: 'station', memory: 1, tensors: all.filter((t) => treatment[t] === 'kept') },
      ...inside,
    ],
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
