/**
 * The `timeloop` semantics: what Timeloop (commit 4cf6d4c, 2025-03-31, default switches) reports for a mapping,
 * artefacts included. A second opinion to check against; searches use the default semantics.
 */
import type { Design, TimeloopMapping, Problem, StorageLevel } from '../../timeloop/spec.ts';
import { analyse } from './analysis.ts';
import { evaluateBuffer } from './buffer.ts';
import { assertMappable } from './legality.ts';
import { evaluateNetwork } from './network.ts';
import type { Nest } from './nest.ts';
import { expansion, meanInstances } from './nest.ts';
import type { ArithmeticResult, BufferResult, TimeloopResult } from './result.ts';
import { collapse } from './tiles.ts';

/** Throws `InputError` if the mapping does not fit the design or the problem, for Timeloop's own reasons. */
export function evaluateTimeloop(design: Design, problem: Problem, mapping: TimeloopMapping): TimeloopResult {
  assertMappable(design, problem, mapping);
  const analysis = analyse(design, problem, mapping);
  const { nest } = analysis;
  const tiles = collapse(problem, mapping.levels, analysis);
  const arithmetic = evaluateArithmetic(design, nest, analysis.computes);
  const usage = design.levels.map((_, l) => usageOf(nest, l));
  const dynamic = design.levels.map((level, l) =>
    evaluateBuffer(level, problem, tiles[l], mapping.levels[l].keep, usage[l], arithmetic.cycles),
  );
  const busy = dynamic.reduce((most, { cycles }) => Math.max(most, cycles), arithmetic.cycles);
  const buffers = dynamic.map((buffer, l): BufferResult => {
    const leakage = leak(design, nest, l) * busy;
    return { ...buffer, leakage, totalEnergy: storageEnergy(buffer) + leakage };
  });
  const widths = tileWidths(design);
  const networks = design.levels.map((level, l) => {
    const inner = l === 0 ? design.arithmetic.name : design.levels[l - 1].name;
    return evaluateNetwork(level, inner, problem, tiles[l], widths[l], usage[l].mean);
  });
  const cycles = design.levels.reduce(
    (c, { network }) => c + network.fillLatency + network.drainLatency,
    busy,
  );
  const parts = [...buffers, ...networks];
  return {
    arithmetic,
    buffers,
    networks,
    cycles,
    energy: parts.reduce((energy, part) => energy + part.totalEnergy, arithmetic.energy),
    utilization: arithmetic.computes / design.arithmetic.instances / cycles,
    area: design.levels.reduce(
      (area, level) => area + level.area * level.instances,
      design.arithmetic.area * design.arithmetic.instances,
    ),
  };
}

function usageOf(nest: Nest, l: number): { mean: number; most: number } {
  return { mean: meanInstances(nest, l), most: expansion(nest, l, 'x') * expansion(nest, l, 'y') };
}

function evaluateArithmetic({ arithmetic }: Design, nest: Nest, perInstance: number): ArithmeticResult {
  const { mean, most } = usageOf(nest, -1);
  const computes = perInstance * mean;
  const { actions } = arithmetic;
  const listed = ['mac_random', 'mult_random', 'mac', 'mult', 'compute'].find(
    (name) => actions[name] !== undefined,
  );
  return {
    name: arithmetic.name,
    utilizedInstances: most,
    meanInstances: mean,
    computes,
    cycles: nest.loops.reduce((cycles, { axis, bound }) => (axis === 'time' ? cycles * bound : cycles), 1),
    energy: computes * (listed === undefined ? arithmetic.energy : actions[listed]),
    area: arithmetic.area,
  };
}

/** Accesses of all instances, addresses of all clusters. */
function storageEnergy(buffer: Omit<BufferResult, 'leakage' | 'totalEnergy'>): number {
  return buffer.energy.reduce(
    (total, energy, d) =>
      total +
      (energy + buffer.temporalReductionEnergy[d]) * buffer.utilizedInstances[d] +
      buffer.addressGenerationEnergy[d] * buffer.utilizedClusters[d],
    0,
  );
}

/** Leakage of one level per cycle: of the instances at work and of those that are switched on with them. */
function leak({ levels }: Design, nest: Nest, l: number): number {
  const level: StorageLevel = levels[l];
  const { at } = level.powerGating;
  const gate =
    at === undefined
      ? l
      : Math.max(
          l,
          levels.findIndex(({ name }) => name === at),
        );
  const sharing = level.instances / levels[gate].instances;
  return (level.actions.leak ?? 0) * meanInstances(nest, gate) * sharing;
}

/** Side of the square below one child of each level, µm. */
function tileWidths(design: Design): number[] {
  let area = design.arithmetic.area;
  let instances = design.arithmetic.instances;
  return design.levels.map((level) => {
    const width = Math.sqrt(area);
    area = level.area + (area * instances) / level.instances;
    instances = level.instances;
    return width;
  });
}
