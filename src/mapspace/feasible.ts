/**
 * Finds out, before any search, that no mapping can be legal, and says why. What passes may still have no legal
 * mapping: each test looks at one dimension, one array or one memory.
 */
import type { Fanout, Memory } from '../arch/architecture.ts';
import { computeUnits, usableWords } from '../arch/architecture.ts';
import type { Diagnostic } from '../spec/errors.ts';
import { InfeasibleError } from '../spec/errors.ts';
import type { Constraints } from './constraints.ts';
import { contradictions, dimName, divisorsWithin, factorRules, nameOf, ruleText } from './contradictions.ts';
import { divisors } from './factors.ts';
import type { ArrayLevel, Level, Mapspace, MemoryLevel } from './mapspace.ts';
import { freeWords, neededWords, usedWords } from './occupancy.ts';

/**
 * The space without the keep choices whose smallest tiles overflow.
 *
 * @throws InfeasibleError if a rule contradicts the architecture, the layer or another rule; if a dimension's factors
 * cannot reach its bound; if fixed spatial factors overflow an array; if the smallest tile overflows a memory; or if
 * an array cannot reach its utilisation floor
 */
export function feasibleSpace(space: Mapspace, constraints: Constraints): Mapspace {
  refuse(contradictions(space, constraints));
  refuse(overfullArrays(space, constraints));
  refuse(unreachableBounds(space, constraints));
  const extents = smallestTiles(space);
  refuse(overfullMemories(space, extents));
  refuse(emptyOutermost(space));
  refuse(unreachableFloors(space, constraints));
  const levels = space.levels.map((level, l) =>
    level.kind === 'memory' ? { ...level, keeps: fittingKeeps(space, level, extents[l]) } : level,
  );
  return { ...space, levels };
}

function refuse(problems: readonly Diagnostic[]): void {
  if (problems.length > 0) throw new InfeasibleError(problems);
}

/** Values that the product of one dimension's factors may take at a level, ascending. */
function groupValues(space: Mapspace, node: number, dim: number): number[] {
  const level = space.levels[node];
  const axes = level.slots.filter((slot) => slot.dim === dim).map((slot) => slot.axis);
  const idle = level.kind === 'memory' && level.keeps.every((kept) => kept.length === 0);
  const possible = axes.length === 0 || idle ? [1] : divisors(space.einsum.dims[dim].bound);
  const { least, most } = level.limits[dim];
  const array = space.arch.nodes[node] as Fanout;
  return possible.filter(
    (value) =>
      value >= least && value <= most && (level.kind === 'memory' || splits(array, axes, value).length > 0),
  );
}

type Pair = readonly [x: number, y: number];

/** Ways to write a factor as `x · y` on an array's axes. */
function splits(array: Fanout, axes: readonly ('x' | 'y')[], value: number): Pair[] {
  const widest = { x: axes.includes('x') ? array.x : 1, y: axes.includes('y') ? array.y : 1 };
  return divisors(value)
    .map((x): Pair => [x, value / x])
    .filter(([x, y]) => x <= widest.x && y <= widest.y);
}

function overfullArrays(space: Mapspace, constraints: Constraints): Diagnostic[] {
  return space.levels.flatMap((level, node) => {
    if (level.kind === 'memory') return [];
    const demanded = level.limits.flatMap((limit, dim) => (limit.least > 1 ? [dim] : []));
    const least = demanded.map((dim): Demand => ({ dim, values: groupValues(space, node, dim) }));
    if (arrangements(space, node, least).length > 0) return [];
    return [overfullArray(space, node, demanded, constraints)];
  });
}

function overfullArray(
  space: Mapspace,
  node: number,
  dims: readonly number[],
  constraints: Constraints,
): Diagnostic {
  const array = space.arch.nodes[node] as Fanout;
  const level = space.levels[node];
  const least = dims.map((dim) => divisorsWithin(space, dim, level.limits[dim])[0]);
  const copies = least.reduce((product, value) => product * value, 1);
  const texts = dims.map((dim, i) => `${dimName(space, dim)}=${least[i]}`).join(' ');
  const over = copies - arrayCopies(space, node);
  const problem =
    over > 0
      ? `needs ${copies} copies, ${over} more than its ${array.x} x ${array.y}`
      : `cannot be laid out on its ${array.x} x ${array.y} copies with the dimensions each axis allows`;
  const rule = factorRules(constraints, node).findLast((other) => other.least > 1);
  const suggestion = smallerFactor(space, node, dims, least) ?? 'drop one of these factors';
  return { message: `${array.name}: ${texts} ${problem}`, position: rule?.position, suggestion };
}

/** The largest value of one demanded factor that lets all of them fit. */
function smallerFactor(
  space: Mapspace,
  node: number,
  dims: readonly number[],
  least: readonly number[],
): string | undefined {
  const options = dims.flatMap((dim, i) => {
    const lower = divisors(space.einsum.dims[dim].bound).filter((value) => value < least[i]);
    const value = lower.findLast((smaller) => {
      const demands = dims.map((d, j): Demand => ({ dim: d, values: [j === i ? smaller : least[j]] }));
      return arrangements(space, node, demands).length > 0;
    });
    return value === undefined ? [] : [`${dimName(space, dim)}=${value}`];
  });
  return options.length > 0 ? `lower it to ${options.join(' or ')}` : undefined;
}

interface Demand {
  readonly dim: number;
  readonly values: readonly number[];
}

/** Products on both axes that the demanded dimensions can reach together. */
function arrangements(space: Mapspace, node: number, demands: readonly Demand[]): Pair[] {
  const array = space.arch.nodes[node] as Fanout;
  let reached: Pair[] = [[1, 1]];
  for (const { dim, values } of demands) {
    const axes = space.levels[node].slots.filter((slot) => slot.dim === dim).map((slot) => slot.axis);
    const pairs = values.flatMap((value) => splits(array, axes, value));
    const next = new Map<number, Pair>();
    for (const [x, y] of reached) {
      for (const [a, b] of pairs) {
        if (x * a <= array.x && y * b <= array.y) next.set(x * a * (array.y + 1) + y * b, [x * a, y * b]);
      }
    }
    reached = [...next.values()];
  }
  return reached;
}

function unreachableBounds(space: Mapspace, constraints: Constraints): Diagnostic[] {
  return space.einsum.dims.flatMap(({ name, bound: target }, dim): Diagnostic[] => {
    const values = space.levels.map((_, node) => groupValues(space, node, dim));
    const products = reachable(values, target);
    if (products.has(target)) return [];
    const rules = space.levels.flatMap((_, node) => factorRules(constraints, node, dim));
    const texts = rules.map((rule) => `${ruleText(space, rule)} at ${nameOf(space, rule.node)}`).join(', ');
    const most = Math.max(0, ...products);
    const missing = most > 0 ? `at most ${most}, a factor ${target / most} short` : 'none at all';
    const message = `${name}'s factors cannot reach its bound ${target} (${missing}): ${texts}`;
    const position = rules.at(-1)?.position;
    return [{ message, position, suggestion: `let ${name} be split freely at one memory` }];
  });
}

/** Products of one value per level that divide the bound. */
function reachable(values: readonly (readonly number[])[], target: number): Set<number> {
  return reachableSoFar(values, target)[values.length];
}

/** The same over the first 0, 1, 2, … levels. */
function reachableSoFar(values: readonly (readonly number[])[], target: number): Set<number>[] {
  const sets = [new Set([1])];
  for (const choices of values) {
    const before = sets[sets.length - 1];
    const after = new Set<number>();
    for (const product of before) {
      for (const value of choices) if (target % (product * value) === 0) after.add(product * value);
    }
    sets.push(choices.length === 1 && choices[0] === 1 ? before : after);
  }
  return sets;
}

/** Smallest extent of each dimension inside each level's tile, by level: what fixed factors inside force. */
export function minimalExtents(space: Mapspace): number[][] {
  const byDim = space.einsum.dims.map(({ bound: target }, dim) => {
    const values = space.levels.map((_, node) => groupValues(space, node, dim));
    const outside = reachableSoFar(values, target);
    const inside = reachableSoFar(values.toReversed(), target).toReversed();
    return space.levels.map((_, node) =>
      Math.min(...[...inside[node]].filter((extent) => outside[node].has(target / extent))),
    );
  });
  return space.levels.map((_, node) => byDim.map((extents) => extents[node]));
}

/** Smallest tiles of each level; an uneven memory's may lie inside its own loops. */
function smallestTiles(space: Mapspace): number[][] {
  const extents = minimalExtents(space);
  if (!space.uneven) return extents;
  const inside = [...extents.slice(1), space.einsum.dims.map(() => 1)];
  return extents.map((own, node) =>
    node > 0 && space.arch.nodes[node].kind === 'memory' ? inside[node] : own,
  );
}

function fittingKeeps(
  space: Mapspace,
  level: MemoryLevel,
  extents: readonly number[],
): (readonly number[])[] {
  const usable = freeWords(space, level.memory);
  return level.keeps.filter((kept) => usedWords(space, level, kept, extents) <= usable);
}

function overfullMemories(space: Mapspace, extents: readonly (readonly number[])[]): Diagnostic[] {
  return space.levels.flatMap((level: Level, node): Diagnostic[] => {
    if (level.kind === 'array' || fittingKeeps(space, level, extents[node]).length > 0) return [];
    return [overfullMemory(space, level, node, extents[node])];
  });
}

function overfullMemory(
  space: Mapspace,
  level: MemoryLevel,
  node: number,
  extents: readonly number[],
): Diagnostic {
  const memory = space.arch.nodes[node] as Memory;
  const words = (tensors: readonly number[]): number => usedWords(space, level, tensors, extents);
  const kept = level.keeps.reduce((best, other) => (words(other) < words(best) ? other : best));
  const needed = words(kept);
  const parts = kept.map((t) => `${space.einsum.tensors[t].name} ${shown(words([t]))}`).join(', ');
  const [tile, need] = node === 0 ? ['whole tensors', 'need'] : ['the smallest tile', 'needs'];
  const buffering = memory.multipleBuffering > 1 ? ` (${memory.multipleBuffering} buffers)` : '';
  const usable = freeWords(space, level.memory);
  const taken = usable < usableWords(memory) ? ' beside what is resident' : '';
  const message =
    `${memory.name} holds ${shown(usable)} words${taken}${buffering}, ${tile} of ${space.einsum.name} ` +
    `${need} at least ${shown(needed)} (${parts}): ${shown(needed - usable)} over`;
  const changes = [
    `make it ${shown((usableWords(memory) + Math.ceil(needed - usable)) * memory.multipleBuffering)} words`,
    ...droppable(space, node, kept, needed - usable, words),
    ...relaxable(space, level, node, kept),
  ];
  return { message, suggestion: changes.join(', or ') };
}

/** The outermost memory holds the same words in every mapping. */
function emptyOutermost(space: Mapspace): Diagnostic[] {
  const memory = space.arch.nodes[0] as Memory;
  const used = usedWords(
    space,
    space.levels[0] as MemoryLevel,
    [...space.einsum.tensors.keys()],
    space.einsum.dims.map((dim) => dim.bound),
  );
  const needed = neededWords(memory);
  if (used >= needed) return [];
  const share = Math.floor((used / usableWords(memory)) * 1000) / 1000;
  const message = `${memory.name} is too empty: whole tensors of ${space.einsum.name} fill ${shown(used)} words, min_utilization asks ${shown(needed)}`;
  return [{ message, suggestion: `lower min_utilization to ${share}` }];
}

/** Tensors that would make room by bypassing; the outermost memory must hold all. */
function droppable(
  space: Mapspace,
  node: number,
  kept: readonly number[],
  over: number,
  words: (tensors: readonly number[]) => number,
): string[] {
  if (node === 0) return [];
  return kept.filter((t) => words([t]) >= over).map((t) => `let ${space.einsum.tensors[t].name} bypass it`);
}

/** The fixed factors inside a memory, if one element of each tensor would fit. */
function relaxable(space: Mapspace, level: MemoryLevel, node: number, kept: readonly number[]): string[] {
  const element = usedWords(
    space,
    level,
    kept,
    space.einsum.dims.map(() => 1),
  );
  if (node === 0 || element > freeWords(space, level.memory)) return [];
  return ['relax the factors fixed in and inside it'];
}

function unreachableFloors(space: Mapspace, constraints: Constraints): Diagnostic[] {
  const most = space.levels.map((level, node) =>
    level.kind === 'array' ? mostCopies(space, level, node) : 1,
  );
  const arrays = space.levels.flatMap((level, node): Diagnostic[] =>
    level.kind === 'array' && level.minCopies > most[node]
      ? [unreachableFloor(space, constraints, node, level.minCopies, most[node])]
      : [],
  );
  if (arrays.length > 0) return arrays;
  const units = most.reduce((product, copies) => product * copies, 1);
  if (units >= space.minUnits) return [];
  return [unreachableFloor(space, constraints, space.arch.nodes.length, space.minUnits, units)];
}

/** Only asked where a floor needs it: the pairs of a wide array are many. */
function mostCopies(space: Mapspace, level: ArrayLevel, node: number): number {
  if (level.minCopies <= 1 && space.minUnits <= 1) return arrayCopies(space, node);
  const demands = space.einsum.dims.map((_, dim): Demand => ({ dim, values: groupValues(space, node, dim) }));
  return Math.max(...arrangements(space, node, demands).map(([x, y]) => x * y));
}

function unreachableFloor(
  space: Mapspace,
  constraints: Constraints,
  node: number,
  asked: number,
  most: number,
): Diagnostic {
  const rule = constraints.findLast((other) => other.kind === 'utilization' && other.node === node);
  const name = nameOf(space, node);
  const what = node === space.arch.nodes.length ? 'units' : 'copies';
  const message = `min_utilization of ${name} asks for ${asked} ${what}, factors of ${space.einsum.name} use at most ${most}`;
  const copies = node === space.arch.nodes.length ? computeUnits(space.arch) : arrayCopies(space, node);
  const share = Math.floor((most / copies) * 1000) / 1000;
  const suggestion = `lower min_utilization to ${share}, or allow more dimensions on the axes`;
  return { message, position: rule?.position, suggestion };
}

function arrayCopies(space: Mapspace, node: number): number {
  const array = space.arch.nodes[node] as Fanout;
  return array.x * array.y;
}

function shown(words: number): string {
  return String(Number(words.toFixed(3)));
}
