/** Uneven mappings: equal to enumeration, never worse than even ones, written and read to the same cost, refused elsewhere. */
import { describe, expect, it } from 'vitest';
import { search as searchLayers, searchReport } from '../../../src/api/search.ts';
import { loadArchitecture } from '../../../src/arch/load.ts';
import { drawNest } from '../../../src/mapping/draw.ts';
import { readMapping } from '../../../src/mapping/read.ts';
import { mappingToYaml } from '../../../src/mapping/write.ts';
import { buildMapspace } from '../../../src/mapspace/mapspace.ts';
import { evaluateMapping } from '../../../src/model/evaluate.ts';
import { objectiveOf, searchExact } from '../../../src/search/exact/exact.ts';
import type { ExactObjective } from '../../../src/search/exact/problem.ts';
import { search } from '../../../src/search/search.ts';
import { InfeasibleError } from '../../../src/spec/errors.ts';
import { parseYaml } from '../../../src/spec/document.ts';
import { timeloopMappingToYaml } from '../../../src/timeloop/write.ts';
import { parseLayer } from '../../../src/workload/shorthand.ts';
import { machine, memory, product } from '../../support/machines.ts';
import type { CaseOptions, RandomCase } from './cases.ts';
import { PLAIN, randomCase } from './cases.ts';
import { compare, compareCases, OBJECTIVES } from './compare.ts';

const UNEVEN: CaseOptions = { ...PLAIN, uneven: true };

describe('exact search of uneven mappings equals enumeration for every objective and the front', () => {
  it.each([
    ['fixed keep sets', UNEVEN, 7000],
    ['constraints and limited bandwidth', { ...UNEVEN, constraints: true, bandwidth: true }, 7100],
    [
      'free keep sets, leakage and networks',
      { ...UNEVEN, freeKeeps: true, leakage: true, network: true },
      7200,
    ],
  ] as const)('%s', (_, options, seed) => {
    const { problems, legal } = compareCases(options, seed, 6, 500);
    expect(problems).toEqual([]);
    expect(legal).toBeGreaterThan(3);
  });
});

it.each([8, 10])('fills a memory of %i words as far as it must', (words) => {
  const small = memory('Buffer', { words, minUtilization: 0.8 });
  const arch = machine(memory('DRAM', { energy: { ...small.energy, readPj: 200, updatePj: 100 } }), small);
  const problem = { arch, einsum: product({ M: 4, N: 2, K: 4 }), constraints: [], uneven: true };
  expect(compare(problem, ['energy'], [], 20_000, [0])).toMatchObject({ outcome: 'equal', problems: [] });
});

it('is never worse than even mappings, and better at times', () => {
  const gains = Array.from({ length: 60 }, (_, i) => {
    const random = randomCase(8000 + i, { ...PLAIN, bandwidth: true });
    const objective = OBJECTIVES[i % 4];
    const even = optimum(random, objective, false);
    const uneven = optimum(random, objective, true);
    return even === uneven ? 1 : uneven / even;
  });
  expect(Math.max(...gains)).toBeLessThanOrEqual(1 + 1e-9);
  expect(gains.filter((gain) => gain < 1 - 1e-9).length).toBeGreaterThan(3);
});

/** Infinite where no mapping is legal. */
function optimum({ arch, einsum }: RandomCase, objective: ExactObjective, uneven: boolean): number {
  try {
    const { best } = searchExact(buildMapspace(arch, einsum, [], uneven), { objective });
    return best.length > 0 ? objectiveOf(objective, best[0].cost) : Infinity;
  } catch (error) {
    if (error instanceof InfeasibleError) return Infinity;
    throw error;
  }
}

describe('an uneven mapping', () => {
  const architecture = loadArchitecture('eyeriss');
  const layer = parseLayer('gemm:M=784,N=128,K=512');
  const space = buildMapspace(architecture, layer, [], true);
  const { mapping, cost } = searchExact(space, { objective: 'energy' }).best[0];
  const stations = mapping.nest.filter((item) => item.kind === 'station' && item.memory === 1);

  it('keeps tensors of one memory at different depths', () => {
    expect(stations.length).toBe(2);
  });

  it('is written and read back to the same bits', () => {
    const text = mappingToYaml(mapping, architecture, layer);
    const read = readMapping(parseYaml(text, 'best.yaml'), architecture, layer);
    expect(evaluateMapping(architecture, layer, read)).toEqual(cost);
  });

  it('is drawn with one block a station', () => {
    const headers = drawNest(mapping, architecture, layer)
      .split('\n')
      .filter((line) => line.startsWith('GLB ['));
    expect(headers.length).toBe(2);
  });

  it('has no form in Timeloop', () => {
    expect(() => timeloopMappingToYaml(architecture, layer, mapping)).toThrow(
      'GLB starts to hold tensors at two places',
    );
  });
});

describe('search with uneven mappings', () => {
  const request = { arch: 'eyeriss', layer: 'gemm:M=784,N=128,K=512', objective: 'energy' } as const;

  it('says so in its report, and even searches do not', async () => {
    const even = await searchLayers({ ...request, threads: 1 });
    const uneven = await searchLayers({ ...request, uneven: true, threads: 1 });
    expect(searchReport(uneven).uneven).toBe(true);
    expect(searchReport(even)).not.toHaveProperty('uneven');
    expect(uneven.layers[0].certificate.status).toBe('optimal');
    expect(uneven.total.energyPj).toBeLessThan(even.total.energyPj);
  });

  it.each(['anneal', 'random', 'exhaustive'] as const)('is refused by %s', async (strategy) => {
    const options = { architecture: loadArchitecture('two-level'), layer: parseLayer('gemm:M=4,N=2,K=4') };
    await expect(search({ ...options, strategy, uneven: true })).rejects.toThrow(
      `${strategy} searches even mappings only`,
    );
  });
});
