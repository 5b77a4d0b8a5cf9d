/** The machine a traffic bound is about: a backing store, one buffer without a size, compute. No costs here. */
import type { Architecture, Memory, TensorSelector } from '../arch/architecture.ts';

const BACKING_STORE: Memory = {
  kind: 'memory',
  name: 'DRAM',
  words: Infinity,
  wordBits: 16,
  blockSize: 1,
  multipleBuffering: 1,
  minUtilization: 0,
  keep: ['all'],
  mayKeep: [],
  datawidthBits: {},
  energy: {
    readPj: 0,
    fillPj: 0,
    updatePj: 0,
    leakPjPerCycle: 0,
    addressGenerationPj: 0,
    temporalReductionPj: 0,
  },
  bandwidth: { read: Infinity, write: Infinity, shared: Infinity },
  drainReads: false,
  rmwFirstUpdate: false,
  powerGating: false,
  areaUm2: 0,
};

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
  return {
    name,
    nodes: [store, unsized],
    compute: { name: 'MAC', energyPj: 0, leakPjPerCycle: 0, powerGating: false, areaUm2: 0 },
    clockHz: 1e9,
    description: '',
  };
}
