/**
 * Exhaustive search: every legal mapping of a small space, each exactly once. The oracle that other strategies are
 * tested against, so it is plain rather than fast: factorisations are built dimension by dimension and checked with
 * the same function of a tile's size as everything else.
 */
import type { Fanout } from '../arch/architecture.ts';
import { memories } from '../arch/architecture.ts';
import { divisors } from '../mapspace/factors.ts';
import type { Frame } from '../mapspace/frame.ts';
import { arrange, combinations, frames, withCells } from '../mapspace/frame.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { freeWords, neededWords, usedWords } from '../mapspace/occupancy.ts';
import { countOrders, orders } from '../mapspace/order.ts';
import { mapspaceSize } from '../mapspace/size.ts';
import { FACTOR_LIMIT, FANOUT, UTILIZATION } from '../mapspace/tiling.ts';
import { InputError } from '../spec/errors.ts';
import type { ShardContext } from './shard-context.ts';
import type { ShardRun, Strategy } from './strategy.ts';

/** Most mappings of a space it takes. */
const EXHAUSTIVE_LIMIT = 2_000_000;
/** Most factorisations, partial ones included, that may be refused while counting: some seconds. */
const REFUSAL_LIMIT = 1_000_000;

export const exhaustiveStrategy: Strategy = {
  name: 'exhaustive',
  proves: true,
  accept: assertSmall,
  rounds: () => [[{ index: 0, evaluations: Infinity }]],
  start: (context) => new ExhaustiveRun(context),
};

/** Counts the legal mappings of the space, each once. Stops with a number above the limit as soon as it is passed. */
export function countMappings(space: Mapspace, limit = EXHAUSTIVE_LIMIT): number {
  let mappings = 0;
  let refusals = 0;
  for (const frame of frames(space)) {
    for (const factors of factorisations(frame, () => refusals++)) {
      mappings += Number(orderCount(frame, factors));
      if (mappings > limit || refusals > REFUSAL_LIMIT) return Math.max(mappings, limit + 1);
    }
  }
  return mappings;
}

function assertSmall(space: Mapspace): void {
  if (countMappings(space) <= EXHAUSTIVE_LIMIT) return;
  throw new InputError({
    message:
      `the mapspace is too large to search exhaustively: more than ${EXHAUSTIVE_LIMIT} legal mappings ` +
      `(${mapspaceSize(space)} points before capacity)`,
    suggestion: 'constrain factors or loop orders, or search with anneal or random',
  });
}

type Refuse = (reason: number) => void;

/**
 * Every factorisation of a frame (one factor per cell) that is legal, each once. A partial factorisation that
 * overflows is left at once: tiles and arrays only fill up as further dimensions are factored.
 */
export function* factorisations(frame: Frame, refuse: Refuse): Generator<number[]> {
  const { dims } = frame.space.einsum;
  const beyond = memories(frame.space.arch).length;
  const byDim = dims.map((_, dim) => dimFactorisations(frame, dim));
  function* extend(dim: number, factors: readonly number[]): Generator<number[]> {
    if (dim === dims.length) {
      if (meetsFloors(frame, factors)) yield [...factors];
      else refuse(beyond + UTILIZATION);
      return;
    }
    for (const own of byDim[dim]) {
      const next = factors.map((factor, c) => (frame.cells[c].dim === dim ? own[c] : factor));
      const reason = overflow(frame, next);
      if (reason !== undefined) refuse(reason);
      else if (!withinLimits(frame, next, dim)) refuse(beyond + FACTOR_LIMIT);
      else yield* extend(dim + 1, next);
    }
  }
  yield* extend(
    0,
    frame.cells.map(() => 1),
  );
}

/** All ways to write a dimension's bound as a product over its cells; other cells are 1. */
function dimFactorisations({ space, cells }: Frame, dim: number): number[][] {
  const own = cells.flatMap((cell, c) => (cell.dim === dim ? [c] : []));
  const split = (bound: number, count: number): number[][] => {
    if (count === 0) return bound === 1 ? [[]] : [];
    // Large outer factors first: they fit, so that counting soon passes its limit in a large space.
    return divisors(bound)
      .toReversed()
      .flatMap((d) => split(bound / d, count - 1).map((rest) => [d, ...rest]));
  };
  return split(space.einsum.dims[dim].bound, own.length).map((parts) =>
    cells.map((_, c) => (own.includes(c) ? parts[own.indexOf(c)] : 1)),
  );
}

/** The first array axis or memory that overflows, as a reason. */
function overflow(frame: Frame, factors: readonly number[]): number | undefined {
  const { space, cells } = frame;
  for (const [l, level] of space.levels.entries()) {
    if (level.kind === 'memory') {
      if (words(frame, l, factors) > freeWords(space, level.memory)) return level.memory;
      continue;
    }
    const array = space.arch.nodes[l] as Fanout;
    const along = (axis: 'x' | 'y'): number =>
      product(factors, (c) => cells[c].level === l && cells[c].axis === axis);
    if (along('x') > array.x || along('y') > array.y) return memories(space.arch).length + FANOUT;
  }
  return undefined;
}

/** Words in use in one instance of a level's memory. */
function words({ space, stations, cells }: Frame, level: number, factors: readonly number[]): number {
  const memory = space.levels[level];
  const station = stations[level];
  if (memory.kind === 'array' || !station) return 0;
  const extents = space.einsum.dims.map((_, dim) =>
    product(factors, (c) => cells[c].level >= level && cells[c].dim === dim),
  );
  return usedWords(space, memory, station.tensors, extents);
}

function withinLimits({ space, cells }: Frame, factors: readonly number[], dim: number): boolean {
  return space.levels.every(({ limits }, l) => {
    const total = product(factors, (c) => cells[c].level === l && cells[c].dim === dim);
    return total >= limits[dim].least && total <= limits[dim].most;
  });
}

function meetsFloors(frame: Frame, factors: readonly number[]): boolean {
  const { space, cells } = frame;
  const copies = (l: number): number => product(factors, (c) => cells[c].level === l);
  const units = product(factors, (c) => cells[c].fanout >= 0);
  return (
    units >= space.minUnits &&
    space.levels.every((level, l) =>
      level.kind === 'array'
        ? copies(l) >= level.minCopies
        : words(frame, l, factors) >= neededWords(memories(space.arch)[level.memory]),
    )
  );
}

function product(factors: readonly number[], chosen: (cell: number) => boolean): number {
  let total = 1;
  for (let c = 0; c < factors.length; c++) if (factors[c] > 1 && chosen(c)) total *= factors[c];
  return total;
}

/** By level: the dimensions of a memory's loops of a bound above 1. */
function busyDims({ space, cells, cellsOfLevel }: Frame, factors: readonly number[]): number[][] {
  return space.levels.map((level, l) =>
    level.kind === 'array' ? [] : cellsOfLevel[l].filter((c) => factors[c] > 1).map((c) => cells[c].dim),
  );
}

function orderCount(frame: Frame, factors: readonly number[]): bigint {
  const dims = busyDims(frame, factors);
  return frame.space.levels.reduce(
    (count, level, l) => (level.kind === 'memory' ? count * countOrders(dims[l], level.before) : count),
    1n,
  );
}

/** A batch: some factorisations whose loops of bound above 1 are the same, in one loop order. */
interface Batch {
  readonly frame: Frame;
  readonly order: readonly (readonly number[])[];
  readonly factorisations: readonly (readonly number[])[];
}

/** Factorisations listed between two pauses. */
const LISTED_PER_STEP = 512;

/**
 * All batches of a space, with pauses (undefined) while factorisations are listed. Loops of bound 1 are never ordered,
 * so that no mapping comes twice.
 */
function* batches(space: Mapspace, lanes: number, refuse: Refuse): Generator<Batch | undefined> {
  for (const frame of frames(space)) {
    const groups = new Map<string, number[][]>();
    let listed = 0;
    for (const factors of factorisations(frame, refuse)) {
      if (++listed % LISTED_PER_STEP === 0) yield undefined;
      const key = factors.map((factor) => (factor > 1 ? '1' : '0')).join('');
      const group = groups.get(key);
      if (group) group.push(factors);
      else groups.set(key, [factors]);
    }
    for (const group of groups.values()) yield* orderedBatches(frame, group, lanes);
  }
}

function* orderedBatches(frame: Frame, group: readonly number[][], lanes: number): Generator<Batch> {
  const dims = busyDims(frame, group[0]);
  const choices = frame.space.levels.map((level, l) =>
    level.kind === 'memory' ? [...orders(dims[l], level.before)] : [[]],
  );
  for (const picks of combinations(choices.map((list) => list.length))) {
    const order = picks.map((pick, l) => choices[l][pick]);
    for (let start = 0; start < group.length; start += lanes) {
      yield { frame, order, factorisations: group.slice(start, start + lanes) };
    }
  }
}

class ExhaustiveRun implements ShardRun {
  readonly #context: ShardContext;
  readonly #batches: Iterator<Batch | undefined>;

  constructor(context: ShardContext) {
    this.#context = context;
    this.#batches = batches(context.space, context.evaluator.batch, (reason) => {
      context.refused[reason]++;
    });
  }

  step(): boolean {
    const next = this.#batches.next();
    if (next.done) return false;
    if (next.value !== undefined) this.#cost(next.value);
    return true;
  }

  #cost({ frame, order, factorisations: lanes }: Batch): void {
    const { evaluator } = this.#context;
    const { structure, cellOfSlot } = arrange(busyFrame(frame, lanes[0]), order);
    evaluator.setStructure(structure);
    const cells = frame.cells.flatMap((_, c) => (lanes[0][c] > 1 ? [c] : []));
    lanes.forEach((factors, lane) => {
      cellOfSlot.forEach((cell, slot) => {
        evaluator.factors[slot * evaluator.batch + lane] = factors[cells[cell]];
      });
    });
    this.#context.cost(structure, lanes.length);
  }
}

/** The frame without the cells whose factor is 1. */
function busyFrame(frame: Frame, factors: readonly number[]): Frame {
  return withCells(
    frame,
    frame.cells.filter((_, c) => factors[c] > 1),
  );
}
