import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../src/arch/architecture.ts';
import type { Rule } from '../../src/mapspace/constraints.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { InfeasibleError } from '../../src/spec/errors.ts';
import type { Einsum } from '../../src/workload/einsum.ts';
import { constraints, problems, smallWords } from './arbitraries.ts';
import { array, conv, eyerissLike, gemm, machine, memory } from './machines.ts';
import { legalMappings } from './naive.ts';

const layer = conv({ M: 128, C: 128, P: 28, Q: 28, R: 3, S: 3 });
const [, M, C, , , R, S] = layer.dims.keys();
const WEIGHTS = 0;
const [DRAM, GLB, PE, , , PSUMS] = eyerissLike().nodes.keys();

/** Message and suggestion of every reason. */
function reasons(arch: Architecture, einsum: Einsum, rules: Rule[] = []): string {
  try {
    buildMapspace(arch, einsum, rules);
  } catch (error) {
    if (error instanceof InfeasibleError)
      return error.diagnostics.map(({ message, suggestion }) => `${message}; ${suggestion}`).join('\n');
    throw error;
  }
  return 'feasible';
}

function factor(node: number, dim: number, least: number, most = least): Rule {
  return { kind: 'factor', node, dim, least, most };
}

describe('a search without any legal mapping', () => {
  test('is refused only if naive enumeration finds none', () => {
    const constrained = problems(smallWords).chain((problem) =>
      fc.record({ problem: fc.constant(problem), rules: constraints(problem) }),
    );
    let refused = 0;
    fc.assert(
      fc.property(constrained, ({ problem: { arch, einsum }, rules }) => {
        const verdict = reasons(arch, einsum, rules);
        if (verdict === 'feasible') return;
        refused++;
        expect(legalMappings(arch, einsum, rules).size).toBe(0);
        expect(verdict).not.toContain('undefined');
      }),
      { numRuns: 150, seed: 4 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  test('a memory one word too small: which, by how much, and what would help', () => {
    const arch = machine(
      memory('DRAM', Infinity),
      memory('PsumSpad', 2, { keep: ['outputs', 'inputs', 'weights'], mayKeep: [] }),
    );
    expect(reasons(arch, gemm(4, 4, 4))).toBe(
      'PsumSpad holds 2 words, the smallest tile of gemm 4x4x4 needs at least 3 (A 1, B 1, Z 1): 1 over; ' +
        'make it 3 words, or let A bypass it, or let B bypass it, or let Z bypass it',
    );
  });

  test('double buffering counts: the size asked for is the whole memory', () => {
    const arch = machine(
      memory('DRAM', Infinity),
      memory('GLB', 5, { keep: ['all'], mayKeep: [], multipleBuffering: 2 }),
    );
    expect(reasons(arch, gemm(4, 4, 4))).toMatch(/holds 2 words \(2 buffers\).*make it 6 words/);
  });

  test('factors fixed inside a memory count towards its smallest tile', () => {
    const arch = eyerissLike();
    const verdict = reasons(arch, layer, [factor(PSUMS, M, 32)]);
    expect(verdict).toMatch(/^PsumSpad holds 24 words, the smallest tile of conv needs at least 32/);
    expect(verdict).toContain('relax the factors fixed in and inside it');
  });

  test('factors limited outside a memory push words inside', () => {
    const arch = eyerissLike();
    // M = 128 with no factor outside the scratchpads: all of it in PsumSpad's tile.
    const rules = [DRAM, GLB, PE, PE + 1, PE + 2].map((node) => factor(node, M, 1));
    expect(reasons(arch, layer, rules)).toMatch(/^PsumSpad holds 24 words.*needs at least 128/);
  });

  test('an outermost memory that does not hold whole tensors', () => {
    const arch = machine(memory('SRAM', 40));
    expect(reasons(arch, gemm(4, 4, 4))).toMatch(
      /^SRAM holds 40 words, whole tensors of gemm 4x4x4 need at least 48.*make it 48 words$/,
    );
  });

  test('an outermost memory that whole tensors cannot fill as much as it asks', () => {
    const arch = machine(memory('SRAM', 100, { minUtilization: 0.5 }));
    expect(reasons(arch, gemm(4, 4, 4))).toMatch(
      /^SRAM is too empty: whole tensors of gemm 4x4x4 fill 48 words, min_utilization asks 50; lower .* to 0.48$/,
    );
    expect(reasons(arch, gemm(4, 4, 5))).toBe('feasible');
  });

  test('a factor that does not divide: the nearest that do', () => {
    expect(reasons(eyerissLike(), layer, [factor(GLB, C, 24)])).toBe(
      "C=24 at GLB: 24 does not divide C's bound 128; nearest that divide: C=16 or C=32",
    );
    expect(reasons(eyerissLike(), layer, [factor(GLB, R, 2)])).toContain('R=1 or R=3');
  });

  test('two factors at one memory that exclude each other', () => {
    const verdict = reasons(eyerissLike(), layer, [factor(GLB, C, 16), factor(GLB, C, 1, 8)]);
    expect(verdict).toMatch(/C=16 and C<=8 at GLB leave no divisor of C's bound 128/);
  });

  test('factors that cannot reach the bound: by what factor they fall short', () => {
    const rules = [DRAM, GLB, PE + 1, PE + 2, PSUMS].map((node) => factor(node, C, 1, 2));
    const verdict = reasons(eyerissLike(), layer, [...rules, factor(PE, C, 1)]);
    expect(verdict).toMatch(/^C's factors cannot reach its bound 128 \(at most 32, a factor 4 short\)/);
  });

  test('fixed spatial factors over an array: by how many copies, and the largest that fits', () => {
    const verdict = reasons(eyerissLike(), layer, [factor(PE, C, 64), factor(PE, R, 3)]);
    expect(verdict).toBe('PE: C=64 R=3 needs 192 copies, 24 more than its 14 x 12; lower it to C=32 or R=1');
  });

  test('fixed spatial factors that no axis allows', () => {
    const axes: Rule[] = [
      { kind: 'axis', node: PE, axis: 'x', dims: [M] },
      { kind: 'axis', node: PE, axis: 'y', dims: [M] },
    ];
    const verdict = reasons(eyerissLike(), layer, [factor(PE, S, 3), ...axes]);
    expect(verdict).toMatch(/^PE: S=3 cannot be laid out on its 14 x 12/);
  });

  test('keep and bypass against the architecture, or each other', () => {
    const arch = eyerissLike();
    expect(reasons(arch, layer, [{ kind: 'keep', node: GLB, tensor: WEIGHTS, kept: true }])).toMatch(
      /^GLB cannot keep Weights: .*; add weights to may_keep of GLB$/,
    );
    expect(reasons(arch, layer, [{ kind: 'keep', node: GLB, tensor: 1, kept: false }])).toMatch(
      /^Inputs cannot bypass GLB/,
    );
    expect(reasons(arch, layer, [{ kind: 'keep', node: DRAM, tensor: 1, kept: false }])).toMatch(
      /the outermost memory holds everything/,
    );
    const both: Rule[] = [true, false].map((kept) => ({ kind: 'keep', node: 1, tensor: 0, kept }));
    const free = machine(memory('DRAM', Infinity), memory('GLB', 64));
    expect(reasons(free, gemm(2, 2, 2), both)).toMatch(/GLB is told both to keep A and to let it bypass/);
  });

  test('loop orders that contradict each other', () => {
    const order = (sequence: number[]): Rule => ({ kind: 'order', node: GLB, sequence });
    expect(reasons(eyerissLike(), layer, [order([M, C]), order([C, M])])).toMatch(
      /^the loop orders asked for at GLB contradict each other/,
    );
  });

  test('loops at a memory that keeps nothing of the layer', () => {
    const arch = machine(memory('DRAM', Infinity), memory('GLB', 64, { keep: [], mayKeep: [] }));
    expect(reasons(arch, gemm(4, 4, 4), [factor(1, 0, 2)])).toMatch(
      /^GLB keeps no tensor of gemm 4x4x4, but M=2 asks for tiles there/,
    );
  });

  test('a utilisation floor that no factors reach', () => {
    const arch = machine(memory('DRAM', Infinity), array('PE', 14, 12));
    const floor: Rule = { kind: 'utilization', node: 1, share: 0.95 };
    expect(reasons(arch, gemm(8, 8, 8), [floor])).toBe(
      'min_utilization of PE asks for 160 copies, factors of gemm 8x8x8 use at most 64; ' +
        'lower min_utilization to 0.38, or allow more dimensions on the axes',
    );
    const units: Rule = { kind: 'utilization', node: 2, share: 0.95 };
    expect(reasons(arch, gemm(8, 8, 8), [units])).toMatch(/^min_utilization of MAC asks for 160 units/);
  });
});

describe('a tensor that is to be resident', () => {
  const [INPUTS] = layer.tensors.flatMap(({ role }, t) => (role === 'inputs' ? [t] : []));
  const resident = (node: number, tensor: number): Rule => ({ kind: 'resident', node, tensor });

  test.each<[string, Rule[], string]>([
    ['in the outermost memory', [resident(DRAM, INPUTS)], 'that is the outermost memory'],
    ['in a memory of which there are several', [resident(PSUMS, 2)], 'it is one of several'],
    ['in a memory that it bypasses', [resident(GLB, WEIGHTS)], 'it bypasses GLB'],
    [
      'where a rule has it bypass',
      [resident(GLB, INPUTS), { kind: 'keep', node: GLB, tensor: INPUTS, kept: false }],
      'cannot be resident in GLB',
    ],
  ])('%s', (_, rules, reason) => {
    expect(reasons(eyerissLike(), layer, rules)).toContain(reason);
  });

  test('leaves the others what it and others do not take', () => {
    const arch = machine(memory('DRAM', Infinity), memory('Buffer', 20, { keep: ['all'], mayKeep: [] }));
    const product = gemm(4, 4, 4);
    const reserve = (words: number): Rule => ({ kind: 'reserve', node: 1, words });
    expect(reasons(arch, product, [resident(1, 0), reserve(2)])).toBe('feasible');
    expect(reasons(arch, product, [resident(1, 0), reserve(1), reserve(2)])).toBe(
      'Buffer holds 1 words beside what is resident, the smallest tile of gemm 4x4x4 needs at least 2 (B 1, Z 1): 1 over; ' +
        'make it 21 words, or let B bypass it, or let Z bypass it',
    );
  });
});
