/** Shape rules: the shape of the last value of a small model, as a MatMul with K columns reads it. */
import { describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../../src/workload/onnx/decode.ts';
import { NodeView } from '../../../src/workload/onnx/node-view.ts';
import { SHAPE_RULES } from '../../../src/workload/onnx/shapes.ts';
import type { Result } from '../../../src/workload/onnx/rules/rule.ts';
import type { TensorInfo } from '../../../src/workload/onnx/tensor.ts';
import { type NodeSpec, FLOAT, INT64, onnxModel } from '../../support/onnx.ts';

/** A tensor with values, or a shape alone. */
function tensor(shape: readonly number[], values?: readonly number[], type = INT64): TensorInfo {
  return { type: values ? type : FLOAT, shape, values, constant: false };
}

function list(...values: number[]): TensorInfo {
  return tensor([values.length], values);
}

/** Outputs of one operator, its attributes written to a file and read back. */
function outputs(
  op: string,
  inputs: readonly (TensorInfo | undefined)[],
  attributes: NodeSpec['attributes'] = {},
  count = 1,
): Result[] {
  const names = Array.from({ length: count }, (_, i) => `o${i}`);
  const bytes = onnxModel({
    nodes: [{ op, attributes, inputs: inputs.map((_, i) => `i${i}`), outputs: names }],
  });
  const [node] = decodeOnnx(bytes, 'test.onnx').nodes;
  return [SHAPE_RULES.get(op)!(new NodeView(node, inputs))].flat();
}

function shape(...given: Parameters<typeof outputs>): readonly number[] {
  return outputs(...given)[0].shape;
}

function values(...given: Parameters<typeof outputs>): readonly number[] | undefined {
  return outputs(...given)[0].values;
}

const X = tensor([2, 3, 4]);
const VALUES = tensor([2, 3], [1, 2, 3, 4, 5, 6]);

describe('shapes', () => {
  it.each<[string, Parameters<typeof outputs>, number[]]>([
    ['broadcasting', ['Add', [tensor([4, 1, 3]), tensor([5, 1])]], [4, 5, 3]],
    ['Reshape with 0 and -1', ['Reshape', [X, list(0, -1)]], [2, 12]],
    ['Reshape, zeros allowed', ['Reshape', [tensor([0, 3]), list(3, 0)], { allowzero: 1 }], [3, 0]],
    ['Flatten', ['Flatten', [X], { axis: 2 }], [6, 4]],
    ['Squeeze of all', ['Squeeze', [tensor([1, 3, 1])]], [3]],
    ['Squeeze by attribute', ['Squeeze', [tensor([1, 3, 1])], { axes: [-1] }], [1, 3]],
    ['Unsqueeze by input', ['Unsqueeze', [X, list(0, -1)]], [1, 2, 3, 4, 1]],
    ['Transpose', ['Transpose', [X], { perm: [2, 0, 1] }], [4, 2, 3]],
    ['Transpose by default', ['Transpose', [X]], [4, 3, 2]],
    ['Expand', ['Expand', [tensor([3, 1]), list(2, 1, 6)]], [2, 3, 6]],
    ['Tile', ['Tile', [X, list(1, 2, 3)]], [2, 6, 12]],
    ['Concat', ['Concat', [X, tensor([2, 5, 4])], { axis: 1 }], [2, 8, 4]],
    ['Gather of one', ['Gather', [X, tensor([])], { axis: 1 }], [2, 4]],
    ['Gather of many', ['Gather', [X, tensor([5, 6])], { axis: 1 }], [2, 5, 6, 4]],
    ['GatherND', ['GatherND', [X, tensor([7, 2])]], [7, 4]],
    ['Slice', ['Slice', [X, list(1), list(2 ** 53), list(1)]], [2, 2, 4]],
    ['Slice backwards', ['Slice', [X, list(-1), list(-(2 ** 53)), list(2), list(-2)]], [2, 3, 2]],
    ['Slice by attributes', ['Slice', [X], { starts: [0, -2], ends: [1, 100], axes: [0, 2] }], [1, 3, 2]],
    ['Slice of nothing', ['Slice', [X, list(3), list(1), list(1)]], [2, 0, 4]],
    ['Pad', ['Pad', [X, list(0, 1, 2, 0, 1, 2)]], [2, 5, 8]],
    ['Pad of one axis', ['Pad', [X, list(1, 1), undefined, list(-1)]], [2, 3, 6]],
    ['ReduceMean by attribute', ['ReduceMean', [X], { axes: [-1] }], [2, 3, 1]],
    ['ReduceSum by input, axes dropped', ['ReduceSum', [X, list(0, 2)], { keepdims: 0 }], [3]],
    ['ReduceMax of all', ['ReduceMax', [X], { keepdims: 0 }], []],
    ['ArgMax', ['ArgMax', [X], { axis: 1, keepdims: 0 }], [2, 4]],
    ['TopK', ['TopK', [X, list(2)]], [2, 3, 2]],
    ['OneHot', ['OneHot', [X, list(10), list(0, 1)]], [2, 3, 4, 10]],
    ['Where', ['Where', [tensor([4]), tensor([3, 1]), tensor([])]], [3, 4]],
    ['MaxPool', ['MaxPool', [tensor([1, 8, 7, 7])], { kernel_shape: [3, 3], strides: [2, 2] }], [1, 8, 3, 3]],
    [
      'MaxPool that rounds up',
      ['MaxPool', [tensor([1, 8, 6, 6])], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
      [1, 8, 3, 3],
    ],
    [
      'a window that begins in the padding is left out',
      [
        'AveragePool',
        [tensor([1, 8, 1, 1])],
        { kernel_shape: [1, 1], strides: [2, 2], pads: [0, 0, 1, 1], ceil_mode: 1 },
      ],
      [1, 8, 1, 1],
    ],
    ['GlobalAveragePool', ['GlobalAveragePool', [tensor([2, 8, 7, 5])]], [2, 8, 1, 1]],
    [
      'ConvTranspose',
      [
        'ConvTranspose',
        [tensor([1, 4, 5, 5]), tensor([4, 3, 3, 3])],
        { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1], group: 2 },
      ],
      [1, 6, 10, 10],
    ],
    [
      'Resize by scales',
      ['Resize', [tensor([1, 3, 4, 4]), undefined, tensor([4], [1, 1, 2.5, 2], FLOAT)]],
      [1, 3, 10, 8],
    ],
    [
      'Resize by sizes',
      ['Resize', [tensor([1, 3, 4, 4]), undefined, undefined, list(1, 3, 9, 9)]],
      [1, 3, 9, 9],
    ],
    ['DepthToSpace', ['DepthToSpace', [tensor([1, 12, 2, 3])], { blocksize: 2 }], [1, 3, 4, 6]],
    ['MatMul of a vector', ['MatMul', [tensor([3]), tensor([7, 3, 5])]], [7, 5]],
    ['Einsum', ['Einsum', [tensor([2, 3]), tensor([4, 3])], { equation: 'ij,kj->ki' }], [4, 2]],
    [
      'LSTM',
      [
        'LSTM',
        [tensor([9, 2, 6]), tensor([2, 20, 6]), tensor([2, 20, 5])],
        { direction: 'bidirectional' },
        3,
      ],
      [9, 2, 2, 5],
    ],
  ])('%s', (_, given, expected) => {
    expect(shape(...given)).toEqual(expected);
  });

  it('of every part of a Split', () => {
    const parts = (...given: Parameters<typeof outputs>): (readonly number[])[] =>
      outputs(...given).map((part) => part.shape);
    expect(parts('Split', [X], { axis: 2, split: [1, 3] }, 2)).toEqual([
      [2, 3, 1],
      [2, 3, 3],
    ]);
    // Equal parts, the last one smaller.
    expect(parts('Split', [tensor([7])], {}, 3)).toEqual([[3], [3], [1]]);
  });
});

describe('values that follow from shapes', () => {
  it.each<[string, Parameters<typeof outputs>, number[]]>([
    ['Shape', ['Shape', [X]], [2, 3, 4]],
    ['Shape of some axes', ['Shape', [X], { start: -2, end: -1 }], [3]],
    ['Size', ['Size', [X]], [24]],
    ['Gather with a negative index', ['Gather', [list(5, 6, 7), tensor([2], [-1, 0])]], [7, 5]],
    ['Gather of columns', ['Gather', [VALUES, list(2, 0)], { axis: 1 }], [3, 1, 6, 4]],
    [
      'Slice with a negative step',
      ['Slice', [list(1, 2, 3, 4), list(-1), list(-100), list(0), list(-2)]],
      [4, 2],
    ],
    ['Concat', ['Concat', [list(1, 2), list(3)], { axis: 0 }], [1, 2, 3]],
    ['Transpose', ['Transpose', [VALUES]], [1, 4, 2, 5, 3, 6]],
    ['Expand', ['Expand', [list(1, 2), list(2, 2)]], [1, 2, 1, 2]],
    ['Tile', ['Tile', [list(1, 2), list(2)]], [1, 2, 1, 2]],
    ['integer division', ['Div', [list(7, -7), list(2)]], [3, -3]],
    ['division of floats', ['Div', [tensor([1], [7], FLOAT), tensor([1], [2], FLOAT)]], [3.5]],
    ['Cast to integers', ['Cast', [tensor([2], [3.9, -3.9], FLOAT)], { to: INT64 }], [3, -3]],
    ['Where', ['Where', [list(1, 0), list(5), list(6)]], [5, 6]],
    ['Equal', ['Equal', [list(1, 2), list(2)]], [0, 1]],
    ['Range', ['Range', [tensor([], [2]), tensor([], [9]), tensor([], [3])]], [2, 5, 8]],
    ['Range downwards', ['Range', [tensor([], [3]), tensor([], [0]), tensor([], [-1])]], [3, 2, 1]],
    ['ReduceProd', ['ReduceProd', [list(2, 3, 4)], { keepdims: 0 }], [24]],
    [
      'ConstantOfShape',
      ['ConstantOfShape', [list(3)], { value: { type: INT64, shape: [1], values: [7] } }],
      [7, 7, 7],
    ],
    ['Constant', ['Constant', [], { value_ints: [4, 5] }], [4, 5]],
    ['a Constant of one integer', ['Constant', [], { value_int: 0 }], [0]],
  ])('%s', (_, given, expected) => {
    expect(values(...given)).toEqual(expected);
  });

  it('are given up where there are many', () => {
    expect(outputs('Expand', [list(1), list(4096)])).toEqual([{ shape: [4096], values: undefined }]);
  });
});
