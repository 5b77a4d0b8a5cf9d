/** A small machine, a small layer and random legal nests for the tests of this folder. */
import fc from 'fast-check';
import type { Architecture, Fanout, Memory, Node } from '../../src/arch/architecture.ts';
import { memories } from '../../src/arch/architecture.ts';
import { plainArray, plainMachine, plainMemory } from '../../src/arch/plain.ts';
import type { Mapping, NestItem, Station } from '../../src/mapping/mapping.ts';
import type { Dimension, Einsum } from '../../src/workload/einsum.ts';

export function memory(name: string, changes: Partial<Memory> = {}): Memory {
  const { energy } = plainMemory(name);
  return plainMemory(name, { energy: { ...energy, readPj: 1, fillPj: 1, updatePj: 1 }, ...changes });
}

export const array = plainArray;

export const machine = (...nodes: Node[]): Architecture => plainMachine('machine', nodes, 1);

/** 1-D convolution with channels: `Outputs[m,p] += Inputs[c,p+r] · Weights[m,c,r]`. */
export function convolution(bounds: { M: number; C: number; P: number; R: number }): Einsum {
  const [M, C, P, R] = [0, 1, 2, 3].map((dim) => ({ dim, coefficient: 1 }));
  return {
    name: 'conv',
    dims: Object.entries(bounds).map(([name, bound]) => ({ name, bound })),
    tensors: [
      { name: 'Weights', role: 'weights', ranks: [[M], [C], [R]] },
      { name: 'Inputs', role: 'inputs', ranks: [[C], [P, R]] },
      { name: 'Outputs', role: 'outputs', ranks: [[M], [P]] },
    ],
  };
}

export interface Case {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly mapping: Mapping;
}

/** Machines of 1 to 4 unlimited memories with arrays between, and legal nests of every shape for them. */
export const legalCase: fc.Arbitrary<Case> = fc
  .array(fc.constantFrom('memory', 'array'), { maxLength: 4 })
  .chain((kinds) => {
    const inner = kinds.map((kind, i): Node =>
      kind === 'memory' ? memory(`L${i + 1}`) : array(`A${i}`, 4096, 4096),
    );
    const arch = machine(memory('DRAM'), ...inner);
    return nestFor(arch).map((nest) => fitted(arch, nest));
  });

const factor = fc.constantFrom(1, 2, 3, 4);
const dim = fc.integer({ min: 0, max: 3 });
const temporal = fc.record({ kind: fc.constant('for' as const), dim, factor });

function nestFor(arch: Architecture): fc.Arbitrary<NestItem[]> {
  const first: Station = { kind: 'station', memory: 0, tensors: [0, 1, 2] };
  const parts = arch.nodes
    .slice(1)
    .map((node) => (node.kind === 'memory' ? stations(arch, node) : spatial(arch, node)));
  const loops = fc.array(temporal, { maxLength: 2 });
  return fc
    .tuple(loops, ...parts.map((part) => interleaved(part, loops)))
    .map((rest) => [first, ...rest.flat()]);
}

/** Items with temporal loops behind each, except between an array's own loops (those may have some too). */
function interleaved(
  items: fc.Arbitrary<NestItem[]>,
  loops: fc.Arbitrary<NestItem[]>,
): fc.Arbitrary<NestItem[]> {
  return items.chain((list) =>
    fc.tuple(...list.map(() => loops)).map((after) => list.flatMap((item, i) => [item, ...after[i]])),
  );
}

/** No, one or two stations for a memory: each tensor goes to one of them or to none. */
function stations(arch: Architecture, node: Memory): fc.Arbitrary<NestItem[]> {
  const index = memories(arch).indexOf(node);
  return fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 2 }))).map((places) =>
    [1, 2]
      .map((place) => [0, 1, 2].filter((t) => places[t] === place))
      .filter((tensors) => tensors.length > 0)
      .map((tensors): Station => ({ kind: 'station', memory: index, tensors })),
  );
}

function spatial(arch: Architecture, node: Fanout): fc.Arbitrary<NestItem[]> {
  const fanout = arch.nodes.filter(({ kind }) => kind === 'array').indexOf(node);
  const axis = fc.constantFrom('x' as const, 'y' as const);
  const loop = fc.record({
    kind: fc.constant('parallel' as const),
    fanout: fc.constant(fanout),
    axis,
    dim,
    factor,
  });
  return fc.array(loop, { maxLength: 4 });
}

/** The layer whose bounds are what the nest's factors multiply to. */
function fitted(arch: Architecture, nest: NestItem[]): Case {
  const bounds = [1, 1, 1, 1];
  for (const item of nest) if (item.kind !== 'station') bounds[item.dim] *= item.factor;
  const [M, C, P, R] = bounds;
  return { arch, einsum: convolution({ M, C, P, R }), mapping: { nest } };
}

export function withBound(einsum: Einsum, name: string, bound: number): Einsum {
  const dims = einsum.dims.map((d): Dimension => (d.name === name ? { name, bound } : d));
  return { ...einsum, dims };
}
