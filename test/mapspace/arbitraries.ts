/** Random tiny machines, layers and constraints, small enough to list all mappings. */
import fc from 'fast-check';
import type { Architecture, Memory, Node } from '../../src/arch/architecture.ts';
import type { Rule } from '../../src/mapspace/constraints.ts';
import type { Einsum } from '../../src/workload/einsum.ts';
import { array, conv, gemm, machine, memory } from './machines.ts';

export interface Problem {
  readonly arch: Architecture;
  readonly einsum: Einsum;
}

/** With `words` for the sizes of the memories inside the outermost. */
export function problems(words: fc.Arbitrary<number>): fc.Arbitrary<Problem> {
  return fc
    .record({ arch: machines(words), einsum: layers })
    .filter(({ arch, einsum }) => pointCount(arch, einsum) <= 2000);
}

export const smallWords = fc.integer({ min: 1, max: 24 });

const keeps = fc.constantFrom<Partial<Memory>>(
  {},
  { keep: ['inputs', 'outputs'], mayKeep: [] },
  { keep: ['weights'], mayKeep: ['outputs'] },
  { keep: ['all'], mayKeep: [] },
);

function machines(words: fc.Arbitrary<number>): fc.Arbitrary<Architecture> {
  const inner = fc
    .tuple(fc.constantFrom('A', 'B'), words, keeps, fc.integer({ min: 1, max: 2 }))
    .map(([name, size, keep, multipleBuffering]) => memory(name, size, { ...keep, multipleBuffering }));
  const arrays = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
    .map(([x, y]) => array('PE', x, y));
  return fc
    .tuple(fc.option(inner), fc.option(arrays), fc.option(inner))
    .map(([outer, fanout, spad]) =>
      machine(
        memory('DRAM', Infinity),
        ...[outer, fanout, spad].filter((node): node is Node => node !== null),
      ),
    );
}

const bound = fc.constantFrom(1, 2, 3, 4, 6);

const layers: fc.Arbitrary<Einsum> = fc.oneof(
  fc.tuple(bound, bound, bound).map(([m, n, k]) => gemm(m, n, k)),
  fc
    .record({ M: bound, P: bound, R: fc.constantFrom(1, 2, 3), stride: fc.constantFrom(1, 2) })
    .map((shape) => conv(shape)),
);

/** An estimate from above of what test/mapspace/naive.ts would list. */
function pointCount(arch: Architecture, einsum: Einsum): number {
  const dims = einsum.dims.filter((dim) => dim.bound > 1);
  const loops = arch.nodes.reduce(
    (n, node) => n + (node.kind === 'memory' ? 1 : Number(node.x > 1) + Number(node.y > 1)),
    0,
  );
  const stations = arch.nodes.filter((node) => node.kind === 'memory').length;
  const free = arch.nodes.slice(1).filter((node) => node.kind === 'memory' && node.mayKeep.length > 0).length;
  const factors = dims.reduce((n, dim) => n * loops ** [0, 0, 1, 1, 2, 2, 2][dim.bound], 1);
  const permutations = dims.reduce((n, _, i) => n * (i + 1), 1) ** stations;
  return factors * permutations * 8 ** free;
}

/** Up to three rules for a problem, some of which contradict it or each other. */
export function constraints({ arch, einsum }: Problem): fc.Arbitrary<Rule[]> {
  const dim = fc.nat({ max: einsum.dims.length - 1 });
  const node = fc.nat({ max: arch.nodes.length - 1 });
  const factor = fc
    .tuple(node, dim, fc.constantFrom('=', '<=', '>='), fc.constantFrom(1, 2, 3, 4))
    .map(([n, d, relation, value]): Rule => ({
      kind: 'factor',
      node: n,
      dim: d,
      least: relation === '<=' ? 1 : value,
      most: relation === '>=' ? einsum.dims[d].bound : value,
    }));
  const memoryNodes = arch.nodes.flatMap((item, n) => (item.kind === 'memory' ? [n] : []));
  const order = fc
    .tuple(fc.constantFrom(...memoryNodes), fc.shuffledSubarray<number | '*'>([...einsum.dims.keys(), '*']))
    .map(([n, sequence]): Rule => ({ kind: 'order', node: n, sequence }));
  const keep = fc
    .tuple(fc.constantFrom(...memoryNodes), fc.nat({ max: einsum.tensors.length - 1 }), fc.boolean())
    .map(([n, tensor, kept]): Rule => ({ kind: 'keep', node: n, tensor, kept }));
  const array = arch.nodes.findIndex((item) => item.kind === 'array');
  const axis = fc
    .tuple(fc.constantFrom('x' as const, 'y' as const), fc.subarray([...einsum.dims.keys()]))
    .map(([which, dims]): Rule => ({ kind: 'axis', node: array, axis: which, dims }));
  const floor = fc
    .tuple(fc.constantFrom(array, arch.nodes.length), fc.constantFrom(0.3, 0.5, 1))
    .map(([n, share]): Rule => ({ kind: 'utilization', node: n, share }));
  const always = [factor, factor, order, keep];
  return fc.array(fc.oneof(...(array < 0 ? always : [...always, axis, floor])), { maxLength: 3 });
}
