/** Timeloop's designs, problems and mappings as ours, for the default semantics and for searches. */
import type { Architecture, Fanout, Memory, Node } from '../arch/architecture.ts';
import type { Mapping, NestItem } from '../mapping/mapping.ts';
import type { Constraints, Rule } from '../mapspace/constraints.ts';
import { physicalFanout } from '../model/timeloop/nest.ts';
import { FILL, READ, UPDATE, actionEnergy } from '../model/timeloop/buffer.ts';
import { InputError } from '../spec/errors.ts';
import type { Einsum, Role } from '../workload/einsum.ts';
import type { Constraint } from './constraints.ts';
import type { Dataspace, Design, LoopBlock, Problem, StorageLevel, TimeloopMapping } from './spec.ts';

/** Where a design states no clock, one cycle is a nanosecond, as Timeloop's front end has it. */
const DEFAULT_CLOCK_HZ = 1e9;

/** What of a mapping or of constraints an architecture of ours states itself. */
export interface ConversionHints {
  readonly problem?: Problem;
  /** Its `rmw_first_update` and `no_reuse` directives become attributes of memories and arrays. */
  readonly mapping?: TimeloopMapping;
  /** Their keep and bypass rules become the memories' `keep` and `may_keep`. */
  readonly constraints?: readonly Constraint[];
}

/** Levels that only spread data become arrays. Energies are those an energy table or Timeloop's built-in model gives. */
export function toArchitecture(design: Design, hints: ConversionHints = {}): Architecture {
  const nodes = design.levels.toReversed().flatMap((level, i): Node[] => {
    const l = design.levels.length - 1 - i;
    const { x, y } = physicalFanout(design, l);
    const array = x * y > 1 ? [toFanout(design, l, x, y, hints)] : [];
    return isFanOutOnly(level) ? array : [toMemory(level, l, hints), ...array];
  });
  const { arithmetic } = design;
  const listed = ['mac_random', 'mult_random', 'mac', 'mult', 'compute'].find(
    (name) => arithmetic.actions[name] !== undefined,
  );
  return {
    name: 'timeloop',
    description: 'Converted from a Timeloop architecture.',
    // Twelve digits undo the rounding of the reciprocal: 1 / 1e-9 is not 1e9.
    clockHz: design.cycleSeconds ? Number((1 / design.cycleSeconds).toPrecision(12)) : DEFAULT_CLOCK_HZ,
    nodes,
    compute: {
      name: arithmetic.name === '__ARITH__' ? 'MAC' : arithmetic.name,
      energyPj: listed === undefined ? arithmetic.energy : arithmetic.actions[listed],
      leakPjPerCycle: 0,
      powerGating: false,
      areaUm2: arithmetic.area,
    },
  };
}

/** A level without room stands for a place where loops may spread. */
export function isFanOutOnly({ className, size }: StorageLevel): boolean {
  return className === 'dummy_storage' || size === 0;
}

function toMemory(level: StorageLevel, l: number, hints: ConversionHints): Memory {
  const perInstance = (energy: number): number => energy / level.clusterSize;
  return {
    kind: 'memory',
    name: level.name,
    words: level.size ?? Infinity,
    wordBits: level.wordBits,
    blockSize: level.blockSize,
    multipleBuffering: level.multipleBuffering,
    minUtilization: level.minUtilization,
    ...keeping(l, hints),
    datawidthBits: {},
    energy: {
      readPj: perInstance(actionEnergy(level, READ)),
      fillPj: perInstance(actionEnergy(level, FILL)),
      updatePj: perInstance(actionEnergy(level, UPDATE)),
      leakPjPerCycle: level.actions.leak ?? 0,
      addressGenerationPj: perInstance(level.addressGenerationEnergy),
      temporalReductionPj: 0,
    },
    bandwidth: {
      read: level.readBandwidth ?? Infinity,
      write: level.writeBandwidth ?? Infinity,
      shared: level.sharedBandwidth ?? Infinity,
    },
    drainReads: false,
    rmwFirstUpdate: hints.mapping?.levels[l].rmwFirstUpdate.some(Boolean) ?? false,
    // Timeloop's idle instances do not leak.
    powerGating: true,
    areaUm2: level.area,
  };
}

function keeping(
  l: number,
  { problem, constraints = [] }: ConversionHints,
): Pick<Memory, 'keep' | 'mayKeep'> {
  const rules = constraints.filter((rule) => rule.level === l && rule.kind === 'bypass');
  if (!problem || rules.length === 0) return { keep: [], mayKeep: ['all'] };
  const names = problem.dataspaces.map(({ name }) => name);
  const keep = names.filter((_, d) => rules.some((rule) => rule.kind === 'bypass' && rule.keep.includes(d)));
  const free = names.filter(
    (_, d) => !rules.some((rule) => rule.kind === 'bypass' && rule.bypass.includes(d)),
  );
  return { keep, mayKeep: free.filter((name) => !keep.includes(name)) };
}

function toFanout(design: Design, l: number, x: number, y: number, hints: ConversionHints): Fanout {
  const level = design.levels[l];
  const { network } = level;
  const hop =
    network.energyPerHop ?? ((network.wordBits * (network.tileWidth ?? 0)) / 1000) * network.wireEnergy;
  const alone = (readWrite: boolean): boolean => sharesNothing(l, hints, readWrite);
  return {
    kind: 'array',
    name: arrayName(level),
    x,
    y,
    multicast: !alone(false),
    spatialReduction: !alone(true),
    haloMulticast: false,
    temporalReuse: true,
    energy: { hopPj: hop, routerPj: network.routerEnergy, ingressPj: 0, spatialReductionPj: 0 },
    latency: { fillCycles: network.fillLatency, drainCycles: network.drainLatency },
    areaUm2: 0,
  };
}

/** True if some operand (or the result) goes to every copy by itself. */
function sharesNothing(
  l: number,
  { problem, mapping, constraints = [] }: ConversionHints,
  readWrite: boolean,
): boolean {
  const listed = constraints.flatMap((rule) =>
    rule.level === l && rule.kind === 'spatial' ? rule.noMulticast : [],
  );
  return (problem?.dataspaces ?? []).some(
    (dataspace, d) =>
      dataspace.readWrite === readWrite && (mapping?.levels[l].noMulticast[d] || listed.includes(d)),
  );
}

function arrayName(level: StorageLevel): string {
  return isFanOutOnly(level) ? level.name : `${level.name}_array`;
}

/** The one read-write dataspace is the output; the others are weights and inputs by name, or in this order. */
export function toEinsum(problem: Problem): Einsum {
  const written = problem.dataspaces.filter(({ readWrite }) => readWrite);
  if (written.length !== 1) {
    throw new InputError({
      message: `${problem.name} has ${written.length} read-write data spaces; the default semantics needs exactly one`,
      suggestion: 'set read_write: true on the output alone',
    });
  }
  const read = problem.dataspaces.filter(({ readWrite }) => !readWrite);
  return {
    name: problem.name,
    dims: problem.dimensions.map((name, dim) => ({ name, bound: problem.bounds[dim] })),
    tensors: problem.dataspaces.map((dataspace) => ({
      name: dataspace.name,
      role: role(dataspace, read),
      ranks: dataspace.ranks.map((rank) => rank.filter(({ coefficient }) => coefficient !== 0)),
    })),
  };
}

function role(dataspace: Dataspace, read: readonly Dataspace[]): Role {
  if (dataspace.readWrite) return 'outputs';
  if (/weight|filter|kernel/i.test(dataspace.name)) return 'weights';
  if (/input|ifmap|act/i.test(dataspace.name)) return 'inputs';
  return read.indexOf(dataspace) === 1 ? 'weights' : 'inputs';
}

/** Throws `InputError` for residual factors, which ours has not. */
export function toMapping(design: Design, problem: Problem, mapping: TimeloopMapping): Mapping {
  const nest: NestItem[] = [];
  let memory = 0;
  let fanout = 0;
  for (let l = design.levels.length - 1; l >= 0; l--) {
    const level = design.levels[l];
    const { keep, temporal, spatial } = mapping.levels[l];
    const tensors = keep.flatMap((kept, d) => (kept ? [d] : []));
    if (!isFanOutOnly(level)) {
      if (tensors.length > 0) nest.push({ kind: 'station', memory, tensors });
      memory++;
    } else if (tensors.length > 0) {
      throw new InputError({
        message: `${level.name} has no room, but the mapping keeps data there`,
        position: mapping.position,
      });
    }
    for (const { dim, factor } of loops(problem, temporal)) nest.push({ kind: 'for', dim, factor });
    const { x, y } = physicalFanout(design, l);
    if (spatial && x * y > 1) {
      for (const { dim, factor, place } of loops(problem, spatial)) {
        nest.push({ kind: 'parallel', fanout, axis: place < spatial.split ? 'x' : 'y', dim, factor });
      }
    }
    if (x * y > 1) fanout++;
  }
  return { nest };
}

/** Outermost first, without loops of one iteration. `place` counts from the innermost. */
function loops(problem: Problem, block: LoopBlock): { dim: number; factor: number; place: number }[] {
  const all = block.order.map((dim, place) => {
    const { bound, residual } = block.factors[dim];
    if (bound !== residual) {
      throw new InputError({
        message: `${problem.dimensions[dim]}=${bound},${residual}: residual factors exist under the timeloop semantics alone`,
        position: block.position,
        suggestion: 'use --semantics timeloop, or pad the dimension to a multiple',
      });
    }
    return { dim, factor: bound, place };
  });
  return all.filter(({ factor }) => factor > 1).toReversed();
}

/** Timeloop's constraints as rules on our architecture; those on levels that only spread data bind their array. */
export function toConstraints(
  design: Design,
  problem: Problem,
  constraints: readonly Constraint[],
): Constraints {
  const places = nodePlaces(design);
  return constraints.flatMap((constraint): Rule[] => {
    const { memory, array } = places[constraint.level];
    const { position } = constraint;
    switch (constraint.kind) {
      case 'bypass':
        return memory === undefined ? [] : keepRules(constraint, memory);
      case 'temporal':
        return memory === undefined
          ? []
          : [...factorRules(constraint, memory, problem), ...orderRules(constraint, memory, problem)];
      case 'spatial':
        return array === undefined
          ? []
          : [...factorRules(constraint, array, problem), ...axisRules(constraint, array, problem)];
      case 'utilization':
        return array === undefined || constraint.share === 0
          ? []
          : [{ kind: 'utilization', node: array, share: constraint.share, position }];
    }
  });
}

/** Where each level's memory and the array below it stand in `Architecture.nodes`. */
function nodePlaces(design: Design): { memory?: number; array?: number }[] {
  const places: { memory?: number; array?: number }[] = [];
  let node = 0;
  for (let l = design.levels.length - 1; l >= 0; l--) {
    const { x, y } = physicalFanout(design, l);
    const memory = isFanOutOnly(design.levels[l]) ? undefined : node++;
    const array = x * y > 1 ? node++ : undefined;
    places[l] = { memory, array };
  }
  return places;
}

type Of<K extends Constraint['kind']> = Extract<Constraint, { kind: K }>;

function keepRules({ keep, bypass, position }: Of<'bypass'>, node: number): Rule[] {
  const rule = (kept: boolean) => (tensor: number) => ({
    kind: 'keep' as const,
    node,
    tensor,
    kept,
    position,
  });
  return [...keep.map(rule(true)), ...bypass.map(rule(false))];
}

function factorRules(
  { factors, position }: Of<'temporal' | 'spatial'>,
  node: number,
  problem: Problem,
): Rule[] {
  return factors.map(({ dim, operator, bound }) => ({
    kind: 'factor' as const,
    node,
    dim,
    least: operator === '<=' ? 1 : bound,
    most: operator === '>=' ? problem.bounds[dim] : bound,
    position,
  }));
}

/** Timeloop lists the innermost dimensions; all others lie outside them. */
function orderRules({ innermost, position }: Of<'temporal'>, node: number, problem: Problem): Rule[] {
  const listed = innermost.filter((dim) => problem.bounds[dim] > 1);
  if (listed.length === 0) return [];
  return [{ kind: 'order', node, sequence: ['*', ...listed.toReversed()], position }];
}

/** With a split, the first dimensions of the permutation go to X and the listed rest to Y. */
function axisRules({ innermost, split, position }: Of<'spatial'>, node: number, problem: Problem): Rule[] {
  if (split === undefined) return [];
  const others = problem.dimensions.flatMap((_, dim) => (innermost.includes(dim) ? [] : [dim]));
  const order = [...innermost, ...others];
  const axis = (name: 'x' | 'y', dims: readonly number[]) => ({
    kind: 'axis' as const,
    node,
    axis: name,
    dims,
    position,
  });
  return [axis('x', order.slice(0, split)), axis('y', order.slice(split))];
}
