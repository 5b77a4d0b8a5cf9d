/** Nodes of models built here become the layers that the same shapes written out are. */
import { describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/workload/onnx/decode.ts';
import type { GraphContents } from '../../../src/workload/onnx/graph.ts';
import { OnnxNetwork } from '../../../src/workload/onnx/network.ts';
import { parseLayer } from '../../../src/workload/shorthand.ts';
import { type ModelSpec, type NodeSpec, onnxModel } from '../../support/onnx.ts';

function contents(spec: ModelSpec, dims: Readonly<Record<string, number>> = {}): GraphContents {
  return new OnnxNetwork(decodeOnnx(onnxModel(spec), 'test.onnx')).contents(dims);
}

/** The layers as Einsums without their names. */
function einsums(spec: ModelSpec, dims?: Readonly<Record<string, number>>): object[] {
  return contents(spec, dims).layers.map(({ einsum: { dims: bounds, tensors } }) => ({
    dims: bounds,
    tensors,
  }));
}

function written(...texts: string[]): object[] {
  return texts.map((text) => {
    const { dims, tensors } = parseLayer(text);
    return { dims, tensors };
  });
}

/** A model of one node with inputs `x`, `y` and weights `w`. */
function one(
  node: Omit<NodeSpec, 'inputs'> & { readonly inputs?: readonly string[] },
  shapes: { x: readonly number[]; y?: readonly number[]; w?: readonly number[] },
): ModelSpec {
  const { x, y, w } = shapes;
  return {
    inputs: { x, ...(y && { y }) },
    weights: w ? [{ name: 'w', shape: w }] : [],
    nodes: [{ inputs: ['x', w ? 'w' : 'y'], ...node }],
  };
}

describe('Conv', () => {
  const image = { x: [2, 3, 224, 224], w: [64, 3, 7, 7] };

  it.each([
    ['pads and strides', { strides: [2, 2], pads: [3, 3, 3, 3] }, 'P=112 Q=112 R=7 S=7 stride=2'],
    ['no attributes', {}, 'P=218 Q=218 R=7 S=7'],
    ['one-sided pads', { pads: [0, 1, 2, 3] }, 'P=220 Q=222 R=7 S=7'],
    [
      'unequal strides and dilations',
      { strides: [2, 1], dilations: [1, 3] },
      'P=109 Q=206 R=7 S=7 stride=2x1 dilation=1x3',
    ],
    ['auto_pad SAME_UPPER', { auto_pad: 'SAME_UPPER', strides: [2, 2] }, 'P=112 Q=112 R=7 S=7 stride=2'],
    ['auto_pad VALID', { auto_pad: 'VALID', strides: [2, 2] }, 'P=109 Q=109 R=7 S=7 stride=2'],
  ])('with %s', (_, attributes, rest) => {
    expect(einsums(one({ op: 'Conv', attributes }, image))).toEqual(written(`conv N=2 M=64 C=3 ${rest}`));
  });

  it('in groups, depthwise, and depthwise with a multiplier', () => {
    const grouped = one({ op: 'Conv', attributes: { group: 4 } }, { x: [1, 8, 5, 5], w: [12, 2, 3, 3] });
    expect(einsums(grouped)).toEqual(written('conv M=12 C=8 groups=4 P=3 Q=3 R=3 S=3'));
    const depthwise = one({ op: 'Conv', attributes: { group: 8 } }, { x: [1, 8, 5, 5], w: [8, 1, 3, 3] });
    expect(einsums(depthwise)).toEqual(written('dwconv G=8 P=3 Q=3 R=3 S=3'));
    const multiplied = one({ op: 'Conv', attributes: { group: 8 } }, { x: [1, 8, 5, 5], w: [16, 1, 3, 3] });
    expect(einsums(multiplied)).toEqual(written('dwconv G=8 M=2 P=3 Q=3 R=3 S=3'));
  });

  it('over one axis is P and R, over three a free Einsum', () => {
    const line = one({ op: 'Conv', attributes: { strides: [2] } }, { x: [1, 80, 3000], w: [512, 80, 4] });
    expect(einsums(line)).toEqual(written('conv M=512 C=80 P=1499 Q=1 R=4 S=1 stride=2x1'));
    const volume = one({ op: 'Conv' }, { x: [1, 2, 8, 9, 10], w: [4, 2, 3, 3, 3] });
    expect(einsums(volume)).toEqual(
      written(
        'einsum Outputs[N,G,M,P0,P1,P2] += Inputs[N,G,C,P0+R0,P1+R1,P2+R2] * Weights[G,M,C,R0,R1,R2] ' +
          '| N=1,G=1,M=4,C=2,P0=6,R0=3,P1=7,R1=3,P2=8,R2=3',
      ),
    );
  });

  it('in integers is the same layer', () => {
    const shapes = { x: [1, 3, 8, 8], w: [4, 3, 3, 3] };
    expect(einsums(one({ op: 'ConvInteger' }, shapes))).toEqual(written('conv M=4 C=3 P=6 Q=6 R=3 S=3'));
    const inputs = ['x', 's', 's', 'w', 's', 's', 's', 's'];
    const model = one({ op: 'QLinearConv', inputs }, shapes);
    const weights = [...model.weights!, { name: 's', shape: [] }];
    expect(einsums({ ...model, weights })).toEqual(written('conv M=4 C=3 P=6 Q=6 R=3 S=3'));
  });
});

describe('ConvTranspose', () => {
  it('whose outputs do not overlap is a 1x1 convolution', () => {
    const model = one(
      { op: 'ConvTranspose', attributes: { strides: [2, 2] } },
      { x: [1, 64, 28, 28], w: [64, 32, 2, 2] },
    );
    expect(einsums(model)).toEqual(written('conv M=128 C=64 P=28 Q=28 R=1 S=1'));
  });

  it('whose outputs overlap is not costed, with its MACs', () => {
    const gemm = { op: 'Flatten', inputs: ['ConvTranspose_out'], outputs: ['flat'] };
    const model = one(
      { op: 'ConvTranspose', attributes: { strides: [2, 2] } },
      { x: [1, 64, 28, 28], w: [64, 32, 3, 3] },
    );
    const weights = [...model.weights!, { name: 'v', shape: [32 * 57 * 57, 10] }];
    const product = { op: 'MatMul', inputs: ['flat', 'v'] };
    const { layers, notCosted } = contents({ ...model, weights, nodes: [...model.nodes, gemm, product] });
    expect(layers.map(({ name }) => name)).toEqual(['MatMul_1']);
    const operations = 64 * 28 * 28 * 32 * 9;
    expect(notCosted).toEqual([
      { operator: 'ConvTranspose', nodes: 1, unknown: 0, operations, unit: 'MACs' },
    ]);
  });
});

describe('products', () => {
  it.each([
    ['a vector by a matrix', [768], [768, 10], 'gemm M=1 N=10 K=768'],
    ['a batch by one matrix', [4, 128, 768], [768, 3072], 'gemm M=512 N=3072 K=768'],
    ['two batches', [4, 12, 128, 64], [4, 12, 64, 100], 'bgemm B=48 M=128 N=100 K=64'],
    ['a batch axis that only the first has', [4, 12, 128, 64], [12, 64, 100], 'bgemm B=12 M=512 N=100 K=64'],
    ['a batch axis that only the second has', [128, 64], [5, 64, 100], 'gemm M=128 N=500 K=64'],
    ['one batch axis each', [5, 1, 8, 16], [1, 3, 16, 9], 'gemm M=40 N=27 K=16'],
  ])('MatMul of %s', (_, x, y, text) => {
    expect(einsums(one({ op: 'MatMul' }, { x, y }))).toEqual(written(text));
  });

  it('give the constant operand the role of weights', () => {
    const model = one({ op: 'MatMul', inputs: ['w', 'x'] }, { x: [1, 64, 100], w: [32, 64] });
    expect(einsums(model)).toEqual(written('gemm M=100 N=32 K=64'));
  });

  it.each([
    [{}, [5, 7], [7, 9]],
    [{ transA: 1 }, [7, 5], [7, 9]],
    [{ transB: 1 }, [5, 7], [9, 7]],
    [{ transA: 1, transB: 1 }, [7, 5], [9, 7]],
  ])('Gemm %j', (attributes, x, w) => {
    expect(einsums(one({ op: 'Gemm', attributes }, { x, w }))).toEqual(written('gemm M=5 N=9 K=7'));
  });

  it('in integers are the same layers', () => {
    expect(einsums(one({ op: 'MatMulInteger' }, { x: [5, 7], w: [7, 9] }))).toEqual(
      written('gemm M=5 N=9 K=7'),
    );
    const model = one(
      { op: 'QLinearMatMul', inputs: ['x', 's', 's', 'w', 's', 's', 's', 's'] },
      { x: [5, 7], w: [7, 9] },
    );
    const weights = [...model.weights!, { name: 's', shape: [] }];
    expect(einsums({ ...model, weights })).toEqual(written('gemm M=5 N=9 K=7'));
  });

  it.each([
    ['bij,bjk->bik', [2, 3, 4], [2, 4, 5], 'bgemm B=2 M=3 N=5 K=4'],
    ['bqhd,bkhd->bhqk', [2, 9, 12, 64], [2, 7, 12, 64], 'bgemm B=24 M=9 N=7 K=64'],
    ['ij,jk', [3, 4], [4, 5], 'gemm M=3 N=5 K=4'],
  ])('Einsum %s', (equation, x, y, text) => {
    expect(einsums(one({ op: 'Einsum', attributes: { equation } }, { x, y }))).toEqual(written(text));
  });
});

describe('attention', () => {
  const scores: NodeSpec[] = [
    { op: 'Transpose', inputs: ['k'], outputs: ['kt'], attributes: { perm: [0, 1, 3, 2] } },
    { op: 'MatMul', inputs: ['q', 'kt'], outputs: ['qk'], name: 'scores' },
    { op: 'Mul', inputs: ['qk', 'scale'], outputs: ['scaled'] },
    { op: 'Softmax', inputs: ['scaled'], outputs: ['p'] },
    { op: 'MatMul', inputs: ['p', 'v'], outputs: ['o'], name: 'context' },
  ];
  const inputs = { q: [2, 12, 128, 64], k: [2, 12, 100, 64], v: [2, 12, 100, 32] };
  const weights = [{ name: 'scale', shape: [], values: [0.125] }];

  it('is qk before the Softmax and av after it', () => {
    expect(einsums({ inputs, weights, nodes: scores })).toEqual(
      written('qk B=2 H=12 M=128 N=100 E=64', 'av B=2 H=12 M=128 N=100 E=32'),
    );
  });

  it('without a Softmax is two batched products', () => {
    const nodes = scores.map((node) => (node.op === 'Softmax' ? { ...node, op: 'Sigmoid' } : node));
    expect(einsums({ inputs, weights, nodes })).toEqual(
      written('bgemm B=24 M=128 N=100 K=64', 'bgemm B=24 M=128 N=32 K=100'),
    );
  });

  it('as one operator is both products, groups of query heads sharing keys', () => {
    const nodes = [{ op: 'Attention', inputs: ['q', 'k', 'v'], name: 'attn' }];
    const model = { opset: 23, inputs: { q: [1, 32, 16, 64], k: [1, 8, 20, 64], v: [1, 8, 20, 64] }, nodes };
    expect(einsums(model)).toEqual(written('qk B=1 H=8 G=4 M=16 N=20 E=64', 'av B=1 H=8 G=4 M=16 N=20 E=64'));
    expect(contents(model).layers.map(({ name }) => name)).toEqual(['attn.qk', 'attn.av']);
  });
});

describe('names', () => {
  it('are those of selectors, unique, made up where the file has none', () => {
    const product = (name: string): NodeSpec => ({
      op: 'MatMul',
      inputs: ['x', 'w'],
      name,
      outputs: [`${name}_o`],
    });
    const nodes = ['/layer1/conv1/MatMul', '', '0/a b', 'twice', 'twice'].map(product);
    const { layers } = contents({ inputs: { x: [4, 4] }, weights: [{ name: 'w', shape: [4, 4] }], nodes });
    expect(layers.map(({ name }) => name)).toEqual([
      'layer1.conv1.MatMul',
      'MatMul_2',
      'MatMul.0.a_b',
      'twice',
      'twice_2',
    ]);
    expect(layers.every(({ name, einsum }) => einsum.name === name)).toBe(true);
  });
});

describe('what is left out', () => {
  const product: NodeSpec = { op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'] };
  const base = { inputs: { x: [4, 8] }, weights: [{ name: 'w', shape: [8, 8] }] };

  it('counts operators of other domains, and bodies of loops, as of unknown size', () => {
    const nodes = [
      product,
      { op: 'Gelu', domain: 'com.microsoft', inputs: ['h'], outputs: ['g'] },
      { op: 'Loop', inputs: ['h'], outputs: ['l'] },
    ];
    expect(contents({ ...base, nodes }).notCosted).toEqual([
      { operator: 'com.microsoft.Gelu', nodes: 1, unknown: 1, operations: 0, unit: 'elements' },
      { operator: 'Loop', nodes: 1, unknown: 1, operations: 0, unit: 'elements' },
    ]);
  });

  it('does not count views, nor what depends on weights and shapes alone', () => {
    const nodes = [
      { op: 'Transpose', inputs: ['w'], outputs: ['wt'] },
      { ...product, inputs: ['x', 'wt'] },
      { op: 'Shape', inputs: ['h'], outputs: ['s'] },
      { op: 'Reshape', inputs: ['h', 's'], outputs: ['r'] },
      { op: 'Identity', inputs: ['r'], outputs: ['i'] },
    ];
    expect(contents({ ...base, nodes }).notCosted).toEqual([]);
  });

  it('counts an LSTM by its MACs', () => {
    const model: ModelSpec = {
      inputs: { x: [4, 8], s: [10, 2, 6] },
      weights: [...base.weights, { name: 'wi', shape: [1, 20, 6] }, { name: 'wr', shape: [1, 20, 5] }],
      nodes: [product, { op: 'LSTM', inputs: ['s', 'wi', 'wr'], outputs: ['y', 'yh', 'yc'] }],
    };
    const operations = 10 * 2 * 20 * (6 + 5);
    expect(contents(model).notCosted).toEqual([
      { operator: 'LSTM', nodes: 1, unknown: 0, operations, unit: 'MACs' },
    ]);
  });
});
