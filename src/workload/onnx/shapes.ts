/** The shape rule of every ONNX operator that has one (onnx.ai/onnx/operators). */
import { DATA_TYPE } from './model.ts';
import { constant, constantOfShape, range, shapeOf, size } from './rules/constants.ts';
import { attention, einsum, gemm, matMul, recurrent } from './rules/contractions.ts';
import {
  cast,
  compare,
  divide,
  dynamicQuantize,
  elementwise,
  same,
  sameForAll,
  unary,
  where,
} from './rules/elementwise.ts';
import { concat, gather, gatherNd, oneHot, pad, slice, split, topK } from './rules/parts.ts';
import { argReduce, batchNorm, layerNorm, reduce } from './rules/reductions.ts';
import { expand, flatten, reshape, squeeze, tile, transpose, unsqueeze } from './rules/views.ts';
import {
  convolution,
  convolutionTransposed,
  depthToSpace,
  globalPool,
  pool,
  resize,
  spaceToDepth,
} from './rules/windows.ts';
import type { Rule } from './rules/rule.ts';

const RULES: Readonly<Record<string, Rule>> = {
  ...each(
    'Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu HardSigmoid HardSwish Sigmoid Tanh Softplus Softsign Mish Gelu ' +
      'Swish Erf Exp Log Sqrt Reciprocal Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Sign Round Clip Shrink ' +
      'Softmax LogSoftmax Hardmax InstanceNormalization GroupNormalization LpNormalization MeanVarianceNormalization ' +
      'LRN CumSum BitwiseNot QuantizeLinear DequantizeLinear IsNaN IsInf Trilu ScatterElements Scatter ScatterND ' +
      'RotaryEmbedding RMSNormalization EyeLike RandomNormalLike RandomUniformLike Bernoulli',
    same,
  ),
  Identity: unary((value) => value),
  Neg: unary((value) => -value),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Not: unary((value) => Number(value === 0)),
  Dropout: sameForAll,
  Cast: cast,
  CastLike: (view) => ({ shape: view.shape(0), type: view.input(1).type }),
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise(divide),
  Mod: elementwise((a, b) => a - b * Math.floor(a / b)),
  Min: elementwise(Math.min),
  Max: elementwise(Math.max),
  Sum: elementwise((a, b) => a + b),
  Pow: elementwise((a, b) => a ** b),
  Mean: elementwise(),
  ...each('BitwiseAnd BitwiseOr BitwiseXor BitShift', elementwise()),
  And: compare((a, b) => a !== 0 && b !== 0),
  Or: compare((a, b) => a !== 0 || b !== 0),
  Xor: compare((a, b) => (a !== 0) !== (b !== 0)),
  Equal: compare((a, b) => a === b),
  Greater: compare((a, b) => a > b),
  GreaterOrEqual: compare((a, b) => a >= b),
  Less: compare((a, b) => a < b),
  LessOrEqual: compare((a, b) => a <= b),
  Where: where,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shapeOf,
  Size: size,
  Range: range,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Slice: slice,
  Gather: gather,
  GatherElements: (view) => ({ shape: view.shape(1) }),
  GatherND: gatherNd,
  Concat: concat,
  Split: split,
  Pad: pad,
  TopK: topK,
  OneHot: oneHot,
  ...each('ReduceMean ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare', reduce()),
  ReduceSum: reduce((a, b) => a + b),
  ReduceProd: reduce((a, b) => a * b),
  ReduceMax: reduce((a, b) => Math.max(a, b)),
  ReduceMin: reduce((a, b) => Math.min(a, b)),
  ...each('ArgMax ArgMin', argReduce),
  LayerNormalization: layerNorm,
  BatchNormalization: batchNorm,
  Conv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  ConvTranspose: convolutionTransposed,
  ...each('MaxPool AveragePool LpPool', pool),
  ...each('GlobalAveragePool GlobalMaxPool GlobalLpPool', globalPool),
  ...each('Resize Upsample', resize),
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  MatMul: matMul(1),
  MatMulInteger: matMul(1, DATA_TYPE.int32),
  QLinearMatMul: matMul(3),
  Gemm: gemm,
  Einsum: einsum,
  RNN: recurrent(1),
  GRU: recurrent(1),
  LSTM: recurrent(2),
  Attention: attention,
  DynamicQuantizeLinear: dynamicQuantize,
};

/** Every operator whose outputs follow from the shapes of its inputs. */
export const SHAPE_RULES: ReadonlyMap<string, Rule> = new Map(Object.entries(RULES));

function each(operators: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(operators.split(' ').map((operator) => [operator, rule]));
}
