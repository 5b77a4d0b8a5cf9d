/** Padding: the neighbours searched contain the best of all, and padded work is counted. */
import { describe, expect, test } from 'vitest';
import { evaluate, loadArchitecture, parseLayer, search } from '../../src/index.ts';
import type { Architecture, Einsum } from '../../src/index.ts';
import { searchReport } from '../../src/api/search.ts';
import { verify } from '../../src/api/verify.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { objectiveOf, searchExact } from '../../src/search/exact/exact.ts';
import { neighbours, searchPadded } from '../../src/search/pad.ts';
import { InfeasibleError } from '../../src/spec/errors.ts';
import { layerSelector } from '../../src/workload/write.ts';
import { randomCase } from '../search/exact/cases.ts';
import { schemaErrors } from '../report/schemas.ts';

function optimum(arch: Architecture, einsum: Einsum): number {
  try {
    const [best] = searchExact(buildMapspace(arch, einsum), { objective: 'edp' }).best;
    return best ? objectiveOf('edp', best.cost) : Infinity;
  } catch (error) {
    if (error instanceof InfeasibleError) return Infinity;
    throw error;
  }
}

/** Every shape with at most `most` MACs and no bound below the layer's. */
function allShapes(einsum: Einsum, most: number): Einsum[] {
  return einsum.dims
    .reduce<number[][]>(
      (lists, { bound }, d) =>
        lists.flatMap((list) => {
          const before = list.reduce((product, b) => product * b, 1);
          const after = einsum.dims.slice(d + 1).reduce((product, dim) => product * dim.bound, 1);
          const last = Math.floor(most / before / after);
          return Array.from({ length: Math.max(0, last - bound + 1) }, (_, i) => [...list, bound + i]);
        }),
      [[]],
    )
    .map((bounds) => ({ ...einsum, dims: einsum.dims.map(({ name }, d) => ({ name, bound: bounds[d] })) }));
}

describe('the padded search', () => {
  const options = {
    bandwidth: true,
    leakage: true,
    network: true,
    freeKeeps: false,
    constraints: false,
    blocks: false,
  };

  test('equals a search of every shape within the limit, on random small layers', async () => {
    let [compared, gained] = [0, 0];
    for (let seed = 1; seed <= 60 && compared < 16; seed++) {
      const { arch, einsum: small } = randomCase(seed, options);
      // Primes, so that there is something to gain.
      const dims = small.dims.map(({ name, bound }, d) => ({
        name,
        bound: bound > 2 ? [5, 7][d % 2] : bound,
      }));
      const einsum = { ...small, dims };
      const value = optimum(arch, einsum);
      if (value === Infinity) continue;
      const limit = 0.4;
      const macs = einsum.dims.reduce((product, { bound }) => product * bound, 1);
      const shapes = allShapes(einsum, (1 + limit) * macs);
      if (shapes.length > 40) continue;
      const least = Math.min(...shapes.map((shape) => optimum(arch, shape)));
      const subject = { arch, einsum, constraintsOf: () => [], objective: 'edp', limit, value } as const;
      const { einsum: chosen = einsum, complete } = await searchPadded(subject, {});
      expect(complete).toBe(true);
      expect([seed, optimum(arch, chosen) / least]).toEqual([seed, expect.closeTo(1, 8)]);
      compared++;
      if (chosen !== einsum) gained++;
    }
    expect(compared).toBe(16);
    expect(gained).toBeGreaterThan(2);
  });

  test('leaves out bounds that a smaller one makes useless, unless a rule asks for large factors', () => {
    const arch = loadArchitecture('two-level');
    const einsum = parseLayer('gemm:M=127,N=1,K=1');
    const subject = { arch, einsum, constraintsOf: () => [], limit: 0.1 };
    const bounds = (shapes: readonly Einsum[]): number[] => shapes.map(({ dims }) => dims[0].bound);
    expect(bounds(neighbours(subject).shapes)).toEqual([128, 129, 130, 132, 133, 135]);
    const rule = { kind: 'factor', node: 1, dim: 0, least: 100, most: 200 } as const;
    expect(neighbours({ ...subject, constraintsOf: () => [rule] }).shapes).toHaveLength(12);
  });
});

describe('search with pad', () => {
  const layer = 'gemm:M=64,N=127,K=64';

  test('pads a prime bound, counts the padded work, and names the layer that its mapping is of', async () => {
    const outcome = await search({ arch: 'eyeriss', layer, threads: 1, pad: 0.125 });
    const result = searchReport(outcome);
    expect(schemaErrors('dse.search-1', result)).toEqual([]);
    const [{ best, certificate, einsum, padding }] = result.layers;
    expect(certificate.status).toBe('optimal');
    expect(padding).toMatchObject({ bounds: { N: [127, 128] }, complete: true });
    expect(padding!.macs).toEqual({ unpadded: 64 * 127 * 64, padded: einsum.macs });
    const plain = (await search({ arch: 'eyeriss', layer, threads: 1 })).layers[0].best;
    expect(padding!.objectiveUnpadded).toBe(plain.energyPj * plain.cycles);
    expect(padding!.objectivePadded).toBe(best.energyPj * best.cycles);
    expect(best.energyPj * best.cycles).toBeLessThan(0.9 * plain.energyPj * plain.cycles);
    const evaluated = evaluate({ arch: 'eyeriss', layer: padding!.layer, mapping: best.mapping });
    expect([evaluated.energyPj, evaluated.cycles]).toEqual([best.energyPj, best.cycles]);
    expect((await verify({ result })).verdict).toBe('passed');
  });

  test('spreads a prime bound over an array that is smaller', async () => {
    const { padding } = (
      await search({ arch: 'tpu-v1', layer: 'gemm:M=64,N=257,K=64', threads: 1, pad: 0.125 })
    ).layers[0];
    expect(padding!.bounds.N[1]).toBeGreaterThan(257);
    expect(padding!.objectivePadded).toBeLessThan(padding!.objectiveUnpadded / 10);
  });

  test('changes nothing where no padding is better', async () => {
    const plain = await search({ arch: 'eyeriss', layer: 'gemm:M=112,N=48,K=48', threads: 1 });
    const padded = await search({ arch: 'eyeriss', layer: 'gemm:M=112,N=48,K=48', threads: 1, pad: 0.02 });
    const { best, padding } = padded.layers[0];
    expect(best).toEqual(plain.layers[0].best);
    expect(padding).toMatchObject({ bounds: {}, complete: true });
  });

  test('refuses sampling and fronts', async () => {
    await expect(search({ arch: 'eyeriss', layer, pad: 0.1, evaluations: 10 })).rejects.toThrow(
      'exact search',
    );
    await expect(
      search({ arch: 'eyeriss', layer, pad: 0.1, objective: ['energy', 'latency'] }),
    ).rejects.toThrow('not for several');
  });
});

test.each([
  'gemm:M=8,N=6,K=4',
  'bgemm:B=2,M=8,N=6,K=4',
  'conv:N=1,M=8,C=4,P=7,Q=5,R=3,S=3',
  'conv:N=1,G=4,M=8,C=4,P=7,Q=5,R=3,S=3,stride=2x1,dilation=1x3',
  'qk:B=1,H=2,G=3,M=4,N=5,E=6',
  'av:B=1,H=2,G=3,M=4,N=5,E=6',
  'einsum:O[m,p] += I[m,2p+r] * W[r] | m=4,p=8,r=3',
])('the selector of %s reads back as the same layer', (text) => {
  const einsum = parseLayer(text);
  expect(layerSelector(einsum)).toBe(text);
  const again = parseLayer(layerSelector(einsum));
  expect([again.dims, again.tensors]).toEqual([einsum.dims, einsum.tensors]);
});
