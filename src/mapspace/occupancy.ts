/** Words that tiles take in a memory, the most they may take, and the least they must. */
import type { Memory } from '../arch/architecture.ts';
import { elementBits, memories, usableWords } from '../arch/architecture.ts';
import { tensorWords, tileWords } from '../workload/einsum.ts';
import type { Mapspace, MemoryLevel } from './mapspace.ts';

/** Words of one instance that tiles of the tensors (ascending) take if they span `extents`; the outermost level's are at home elsewhere. */
export function usedWords(
  space: Mapspace,
  level: MemoryLevel,
  tensors: readonly number[],
  extents: ArrayLike<number>,
): number {
  const memory = memories(space.arch)[level.memory];
  const bits = tensors.reduce((total, t) => {
    const tensor = space.einsum.tensors[t];
    if (level.memory === 0 && space.homes[t] > 0) return total;
    return total + tileWords(tensor, extents) * elementBits(memory, tensor);
  }, 0);
  return bits / memory.wordBits;
}

/** Bits of one instance that are left for tiles: without reserved words and resident tensors. May be below zero. */
export function freeBits({ arch, einsum, homes, reserved }: Mapspace, index: number): number {
  const memory = memories(arch)[index];
  const residents = einsum.tensors.reduce(
    (bits, tensor, t) =>
      index > 0 && homes[t] === index
        ? bits + tensorWords(einsum, tensor) * elementBits(memory, tensor)
        : bits,
    0,
  );
  return (usableWords(memory) - reserved[index]) * memory.wordBits - residents;
}

/** The same in words. */
export function freeWords(space: Mapspace, index: number): number {
  return freeBits(space, index) / memories(space.arch)[index].wordBits;
}

/** Least words that tiles must fill in one instance: `min_utilization` of the usable ones. */
export function neededWords(memory: Memory): number {
  const usable = usableWords(memory);
  return Number.isFinite(usable) ? usable * memory.minUtilization : 0;
}
