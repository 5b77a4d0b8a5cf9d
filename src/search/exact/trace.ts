/** Turns the kernel's trace of a label back into a mapping. */
import { fanouts } from '../../arch/architecture.ts';
import type { Loop, Mapping, NestItem } from '../../mapping/mapping.ts';
import type { Problem } from './problem.ts';
import { placeOnAxes } from './vectors.ts';

/** One step of a chain, innermost first. */
export interface TraceStep {
  readonly node: number;
  readonly stage: number;
  readonly keeps: number;
  /** The memory is closed at the node; otherwise a loop or array leads there. */
  readonly closes: boolean;
}

/** Reads a chain before the pool is used again. */
export function readTrace({ image, layout: L }: Problem, record: number): TraceStep[] {
  const view = new DataView(image.memory.buffer);
  const steps: TraceStep[] = [];
  for (let at = record; at !== 0; at = view.getUint32(at + L.T_PARENT, true)) {
    const step = view.getInt32(at + L.T_STEP, true);
    steps.push({
      node: view.getInt32(at + L.T_NODE, true),
      stage: step & 0xff,
      keeps: (step >> 8) & 0xff,
      closes: (step & L.CLOSED) !== 0,
    });
  }
  return steps.toReversed();
}

/** The mapping of a complete chain. */
export function mappingOf(problem: Problem, steps: readonly TraceStep[]): Mapping {
  const { stages, space } = problem;
  const inward: NestItem[] = [];
  let node = 0;
  stages.forEach((stage, s) => {
    const own = steps.filter((step) => step.stage === s);
    for (const step of own.filter(({ closes }) => !closes)) {
      const factors = factorsBetween(problem, node, step.node);
      inward.push(...(stage.kind === 'array' ? spatialLoops(problem, s, factors) : factors.map(temporal)));
      node = step.node;
    }
    if (stage.kind !== 'memory') return;
    const keeps = stage.top ? 2 ** space.einsum.tensors.length - 1 : (own.find(({ closes }) => closes)?.keeps ?? 0);
    const tensors = space.einsum.tensors.flatMap((_, t) => ((keeps >> t) & 1 ? [t] : []));
    if (tensors.length > 0) inward.push({ kind: 'station', memory: stage.level.memory, tensors });
  });
  return { nest: inward.toReversed() };
}

interface Factor {
  readonly dim: number;
  readonly factor: number;
}

function temporal({ dim, factor }: Factor): Loop {
  return { kind: 'for', dim, factor };
}

function factorsBetween({ lattice }: Problem, from: number, to: number): Factor[] {
  return lattice.dims.flatMap((dim, d) => {
    const list = lattice.divisors[d];
    const extent = (node: number): number => list[Math.floor(node / lattice.strides[d]) % list.length];
    const factor = extent(to) / extent(from);
    return factor > 1 ? [{ dim, factor }] : [];
  });
}

/** The y loops lie inside the x loops, as in the mapping's order of slots. */
function spatialLoops({ space, stages }: Problem, s: number, factors: readonly Factor[]): Loop[] {
  const stage = stages[s];
  if (stage.kind !== 'array') throw new RangeError(`stage ${s} is no array`);
  const splits = placeOnAxes(fanouts(space.arch)[stage.level.fanout], stage.level, factors);
  const along = (axis: 'x' | 'y'): Loop[] =>
    factors.flatMap(({ dim }, i) => {
      const factor = splits[i][axis];
      return factor > 1 ? [{ kind: 'parallel', fanout: stage.level.fanout, axis, dim, factor } as const] : [];
    });
  return [...along('y'), ...along('x')];
}
