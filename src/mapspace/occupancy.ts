/** Words that tiles take in a memory, and the least they must take. */
import type { Memory } from '../arch/architecture.ts';
import { elementBits, memories, usableWords } from '../arch/architecture.ts';
import { tileWords } from '../workload/einsum.ts';
import type { Mapspace, MemoryLevel } from './mapspace.ts';

/** Words of one instance that tiles of the tensors (ascending) take if they span `extents`. */
export function usedWords(
  space: Mapspace,
  level: MemoryLevel,
  tensors: readonly number[],
  extents: ArrayLike<number>,
): number {
  const memory = memories(space.arch)[level.memory];
  const bits = tensors.reduce((total, t) => {
    const tensor = space.einsum.tensors[t];
    return total + tileWords(tensor, extents) * elementBits(memory, tensor);
  }, 0);
  return bits / memory.wordBits;
}

/** Least words that tiles must fill in one instance: `min_utilization` of the usable ones. */
export function neededWords(memory: Memory): number {
  const usable = usableWords(memory);
  return Number.isFinite(usable) ? usable * memory.minUtilization : 0;
}
