/** The loop nest of a Timeloop mapping, innermost first, with what Timeloop derives from its shape. No traffic. */
import type { Design, LoopBlock, TimeloopMapping, Problem } from '../../timeloop/spec.ts';

export interface NestLoop {
  readonly dim: number;
  readonly bound: number;
  /** Iterations in the last run of the loop. */
  readonly residual: number;
  readonly axis: 'time' | 'x' | 'y';
  /** Storage level the loop belongs to. */
  readonly level: number;
  /** Coordinates of `dim` that one iteration advances. */
  readonly stride: number;
}

/** The loops of one storage level: indices into `Nest.loops`, the spatial ones inside the temporal ones. */
export interface Block {
  readonly firstSpatial: number;
  readonly firstTemporal: number;
  /** The outermost loop; what it touches is the level's tile. */
  readonly last: number;
}

export interface Nest {
  readonly problem: Problem;
  readonly loops: readonly NestLoop[];
  readonly blocks: readonly Block[];
  /** Some loop's last run is shorter than the others. */
  readonly imperfect: boolean;
  /** `extents[i][dim]`: coordinates of a dimension that loops 0…i touch, in a full and in the last run. */
  readonly extents: readonly (readonly number[])[];
  readonly residualExtents: readonly (readonly number[])[];
}

/** Loops of bound 1 are left out; every level keeps at least one temporal loop, as Timeloop's nests do. */
export function buildNest(problem: Problem, mapping: TimeloopMapping): Nest {
  const loops: NestLoop[] = [];
  const scale = problem.dimensions.map(() => 1);
  const add = (dim: number, block: LoopBlock, axis: NestLoop['axis'], level: number): void => {
    const { bound, residual } = block.factors[dim];
    loops.push({ dim, bound, residual, axis, level, stride: scale[dim] });
    scale[dim] *= bound;
  };
  const blocks = mapping.levels.map(({ spatial, temporal }, level): Block => {
    const firstSpatial = loops.length;
    spatial?.order.forEach((dim, i) => {
      if (spatial.factors[dim].bound > 1) add(dim, spatial, i < spatial.split ? 'x' : 'y', level);
    });
    const firstTemporal = loops.length;
    for (const dim of temporal.order) if (temporal.factors[dim].bound > 1) add(dim, temporal, 'time', level);
    if (loops.length === firstTemporal) loops.push(trivialLoop(problem, level, scale));
    return { firstSpatial, firstTemporal, last: loops.length - 1 };
  });
  return {
    problem,
    loops,
    blocks,
    imperfect: loops.some(({ bound, residual }) => bound !== residual),
    extents: cumulative(problem, loops, ({ bound, stride }, extent) => extent + (bound - 1) * stride),
    residualExtents: cumulative(
      problem,
      loops,
      ({ residual, stride }, extent) => extent + (residual - 1) * stride,
    ),
  };
}

function trivialLoop(problem: Problem, level: number, scale: readonly number[]): NestLoop {
  const dim = problem.dimensions.length - 1;
  return { dim, bound: 1, residual: 1, axis: 'time', level, stride: scale[dim] };
}

function cumulative(
  problem: Problem,
  loops: readonly NestLoop[],
  grow: (loop: NestLoop, extent: number) => number,
): number[][] {
  let extents = problem.dimensions.map(() => 1);
  return loops.map((loop) => {
    extents = extents.map((extent, dim) => (dim === loop.dim ? grow(loop, extent) : extent));
    return extents;
  });
}

/** Copies on an axis of what level `l` contains, as the mapping uses them; `l = −1` is the arithmetic. */
export function expansion(nest: Nest, l: number, axis: 'x' | 'y'): number {
  const outside = nest.loops.slice(l < 0 ? 0 : nest.blocks[l].last + 1);
  return outside.reduce((copies, loop) => (loop.axis === axis ? copies * loop.bound : copies), 1);
}

/** Copies that one instance of level `l` has below it on an axis. */
export function mappedFanout(nest: Nest, l: number, axis: 'x' | 'y'): number {
  const { firstSpatial, firstTemporal } = nest.blocks[l];
  return nest.loops
    .slice(firstSpatial, firstTemporal)
    .reduce((copies, loop) => (loop.axis === axis ? copies * loop.bound : copies), 1);
}

/** What the hardware has below one instance of level `l`. */
export function physicalFanout(design: Design, l: number): { x: number; y: number } {
  const inner = l === 0 ? design.arithmetic : design.levels[l - 1];
  const outer = design.levels[l];
  return { x: inner.meshX / outer.meshX, y: inner.meshY / outer.meshY };
}

/**
 * Mean number of instances of level `l` at work, truncated as Timeloop stores it: a spatial loop whose last run is
 * shorter uses fewer instances then.
 */
export function meanInstances(nest: Nest, l: number): number {
  let mean = 1;
  for (let i = l < 0 ? 0 : nest.blocks[l].last + 1; i < nest.loops.length; i++) {
    const { axis, bound, residual, dim } = nest.loops[i];
    if (axis === 'time') continue;
    const runs = nest.loops
      .slice(i + 1)
      .reduce((count, loop) => (loop.dim === dim ? count * loop.bound : count), 1);
    mean *= bound - (bound - residual) / runs;
  }
  return Math.trunc(mean + 1e-9);
}
