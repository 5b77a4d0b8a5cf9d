/** Small machines and layers for tests of mapspaces and searches. */
import type { Architecture, Fanout, Memory, Node } from '../../src/arch/architecture.ts';
import { plainArray, plainMachine, plainMemory } from '../../src/arch/plain.ts';
import type { Einsum, Rank } from '../../src/workload/einsum.ts';

/** A memory that may keep every tensor; energies differ per action so that mappings differ in cost. */
export function memory(name: string, words: number, options: Partial<Memory> = {}): Memory {
  const scale = Number.isFinite(words) ? 1 + words / 64 : 200;
  const energy = { ...plainMemory(name).energy, readPj: scale, fillPj: 1.1 * scale, updatePj: 1.3 * scale };
  return plainMemory(name, { words, energy, ...options });
}

export function array(name: string, x: number, y: number, options: Partial<Fanout> = {}): Fanout {
  const energy = { ...plainArray(name, x, y).energy, hopPj: 0.7, spatialReductionPj: 0.1 };
  return plainArray(name, x, y, { energy, ...options });
}

export const machine = (...nodes: Node[]): Architecture => plainMachine('test machine', nodes, 1);

/** The layout of Eyeriss (ISCA 2016): 14 x 12 units with three scratchpads each; weights bypass the global buffer. */
export function eyerissLike(): Architecture {
  return machine(
    memory('DRAM', Infinity, { bandwidth: { read: Infinity, write: Infinity, shared: 4 } }),
    memory('GLB', 55_296, { keep: ['inputs', 'outputs'], mayKeep: [] }),
    array('PE', 14, 12),
    memory('IfmapSpad', 12, { keep: ['inputs'], mayKeep: [] }),
    memory('WeightSpad', 224, { keep: ['weights'], mayKeep: [] }),
    memory('PsumSpad', 24, { keep: ['outputs'], mayKeep: [] }),
  );
}

export function gemm(m: number, n: number, k: number): Einsum {
  return {
    name: `gemm ${m}x${n}x${k}`,
    dims: [
      { name: 'M', bound: m },
      { name: 'N', bound: n },
      { name: 'K', bound: k },
    ],
    tensors: [
      { name: 'A', role: 'inputs', ranks: [rank(0), rank(2)] },
      { name: 'B', role: 'weights', ranks: [rank(2), rank(1)] },
      { name: 'Z', role: 'outputs', ranks: [rank(0), rank(1)] },
    ],
  };
}

export interface ConvShape {
  readonly M?: number;
  readonly C?: number;
  readonly P?: number;
  readonly Q?: number;
  readonly R?: number;
  readonly S?: number;
  readonly stride?: number;
}

/** A convolution with dimensions N M C P Q R S. */
export function conv({ M = 1, C = 1, P = 1, Q = 1, R = 1, S = 1, stride = 1 }: ConvShape): Einsum {
  const bounds = { N: 1, M, C, P, Q, R, S };
  const slide = (output: number, filter: number): Rank => [
    { dim: output, coefficient: stride },
    { dim: filter, coefficient: 1 },
  ];
  return {
    name: 'conv',
    dims: Object.entries(bounds).map(([name, bound]) => ({ name, bound })),
    tensors: [
      { name: 'Weights', role: 'weights', ranks: [rank(1), rank(2), rank(5), rank(6)] },
      { name: 'Inputs', role: 'inputs', ranks: [rank(0), rank(2), slide(3, 5), slide(4, 6)] },
      { name: 'Outputs', role: 'outputs', ranks: [rank(0), rank(1), rank(3), rank(4)] },
    ],
  };
}

function rank(dim: number): Rank {
  return [{ dim, coefficient: 1 }];
}
