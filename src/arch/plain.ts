/** Parts of a machine without costs or limits, to be changed where that matters. */
import type { Architecture, Fanout, Memory, Node } from './architecture.ts';

/** A memory without end that may keep every tensor, 16 bits a word, no energies. */
export function plainMemory(name: string, changes: Partial<Memory> = {}): Memory {
  return {
    kind: 'memory',
    name,
    words: Infinity,
    wordBits: 16,
    blockSize: 1,
    multipleBuffering: 1,
    minUtilization: 0,
    keep: [],
    mayKeep: ['all'],
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
    ...changes,
  };
}

/** An array of `x` by `y` that multicasts and adds at no cost. */
export function plainArray(name: string, x: number, y: number, changes: Partial<Fanout> = {}): Fanout {
  return {
    kind: 'array',
    name,
    x,
    y,
    multicast: true,
    spatialReduction: true,
    haloMulticast: false,
    temporalReuse: true,
    energy: { hopPj: 0, routerPj: 0, ingressPj: 0, spatialReductionPj: 0 },
    latency: { fillCycles: 0, drainCycles: 0 },
    areaUm2: 0,
    ...changes,
  };
}

/** These nodes around a multiplier of `macPj` per operation, at 1 GHz. */
export function plainMachine(name: string, nodes: readonly Node[], macPj = 0): Architecture {
  const compute = { name: 'MAC', energyPj: macPj, leakPjPerCycle: 0, powerGating: false, areaUm2: 0 };
  return { name, nodes, compute, clockHz: 1e9, description: '' };
}
