/**
 * Padding: the best among the shapes near a layer's whose bounds are raised. Padded work is really done, so a shape's
 * cost is that of the padded layer.
 */
import type { Architecture } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import { divisors, primeFactors } from '../mapspace/factors.ts';
import { buildMapspace } from '../mapspace/mapspace.ts';
import { InfeasibleError } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import { macs } from '../workload/einsum.ts';
import { lowerBound } from './bound.ts';
import { objectiveOf } from './exact/exact.ts';
import { runExact } from './exact/run.ts';
import { proofRefusal } from './exact/support.ts';
import type { Quantity } from './objective.ts';

export interface PadSubject {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  /** All rules that hold for a shape. */
  readonly constraintsOf: (einsum: Einsum) => Constraints;
  /** Stations of one memory may lie apart. */
  readonly uneven?: boolean;
  readonly objective: Quantity;
  /** Most MACs beside the layer's own, as a share of them. */
  readonly limit: number;
  /** The best value without padding. */
  readonly value: number;
}

export interface PadOptions {
  readonly timeSeconds?: number;
  readonly signal?: AbortSignal;
  /** Called before each search with the shape, how many shapes are done and how many there are. */
  readonly onProgress?: (question: string, done: number, of: number) => void;
}

export interface PadChoice {
  /** The best shape below the value without padding; undefined if there is none. */
  readonly einsum?: Einsum;
  /** Shapes within the limit that may be better than every smaller one. */
  readonly neighbours: number;
  /** Of these, those searched and those that a lower bound ruled out. */
  readonly searched: number;
  readonly pruned: number;
  /** True if all neighbours were one or the other, and every search was finished. */
  readonly complete: boolean;
}

/** Neighbours searched at most; where there are more, the most promising. */
export const MOST_NEIGHBOURS = 256;
/** Gains that are rounding. */
const ROUNDING = 1e-9;

export async function searchPadded(subject: PadSubject, options: PadOptions): Promise<PadChoice> {
  const { arch, einsum, objective, constraintsOf, uneven } = subject;
  const deadline = performance.now() + (options.timeSeconds ?? Infinity) * 1000;
  const { shapes, complete: all } = neighbours(subject);
  let value = subject.value;
  let chosen: Einsum | undefined;
  let [searched, pruned, complete] = [0, 0, all];
  for (const shape of shapes) {
    const timeSeconds = (deadline - performance.now()) / 1000;
    if (timeSeconds <= 0 || options.signal?.aborted) {
      complete = false;
      break;
    }
    const incumbent = value * (1 - ROUNDING);
    const space = spaceOf(arch, shape, constraintsOf(shape), uneven);
    if (!space || lowerBound(space, objective) >= incumbent) {
      pruned++;
      continue;
    }
    options.onProgress?.(`padding to ${raisedText(einsum, shape)}`, searched + pruned, shapes.length);
    searched++;
    const { best, certificate } = await runExact(space, {
      objective,
      incumbent,
      timeSeconds,
      signal: options.signal,
    });
    const found = best.length > 0 ? objectiveOf(objective, best[0].cost) : Infinity;
    complete &&= certificate.lowerBound! >= Math.min(found, incumbent) * (1 - ROUNDING);
    if (found >= incumbent) continue;
    value = found;
    chosen = shape;
  }
  return { einsum: chosen, neighbours: shapes.length, searched, pruned, complete };
}

function raisedText(einsum: Einsum, shape: Einsum): string {
  return shape.dims
    .flatMap(({ name, bound }, d) => (bound > einsum.dims[d].bound ? [`${name}=${bound}`] : []))
    .join(' ');
}

function spaceOf(
  arch: Architecture,
  einsum: Einsum,
  constraints: Constraints,
  uneven: boolean | undefined,
): ReturnType<typeof buildMapspace> | undefined {
  try {
    const space = buildMapspace(arch, einsum, constraints, uneven);
    return proofRefusal(space) === undefined ? space : undefined;
  } catch (error) {
    if (error instanceof InfeasibleError) return undefined;
    throw error;
  }
}

/** Shapes to search, fewest MACs first; not complete if there are too many. */
export function neighbours(subject: Pick<PadSubject, 'arch' | 'einsum' | 'constraintsOf' | 'limit'>): {
  readonly shapes: readonly Einsum[];
  readonly complete: boolean;
} {
  const { einsum, limit, arch } = subject;
  const most = (1 + limit) * macs(einsum);
  const shrinks = mayShrink(subject);
  const lists = einsum.dims.map(({ bound }) => {
    const raised = Math.floor(bound * (1 + limit)) - bound;
    const all = Array.from({ length: raised }, (_, i) => bound + 1 + i);
    return [bound, ...all.filter((other) => !shrinks || isTight(bound, other))];
  });
  const attempts = [
    { lists, raised: lists.length },
    { lists: lists.map((list) => promising(arch, list)), raised: lists.length },
    { lists: lists.map((list) => promising(arch, list)), raised: 2 },
  ];
  for (const [i, attempt] of attempts.entries()) {
    const found = combinations(attempt.lists, most, attempt.raised);
    if (found.length > MOST_NEIGHBOURS && i < attempts.length - 1) continue;
    const shapes = found.map((bounds) => withBounds(einsum, bounds)).toSorted((a, b) => macs(a) - macs(b));
    return { shapes: shapes.slice(0, MOST_NEIGHBOURS), complete: i === 0 };
  }
  return { shapes: [], complete: true };
}

/**
 * True if a mapping stays allowed when one of its factors shrinks by one: no rule asks for a least factor or share.
 * The cost falls with every factor, so then only tight bounds are worth a search.
 */
function mayShrink({
  arch,
  einsum,
  constraintsOf,
}: Pick<PadSubject, 'arch' | 'einsum' | 'constraintsOf'>): boolean {
  const demanding = constraintsOf(einsum).some(
    (rule) => rule.kind === 'utilization' || (rule.kind === 'factor' && rule.least > 1),
  );
  return !demanding && memories(arch).every(({ minUtilization }) => minUtilization === 0);
}

/**
 * True if some factorisation of the padded bound has no factor that could shrink by one and the product still cover the
 * layer's: `padded·(f−1)/f < bound` for every factor f, which its primes must fulfil at least.
 */
function isTight(bound: number, padded: number): boolean {
  return primeFactors(padded).every((prime) => prime * (padded - bound) < padded);
}

/** The layer's own bound, those with more divisors than any before, and the next multiples of array axes. */
function promising(arch: Architecture, list: readonly number[]): number[] {
  const axes = fanouts(arch)
    .flatMap(({ x, y }) => [x, y])
    .filter((size) => size > 1);
  const multiples = new Set(axes.map((size) => Math.ceil(list[0] / size) * size));
  return list.filter((bound, i) => {
    const before = list.slice(0, i).map((other) => divisors(other).length);
    return i === 0 || multiples.has(bound) || divisors(bound).length > Math.max(...before);
  });
}

/** Choices of one bound a list whose product is at most `most`, at most `raised` of them not the first; at least one. */
function combinations(lists: readonly (readonly number[])[], most: number, raised: number): number[][] {
  const rest = lists.map((_, d) => lists.slice(d).reduce((product, [bound]) => product * bound, 1));
  const found: number[][] = [];
  const extend = (bounds: readonly number[], product: number, left: number): void => {
    const d = bounds.length;
    if (found.length > MOST_NEIGHBOURS) return;
    if (d === lists.length) {
      if (left < raised) found.push([...bounds]);
      return;
    }
    for (const [i, bound] of lists[d].entries()) {
      if ((product * rest[d] * bound) / lists[d][0] > most || (i > 0 && left === 0)) break;
      extend([...bounds, bound], product * bound, i > 0 ? left - 1 : left);
    }
  };
  extend([], 1, raised);
  return found;
}

function withBounds(einsum: Einsum, bounds: readonly number[]): Einsum {
  return { ...einsum, dims: einsum.dims.map(({ name }, d) => ({ name, bound: bounds[d] })) };
}
