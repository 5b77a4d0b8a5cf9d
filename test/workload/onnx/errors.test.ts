/** ONNX files that cannot be read: what is found, what was expected, what to do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/workload/onnx/decode.ts';
import { OnnxNetwork } from '../../../src/workload/onnx/network.ts';
import { loadWorkload } from '../../../src/workload/select.ts';
import { type ModelSpec, type NodeSpec, INT64, onnxModel } from '../../support/onnx.ts';
import { complaint } from '../diagnose.ts';

const PRODUCT: NodeSpec = { op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'], name: 'fc' };
const MODEL: ModelSpec = { inputs: { x: [4, 8] }, weights: [{ name: 'w', shape: [8, 8] }], nodes: [PRODUCT] };

function refusal(spec: ModelSpec, dims: Readonly<Record<string, number>> = {}): ReturnType<typeof complaint> {
  return complaint(() => new OnnxNetwork(decodeOnnx(onnxModel(spec), 'm.onnx')).contents(dims));
}

function refusedBytes(bytes: Uint8Array): ReturnType<typeof complaint> {
  return complaint(() => decodeOnnx(bytes, 'm.onnx'));
}

describe('a file that is no ONNX model', () => {
  it.each([
    ['empty', '', 'm.onnx: the file is empty', undefined],
    ['text', '{"json": true}', 'm.onnx: the file is not an ONNX model', undefined],
    [
      'a pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\n',
      'not an ONNX model',
      'git lfs pull',
    ],
  ])('%s', (_, text, message, suggestion) => {
    const found = refusedBytes(Buffer.from(text));
    expect(found.message).toContain(message);
    if (suggestion) expect(found.suggestion).toContain(suggestion);
  });

  it('another protobuf message', () => {
    expect(refusedBytes(Uint8Array.of(8, 1, 26, 0)).message).toContain('not an ONNX model');
  });

  it('cut off, wherever that is', () => {
    const bytes = onnxModel(MODEL);
    for (let end = 1; end < bytes.length; end++) {
      expect(refusedBytes(bytes.subarray(0, end)).message).toMatch(/^m\.onnx: /);
    }
    expect(refusedBytes(bytes.subarray(0, 40)).message).toBe(
      'm.onnx: the ONNX model ends in the middle of a message',
    );
  });
});

describe('a model that cannot be used', () => {
  it('without nodes', () => {
    expect(refusal({ nodes: [] }).message).toBe('m.onnx: the graph has no nodes');
  });

  it('without layers', () => {
    const found = refusal({ inputs: { x: [4] }, nodes: [{ op: 'Relu', inputs: ['x'] }] });
    expect(found.message).toBe('m.onnx: no node of the graph is a layer');
    expect(found.expected).toContain('found Relu');
  });

  it.each([6, 27, 999])('of operator set %i', (opset) => {
    const { message, expected } = refusal({ ...MODEL, opset });
    expect(message).toBe(`m.onnx: the model uses operator set ${opset}`);
    expect(expected).toContain('from 7 to 26');
  });

  it('whose nodes read what is not there', () => {
    expect(refusal({ ...MODEL, weights: [] }).message).toBe(
      "m.onnx: node 'fc' (MatMul) reads 'w', which no input, initializer or node before it makes",
    );
  });
});

describe('dynamic dimensions', () => {
  const dynamic: ModelSpec = { ...MODEL, inputs: { x: ['batch', 'seq', 8] } };

  it('need a value each', () => {
    expect(refusal(dynamic)).toMatchObject({
      message: 'm.onnx: no value for the dynamic dimensions batch, seq',
      expected: 'a size for each; they stand in the inputs x [batch, seq, 8]',
      suggestion: 'set them, for example --dim batch=1 --dim seq=1',
    });
    expect(refusal(dynamic, { batch: 2 }).message).toBe('m.onnx: no value for the dynamic dimension seq');
  });

  it('have a name where the file has none, or a size below 1', () => {
    const model = { ...MODEL, inputs: { x: ['', -1, 8] } };
    const network = new OnnxNetwork(decodeOnnx(onnxModel(model), 'm.onnx'));
    expect(Object.keys(network.parameters)).toEqual(['x[0]', 'x[1]']);
    expect(refusal(model).suggestion).toBe("set them, for example --dim 'x[0]'=1 --dim 'x[1]'=1");
    const [layer] = network.contents({ 'x[0]': 2, 'x[1]': 3 }).layers;
    expect(layer.einsum.dims[0]).toEqual({ name: 'M', bound: 6 });
  });

  it('may be sums of others', () => {
    const model = { ...MODEL, inputs: { x: ['past', 8], y: ['past + 1'] } };
    expect(new OnnxNetwork(decodeOnnx(onnxModel(model), 'm.onnx')).contents({ past: 3 }).layers).toHaveLength(
      1,
    );
    expect(refusal(model).message).toContain('past, past + 1');
  });

  it('in the middle of the graph may be given, where nothing else says', () => {
    const nodes = [
      { op: 'NonZero', inputs: ['x'], outputs: ['n'] },
      { ...PRODUCT, inputs: ['n', 'w'] },
    ];
    const model = { ...MODEL, nodes, stated: { n: ['found', 8] } };
    const found = refusal(model);
    expect(found.message).toContain("node 'fc' (MatMul) cannot be costed");
    expect(found.message).toContain('the NonZero that makes');
    expect(found.suggestion).toBe('give it a size, for example --dim found=128');
    const network = new OnnxNetwork(decodeOnnx(onnxModel(model), 'm.onnx'));
    expect(network.contents({ found: 5 }).layers[0].einsum.dims[0].bound).toBe(5);
  });
});

describe('shapes that contradict each other', () => {
  it.each<[string, ModelSpec, string]>([
    [
      'a product',
      { ...MODEL, inputs: { x: [4, 9] } },
      "m.onnx: node 'fc' (MatMul) multiplies [4, 9] by [8, 8]",
    ],
    [
      'a convolution',
      {
        inputs: { x: [1, 4, 8, 8] },
        weights: [{ name: 'w', shape: [8, 3, 3, 3] }],
        nodes: [{ ...PRODUCT, op: 'Conv' }],
      },
      "node 'fc' (Conv) has 4 input channels, 8 filters of 3 channels and 1 groups",
    ],
    [
      'a window larger than its image',
      {
        inputs: { x: [1, 3, 2, 2] },
        weights: [{ name: 'w', shape: [8, 3, 3, 3] }],
        nodes: [{ ...PRODUCT, op: 'Conv' }],
      },
      'has a window of 3 over 2 + 0 elements along axis 2',
    ],
    [
      'a reshape',
      {
        ...MODEL,
        weights: [...MODEL.weights!, { name: 's', type: INT64, shape: [1], values: [33] }],
        nodes: [PRODUCT, { op: 'Reshape', inputs: ['h', 's'], name: 'r' }],
      },
      "node 'r' (Reshape) turns [4, 8] (32 elements) into [33]",
    ],
    [
      'addends',
      { ...MODEL, inputs: { x: [4, 8], y: [3, 8] }, nodes: [PRODUCT, { op: 'Add', inputs: ['h', 'y'] }] },
      "the Add that makes 'Add_out' has inputs of shapes [4, 8] and [3, 8]",
    ],
    ['the file', { ...MODEL, stated: { h: [5, 8] } }, "makes 'h' of shape [4, 8]"],
    [
      'a weight and its data',
      { ...MODEL, weights: [{ name: 'w', shape: [8, 8], raw: new Uint8Array(12) }] },
      "m.onnx: tensor 'w' has 12 bytes of data",
    ],
    [
      'a weight',
      { ...MODEL, weights: [{ name: 'w', shape: [8, -8] }] },
      "m.onnx: tensor 'w' has the shape [8, -8]",
    ],
    ['nothing', { ...MODEL, inputs: { x: [2 ** 31, 8] } }, 'M must be below 2^31'],
  ])('%s', (_, model, message) => {
    expect(refusal(model).message).toContain(message);
  });
});

describe('a shape that depends on data', () => {
  it('is named with the node that needs it', () => {
    const nodes = [
      { op: 'Reshape', inputs: ['x', 's'], outputs: ['r'], name: 'r' },
      { ...PRODUCT, inputs: ['r', 'w'] },
    ];
    const found = refusal({ ...MODEL, inputs: { x: [4, 8], s: [2] }, nodes });
    expect(found.message).toBe(
      "m.onnx: node 'fc' (MatMul) cannot be costed: the shape that node 'r' (Reshape) makes depends on the data of 's'",
    );
    expect(found.suggestion).toContain('onnx.shape_inference');
  });
});

describe('weights', () => {
  it('in other files are never read', () => {
    const weights = [{ name: 'w', shape: [8, 8], external: true }];
    const network = new OnnxNetwork(decodeOnnx(onnxModel({ ...MODEL, weights }), 'm.onnx'));
    expect(network.contents({}).layers).toHaveLength(1);
  });
});

describe('as a selector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dse-onnx-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('a file that is missing or holds no such layer or dimension is reported', () => {
    const path = join(folder, 'net.onnx');
    expect(complaint(() => loadWorkload(path)).message).toBe(`cannot read '${path}': no such file`);
    writeFileSync(path, onnxModel({ ...MODEL, inputs: { x: ['batch', 8] } }));
    expect(loadWorkload(`${path}@batch=2:fc`).layers[0].einsum.dims[0].bound).toBe(2);
    expect(complaint(() => loadWorkload(path, { params: { bach: 1 } }))).toMatchObject({
      message: "net has no parameter 'bach'",
      suggestion: "did you mean 'batch'?",
    });
    expect(complaint(() => loadWorkload(`${path}@batch=1:conv`)).message).toBe("net has no layer 'conv'");
    expect(complaint(() => loadWorkload(`${path}@batch=0`)).message).toContain('batch must be at least 1');
  });
});
