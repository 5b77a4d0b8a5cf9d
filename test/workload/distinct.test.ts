import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctLayers, layerLabel } from '../../src/workload/distinct.ts';
import { macs } from '../../src/workload/einsum.ts';
import { loadWorkload } from '../../src/workload/select.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';

describe('distinct layers', () => {
  it('merge equal shapes, keep the first name, add counts, and list all names', () => {
    const distinct = distinctLayers(loadWorkload('resnet50.conv3'));
    expect(distinct.map(layerLabel)).toEqual([
      'conv3_1.a',
      'conv3_1.b',
      'conv3_1.c (x4)',
      'conv3_1.proj',
      'conv3_2.a (x3)',
      'conv3_2.b (x3)',
    ]);
    expect(distinct[2].names).toEqual(['conv3_1.c', 'conv3_2.c', 'conv3_3.c', 'conv3_4.c']);
    expect(distinct[2].einsum.name).toBe('conv3_1.c');
  });

  it('add the counts of repeated blocks', () => {
    const [projection] = distinctLayers(loadWorkload('bert_base'));
    expect(layerLabel(projection)).toBe('attn.query (x48)');
    expect(projection.names).toEqual(['attn.query', 'attn.key', 'attn.value', 'attn.output']);
  });

  it('keep apart layers that differ in a bound, a stride or a tensor alone', () => {
    const einsums = [
      parseLayer('conv:M=8,C=4,P=7,Q=7,R=3,S=3'),
      parseLayer('conv:M=8,C=4,P=7,Q=7,R=3,S=3,stride=2'),
      parseLayer('conv:M=8,C=4,P=7,Q=8,R=3,S=3'),
      parseLayer('einsum:Z[m,n] += A[m,k] * B[k,n] | m=2,n=2,k=2'),
      parseLayer('einsum:Z[m,n] += A[m,k] * B[n,k] | m=2,n=2,k=2'),
    ];
    const layers = einsums.map((einsum, i) => ({ name: `l${i}`, count: 1, einsum }));
    expect(distinctLayers({ name: 'x', selector: 'x', layers })).toHaveLength(5);
  });

  it('do the work of the whole', () => {
    const shapes = [1, 2, 3].map((m) => parseLayer(`gemm:M=${m},N=5,K=7`));
    const layer = fc.record({
      name: fc.string(),
      count: fc.integer({ min: 1, max: 9 }),
      einsum: fc.constantFrom(...shapes),
    });
    const work = (layers: readonly { count: number; einsum: (typeof shapes)[number] }[]): number =>
      layers.reduce((sum, { count, einsum }) => sum + count * macs(einsum), 0);
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1 }), (layers) => {
        const distinct = distinctLayers({ name: 'x', selector: 'x', layers });
        expect(work(distinct)).toBe(work(layers));
        expect(distinct).toHaveLength(new Set(layers.map(({ einsum }) => einsum)).size);
        expect(distinct.flatMap(({ names }) => names).toSorted()).toEqual(
          layers.map(({ name }) => name).toSorted(),
        );
      }),
      { numRuns: 200 },
    );
  });
});
