/** Which layer of an ONNX graph reads whose outputs, and what keeps them from staying on chip. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/workload/onnx/decode.ts';
import { OnnxNetwork } from '../../../src/workload/onnx/network.ts';
import { loadWorkload } from '../../../src/workload/select.ts';
import type { ModelSpec, NodeSpec } from '../../support/onnx.ts';
import { onnxModel } from '../../support/onnx.ts';

/** `reader:tensor` for operands, `reader+` for additions, and why it must leave. */
type Row = readonly [layer: string, uses: string, leaves?: string];

const UNREAD = 'no layer reads it';

function rows(nodes: readonly NodeSpec[], rest: Partial<ModelSpec> = {}): Row[] {
  const spec = { inputs: { x: [4, 8] }, weights: [{ name: 'w', shape: [8, 8] }], nodes, ...rest };
  const { layers, activations } = new OnnxNetwork(decodeOnnx(onnxModel(spec), 'm.onnx')).contents({});
  return activations.map(({ producer, uses, leaves }): Row => {
    const texts = uses.map(({ layer, tensor }) =>
      tensor === undefined
        ? `${layers[layer].name}+`
        : `${layers[layer].name}:${layers[layer].einsum.tensors[tensor].name}`,
    );
    return leaves === undefined
      ? [layers[producer].name, texts.join(' ')]
      : [layers[producer].name, texts.join(' '), leaves];
  });
}

function product(name: string, from: string, to: string, by = 'w'): NodeSpec {
  return { op: 'MatMul', name, inputs: [from, by], outputs: [to] };
}

function node(op: string, inputs: readonly string[], output: string, attributes = {}): NodeSpec {
  return { op, inputs, outputs: [output], attributes };
}

describe('outputs reach their reader', () => {
  it.each<[string, readonly NodeSpec[]]>([
    ['directly', [product('a', 'x', 'h'), product('b', 'h', 'y')]],
    ['through a Relu', [product('a', 'x', 'h'), node('Relu', ['h'], 'r'), product('b', 'r', 'y')]],
    ['through a bias', [product('a', 'x', 'h'), node('Add', ['h', 'w0'], 'r'), product('b', 'r', 'y')]],
    ['through a Softmax', [product('a', 'x', 'h'), node('Softmax', ['h'], 'r'), product('b', 'r', 'y')]],
    [
      'through a GELU written out',
      [product('a', 'x', 'h'), node('Erf', ['h'], 'e'), node('Mul', ['h', 'e'], 'g'), product('b', 'g', 'y')],
    ],
    [
      'through a normalisation written out',
      [
        product('a', 'x', 'h'),
        node('ReduceMean', ['h'], 'mean', { axes: [1] }),
        node('Sub', ['h', 'mean'], 'n'),
        product('b', 'n', 'y'),
      ],
    ],
    [
      'through views',
      [
        product('a', 'x', 'h'),
        node('Transpose', ['h'], 't', { perm: [1, 0] }),
        node('Transpose', ['t'], 'u', { perm: [1, 0] }),
        product('b', 'u', 'y'),
      ],
    ],
  ])('%s', (_, nodes) => {
    const weights = [
      { name: 'w', shape: [8, 8] },
      { name: 'w0', shape: [8] },
    ];
    expect(rows(nodes, { weights, opset: 13 })).toEqual([
      ['a', 'b:A'],
      ['b', '', UNREAD],
    ]);
  });

  it('as both operands of a product', () => {
    const nodes = [
      product('a', 'x', 'q'),
      product('b', 'x', 'k'),
      node('Transpose', ['k'], 't', { perm: [1, 0] }),
      product('c', 'q', 's', 't'),
    ];
    expect(rows(nodes)).toEqual([
      ['a', 'c:A'],
      ['b', 'c:B'],
      ['c', '', UNREAD],
    ]);
  });

  it('at an addition to a later layer, until that is done', () => {
    const nodes = [
      product('a', 'x', 'h'),
      product('b', 'h', 'i'),
      product('c', 'i', 'j'),
      node('Add', ['j', 'h'], 'sum'),
      product('d', 'sum', 'y'),
    ];
    expect(rows(nodes)).toEqual([
      ['a', 'b:A c+'],
      ['b', 'c:A'],
      ['c', 'd:A'],
      ['d', '', UNREAD],
    ]);
  });
});

describe('outputs have to leave', () => {
  it.each<[string, readonly NodeSpec[], string]>([
    [
      'where an operator takes a part of them',
      [
        product('a', 'x', 'h'),
        node('Reshape', ['h', 'shape'], 'image'),
        node('MaxPool', ['image'], 'p', { kernel_shape: [2] }),
      ],
      'MaxPool changes its size',
    ],
    [
      'where they are joined with others',
      [product('a', 'x', 'h'), node('Concat', ['h', 'x'], 'p', { axis: 0 })],
      'Concat changes its size',
    ],
    [
      'where they are read before and after an addition',
      [
        product('a', 'x', 'h'),
        product('b', 'h', 'i'),
        node('Add', ['h', 'x'], 'sum'),
        product('c', 'sum', 'y'),
      ],
      'it is read both before and after an addition',
    ],
    [
      'where a network hands them out',
      [product('a', 'x', 'h'), product('b', 'h', 'y')],
      'the network hands it out',
    ],
    [
      'where their mean alone is read',
      [
        product('a', 'x', 'h'),
        node('ReduceMean', ['h'], 'm', { axes: [0], keepdims: 1 }),
        product('b', 'm', 'y'),
      ],
      'MatMul reads it otherwise',
    ],
  ])('%s', (_, nodes, reason) => {
    const weights = [
      { name: 'w', shape: [8, 8] },
      { name: 'shape', type: 7, shape: [3], values: [1, 4, 8] },
    ];
    const outputs: Record<string, number[]> = reason.includes('hands') ? { h: [4, 8] } : {};
    expect(rows(nodes, { weights, outputs, opset: 13 })[0][2]).toBe(reason);
  });
});

describe('files that PyTorch exported have the graphs of the shipped networks', () => {
  it.each(['resnet50', 'mobilenet_v2'])('%s', (name) => {
    const file = fileURLToPath(new URL(`../../fixtures/onnx/${name}.onnx`, import.meta.url));
    const graph = (selector: string): object[] =>
      loadWorkload(selector, { params: { batch: 1 } }).activations!.map(({ producer, uses, leaves }) => ({
        producer,
        readers: [...new Set(uses.map(({ layer }) => layer))].toSorted((a, b) => a - b),
        stays: leaves === undefined,
      }));
    const shipped = graph(name);
    // Pooling and the network's end: the exporter's file has no reader there.
    const read = (rows: object[]): object[] => rows.filter((row) => (row as { stays: boolean }).stays);
    expect(read(graph(file))).toEqual(read(shipped));
    expect(read(shipped).length).toBeGreaterThan(48);
  });
});
