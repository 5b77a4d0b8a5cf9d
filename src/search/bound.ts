/** What no mapping can beat: lower bounds on energy and cycles that need no search. Simple, not tight. */
import type { Architecture, Memory } from '../arch/architecture.ts';
import {
  computeUnits,
  fanouts,
  instances,
  keeping,
  memories,
  wordsPerElement,
} from '../arch/architecture.ts';
import { computeIndexes, energiesOf, energyIndex } from '../arch/energies.ts';
import { effectiveRank } from '../kernel/support.ts';
import type { Level, Mapspace } from '../mapspace/mapspace.ts';
import type { Einsum, Rank, Tensor } from '../workload/einsum.ts';
import { macs } from '../workload/einsum.ts';
import type { Quantity } from './objective.ts';
import { objectiveValue } from './objective.ts';

/** Room for the rounding of the sums on both sides, whose order differs. */
const ROUNDING = 1 - 1e-9;

/** A value of the quantity that no legal mapping is below. */
export function lowerBound(space: Mapspace, quantity: Quantity): number {
  return objectiveValue(quantity, leastEnergyPj(space), leastCycles(space)) * ROUNDING;
}

/** All units that perfect factors can fill busy all the time, plus the fill and drain that every run pays; words of the ports of tensors' homes. */
export function leastCycles(space: Mapspace): number {
  const { arch, einsum } = space;
  const latency = fanouts(arch).reduce((sum, f) => sum + f.latency.fillCycles + f.latency.drainCycles, 0);
  return Math.max(Math.ceil(macs(einsum) / mostCopies(space, 0)), leastHomeCycles(space)) + latency;
}

/** Every word of the operands leaves its tensor's home at least once and every result arrives there. */
function leastHomeCycles({ arch, einsum, homes }: Mapspace): number {
  const cycles = memories(arch).map((memory, m) => {
    const words = (outputs: boolean): number =>
      einsum.tensors
        .filter((tensor, t) => homes[t] === m && (tensor.role === 'outputs') === outputs)
        .reduce((sum, tensor) => sum + distinctWords(einsum, tensor) * wordsPerElement(memory, tensor), 0);
    const { read, write, shared } = memory.bandwidth;
    const reads = words(false);
    const writes = words(true);
    return Math.max(reads / read, writes / write, (reads + writes) / shared);
  });
  return Math.max(...cycles);
}

/** So many times an energy, by its place in `energiesOf`. */
interface Times {
  readonly energy: number;
  readonly times: number;
}

/**
 * What every mapping does at least, as counts: a part that is always done, and for each tensor one of several, by its
 * innermost keeper. Capacities and energies have no part in it.
 */
export interface LeastWork {
  readonly cycles: number;
  readonly always: readonly Times[];
  readonly oneOf: readonly (readonly (readonly Times[])[])[];
}

/** Computing, the leakage of what is never gated, and for each tensor what its keepers must do. */
export function leastWork(space: Mapspace): LeastWork {
  const { arch, einsum } = space;
  const cycles = leastCycles(space);
  const leaks = arch.nodes.flatMap((node, position) =>
    node.kind === 'memory' && (!node.powerGating || position === 0)
      ? [{ energy: energyIndex(arch, position, 'leakPjPerCycle'), times: cycles * instances(arch, position) }]
      : [],
  );
  const { energyPj, leakPjPerCycle } = computeIndexes(arch);
  return {
    cycles,
    always: [
      { energy: energyPj, times: macs(einsum) },
      { energy: leakPjPerCycle, times: arch.compute.powerGating ? 0 : cycles * computeUnits(arch) },
      ...leaks,
    ],
    oneOf: einsum.tensors.map((_, t) => keepersWork(space, t)),
  };
}

/**
 * For each memory that may be the tensor's innermost keeper. It serves every multiply-accumulate; one access serves at
 * most all copies inside it, if they share it. If it is not the tensor's home, that one still moves every distinct
 * word once, and every operand is filled into the innermost keeper once.
 */
function keepersWork(space: Mapspace, t: number): Times[][] {
  const { arch, einsum, homes } = space;
  const tensor = einsum.tensors[t];
  const home = memories(arch)[homes[t]];
  const words = distinctWords(einsum, tensor);
  const action = tensor.role === 'outputs' ? 'updatePj' : 'readPj';
  return innermostKeepers(arch, tensor, homes[t]).map((memory) => {
    const node = arch.nodes.indexOf(memory);
    const serving = (macs(einsum) / mostCopies(space, node)) * blocksPerElement(memory, tensor);
    const compulsory = words * blocksPerElement(home, tensor);
    const own = energyIndex(arch, node, action);
    if (memory === home) return [{ energy: own, times: Math.max(serving, compulsory) }];
    const filling = tensor.role === 'outputs' ? 0 : words * blocksPerElement(memory, tensor);
    return [
      { energy: own, times: serving },
      { energy: energyIndex(arch, arch.nodes.indexOf(home), action), times: compulsory },
      { energy: energyIndex(arch, node, 'fillPj'), times: filling },
    ];
  });
}

export function leastEnergyPj(space: Mapspace): number {
  return leastEnergyOf(leastWork(space), energiesOf(space.arch));
}

/** The same of work that is known, for a machine with these energies. */
export function leastEnergyOf({ always, oneOf }: LeastWork, energies: readonly number[]): number {
  const cost = (work: readonly Times[]): number =>
    work.reduce((sum, { energy, times }) => sum + times * energies[energy], 0);
  return oneOf.reduce((sum, choices) => sum + Math.min(...choices.map(cost)), cost(always));
}

/** Accesses per element; a part of a block costs at least its share. */
function blocksPerElement(memory: Memory, tensor: Tensor): number {
  return wordsPerElement(memory, tensor) / memory.blockSize;
}

/** Memories from the tensor's home inward that may keep it and inside which nothing must. */
function innermostKeepers(arch: Architecture, tensor: Tensor, home: number): Memory[] {
  const all = memories(arch);
  const last = all.findLastIndex((memory) => keeping(arch, memory, tensor) === 'keep');
  return all
    .slice(Math.max(home, last))
    .filter((memory) => memory === all[home] || keeping(arch, memory, tensor) !== 'bypass');
}

/** Most copies that the arrays from a node inward can make: the factors along an axis divide the dimensions it takes. */
function mostCopies({ levels, arch, einsum }: Mapspace, from: number): number {
  const along = (level: Level, axis: 'x' | 'y', size: number): number => {
    const dims = level.slots.flatMap((slot) => (slot.axis === axis ? [slot.dim] : []));
    const total = dims.reduce((product, dim) => product * einsum.dims[dim].bound, 1);
    for (let copies = size; ; copies--) if (total % copies === 0) return copies;
  };
  return arch.nodes.reduce((copies, node, n) => {
    if (node.kind !== 'array' || n < from) return copies;
    return copies * along(levels[n], 'x', node.x) * along(levels[n], 'y', node.y);
  }, 1);
}

/** Words of the tensor that the computation touches, or fewer: all coordinates along each rank, if ranks are independent. */
function distinctWords(einsum: Einsum, tensor: Tensor): number {
  const touched = tensor.ranks.map((rank) => distinctCoordinates(einsum, rank));
  const dims = tensor.ranks.flatMap((rank) => [...new Set(rank.map((term) => term.dim))]);
  const independent = new Set(dims).size === dims.length;
  return independent ? touched.reduce((product, count) => product * count, 1) : Math.max(1, ...touched);
}

/** Distinct sums, or fewer: exact for one term, or when steps of 1 cover each other's gaps; else of the longest term. */
function distinctCoordinates(einsum: Einsum, rank: Rank): number {
  const terms = effectiveRank(einsum, rank);
  const steps = terms.toSorted((a, b) => Math.abs(a.coefficient) - Math.abs(b.coefficient));
  let covered = 1;
  for (const { dim, coefficient } of steps) {
    if (Math.abs(coefficient) <= covered) covered += Math.abs(coefficient) * (einsum.dims[dim].bound - 1);
  }
  return Math.max(covered, ...terms.map(({ dim }) => einsum.dims[dim].bound));
}
