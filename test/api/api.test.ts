/** The public API as a caller sees it: values or names in, the JSON contracts and typed values out. */
import { describe, expect, test } from 'vitest';
import {
  InfeasibleError,
  InputError,
  LimitError,
  evaluate,
  loadArchitecture,
  loadWorkload,
  mappingToYaml,
  parseLayer,
  parseMapping,
  search,
  withMemory,
} from '../../src/index.ts';
import type { RequestProgress } from '../../src/index.ts';

// One thread: worker threads need the compiled files.
const small = { arch: 'two-level', layer: 'gemm:M=4,N=4,K=4', evaluations: 300, threads: 1 } as const;

describe('search', () => {
  test('takes names or the values they stand for, with the same result', async () => {
    const named = await search(small);
    const valued = await search({
      ...small,
      arch: loadArchitecture('two-level'),
      layer: parseLayer('gemm:M=4,N=4,K=4'),
    });
    const workload = await search({ ...small, layer: loadWorkload('gemm:M=4,N=4,K=4') });
    expect(valued.layers[0].best).toEqual(named.layers[0].best);
    expect(workload.layers[0].best).toEqual(named.layers[0].best);
  });

  test('gives typed values beside the figures', async () => {
    const { layers, typed } = await search(small);
    const { einsum, best } = layers[0].typed;
    expect(typed.architecture.name).toBe('two-level');
    expect(best.cost.energyPj).toBe(layers[0].best.energyPj);
    const text = mappingToYaml(best.mapping, typed.architecture, einsum);
    expect(parseMapping(text, typed.architecture, einsum)).toEqual(best.mapping);
  });

  test('searches equal shapes once and counts them', async () => {
    const { layers, total } = await search({
      ...small,
      arch: 'eyeriss',
      layer: 'resnet50.conv5_2',
      evaluations: 50,
    });
    expect(layers.map(({ names, count }) => [names.length, count])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(total.cycles).toBe(layers.reduce((sum, { best, count }) => sum + count * best.cycles, 0));
    const stage = await search({ ...small, arch: 'eyeriss', layer: 'resnet50.conv5_?.b', evaluations: 50 });
    expect(stage.layers.map(({ names, count }) => [names, count])).toEqual([
      [['conv5_1.b'], 1],
      [['conv5_2.b', 'conv5_3.b'], 2],
    ]);
  });

  test('takes constraints as a list, beside those of the architecture', async () => {
    const constraints = [{ target: 'Buffer', factors: ['M=2', 'K<=2'] }];
    const { layers } = await search({ ...small, constraints });
    const { nest } = layers[0].typed.best.mapping;
    const buffer = nest.findIndex((item) => item.kind === 'station' && item.memory === 1);
    const product = (dim: number): number =>
      nest
        .slice(buffer)
        .reduce((value, item) => (item.kind === 'for' && item.dim === dim ? value * item.factor : value), 1);
    expect(product(0)).toBe(2);
    expect(product(2)).toBeLessThanOrEqual(2);
  });

  test('reports progress with the layer it is at', async () => {
    const seen: RequestProgress[] = [];
    await search({ ...small, layer: 'resnet50.conv5_2', onProgress: (progress) => seen.push(progress) });
    expect(new Set(seen.map(({ layer }) => layer))).toEqual(new Set(['conv5_2.a', 'conv5_2.b', 'conv5_2.c']));
    expect(seen.at(-1)).toMatchObject({ index: 3, layers: 3, evaluations: 300 });
  });

  test('fails before it searches if any layer can have no mapping', async () => {
    // Inputs and outputs need a word each.
    const tiny = withMemory(loadArchitecture('eyeriss'), 'GLB', { words: 1 });
    const request = search({ ...small, arch: tiny, layer: 'resnet50.conv5', evaluations: 1e9 });
    await expect(request).rejects.toThrow(InfeasibleError);
  });

  test('an abort before anything is found is a LimitError', async () => {
    await expect(search({ ...small, signal: AbortSignal.abort() })).rejects.toThrow(LimitError);
  });

  test('refuses unknown names with a suggestion', async () => {
    await expect(search({ ...small, arch: 'two-levle' })).rejects.toThrow(InputError);
    await expect(search({ ...small, layer: 'resnet5.conv1' })).rejects.toThrow(InputError);
  });
});

describe('evaluate', () => {
  test('takes the mapping of a search as an object or as a typed value', async () => {
    const { layers } = await search(small);
    const [{ best, typed }] = layers;
    const subject = { arch: small.arch, layer: small.layer };
    for (const mapping of [best.mapping, typed.best.mapping]) {
      const evaluation = evaluate({ ...subject, mapping });
      expect(evaluation.edpJs).toBe(best.edpJs);
      expect(evaluation.typed.cost).toEqual(typed.best.cost);
    }
  });

  test('refuses an illegal typed mapping', async () => {
    const { layers } = await search(small);
    const { nest } = layers[0].typed.best.mapping;
    const mapping = { nest: nest.filter((item) => item.kind === 'station') };
    expect(() => evaluate({ arch: small.arch, layer: small.layer, mapping })).toThrow(InputError);
  });

  test('refuses a selection of several shapes', () => {
    const mapping = { schema: 'dse.mapping/1', nest: [] } as const;
    expect(() => evaluate({ arch: 'eyeriss', layer: 'resnet50', mapping: { ...mapping, nest: [] } })).toThrow(
      /selects \d+ different shapes/,
    );
  });
});
