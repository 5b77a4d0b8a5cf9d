/** What no mapping can beat: lower bounds on energy and cycles that need no search. Simple, not tight. */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { fanouts, keeping, memories, wordsPerElement } from '../arch/architecture.ts';
import { effectiveRank } from '../kernel/support.ts';
import type { Level, Mapspace } from '../mapspace/mapspace.ts';
import type { Einsum, Rank, Tensor } from '../workload/einsum.ts';
import { macs } from '../workload/einsum.ts';
import type { Quantity } from './objective.ts';
import { constantLeak } from './exact/stages.ts';
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

/** Computing, the leakage of what is never gated, and for each tensor the least that its keepers must do. */
export function leastEnergyPj(space: Mapspace): number {
  const { arch, einsum } = space;
  return einsum.tensors.reduce(
    (sum, _, t) => sum + leastTensorEnergyPj(space, t),
    macs(einsum) * arch.compute.energyPj + constantLeak({ arch }) * leastCycles(space),
  );
}

/**
 * The least over the memories that may be the tensor's innermost keeper. That one serves every multiply-accumulate;
 * one access serves at most all copies inside it, if they share it. If it is not the tensor's home, that one still
 * moves every distinct word once, and every operand is filled into the innermost keeper once.
 */
function leastTensorEnergyPj(space: Mapspace, t: number): number {
  const { arch, einsum, homes } = space;
  const tensor = einsum.tensors[t];
  const home = memories(arch)[homes[t]];
  const compulsory = distinctWords(einsum, tensor) * accessPj(home, tensor);
  return Math.min(
    ...innermostKeepers(arch, tensor, homes[t]).map((memory) => {
      const inside = mostCopies(space, arch.nodes.indexOf(memory));
      const serving = (macs(einsum) / inside) * accessPj(memory, tensor);
      if (memory === home) return Math.max(serving, compulsory);
      const filling =
        tensor.role === 'outputs' ? 0 : distinctWords(einsum, tensor) * elementPj(memory, tensor, 'fillPj');
      return serving + compulsory + filling;
    }),
  );
}

/** Picojoules per element read (operands) or updated (results). */
function accessPj(memory: Memory, tensor: Tensor): number {
  return elementPj(memory, tensor, tensor.role === 'outputs' ? 'updatePj' : 'readPj');
}

/** A part of a block costs at least its share. */
function elementPj(memory: Memory, tensor: Tensor, action: 'readPj' | 'fillPj' | 'updatePj'): number {
  return (memory.energy[action] * wordsPerElement(memory, tensor)) / memory.blockSize;
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
