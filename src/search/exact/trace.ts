/** Turns the kernel's trace of a label back into a mapping. */
import { fanouts } from '../../arch/architecture.ts';
import type { Loop, Mapping, NestItem } from '../../mapping/mapping.ts';
import { primeFactors } from '../../mapspace/factors.ts';
import type { Engine } from './engine.ts';
import type { Problem } from './problem.ts';
import { placeOnAxes } from './vectors.ts';

/** One step of a chain, innermost first. */
export interface TraceStep {
  readonly node: number;
  readonly stage: number;
  readonly keeps: number;
  /** A station of the memory for the tensors of `keeps` opens at the node; otherwise a loop or array leads there. */
  readonly opens: boolean;
}

/**
 * Reads a chain before the pool is used again. Where a record is marked as mirrored, everything inside it was found in
 * mirror image.
 */
export function readTrace({ image, layout: L, mirror }: Engine, record: number): TraceStep[] {
  const view = new DataView(image.memory.buffer);
  const steps: TraceStep[] = [];
  let flipped = false;
  for (let at = record; at !== 0; at = view.getUint32(at + L.T_PARENT, true)) {
    const step = view.getInt32(at + L.T_STEP, true);
    const node = view.getInt32(at + L.T_NODE, true);
    steps.push({
      node: flipped ? mirror[node] : node,
      stage: step & 0xff,
      keeps: (step >> 8) & 0xff,
      opens: (step & L.CLOSED) !== 0,
    });
    if ((step & L.MIRRORED) !== 0) flipped = !flipped;
  }
  return steps.toReversed();
}

/** The mapping of a complete chain. */
export function mappingOf(problem: Problem, steps: readonly TraceStep[]): Mapping {
  const { stages, space, lattice } = problem;
  const inward: NestItem[] = [];
  const left = space.einsum.dims.map(({ bound }) => bound);
  let node = 0;
  /** Stations of one memory with no loop between them are one. */
  const open = (memory: number, keeps: number): void => {
    const last = inward.at(-1);
    const joins = last?.kind === 'station' && last.memory === memory;
    const tensors = space.einsum.tensors.flatMap((_, t) =>
      (keeps >> t) & 1 || (joins && last.tensors.includes(t)) ? [t] : [],
    );
    if (joins) inward.pop();
    if (tensors.length > 0) inward.push({ kind: 'station', memory, tensors });
  };
  stages.forEach((stage, s) => {
    for (const step of steps.filter((other) => other.stage === s)) {
      if (step.opens && stage.kind === 'memory') open(stage.level.memory, step.keeps);
      if (step.opens) continue;
      const factors = factorsBetween(problem, node, step.node);
      const place = (group: number, factor: number): Factor[] => divide(lattice.dims[group], factor, left);
      inward.push(
        ...(stage.kind === 'array'
          ? spatialLoops(problem, s, factors, place)
          : factors.flatMap(({ group, factor }) => place(group, factor).map(temporal))),
      );
      node = step.node;
    }
    if (stage.kind === 'memory' && stage.top) {
      open(stage.level.memory, 2 ** space.einsum.tensors.length - 1);
    }
  });
  return { nest: inward.toReversed() };
}

/** A factor of an Einsum dimension. */
interface Factor {
  readonly dim: number;
  readonly factor: number;
}

/** A factor of a lattice dimension. */
interface GroupFactor {
  readonly group: number;
  readonly factor: number;
}

function temporal({ dim, factor }: Factor): Loop {
  return { kind: 'for', dim, factor };
}

function factorsBetween({ lattice }: Problem, from: number, to: number): GroupFactor[] {
  return lattice.dims.flatMap((_, group) => {
    const list = lattice.divisors[group];
    const extent = (node: number): number => list[Math.floor(node / lattice.strides[group]) % list.length];
    const factor = extent(to) / extent(from);
    return factor > 1 ? [{ group, factor }] : [];
  });
}

/** Divides a factor among interchangeable dimensions, prime by prime, and takes it off what they have left. */
function divide(dims: readonly number[], factor: number, left: number[]): Factor[] {
  const own = new Map<number, number>();
  for (const prime of primeFactors(factor)) {
    const dim = dims.find((other) => left[other] % prime === 0);
    if (dim === undefined) throw new RangeError(`no dimension has a factor ${prime} left`);
    left[dim] /= prime;
    own.set(dim, (own.get(dim) ?? 1) * prime);
  }
  return [...own].map(([dim, part]) => ({ dim, factor: part }));
}

/** The y loops lie inside the x loops, as in the mapping's order of slots. */
function spatialLoops(
  { space, stages, lattice }: Problem,
  s: number,
  factors: readonly GroupFactor[],
  place: (group: number, factor: number) => Factor[],
): Loop[] {
  const stage = stages[s];
  if (stage.kind !== 'array') throw new RangeError(`stage ${s} is no array`);
  const { fanout } = stage.level;
  const named = factors.map(({ group, factor }) => ({ dim: lattice.dims[group][0], factor }));
  const splits = placeOnAxes(fanouts(space.arch)[fanout], stage.level, named);
  const along = (axis: 'x' | 'y'): Loop[] =>
    factors.flatMap(({ group }, i) =>
      place(group, splits[i][axis]).map(
        ({ dim, factor }) => ({ kind: 'parallel', fanout, axis, dim, factor }) as const,
      ),
    );
  return [...along('y'), ...along('x')];
}
