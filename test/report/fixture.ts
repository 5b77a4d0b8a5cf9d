/** A small machine, a small GEMM and one legal mapping of it, for report tests. */
import type { Architecture } from '../../src/arch/architecture.ts';
import type { Mapping } from '../../src/mapping/mapping.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import type { Einsum } from '../../src/workload/einsum.ts';

const silent = { leakPjPerCycle: 0, addressGenerationPj: 0, temporalReductionPj: 0 };
const memory = {
  kind: 'memory',
  wordBits: 16,
  blockSize: 1,
  multipleBuffering: 1,
  minUtilization: 0,
  keep: [],
  mayKeep: ['all'],
  datawidthBits: {},
  drainReads: false,
  rmwFirstUpdate: false,
  powerGating: false,
  areaUm2: 0,
} as const;

/** DRAM, a buffer of 64 words, a 2x2 array, a register of 8 words and a MAC in each. */
export function machine(dramWordsPerCycle = Infinity): Architecture {
  const unlimited = { read: Infinity, write: Infinity, shared: Infinity };
  return {
    name: 'small',
    description: '',
    clockHz: 1e8,
    nodes: [
      {
        ...memory,
        name: 'DRAM',
        words: Infinity,
        energy: { readPj: 200, fillPj: 200, updatePj: 200, ...silent },
        bandwidth: { ...unlimited, shared: dramWordsPerCycle },
      },
      {
        ...memory,
        name: 'Buffer',
        words: 64,
        energy: { readPj: 6, fillPj: 6, updatePj: 6, ...silent },
        bandwidth: unlimited,
      },
      {
        kind: 'array',
        name: 'PE',
        x: 2,
        y: 2,
        multicast: true,
        spatialReduction: true,
        haloMulticast: false,
        temporalReuse: true,
        energy: { hopPj: 2, routerPj: 0, ingressPj: 0, spatialReductionPj: 0.25 },
        latency: { fillCycles: 0, drainCycles: 0 },
        areaUm2: 0,
      },
      {
        ...memory,
        name: 'Register',
        words: 8,
        energy: { readPj: 1, fillPj: 1, updatePj: 1, ...silent },
        bandwidth: unlimited,
      },
    ],
    compute: { name: 'MAC', energyPj: 1.5, leakPjPerCycle: 0, powerGating: false, areaUm2: 0 },
  };
}

/** Z[m,n] += A[m,k] · B[k,n] with M=4, N=4, K=8. */
export const gemm: Einsum = {
  name: 'gemm4x4x8',
  dims: [
    { name: 'M', bound: 4 },
    { name: 'N', bound: 4 },
    { name: 'K', bound: 8 },
  ],
  tensors: [
    { name: 'A', role: 'inputs', ranks: [[{ dim: 0, coefficient: 1 }], [{ dim: 2, coefficient: 1 }]] },
    { name: 'B', role: 'weights', ranks: [[{ dim: 2, coefficient: 1 }], [{ dim: 1, coefficient: 1 }]] },
    { name: 'Z', role: 'outputs', ranks: [[{ dim: 0, coefficient: 1 }], [{ dim: 1, coefficient: 1 }]] },
  ],
};

/** M over the array's x; the buffer holds everything at half of K, the registers one sum at a time. */
export const mapping: Mapping = {
  nest: [
    { kind: 'station', memory: 0, tensors: [0, 1, 2] },
    { kind: 'for', dim: 2, factor: 2 },
    { kind: 'station', memory: 1, tensors: [0, 1, 2] },
    { kind: 'for', dim: 0, factor: 2 },
    { kind: 'for', dim: 1, factor: 4 },
    { kind: 'parallel', fanout: 0, axis: 'x', dim: 0, factor: 2 },
    { kind: 'station', memory: 2, tensors: [2] },
    { kind: 'for', dim: 2, factor: 4 },
  ],
};

export function subject(dramWordsPerCycle?: number): {
  arch: Architecture;
  einsum: Einsum;
  cost: ReturnType<typeof evaluateMapping>;
} {
  const arch = machine(dramWordsPerCycle);
  return { arch, einsum: gemm, cost: evaluateMapping(arch, gemm, mapping) };
}
