/** Enumerates every mapping of a small mapspace and evaluates each with the reference model. Slow, simple, no bounds. */
import { fanouts, memories } from '../../../src/arch/architecture.ts';
import { checkMapping } from '../../../src/mapping/legality.ts';
import type { Loop, Mapping, NestItem } from '../../../src/mapping/mapping.ts';
import type { Rule } from '../../../src/mapspace/constraints.ts';
import { disobeyed } from '../../../src/mapspace/obeys.ts';
import { divisors } from '../../../src/mapspace/factors.ts';
import { homeStations } from '../../../src/mapspace/frame.ts';
import type { Level, Limit, Mapspace, MemoryLevel } from '../../../src/mapspace/mapspace.ts';
import { respects } from '../../../src/mapspace/order.ts';
import { evaluateMapping } from '../../../src/model/evaluate.ts';

export interface Point {
  readonly energyPj: number;
  readonly cycles: number;
  readonly mapping: Mapping;
}

export class TooMany extends Error {}

/** Calls `visit` with every legal mapping's cost; throws `TooMany` beyond `limit` mappings. */
export function enumerate(space: Mapspace, limit: number, visit: (point: Point) => void): number {
  let count = 0;
  const finish = (nest: NestItem[]): void => {
    if (++count > limit) throw new TooMany();
    const mapping: Mapping = { nest };
    if (checkMapping(space.arch, space.einsum, mapping).length > 0) return;
    if (disobeyed(reservations(space), space.arch, space.einsum, mapping).length > 0) return;
    const { energyPj, cycles } = evaluateMapping(space.arch, space.einsum, mapping);
    visit({ energyPj, cycles, mapping });
  };
  const descend = (l: number, nest: NestItem[], left: readonly number[], units: number): void => {
    if (l === space.levels.length) {
      if (left.every((rest) => rest === 1) && units >= space.minUnits) finish(nest);
      return;
    }
    for (const block of blocks(space, space.levels[l], left)) {
      descend(l + 1, [...nest, ...block.items], block.left, units * block.copies);
    }
  };
  descend(
    0,
    [],
    space.einsum.dims.map(({ bound }) => bound),
    1,
  );
  return count;
}

/** Homes and reserved words of a space as rules. */
function reservations({ arch, homes, reserved }: Mapspace): Rule[] {
  const node = (memory: number): number => arch.nodes.indexOf(memories(arch)[memory]);
  return [
    ...homes.flatMap((home, tensor): Rule[] =>
      home > 0 ? [{ kind: 'resident', node: node(home), tensor }] : [],
    ),
    ...reserved.flatMap((words, memory): Rule[] =>
      words > 0 ? [{ kind: 'reserve', node: node(memory), words }] : [],
    ),
  ];
}

interface Block {
  readonly items: readonly NestItem[];
  readonly left: readonly number[];
  readonly copies: number;
}

function* blocks(space: Mapspace, level: Level, left: readonly number[]): Generator<Block> {
  if (level.kind === 'memory') {
    for (const tensors of level.keeps) {
      if (tensors.length === 0) yield { items: [], left, copies: 1 };
      else if (space.uneven && level.memory > 0) yield* unevenBlocks(level, tensors, left);
      else if (level.memory === 0) {
        for (const block of evenBlocks(level, tensors, left, level.limits, (order) =>
          respects(order, level.before),
        ))
          yield { ...block, items: [...homeStations(space), ...block.items.slice(1)] };
      } else yield* evenBlocks(level, tensors, left, level.limits, (order) => respects(order, level.before));
    }
    return;
  }
  const array = fanouts(space.arch)[level.fanout];
  for (const factors of factorChoices(level, left)) {
    const copies = factors.reduce((product, factor) => product * factor, 1);
    if (copies < level.minCopies) continue;
    const rest = left.map((bound, dim) => bound / factors[dim]);
    // Which axis a factor lies on changes no cost: the first split that fits stands for all.
    const split = firstSplit(level, factors, array.x, array.y, level.fanout);
    if (split) yield { items: split, left: rest, copies };
  }
}

/** One station and its loops. */
function* evenBlocks(
  level: MemoryLevel,
  tensors: readonly number[],
  left: readonly number[],
  limits: readonly Limit[],
  allows: (order: readonly number[]) => boolean,
): Generator<Block> {
  for (const factors of factorChoices({ ...level, limits }, left)) {
    const rest = left.map((bound, dim) => bound / factors[dim]);
    const dims = factors.flatMap((factor, dim) => (factor > 1 ? [dim] : []));
    for (const order of permutations(dims)) {
      if (!allows(order)) continue;
      const loops = order.map((dim): Loop => ({ kind: 'for', dim, factor: factors[dim] }));
      yield { items: [{ kind: 'station', memory: level.memory, tensors }, ...loops], left: rest, copies: 1 };
    }
  }
}

/** Any tensors in the outermost station, some loops, then the others likewise; rules hold for all loops together. */
function* unevenBlocks(
  level: MemoryLevel,
  tensors: readonly number[],
  left: readonly number[],
): Generator<Block> {
  const free = level.limits.map((): Limit => ({ least: 1, most: Infinity }));
  function* stations(
    open: readonly number[],
    items: readonly NestItem[],
    now: readonly number[],
  ): Generator<Block> {
    if (open.length === 0) {
      if (keepsRules(level, items)) yield { items, left: now, copies: 1 };
      return;
    }
    for (const first of subsets(open).filter((set) => set.length > 0)) {
      const others = open.filter((t) => !first.includes(t));
      for (const block of evenBlocks(level, first, now, free, () => true)) {
        // Stations with no loop between them are one.
        if (others.length > 0 && block.items.length === 1) continue;
        yield* stations(others, [...items, ...block.items], block.left);
      }
    }
  }
  yield* stations(tensors, [], left);
}

function keepsRules({ limits, before }: MemoryLevel, items: readonly NestItem[]): boolean {
  const loops = items.filter((item) => item.kind === 'for');
  const factor = (dim: number): number =>
    loops.reduce((product, loop) => (loop.dim === dim ? product * loop.factor : product), 1);
  const order = loops.map(({ dim }) => dim);
  return (
    limits.every(({ least, most }, dim) => factor(dim) >= least && factor(dim) <= most) &&
    before.every(
      ([outer, inner]) => !order.includes(inner) || order.lastIndexOf(outer) < order.indexOf(inner),
    )
  );
}

function subsets(items: readonly number[]): number[][] {
  return items.reduce<number[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}

function firstSplit(
  level: Level,
  factors: readonly number[],
  x: number,
  y: number,
  fanout: number,
): Loop[] | undefined {
  const may = (axis: 'x' | 'y', dim: number): boolean =>
    level.slots.some((s) => s.axis === axis && s.dim === dim);
  const place = (dim: number, restX: number, restY: number): Loop[] | undefined => {
    if (dim === factors.length) return [];
    for (const own of divisors(factors[dim])) {
      const other = factors[dim] / own;
      if (own > restX || other > restY || (own > 1 && !may('x', dim)) || (other > 1 && !may('y', dim)))
        continue;
      const rest = place(dim + 1, Math.floor(restX / own), Math.floor(restY / other));
      if (!rest) continue;
      const loop = (axis: 'x' | 'y', factor: number): Loop[] =>
        factor > 1 ? [{ kind: 'parallel', fanout, axis, dim, factor }] : [];
      return [...loop('x', own), ...loop('y', other), ...rest];
    }
    return undefined;
  };
  return place(0, x, y);
}

function* factorChoices(level: Level, left: readonly number[], dim = 0): Generator<number[]> {
  if (dim === left.length) {
    yield [];
    return;
  }
  const { least, most } = level.limits[dim];
  const open = level.slots.some((slot) => slot.dim === dim);
  for (const factor of open ? divisors(left[dim]) : [1]) {
    if (factor < least || factor > most) continue;
    for (const rest of factorChoices(level, left, dim + 1)) yield [factor, ...rest];
  }
}

function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const first of items) {
    for (const rest of permutations(items.filter((item) => item !== first))) yield [first, ...rest];
  }
}
