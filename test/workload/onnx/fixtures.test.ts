/** Files that PyTorch's exporter wrote (scripts/export-onnx.py) hold the layers of the shipped networks. */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { macs } from '../../../src/workload/einsum.ts';
import type { Einsum } from '../../../src/workload/einsum.ts';
import { decodeOnnx } from '../../../src/workload/onnx/decode.ts';
import { loadWorkload } from '../../../src/workload/select.ts';
import { parseLayer } from '../../../src/workload/shorthand.ts';
import type { Workload } from '../../../src/workload/workload.ts';

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/onnx/${name}.onnx`, import.meta.url));
}

/** How often each shape occurs; shapes differ in dimensions, bounds, tensors or indices, not in names of layers. */
function shapes(
  workload: Workload,
  rewrite: (einsum: Einsum) => Einsum = (einsum) => einsum,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { einsum, count } of workload.layers) {
    const { dims, tensors } = rewrite(einsum);
    const key = JSON.stringify([dims, tensors]);
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}

/** The networks write their classifier as a 1x1 convolution of one pixel, the exporter as the same matrix product. */
function classifierAsGemm(einsum: Einsum): Einsum {
  const bound = (dim: string): number => einsum.dims.find(({ name }) => name === dim)!.bound;
  const isPixel = einsum.name === 'fc' && ['P', 'Q', 'R', 'S'].every((dim) => bound(dim) === 1);
  return isPixel ? parseLayer(`gemm:M=${bound('N')},N=${bound('M')},K=${bound('C')}`) : einsum;
}

describe('an exported network has the distinct shapes of the shipped one, as often', () => {
  it.each([
    ['resnet50', { batch: 1 }],
    ['resnet50', { batch: 4 }],
    ['mobilenet_v2', { batch: 1 }],
    ['mobilenet_v2', { batch: 3 }],
  ])('%s %j', (name, params) => {
    const exported = loadWorkload(fixture(name), { params });
    expect(shapes(exported)).toEqual(shapes(loadWorkload(name, { params }), classifierAsGemm));
  });

  // attn.qk and attn.av are the two batched MatMul around each Softmax: told apart by it, heads the last batch axis.
  it.each([
    ['bert_base', { batch: 1, seq: 512 }],
    ['bert_base', { batch: 8, seq: 128 }],
  ])('%s %j', (name, params) => {
    expect(shapes(loadWorkload(fixture(name), { params }))).toEqual(shapes(loadWorkload(name, { params })));
  });
});

describe('the exported files', () => {
  it.each([
    ['resnet50', 90],
    ['mobilenet_v2', 90],
    // With two dynamic dimensions, onnx's inference loses sight after the embeddings.
    ['bert_base', 10],
  ])('%s: small, and states over %i shapes that inference agrees with', (name, stated) => {
    const file = fixture(name);
    expect(statSync(file).size).toBeLessThan(200 * 1024);
    // A stated shape that contradicts ours is an error, so that loading them above compared this many.
    expect(decodeOnnx(readFileSync(file), file).stated.length).toBeGreaterThan(stated);
  });

  it('name layers after their modules', () => {
    const name = fixture('resnet50');
    const params = { batch: 1 };
    const found = loadWorkload(`${name}.layer2.layer2.0.conv2`, { params });
    expect(found.layers.map((layer) => layer.name)).toEqual(['layer2.layer2.0.conv2.Conv']);
    expect(found.name).toBe('resnet50');
    expect(loadWorkload(`${name}:layer3`, { params }).layers).toHaveLength(19);
    expect(loadWorkload(`${name}.*`, { params }).layers).toHaveLength(54);
    expect(loadWorkload(`${name}#54`, { params }).layers[0].name).toBe('fc.Gemm');
  });

  it('list the operators that are no layers, for the whole network only', () => {
    const whole = loadWorkload(fixture('resnet50'), { params: { batch: 1 } });
    // Outputs of the ReLUs, of the residual additions, 3x3 windows over 56x56x64, the last image.
    expect(whole.notCosted).toEqual([
      { operator: 'Relu', nodes: 49, unknown: 0, operations: 9_608_704, unit: 'elements' },
      { operator: 'Add', nodes: 16, unknown: 0, operations: 5_519_360, unit: 'elements' },
      { operator: 'MaxPool', nodes: 1, unknown: 0, operations: 9 * 56 * 56 * 64, unit: 'elements' },
      { operator: 'GlobalAveragePool', nodes: 1, unknown: 0, operations: 49 * 2048, unit: 'elements' },
    ]);
    expect(loadWorkload(`${fixture('resnet50')}@batch=1:layer3`).notCosted).toBeUndefined();
    expect(whole.layers.reduce((sum, { einsum }) => sum + macs(einsum), 0)).toBe(4_089_184_256);
  });
});
