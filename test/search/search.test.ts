import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMapping } from '../../src/mapping/legality.ts';
import type { Constraints } from '../../src/mapspace/constraints.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import { LimitError } from '../../src/search/errors.ts';
import type { ObjectiveName } from '../../src/search/objective.ts';
import { objectiveValue } from '../../src/search/objective.ts';
import type { SearchOptions, SearchProgress, SearchResult } from '../../src/search/search.ts';
import { search } from '../../src/search/search.ts';
import { InfeasibleError, InputError } from '../../src/spec/errors.ts';
import { constraints, problems, smallWords } from '../mapspace/arbitraries.ts';
import { array, conv, eyerissLike, gemm, machine, memory } from '../mapspace/machines.ts';
import { obeys } from '../mapspace/naive.ts';

const eyeriss = eyerissLike();
const layer = conv({ M: 32, C: 16, P: 14, Q: 14, R: 3, S: 3 });

function run(options: Partial<SearchOptions> = {}): Promise<SearchResult> {
  return search({
    architecture: eyeriss,
    layer,
    strategy: 'anneal',
    threads: 1,
    evaluations: 8192,
    ...options,
  });
}

/** What must not depend on how a search was run. */
function outcome({ best, front, certificate }: SearchResult): object {
  return { best, front, certificate };
}

/** The result, or the error that says there is none. */
async function attempt(options: SearchOptions): Promise<SearchResult | undefined> {
  try {
    return await search(options);
  } catch (error) {
    if (error instanceof InfeasibleError || error instanceof LimitError) return undefined;
    throw error;
  }
}

describe.each(['random', 'anneal'] as const)('%s', (strategy) => {
  test('repeats with the seed, bit by bit, and differs with another', async () => {
    const [a, b, c] = [
      await run({ strategy, seed: 5 }),
      await run({ strategy, seed: 5 }),
      await run({ strategy, seed: 6 }),
    ];
    expect(outcome(a)).toEqual(outcome(b));
    expect(outcome(a)).not.toEqual(outcome(c));
  });

  test('is never better than exhaustive search, and honours every constraint', async () => {
    const constrained = problems(smallWords).chain((problem) =>
      fc.record({ problem: fc.constant(problem), rules: constraints(problem), seed: fc.nat() }),
    );
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(constrained, async ({ problem: { arch, einsum }, rules, seed }) => {
        const options = { architecture: arch, layer: einsum, constraints: rules, threads: 1 };
        const optimum = await attempt({ ...options, strategy: 'exhaustive' });
        const found = await attempt({ ...options, strategy, seed, evaluations: 512 });
        if (!found) return;
        compared++;
        expect(checkMapping(arch, einsum, found.best.mapping)).toEqual([]);
        for (const rule of rules) expect(obeys(arch, found.best.mapping, rule)).toBe(true);
        expect(found.best.cost.edpJs).toBeGreaterThanOrEqual(optimum?.best.cost.edpJs as number);
        expect(found.certificate.lowerBound).toBeLessThanOrEqual(edp(optimum as SearchResult));
      }),
      { numRuns: 40, seed: 3 },
    );
    expect(compared).toBeGreaterThan(15);
  });

  test('reaches the optimum of a small space', async () => {
    const arch = machine(memory('DRAM', Infinity), array('PE', 2, 2), memory('RF', 12));
    for (const objective of ['edp', 'energy', 'latency', 'ed2p'] as const) {
      const options = { architecture: arch, layer: gemm(4, 6, 2), objective, threads: 1 };
      const optimum = await search({ ...options, strategy: 'exhaustive' });
      const found = await search({ ...options, strategy, evaluations: 60_000 });
      expect(value(found, objective)).toBe(value(optimum, objective));
      expect(found.certificate.status).toBe('heuristic');
    }
  });

  test('returns an undominated front whose ends are no worse than its best', async () => {
    const { front, best, certificate } = await run({ strategy, objective: ['energy', 'latency'] });
    const costs = (front ?? []).map(({ cost }) => cost);
    expect(best).toEqual(front?.[0]);
    for (const [i, cost] of costs.entries()) {
      const later = costs.slice(i + 1);
      expect(later.every((other) => other.energyPj > cost.energyPj && other.cycles < cost.cycles)).toBe(true);
    }
    expect(certificate.lowerBound).toBeNull();
    expect(certificate.gap).toBeNull();
  });
});

function value({ best }: SearchResult, objective: ObjectiveName): number {
  return objectiveValue(objective, best.cost.energyPj, best.cost.cycles);
}

function edp(result: SearchResult): number {
  return value(result, 'edp');
}

describe('a search', () => {
  test("returns the reference model's cost of its mapping", async () => {
    const { best } = await run();
    expect(best.cost).toEqual(evaluateMapping(eyeriss, layer, best.mapping));
  });

  test('costs exactly its budget, and counts what it pruned', async () => {
    const { evaluations, certificate } = await run({ evaluations: 5000 });
    expect(evaluations).toBe(5000);
    expect(certificate.visited).toBe(5000);
    expect(certificate.pruned.capacity).toBeGreaterThan(0);
    expect(certificate.pruned.fanout).toBeGreaterThan(0);
    expect(BigInt(certificate.mapspaceSize)).toBeGreaterThan(10n ** 15n);
  });

  test('proves the optimum where it is exhaustive', async () => {
    const arch = machine(memory('DRAM', Infinity), memory('GLB', 20));
    const { best, certificate } = await search({
      architecture: arch,
      layer: gemm(4, 3, 2),
      strategy: 'exhaustive',
      threads: 1,
    });
    expect(certificate).toMatchObject({ status: 'optimal', gap: 0 });
    expect(certificate.lowerBound).toBe(best.cost.energyPj * best.cost.cycles);
  });

  test('finds no more after more evaluations than patience allows', async () => {
    const options = { strategy: 'random', layer: gemm(2, 2, 2), evaluations: 10_000_000 } as const;
    const { evaluations } = await run({ ...options, patience: 5000 });
    // The first round improves, the next does not: rounds of 16 shards of 4096 mappings.
    expect(evaluations).toBe(2 * 16 * 4096);
  });

  test('reports progress with a rate, the best so far and what was refused', async () => {
    const seen: SearchProgress[] = [];
    const result = await run({ evaluations: 20_000, onProgress: (progress) => seen.push(progress) });
    const last = seen.at(-1);
    expect(last?.evaluations).toBe(20_000);
    expect(last?.best).toEqual({
      energyPj: result.best.cost.energyPj,
      cycles: result.best.cost.cycles,
      value: edp(result),
    });
    expect(last?.refusals.memories['IfmapSpad']).toBeGreaterThan(0);
    const evaluations = seen.map((progress) => progress.evaluations);
    expect(evaluations).toEqual(evaluations.toSorted((a, b) => a - b));
  });

  test('stops at its time, with the best so far', async () => {
    const { evaluations, interrupted } = await run({ evaluations: undefined, timeSeconds: 0.3 });
    expect(evaluations).toBeGreaterThan(0);
    expect(interrupted).toBe(false);
  });

  test('returns the best so far when aborted', async () => {
    const controller = new AbortController();
    const { best, interrupted } = await run({
      evaluations: Infinity,
      signal: controller.signal,
      onProgress: ({ best: found }) => found && controller.abort(),
    });
    expect(interrupted).toBe(true);
    expect(checkMapping(eyeriss, layer, best.mapping)).toEqual([]);
  });

  test('aborted before it began ends without a result', async () => {
    await expect(run({ signal: AbortSignal.abort() })).rejects.toThrow(LimitError);
  });

  test('that finds nothing within its limit says what stood in the way', async () => {
    // Only one in many thousand draws fills 99 % of 4093 words.
    const glb = memory('GLB', 4093, { keep: ['all'], mayKeep: [], minUtilization: 0.9999 });
    const arch = machine(memory('DRAM', Infinity), glb);
    const attempted = search({ architecture: arch, layer: gemm(64, 64, 64), threads: 1, evaluations: 64 });
    await expect(attempted).rejects.toThrow(LimitError);
    await expect(attempted).rejects.toThrow(/refused most candidates: constraints/);
  });

  test('exhausted without a legal mapping says that there is none', async () => {
    const glb = memory('GLB', 13, { keep: ['all'], mayKeep: [], minUtilization: 1 });
    const arch = machine(memory('DRAM', Infinity), glb);
    const attempted = search({
      architecture: arch,
      layer: gemm(2, 2, 2),
      strategy: 'exhaustive',
      threads: 1,
    });
    await expect(attempted).rejects.toThrow(InfeasibleError);
    await expect(attempted).rejects.toThrow(/no mapping of gemm 2x2x2 is legal: all were tried/);
  });

  test('of a layer too large to count exactly is refused', async () => {
    const huge = gemm(2 ** 20, 2 ** 20, 2 ** 20);
    await expect(run({ layer: huge })).rejects.toThrow(InputError);
    await expect(run({ layer: huge })).rejects.toThrow(/beyond 2\^53/);
  });

  test('costs problems beyond the kernel with the reference model', async () => {
    const pe = array('PE', 4, 2, { haloMulticast: true });
    const arch = machine(memory('DRAM', Infinity), pe, memory('RF', 64, { keep: ['all'], mayKeep: [] }));
    const small = conv({ M: 4, C: 2, P: 8, R: 3 });
    const { best } = await search({ architecture: arch, layer: small, threads: 1, evaluations: 200 });
    expect(best.cost).toEqual(evaluateMapping(arch, small, best.mapping));
  });

  test('keeps loops in the order asked for and tensors where asked', async () => {
    const [DRAM, GLB, PE] = eyeriss.nodes.keys();
    const [, M, C, P, Q] = layer.dims.keys();
    const rules: Constraints = [
      { kind: 'order', node: GLB, sequence: [Q, '*', M] },
      { kind: 'factor', node: DRAM, dim: C, least: 2, most: 4 },
      { kind: 'axis', node: PE, axis: 'x', dims: [P] },
      { kind: 'utilization', node: PE, share: 0.5 },
    ];
    const { best } = await run({ constraints: rules });
    for (const rule of rules) expect(obeys(eyeriss, best.mapping, rule)).toBe(true);
  });
});
