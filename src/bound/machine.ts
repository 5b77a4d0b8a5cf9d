/** The machine a traffic bound is about: a backing store, one buffer without a size, compute. No costs here. */
import type { Architecture, Memory, TensorSelector } from '../arch/architecture.ts';
import { plainMachine, plainMemory } from '../arch/plain.ts';

const BACKING_STORE = plainMemory('DRAM', { keep: ['all'], mayKeep: [] });

/** One word an element everywhere; the buffer always keeps the tensors named. */
export function twoMemories(keep: TensorSelector = ['all']): Architecture {
  return machineOf('two memories', BACKING_STORE, { ...BACKING_STORE, name: 'Buffer' }, keep);
}

/** The outermost memory of `arch` and one of its other memories, as wide as they are there, without what lies between. */
export function machineAround(arch: Architecture, buffer: Memory, keep: TensorSelector): Architecture {
  return machineOf(arch.name, arch.nodes[0] as Memory, buffer, keep);
}

function machineOf(name: string, store: Memory, buffer: Memory, keep: TensorSelector): Architecture {
  const unsized = { ...buffer, words: Infinity, minUtilization: 0, keep, mayKeep: [] };
  return plainMachine(name, [store, unsized]);
}
