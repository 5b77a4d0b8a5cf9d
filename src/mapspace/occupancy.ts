/** Words that tiles take in a memory, added in the order in which the cost models add, and the least they must take. */
import type { Memory } from '../arch/architecture.ts';
import { memories, usableWords, wordsPerElement } from '../arch/architecture.ts';
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
  return tensors.reduce((words, t) => {
    const tensor = space.einsum.tensors[t];
    return words + tileWords(tensor, extents) * wordsPerElement(memory, tensor);
  }, 0);
}

/** Least words that tiles must fill in one instance: `min_utilization` of the usable ones. */
export function neededWords(memory: Memory): number {
  const usable = usableWords(memory);
  return Number.isFinite(usable) ? usable * memory.minUtilization : 0;
}
