/** Plain building blocks for hand-made machines and layers in tests: every energy zero, every limit off. */
import type { Architecture, Node } from '../../src/arch/architecture.ts';
import { plainMachine } from '../../src/arch/plain.ts';
import type { Loop, NestItem, Station } from '../../src/mapping/mapping.ts';
import type { Dimension, Einsum, Tensor } from '../../src/workload/einsum.ts';

export { plainArray as array, plainMemory as memory } from '../../src/arch/plain.ts';

export const machine = (...nodes: Node[]): Architecture => plainMachine('test', nodes);

/** `O[p] += I[stride·p + dilation·r] · W[r]`; tensors in the order W, I, O, dimensions P, R. */
export function convolution(bounds: { P: number; R: number }, stride = 1, dilation = 1): Einsum {
  const [P, R] = [0, 1];
  return einsum(bounds, [
    { name: 'W', role: 'weights', ranks: [[{ dim: R, coefficient: 1 }]] },
    {
      name: 'I',
      role: 'inputs',
      ranks: [
        [
          { dim: P, coefficient: stride },
          { dim: R, coefficient: dilation },
        ],
      ],
    },
    { name: 'O', role: 'outputs', ranks: [[{ dim: P, coefficient: 1 }]] },
  ]);
}

/** `Z[m,n] += A[m,k] · B[k,n]`; tensors in the order B, A, Z, dimensions M, N, K. */
export function product(bounds: { M: number; N: number; K: number }): Einsum {
  const ranks = (...dims: number[]) => dims.map((dim) => [{ dim, coefficient: 1 }]);
  const [M, N, K] = [0, 1, 2];
  return einsum(bounds, [
    { name: 'B', role: 'weights', ranks: ranks(K, N) },
    { name: 'A', role: 'inputs', ranks: ranks(M, K) },
    { name: 'Z', role: 'outputs', ranks: ranks(M, N) },
  ]);
}

export function einsum(bounds: Readonly<Record<string, number>>, tensors: readonly Tensor[]): Einsum {
  const dims = Object.entries(bounds).map(([name, bound]): Dimension => ({ name, bound }));
  return { name: 'test', dims, tensors };
}

export function station(memory: number, ...tensors: number[]): Station {
  return { kind: 'station', memory, tensors };
}

/** Temporal loop. */
export function loop(dim: number, factor: number): Loop {
  return { kind: 'for', dim, factor };
}

/** Spatial loop. */
export function parallel(fanout: number, axis: 'x' | 'y', dim: number, factor: number): Loop {
  return { kind: 'parallel', fanout, axis, dim, factor };
}

export function nest(...items: NestItem[]): { nest: NestItem[] } {
  return { nest: items };
}
