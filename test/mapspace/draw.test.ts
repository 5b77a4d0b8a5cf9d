import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Constraints, Rule } from '../../src/mapspace/constraints.ts';
import { FactorDrawer } from '../../src/mapspace/draw.ts';
import type { Frame } from '../../src/mapspace/frame.ts';
import { arrange, frames, randomLoopOrder } from '../../src/mapspace/frame.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { Random } from '../../src/mapspace/random.ts';
import { toMapping } from '../../src/mapspace/structure.ts';
import { reasonCount, refusals } from '../../src/mapspace/tiling.ts';
import { checkMapping } from '../../src/mapping/legality.ts';
import { factorisations } from '../../src/search/exhaustive.ts';
import { InfeasibleError } from '../../src/spec/errors.ts';
import type { Problem } from './arbitraries.ts';
import { constraints, problems, smallWords } from './arbitraries.ts';
import { array, conv, eyerissLike, gemm, machine, memory } from './machines.ts';
import { obeys } from './naive.ts';

function framesOf({ arch, einsum }: Problem, rules: Constraints): Frame[] {
  try {
    return [...frames(buildMapspace(arch, einsum, rules))];
  } catch (error) {
    if (error instanceof InfeasibleError) return [];
    throw error;
  }
}

function drawer(frame: Frame, seed: number): FactorDrawer {
  return new FactorDrawer(frame, new Random(seed, 0), new Float64Array(reasonCount(frame.space.arch)));
}

const constrained = problems(smallWords).chain((problem) =>
  fc.record({ problem: fc.constant(problem), rules: constraints(problem), seed: fc.nat() }),
);

describe('draws of factorisations', () => {
  test('are legal mappings and obey every rule', () => {
    fc.assert(
      fc.property(constrained, ({ problem, rules, seed }) => {
        const { arch, einsum } = problem;
        for (const frame of framesOf(problem, rules)) {
          const { structure, cellOfSlot } = arrange(frame, randomLoopOrder(frame, new Random(seed, 1)));
          const lanes = new Float64Array(8 * cellOfSlot.length);
          const count = drawer(frame, seed).drawLanes(lanes, 8, cellOfSlot, 8);
          for (let lane = 0; lane < count; lane++) {
            const factors = [...cellOfSlot].map((_, slot) => lanes[slot * 8 + lane]);
            const mapping = toMapping(structure, factors);
            expect(checkMapping(arch, einsum, mapping)).toEqual([]);
            for (const rule of rules) expect(obeys(arch, mapping, rule)).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('reach every factorisation that fits', () => {
    fc.assert(
      fc.property(constrained, ({ problem, rules, seed }) => {
        const [frame] = framesOf(problem, rules);
        if (!frame) return;
        const fitting = [...factorisations(frame, () => undefined)].map(String);
        if (fitting.length > 60) return;
        const own = drawer(frame, seed);
        const drawn = new Set<string>();
        for (let attempt = 0; attempt < 20_000 && drawn.size < fitting.length; attempt++) {
          if (own.draw()) drawn.add(String([...own.tiling.factors]));
        }
        expect(drawn).toEqual(new Set(fitting));
      }),
      { numRuns: 60 },
    );
  });

  test('are equally likely where nothing overflows', () => {
    const arch = machine(memory('DRAM', Infinity), memory('GLB', Infinity, { keep: ['all'] }));
    const [frame] = frames(buildMapspace(arch, gemm(16, 1, 1)));
    const own = drawer(frame, 5);
    const counts = new Map<number, number>();
    for (let i = 0; i < 5000; i++) {
      own.draw();
      const outer = own.tiling.factors[0];
      counts.set(outer, (counts.get(outer) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 4, 8, 16]);
    // 1000 expected, standard deviation 28.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('never fail on Eyeriss, and count what did not fit by memory', () => {
    const space = buildMapspace(eyerissLike(), conv({ M: 128, C: 128, P: 28, Q: 28, R: 3, S: 3 }));
    const [frame] = frames(space);
    const refused = new Float64Array(reasonCount(space.arch));
    const own = new FactorDrawer(frame, new Random(1, 0), refused);
    for (let i = 0; i < 1000; i++) expect(own.draw()).toBe(true);
    const { memories, capacity, fanout } = refusals(space.arch, refused);
    expect(memories['IfmapSpad']).toBeGreaterThan(0);
    expect(memories['PsumSpad']).toBeGreaterThan(0);
    expect(memories['DRAM']).toBe(0);
    expect(fanout).toBeGreaterThan(0);
    expect(capacity).toBe(Object.values(memories).reduce((sum, count) => sum + count, 0));
  });

  test('never fail where lower limits leave few ways to reach a bound', () => {
    const arch = machine(memory('DRAM', Infinity), memory('GLB', Infinity, { keep: ['all'] }));
    const limit = (node: number, least: number, most: number): Rule => ({
      kind: 'factor',
      node,
      dim: 0,
      least,
      most,
    });
    // 64 = 2·32, 4·16 or 8·8, but not 16·4 or 32·2.
    const [frame] = frames(buildMapspace(arch, gemm(64, 1, 1), [limit(0, 2, 8), limit(1, 2, 32)]));
    const own = drawer(frame, 2);
    const outer = new Set<number>();
    for (let i = 0; i < 200; i++) {
      expect(own.draw()).toBe(true);
      outer.add(own.tiling.factors[0]);
    }
    expect([...outer].toSorted((a, b) => a - b)).toEqual([2, 4, 8]);
  });

  test('know a frame whose limits leave no way at all', () => {
    const arch = machine(memory('DRAM', Infinity), memory('GLB', 64));
    const rule: Rule = { kind: 'factor', node: 0, dim: 0, least: 2, most: 2 };
    const all = [...frames(buildMapspace(arch, gemm(8, 1, 1), [rule]))];
    const impossible = all.filter((frame) => !drawer(frame, 1).possible);
    // Without loops at GLB, M = 2 at DRAM falls short of 8.
    expect(impossible.map((frame) => frame.stations[1])).toEqual([undefined]);
    expect(drawer(impossible[0], 1).draw()).toBe(false);
  });

  test('meet a high utilisation floor often enough to search under it', () => {
    const arch = machine(memory('DRAM', Infinity), array('PE', 14, 12), memory('RF', 256, { keep: ['all'] }));
    const rule = { kind: 'utilization', node: 1, share: 0.9 } as const;
    const space = buildMapspace(arch, conv({ M: 64, C: 64, P: 56, Q: 56, R: 3, S: 3 }), [rule]);
    const [frame] = frames(space);
    const own = drawer(frame, 1);
    const drawn = Array.from({ length: 1000 }, () => own.draw()).filter(Boolean).length;
    expect(drawn).toBeGreaterThan(20);
  });

  test('repeat with the seed', () => {
    const space = buildMapspace(eyerissLike(), conv({ M: 64, C: 64, P: 14, Q: 14, R: 3, S: 3 }));
    const [frame] = frames(space);
    const sequence = (seed: number): string[] => {
      const own = drawer(frame, seed);
      return Array.from({ length: 20 }, () => (own.draw() ? String([...own.tiling.factors]) : ''));
    };
    expect(sequence(7)).toEqual(sequence(7));
    expect(sequence(7)).not.toEqual(sequence(8));
  });
});
