/** Which mappings a search may choose from: per memory and array, the loops, orders and keep choices left free. */
import type { Architecture, Fanout, Memory } from '../arch/architecture.ts';
import { computeUnits, keeping, memories } from '../arch/architecture.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Constraints, FactorRule, Rule } from './constraints.ts';
import { feasibleSpace } from './feasible.ts';
import { neededWords } from './occupancy.ts';
import type { Precedence } from './order.ts';
import { precedences } from './order.ts';
import type { Slot } from './structure.ts';

/** Bounds, both included, of the product of one dimension's factors at a level. */
export interface Limit {
  readonly least: number;
  readonly most: number;
}

interface LevelFreedom {
  /** Loops with an open factor: dimensions of bound above 1 that may be split here. Ascending; for arrays x before y. */
  readonly slots: readonly Slot[];
  /** By dimension. */
  readonly limits: readonly Limit[];
}

export interface MemoryLevel extends LevelFreedom {
  readonly kind: 'memory';
  /** Index into `memories(arch)`. */
  readonly memory: number;
  /** What the memory may keep: lists of tensors, ascending. An empty list leaves out its station and its loops. */
  readonly keeps: readonly (readonly number[])[];
  readonly before: readonly Precedence[];
}

export interface ArrayLevel extends LevelFreedom {
  readonly kind: 'array';
  /** Index into `fanouts(arch)`. */
  readonly fanout: number;
  /** Least number of copies at work. */
  readonly minCopies: number;
}

export type Level = MemoryLevel | ArrayLevel;

/**
 * First the homes of all tensors, then one station per memory that keeps something, in hardware order (even mappings); at each, temporal loops over all
 * dimensions in any order; on each array, spatial loops on both axes. Plain data, so that it may cross to a worker.
 */
export interface Mapspace {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  /** One per node of the architecture, outermost first. */
  readonly levels: readonly Level[];
  /** Least number of compute units at work. */
  readonly minUnits: number;
  /**
   * True if a memory other than the outermost may have several stations, which share what it keeps and its capacity,
   * with loops after each. Limits and orders hold for all loops of the memory together.
   */
  readonly uneven: boolean;
  /** By tensor: the memory that holds it whole from beginning to end. The outermost, 0, but for resident tensors. */
  readonly homes: readonly number[];
  /** By memory: words taken by what is not the layer's. */
  readonly reserved: readonly number[];
}

/**
 * The mappings of a layer on an architecture that respect all constraints.
 *
 * @throws InfeasibleError if none can be legal: which rule or memory, by how much, and the smallest change that helps
 */
export function buildMapspace(
  arch: Architecture,
  einsum: Einsum,
  constraints: Constraints = [],
  uneven = false,
): Mapspace {
  return feasibleSpace(outlineSpace(arch, einsum, constraints, uneven), constraints);
}

/** The same before anyone looks what fits: some of it, or all, may be illegal. */
export function outlineSpace(
  arch: Architecture,
  einsum: Einsum,
  constraints: Constraints,
  uneven = false,
): Mapspace {
  const levels = arch.nodes.map((_, node) => buildLevel({ arch, einsum, constraints, node }));
  const minUnits = leastCopies(constraints, arch.nodes.length, computeUnits(arch));
  const homes = einsum.tensors.map((_, tensor) => homeOf({ arch, constraints }, tensor));
  const reserved = memories(arch).map((memory) => reservedWords(arch.nodes.indexOf(memory), constraints));
  return { arch, einsum, levels, minUnits, uneven, homes, reserved };
}

/** Index into `memories(arch)`. */
function homeOf({ arch, constraints }: Pick<Context, 'arch' | 'constraints'>, tensor: number): number {
  const rule = constraints.find((other) => other.kind === 'resident' && other.tensor === tensor);
  return rule ? memories(arch).indexOf(arch.nodes[rule.node] as Memory) : 0;
}

function reservedWords(node: number, constraints: Constraints): number {
  return constraints.reduce(
    (sum, rule) => (rule.kind === 'reserve' && rule.node === node ? sum + rule.words : sum),
    0,
  );
}

interface Context {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly constraints: Constraints;
  readonly node: number;
}

function buildLevel(context: Context): Level {
  const node = context.arch.nodes[context.node];
  return node.kind === 'memory' ? memoryLevel(context, node) : arrayLevel(context, node);
}

function memoryLevel(context: Context, memory: Memory): MemoryLevel {
  const limits = dimLimits(context);
  const splittable = splittableDims(context, limits);
  const needed = limits.some((limit) => limit.least > 1) || neededWords(memory) > 0;
  const position = context.arch.nodes.slice(0, context.node).filter((node) => node.kind === 'memory').length;
  return {
    kind: 'memory',
    memory: position,
    slots: splittable.map((dim) => ({ kind: 'slot', dim, fanout: -1, axis: 'x' })),
    limits,
    keeps: keepChoices(context, memory).filter((kept) => kept.length > 0 || !needed),
    before: rules(context, 'order').flatMap((rule) => precedences(rule, splittable)),
  };
}

function arrayLevel(context: Context, array: Fanout): ArrayLevel {
  const limits = dimLimits(context);
  const splittable = splittableDims(context, limits);
  const fanout = context.arch.nodes.slice(0, context.node).filter((node) => node.kind === 'array').length;
  const slots = (['x', 'y'] as const).flatMap((axis) =>
    splittable
      .filter((dim) => array[axis] > 1 && axisAllows(context, axis, dim))
      .map((dim): Slot => ({ kind: 'slot', dim, fanout, axis })),
  );
  const minCopies = leastCopies(context.constraints, context.node, array.x * array.y);
  return { kind: 'array', fanout, slots, limits, minCopies };
}

function rules<K extends Rule['kind']>(context: Context, kind: K): Extract<Rule, { kind: K }>[] {
  return context.constraints.filter(
    (rule): rule is Extract<Rule, { kind: K }> => rule.kind === kind && rule.node === context.node,
  );
}

function dimLimits(context: Context): Limit[] {
  return context.einsum.dims.map(({ bound }, dim) => {
    const own = rules(context, 'factor').filter((rule) => rule.dim === dim);
    return intersection(own, bound);
  });
}

function intersection(own: readonly FactorRule[], bound: number): Limit {
  return {
    least: Math.max(1, ...own.map((rule) => rule.least)),
    most: Math.min(bound, ...own.map((rule) => rule.most)),
  };
}

function splittableDims({ einsum }: Context, limits: readonly Limit[]): number[] {
  return einsum.dims.flatMap(({ bound }, dim) => (bound > 1 && limits[dim].most > 1 ? [dim] : []));
}

function axisAllows(context: Context, axis: 'x' | 'y', dim: number): boolean {
  return rules(context, 'axis').every((rule) => rule.axis !== axis || rule.dims.includes(dim));
}

/** All lists of tensors that hold what must be kept and nothing that must bypass. */
function keepChoices(context: Context, memory: Memory): number[][] {
  return context.einsum.tensors.reduce<number[][]>(
    (lists, _, tensor) => {
      const choice = tensorKeeping(context, memory, tensor);
      const without = choice === 'keep' ? [] : lists;
      const having = choice === 'bypass' ? [] : lists.map((list) => [...list, tensor]);
      return [...without, ...having];
    },
    [[]],
  );
}

/** A resident tensor has no tile where it lives, nor outside of it. */
function tensorKeeping(context: Context, memory: Memory, tensor: number): 'keep' | 'bypass' | 'free' {
  const position = memories(context.arch).indexOf(memory);
  if (position > 0 && position <= homeOf(context, tensor)) return 'bypass';
  const own = keeping(context.arch, memory, context.einsum.tensors[tensor]);
  const rule = rules(context, 'keep').find((other) => other.tensor === tensor);
  if (own !== 'free' || rule === undefined) return own;
  return rule.kept ? 'keep' : 'bypass';
}

/** Copies that `share` of `copies` asks for; the tolerance keeps 0.07 of 100 at 7. */
function leastCopies(constraints: Constraints, node: number, copies: number): number {
  const shares = constraints.map((rule) =>
    rule.kind === 'utilization' && rule.node === node ? rule.share : 0,
  );
  return Math.max(1, Math.ceil(Math.max(0, ...shares) * copies - 1e-9));
}
