/** The exact search behind `search()`: certificate, time limit, refusal, agreement with exhaustive search. */
import { describe, expect, it } from 'vitest';
import { loadArchitecture } from '../../../src/arch/load.ts';
import { buildMapspace } from '../../../src/mapspace/mapspace.ts';
import { objectiveOf, searchExact } from '../../../src/search/exact/exact.ts';
import { search } from '../../../src/search/search.ts';
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

  it('refuses what it cannot prove and leaves it to annealing by default', async () => {
    const layer = parseLayer('einsum:O[p+r] += I[p] * W[r] | p=4,r=3');
    const options = { architecture: loadArchitecture('two-level'), layer, evaluations: 1000, threads: 1 };
    await expect(search({ ...options, strategy: 'exact' })).rejects.toThrow('outputs indexed by a sum');
    expect((await search({ ...options, evaluations: undefined })).certificate.status).toBe('heuristic');
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
    const { best, certificate } = searchExact(space, { objective: 'energy', memoryBytes: 7 * 2 ** 20 });
    expect(certificate.status).toBe('bounded');
    expect(certificate.lowerBound).toBeLessThan(optimum);
    expect(best[0].cost.energyPj).toBeGreaterThanOrEqual(optimum * (1 - 1e-9));
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
    expect(none.certificate).toMatchObject({ status: 'bounded', lowerBound: optimum / 2 });
  });
});
