/** The exact search behind `search()`: certificate, time limit, refusal, agreement with exhaustive search. */
import { describe, expect, it } from 'vitest';
import { loadArchitecture } from '../../../src/arch/load.ts';
import { buildMapspace } from '../../../src/mapspace/mapspace.ts';
import { objectiveOf, searchExact } from '../../../src/search/exact/exact.ts';
import type { Objective } from '../../../src/search/objective.ts';
import type { SearchProgress } from '../../../src/search/search.ts';
import { search } from '../../../src/search/search.ts';
import { array, conv as smallConv, machine, memory } from '../../mapspace/machines.ts';
import { loadWorkload } from '../../../src/workload/select.ts';
import { parseLayer } from '../../../src/workload/shorthand.ts';

const eyeriss = loadArchitecture('eyeriss');
const conv = parseLayer('conv:M=64,C=32,P=14,Q=14,R=3,S=3');

describe('search with strategy exact', () => {
  it('is the default and proves its result', async () => {
    const { best, certificate } = await search({
      architecture: eyeriss,
      layer: parseLayer('gemm:M=64,N=32,K=48'),
    });
    expect(certificate.status).toBe('optimal');
    expect(certificate.gap).toBe(0);
    expect(certificate.lowerBound).toBeCloseTo(best.cost.energyPj * best.cost.cycles, 0);
  });

  it('is not beaten by annealing', async () => {
    const options = {
      architecture: eyeriss,
      layer: conv,
      objective: 'energy',
      evaluations: 20_000,
      threads: 1,
    } as const;
    const exact = await search({ ...options, strategy: 'exact' });
    const anneal = await search({ ...options, strategy: 'anneal' });
    expect(exact.best.cost.energyPj).toBeLessThanOrEqual(anneal.best.cost.energyPj * (1 + 1e-9));
  });

  it('finds the same front as exhaustive search', async () => {
    const layer = parseLayer('gemm:M=4,N=2,K=4');
    const options = {
      architecture: loadArchitecture('two-level'),
      layer,
      objective: ['energy', 'latency'],
    } as const;
    const exact = await search({ ...options, strategy: 'exact' });
    const all = await search({ ...options, strategy: 'exhaustive' });
    const points = (front: typeof exact.front): number[][] =>
      front!.map(({ cost }) => [cost.cycles, cost.energyPj]);
    expect(points(exact.front)).toEqual(
      points(all.front).map(([cycles, energy]) => [cycles, expect.closeTo(energy, 6)]),
    );
    expect(exact.certificate.status).toBe('optimal');
  });

  it('finds a front of a single point', async () => {
    const options = { architecture: eyeriss, layer: loadWorkload('resnet50.fc').layers[0].einsum };
    const front = await search({ ...options, objective: ['energy', 'latency'] });
    const { best } = await search({ ...options, objective: 'energy' });
    expect(front.front).toHaveLength(1);
    expect(front.best.cost.energyPj).toBeCloseTo(best.cost.energyPj, 6);
  });

  it('refuses what it cannot prove; the default then bounds what annealing finds', async () => {
    const layer = parseLayer('einsum:O[p+r] += I[p] * W[r] | p=4,r=3');
    const options = { architecture: loadArchitecture('two-level'), layer, threads: 1 };
    await expect(search({ ...options, strategy: 'exact' })).rejects.toThrow('outputs indexed by a sum');
    const { best, certificate } = await search({ ...options, evaluations: 1000 });
    expect(certificate.status).toBe('bounded');
    expect(certificate.lowerBound).toBeLessThanOrEqual(best.cost.energyPj * best.cost.cycles);
    const annealed = await search({ ...options, strategy: 'anneal', evaluations: 1000 });
    expect(annealed.certificate.status).toBe('heuristic');
  });

  it.each([
    [
      'halos that copies share',
      machine(memory('DRAM', Infinity), array('PE', 2, 2, { haloMulticast: true })),
    ],
    [
      'first updates that some memories read',
      machine(memory('DRAM', Infinity, { rmwFirstUpdate: true }), memory('RF', 8)),
    ],
  ])('bounds what it searches under other costs: %s', async (_, architecture) => {
    const options = { architecture, layer: smallConv({ P: 4, R: 3 }), threads: 1 };
    const { best, certificate } = await search(options);
    const all = await search({ ...options, strategy: 'exhaustive' });
    const optimum = all.best.cost.energyPj * all.best.cost.cycles;
    expect(certificate.status).toBe('bounded');
    expect(certificate.lowerBound).toBeLessThanOrEqual(optimum);
    expect(best.cost.energyPj * best.cost.cycles).toBeGreaterThanOrEqual(optimum * (1 - 1e-9));
    expect(certificate.gap).toBeLessThan(2);
  });

  it('stops within the gap asked for, which others refuse', async () => {
    const options = { architecture: eyeriss, layer: conv, gap: 0.1 };
    const { best, certificate } = await search(options);
    expect(certificate.gap).toBeLessThanOrEqual(0.1);
    expect(best.cost.energyPj * best.cost.cycles).toBeGreaterThanOrEqual(certificate.lowerBound!);
    await expect(search({ ...options, strategy: 'anneal' })).rejects.toThrow("'anneal' proves none");
    await expect(search({ ...options, objective: ['energy', 'latency'] })).rejects.toThrow('one quantity');
  });

  it('finds the least energy among the fastest, and proves both', async () => {
    const options = { architecture: eyeriss, layer: conv };
    const fastest = await search({ ...options, objective: 'latency' });
    const ordered = await search({ ...options, objective: { lexicographic: ['latency', 'energy'] } });
    expect(ordered.certificate).toMatchObject({ status: 'optimal', lowerBound: fastest.best.cost.cycles });
    expect(ordered.best.cost.cycles).toBe(fastest.best.cost.cycles);
    expect(ordered.best.cost.energyPj).toBeLessThanOrEqual(fastest.best.cost.energyPj);
    expect(ordered.front).toBeUndefined();
  });

  it.each<Objective>(['edp', { lexicographic: ['energy', 'latency'] }, ['energy', 'latency']])(
    'gives a mapping and a bound in no time: %j',
    async (objective) => {
      const { best, certificate } = await search({
        architecture: eyeriss,
        layer: conv,
        objective,
        timeSeconds: 1e-9,
      });
      expect(best.cost.energyPj).toBeGreaterThan(0);
      expect(certificate.status).toBe('bounded');
      if (!Array.isArray(objective)) expect(certificate.gap).toBeGreaterThan(0);
    },
  );

  it('reports a bound that holds while it runs', async () => {
    const seen: SearchProgress[] = [];
    const onProgress = (progress: SearchProgress): number => seen.push(progress);
    const { best } = await search({ architecture: eyeriss, layer: conv, objective: 'energy', onProgress });
    expect(seen.length).toBeGreaterThan(0);
    for (const { bound, gap } of seen) {
      expect(bound).toBeGreaterThan(0);
      expect(bound).toBeLessThanOrEqual(best.cost.energyPj * (1 + 1e-9));
      if (gap !== undefined) expect(gap).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('an exact search that is stopped', () => {
  const space = buildMapspace(eyeriss, conv);
  const optimum = searchExact(space, { objective: 'energy' }).best[0].cost.energyPj;

  it('gives the best so far and a bound that holds', () => {
    const { best, certificate } = searchExact(space, { objective: 'energy', timeSeconds: 0.15 });
    expect(certificate.lowerBound).toBeGreaterThan(0);
    expect(certificate.lowerBound).toBeLessThanOrEqual(optimum * (1 + 1e-9));
    if (best.length > 0) expect(best[0].cost.energyPj).toBeGreaterThanOrEqual(optimum);
  });

  it('proves no more than the gap asked for', () => {
    const { best, certificate } = searchExact(space, { objective: 'energy', gap: 0.05 });
    expect(best[0].cost.energyPj).toBeLessThanOrEqual(optimum * 1.05);
    expect(certificate.lowerBound).toBeLessThanOrEqual(optimum * (1 + 1e-9));
    expect(certificate.gap).toBeLessThanOrEqual(0.05 + 1e-9);
  });

  it('stays within its memory and says what it gave up', () => {
    const { best, certificate } = searchExact(space, { objective: 'energy', memoryBytes: 3 * 2 ** 20 });
    expect(certificate.status).toBe('bounded');
    expect(certificate.lowerBound).toBeLessThan(optimum);
    expect(best[0].cost.energyPj).toBeGreaterThanOrEqual(optimum * (1 - 1e-9));
  });

  it('bounds what is left where the tables alone fill the memory', () => {
    const { certificate } = searchExact(space, { objective: 'energy', memoryBytes: 0 });
    expect(certificate.status).toBe('bounded');
    expect(certificate.lowerBound).toBeGreaterThan(0);
    expect(certificate.lowerBound).toBeLessThanOrEqual(optimum);
  });

  it('finds the same mapping whatever beam it begins with, to rounding', () => {
    const other = searchExact(space, { objective: 'energy', beam: 3, anneal: 100 });
    expect(other.best[0].cost.energyPj).toBeCloseTo(optimum, 0);
    expect(other.certificate.status).toBe('optimal');
  });
});

describe('an exact search with an incumbent', () => {
  const space = buildMapspace(eyeriss, parseLayer('gemm:M=64,N=32,K=48'));
  const objective = 'edp';
  const optimum = objectiveOf(objective, searchExact(space, { objective }).best[0].cost);

  it.each([20, 0])('proves that nothing is below the optimum (beam %i)', (beam) => {
    const { best, certificate } = searchExact(space, { objective, beam, incumbent: optimum * (1 - 1e-9) });
    expect(best).toEqual([]);
    expect(certificate.lowerBound! / optimum).toBeCloseTo(1, 8);
  });

  it('finds the optimum below a larger value, and knows nothing of what lies above a smaller', () => {
    const found = searchExact(space, { objective, beam: 0, incumbent: optimum * 1.1 });
    expect(objectiveOf(objective, found.best[0].cost) / optimum).toBeCloseTo(1, 9);
    expect(found.certificate.status).toBe('optimal');
    const none = searchExact(space, { objective, incumbent: optimum / 2 });
    expect(none.best).toEqual([]);
    expect(none.certificate.status).toBe('bounded');
    expect(none.certificate.lowerBound).toBeGreaterThanOrEqual(optimum / 2);
    expect(none.certificate.lowerBound).toBeLessThan(optimum);
  });
});
