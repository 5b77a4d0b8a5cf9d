import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { mapspaceSize } from '../../src/mapspace/size.ts';
import { structures } from '../../src/mapspace/frame.ts';
import { problems } from './arbitraries.ts';
import { array, conv, eyerissLike, gemm, machine, memory } from './machines.ts';
import { points } from './naive.ts';

const unlimited = fc.constant(Infinity);

describe('the size of a mapspace', () => {
  test('is the number of nests that naive enumeration lists', () => {
    fc.assert(
      fc.property(problems(unlimited), ({ arch, einsum }) => {
        const count = [...points(arch, einsum)].length;
        expect(mapspaceSize(buildMapspace(arch, einsum))).toBe(BigInt(count));
      }),
      { numRuns: 60 },
    );
  });

  test('shrinks to what factor rules leave', () => {
    const arch = machine(memory('DRAM', Infinity), array('PE', 4, 4), memory('RF', 64, { keep: ['all'] }));
    const einsum = gemm(4, 1, 1);
    // Loops of M: DRAM, x, y, RF. M = 4 over four loops: 10 ways.
    expect(mapspaceSize(buildMapspace(arch, einsum))).toBe(10n);
    const rule = { kind: 'factor', node: 1, dim: 0, least: 2, most: 2 } as const;
    // 2 on the array (x or y), 2 in one of DRAM and RF.
    expect(mapspaceSize(buildMapspace(arch, einsum, [rule]))).toBe(4n);
  });

  test('is exact far beyond 2^53', () => {
    const size = mapspaceSize(
      buildMapspace(eyerissLike(), conv({ M: 128, C: 128, P: 28, Q: 28, R: 3, S: 3 })),
    );
    // Per dimension C(n + 6, 6) for p^n over 5 memories and 2 axes; orders 6! at each memory.
    const choose = (n: bigint): bigint =>
      ((n + 6n) * (n + 5n) * (n + 4n) * (n + 3n) * (n + 2n) * (n + 1n)) / 720n;
    const power7 = choose(7n);
    const twentyEight = choose(2n) * choose(1n);
    expect(size).toBe(power7 ** 2n * twentyEight ** 2n * choose(1n) ** 2n * 720n ** 5n);
  });

  test('counts orders and keep choices as the structures listed', () => {
    const arch = machine(memory('DRAM', Infinity), memory('GLB', 64));
    const space = buildMapspace(arch, gemm(2, 2, 1));
    // GLB keeps nothing: 2 orders at DRAM; or one of 7 lists: 2 orders at both.
    expect([...structures(space)]).toHaveLength(2 + 7 * 4);
  });
});
