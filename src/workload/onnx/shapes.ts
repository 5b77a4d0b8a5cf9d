/** The shape rules of ONNX operators (onnx.ai/onnx/operators): outputs from inputs, one entry an operator. */
import { MAX_VALUES } from './decode.ts';
import { DATA_TYPE } from './model.ts';
import { NodeView, NotKnown } from './node-view.ts';
import {
  type TensorInfo,
  broadcast,
  broadcastValues,
  elements,
  gatherValues,
  isFloat,
  shapeText,
  strides,
} from './tensor.ts';

/** A result; its type is the first input's unless it says otherwise. */
export interface Result {
  readonly shape: readonly number[];
  readonly values?: readonly number[];
  readonly type?: number;
}

/** Throws `NotKnown` if an input it needs is unknown, `InputError` if inputs contradict each other. */
type Rule = (view: NodeView) => Result | Result[];

const { int64: INT64, bool: BOOL, float: FLOAT } = DATA_TYPE;

// Elementwise

const same: Rule = (view) => ({ shape: view.shape(0) });

/** Also the operator's further outputs, such as the mask of Dropout. */
const sameForAll: Rule = (view) => view.node.outputs.map(() => ({ shape: view.shape(0) }));

function unary(apply: (value: number) => number): Rule {
  return (view) => ({ shape: view.shape(0), values: view.input(0).values?.map(apply) });
}

function broadcastAll(view: NodeView, inputs: readonly TensorInfo[]): number[] {
  return inputs.reduce<number[]>((shape, input) => {
    const joint = broadcast(shape, input.shape);
    if (joint) return joint;
    const shapes = inputs.map((each) => shapeText(each.shape)).join(' and ');
    return view.fail(`has inputs of shapes ${shapes}`, 'shapes that broadcast');
  }, []);
}

/** Any number of inputs, folded from the left. */
function elementwise(apply?: (a: number, b: number, type: number) => number, type?: number): Rule {
  return (view) => {
    const { inputs } = view;
    const shape = broadcastAll(view, inputs);
    const lists = apply ? inputs.map((input) => broadcastValues(input, shape)) : [undefined];
    if (!apply || !lists.every((list) => list !== undefined)) return { shape, type };
    const combine = (a: readonly number[], b: readonly number[]): number[] =>
      a.map((x, i) => apply(x, b[i], inputs[0].type));
    return { shape, values: lists.reduce(combine), type };
  };
}

const compare = (apply: (a: number, b: number) => boolean): Rule =>
  elementwise((a, b) => Number(apply(a, b)), BOOL);

/** Integers divide towards zero. */
function divide(a: number, b: number, type: number): number {
  return isFloat(type) ? a / b : Math.trunc(a / b);
}

const where: Rule = (view) => {
  const [condition, yes, no] = [view.input(0), view.input(1), view.input(2)];
  const shape = broadcastAll(view, [condition, yes, no]);
  const [c, y, n] = [condition, yes, no].map((input) => broadcastValues(input, shape));
  return { shape, values: c && y && n && c.map((test, i) => (test ? y[i] : n[i])), type: yes.type };
};

const cast: Rule = (view) => {
  const type = view.int('to', 0);
  const convert =
    type === BOOL ? (value: number) => Number(value !== 0) : isFloat(type) ? Number : Math.trunc;
  return { shape: view.shape(0), values: view.input(0).values?.map((value) => convert(value)), type };
};

// Constants and shapes

const constant: Rule = (view) => {
  const tensor = view.tensor('value');
  if (tensor) return { shape: tensor.shape, values: tensor.values, type: tensor.type };
  const [int, float] = [view.ints('value_int'), view.floats('value_float')];
  if (int) return { shape: [], values: int, type: INT64 };
  if (float) return { shape: [], values: float, type: FLOAT };
  const [ints, floats] = [view.ints('value_ints'), view.floats('value_floats')];
  if (ints) return { shape: [ints.length], values: ints, type: INT64 };
  if (floats) return { shape: [floats.length], values: floats, type: FLOAT };
  throw new NotKnown('a Constant holds no numbers');
};

const constantOfShape: Rule = (view) => {
  const shape = view.values(0);
  const value = view.tensor('value')?.values?.[0] ?? 0;
  return { shape, values: filled(shape, value), type: view.tensor('value')?.type ?? FLOAT };
};

function filled(shape: readonly number[], value: number): number[] | undefined {
  const count = elements(shape);
  return count <= MAX_VALUES ? Array.from({ length: count }, () => value) : undefined;
}

const shapeOf: Rule = (view) => {
  const shape = view.shape(0);
  const clamp = (at: number): number => Math.min(shape.length, Math.max(0, at < 0 ? at + shape.length : at));
  const values = shape.slice(clamp(view.int('start', 0)), clamp(view.int('end', shape.length)));
  return { shape: [values.length], values, type: INT64 };
};

const size: Rule = (view) => ({ shape: [], values: [elements(view.shape(0))], type: INT64 });

const range: Rule = (view) => {
  const [[start], [limit], [delta]] = [view.values(0), view.values(1), view.values(2)];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isSafeInteger(count)) view.fail(`goes from ${start} to ${limit} in steps of ${delta}`);
  const values = filled([count], 0)?.map((_, i) => start + i * delta);
  return { shape: [count], values };
};

// The same elements in another shape or order

const reshape: Rule = (view) => {
  const { shape: from, values } = view.input(0);
  const wanted = view.has(1) ? view.values(1) : (view.ints('shape') ?? []);
  const shape = wanted.map((extent, axis) =>
    extent === 0 && view.int('allowzero', 0) === 0 ? (from[axis] ?? 0) : extent,
  );
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = elements(from) / elements(shape.map((extent) => (extent === -1 ? 1 : extent)));
  if (
    elements(shape) === elements(from) &&
    shape.every((extent) => Number.isInteger(extent) && extent >= 0)
  ) {
    return { shape, values };
  }
  const given = `${shapeText(from)} (${elements(from)} elements)`;
  return view.fail(`turns ${given} into ${shapeText(wanted)}`, 'as many elements as before');
};

const flatten: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.int('axis', 1);
  const cut = axis === shape.length ? axis : view.axis(axis, shape.length);
  return { shape: [elements(shape.slice(0, cut)), elements(shape.slice(cut))], values: view.input(0).values };
};

const squeeze: Rule = (view) => {
  const { shape, values } = view.input(0);
  const axes = view.valuesOr(1, 'axes')?.map((axis) => view.axis(axis, shape.length));
  const wrong = axes?.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) view.fail(`removes axis ${wrong} of ${shapeText(shape)}`, 'an axis of extent 1');
  return { shape: shape.filter((extent, axis) => (axes ? !axes.includes(axis) : extent !== 1)), values };
};

const unsqueeze: Rule = (view) => {
  const { shape, values } = view.input(0);
  const given = view.valuesOr(1, 'axes') ?? [];
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => view.axis(axis, rank)));
  if (axes.size < given.length) view.fail(`inserts an axis twice: ${given.join(', ')}`);
  const rest = [...shape];
  return { shape: Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : rest.shift()!)), values };
};

const transpose: Rule = (view) => {
  const { shape, values } = view.input(0);
  const order = view.ints('perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  if (order.length !== shape.length || new Set(order).size !== order.length) {
    view.fail(`orders the axes of ${shapeText(shape)} as ${order.join(', ')}`, 'each axis once');
  }
  const axes = order.map((axis) => view.axis(axis, shape.length));
  const steps = strides(shape);
  const result = axes.map((axis) => shape[axis]);
  return {
    shape: result,
    values: gatherValues(values, result, (at) => axes.reduce((sum, axis, i) => sum + at[i] * steps[axis], 0)),
  };
};

const expand: Rule = (view) => {
  const tensor = view.input(0);
  const wanted = view.values(1);
  const shape = broadcast(tensor.shape, wanted);
  if (shape) return { shape, values: broadcastValues(tensor, shape) };
  return view.fail(`expands ${shapeText(tensor.shape)} to ${shapeText(wanted)}`, 'shapes that broadcast');
};

const tile: Rule = (view) => {
  const { shape, values } = view.input(0);
  const repeats = view.values(1);
  if (repeats.length !== shape.length)
    view.fail(`repeats ${shapeText(shape)} ${repeats.length} times`, 'one number an axis');
  const steps = strides(shape);
  const result = shape.map((extent, axis) => extent * repeats[axis]);
  const source = (at: readonly number[]): number =>
    at.reduce((sum, coordinate, axis) => sum + (coordinate % shape[axis]) * steps[axis], 0);
  return { shape: result, values: gatherValues(values, result, source) };
};

// Parts and joins

const slice: Rule = (view) => {
  const { shape, values } = view.input(0);
  const starts = view.valuesOr(1, 'starts') ?? [];
  const ends = view.valuesOr(2, 'ends') ?? [];
  const axes = (view.valuesOr(3, 'axes') ?? starts.map((_, i) => i)).map((axis) =>
    view.axis(axis, shape.length),
  );
  const given = view.has(4) ? view.values(4) : starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || given.length !== starts.length) {
    view.fail('has starts, ends, axes and steps of different lengths');
  }
  if (given.includes(0)) view.fail('has a step of 0');
  const first = shape.map(() => 0);
  const step = shape.map(() => 1);
  const result = [...shape];
  axes.forEach((axis, i) => {
    const extent = shape[axis];
    const [low, high] = given[i] > 0 ? [0, extent] : [-1, extent - 1];
    const clamp = (at: number): number => Math.min(high, Math.max(low, at < 0 ? at + extent : at));
    first[axis] = given[i] > 0 ? clamp(starts[i]) : Math.max(0, clamp(starts[i]));
    step[axis] = given[i];
    result[axis] = Math.max(0, Math.ceil((clamp(ends[i]) - clamp(starts[i])) / given[i]));
  });
  const steps = strides(shape);
  const source = (at: readonly number[]): number =>
    at.reduce((sum, coordinate, axis) => sum + (first[axis] + coordinate * step[axis]) * steps[axis], 0);
  return { shape: result, values: gatherValues(values, result, source) };
};

const gather: Rule = (view) => {
  const [{ shape, values }, indices] = [view.input(0), view.input(1)];
  const axis = view.axis(view.int('axis', 0), shape.length);
  const result = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  const list = indices.values;
  if (!list) return { shape: result };
  const steps = strides(shape);
  const inner = strides(indices.shape);
  const source = (at: readonly number[]): number => {
    const picked = list[inner.reduce((sum, step, i) => sum + at[axis + i] * step, 0)];
    const kept = [
      ...at.slice(0, axis),
      picked < 0 ? picked + shape[axis] : picked,
      ...at.slice(axis + inner.length),
    ];
    return kept.reduce((sum, coordinate, i) => sum + coordinate * steps[i], 0);
  };
  const outside = list.find((index) => index < -shape[axis] || index >= shape[axis]);
  if (outside !== undefined) view.fail(`takes element ${outside} of axis ${axis} of ${shapeText(shape)}`);
  return { shape: result, values: gatherValues(values, result, source) };
};

const gatherNd: Rule = (view) => {
  const [data, indices] = [view.shape(0, 1), view.shape(1, 1)];
  const batch = view.int('batch_dims', 0);
  return { shape: [...indices.slice(0, -1), ...data.slice(batch + indices.at(-1)!)] };
};

const concat: Rule = (view) => {
  const { inputs } = view;
  const [{ shape: first }] = inputs;
  const axis = view.axis(view.int('axis', 0), first.length);
  const rest = (shape: readonly number[]): string =>
    shape.map((extent, i) => (i === axis ? '' : extent)).join();
  if (inputs.some(({ shape }) => shape.length !== first.length || rest(shape) !== rest(first))) {
    const shapes = inputs.map(({ shape }) => shapeText(shape)).join(' and ');
    view.fail(`joins ${shapes} along axis ${axis}`, 'equal extents along the other axes');
  }
  const shape = first.with(
    axis,
    inputs.reduce((sum, input) => sum + input.shape[axis], 0),
  );
  const lists = inputs.map(({ values }) => values);
  const values = first.length === 1 && lists.every((list) => list !== undefined) ? lists.flat() : undefined;
  return { shape, values: values && values.length <= MAX_VALUES ? values : undefined };
};

const split: Rule = (view) => {
  const { shape, values } = view.input(0);
  const axis = view.axis(view.int('axis', 0), shape.length);
  const parts = view.outputCount;
  const chunk = Math.ceil(shape[axis] / parts);
  const lengths =
    view.valuesOr(1, 'split') ??
    Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(chunk, shape[axis] - i * chunk)));
  if (lengths.length !== parts || lengths.reduce((sum, length) => sum + length, 0) !== shape[axis]) {
    view.fail(`splits axis ${axis} of ${shapeText(shape)} into ${lengths.join(' + ')} for ${parts} outputs`);
  }
  let at = 0;
  return lengths.map((length) => {
    const start = at;
    at += length;
    const part = shape.length === 1 ? values?.slice(start, at) : undefined;
    return { shape: shape.with(axis, length), values: part };
  });
};

const pad: Rule = (view) => {
  const shape = view.shape(0);
  const pads = view.valuesOr(1, 'pads') ?? [];
  const axes = (view.has(3) ? view.values(3) : shape.map((_, i) => i)).map((axis) =>
    view.axis(axis, shape.length),
  );
  if (pads.length !== 2 * axes.length)
    view.fail(`has ${pads.length} pads for ${axes.length} axes`, 'two an axis');
  const result = [...shape];
  axes.forEach((axis, i) => (result[axis] += pads[i] + pads[axes.length + i]));
  return { shape: result };
};

const topK: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.axis(view.int('axis', -1), shape.length);
  const [k] = view.valuesOr(1, 'k') ?? [];
  const result = shape.with(axis, k ?? view.fail('has no k'));
  return [{ shape: result }, { shape: result, type: INT64 }];
};

const oneHot: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.int('axis', -1);
  const at = view.axis(axis, shape.length + 1);
  return { shape: shape.toSpliced(at, 0, view.values(1)[0]), type: view.input(2).type };
};

// Reductions

function reduce(combine?: (a: number, b: number) => number, type?: number): Rule {
  return (view) => {
    const { shape, values } = view.input(0);
    const given = view.valuesOr(1, 'axes');
    const none = given === undefined || given.length === 0;
    if (none && view.int('noop_with_empty_axes', 0) === 1) return { shape, values };
    const axes = none ? shape.map((_, axis) => axis) : given.map((axis) => view.axis(axis, shape.length));
    const folded =
      combine && shape.length <= 1 && values && values.length > 0 ? values.reduce(combine) : undefined;
    return {
      shape: reduced(shape, axes, view.int('keepdims', 1) === 1),
      values: folded === undefined ? undefined : [folded],
      type,
    };
  };
}

function reduced(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  return keep
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis));
}

const argReduce: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.axis(view.int('axis', 0), shape.length);
  return { shape: reduced(shape, [axis], view.int('keepdims', 1) === 1), type: INT64 };
};

/** The first output has the input's shape, statistics along the normalised axes follow. */
const layerNorm: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.axis(view.int('axis', -1), shape.length);
  const statistics = shape.map((extent, i) => (i < axis ? extent : 1));
  return view.node.outputs.map((_, i) => ({ shape: i === 0 ? shape : statistics }));
};

/** Running statistics have the scale's shape. */
const batchNorm: Rule = (view) =>
  view.node.outputs.map((_, i) => ({ shape: i === 0 ? view.shape(0, 2) : view.shape(1) }));

// Windows

/** A sliding window's extents along the image's axes. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Positions along each axis. */
  readonly outputs: readonly number[];
}

/** Steps of a window. Throws `InputError` for attributes that do not fit the kernel. */
export function stepsOf(view: NodeView, kernel: readonly number[]): Pick<Window, 'stride' | 'dilation'> {
  if (kernel.some((extent) => extent < 1)) view.fail(`has a kernel ${shapeText(kernel)}`, 'positive extents');
  const list = (name: string): readonly number[] => {
    const given = view.ints(name) ?? kernel.map(() => 1);
    const bad = given.length !== kernel.length || given.some((value) => value < 1);
    if (bad) view.fail(`has ${name} ${shapeText(given)}`, `${kernel.length} positive integers`);
    return given;
  };
  const pads = view.ints('pads');
  if (pads && pads.length !== 2 * kernel.length)
    view.fail(`has pads ${shapeText(pads)}`, `${2 * kernel.length} integers`);
  return { stride: list('strides'), dilation: list('dilations') };
}

/** The window of a convolution or pooling over an image. Throws `InputError` for attributes that do not fit. */
export function windowOf(view: NodeView, image: readonly number[], kernel: readonly number[]): Window {
  const { stride, dilation } = stepsOf(view, kernel);
  if (image.length !== kernel.length) {
    view.fail(`has a kernel ${shapeText(kernel)} over an image ${shapeText(image)}`, 'as many axes');
  }
  const outputs = image.map((extent, axis) => {
    const reach = dilation[axis] * (kernel[axis] - 1) + 1;
    return positions(view, axis, extent, reach, stride[axis]);
  });
  return { kernel, stride, dilation, outputs };
}

function positions(view: NodeView, axis: number, extent: number, reach: number, stride: number): number {
  const auto = view.text('auto_pad', 'NOTSET');
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') return Math.ceil(extent / stride);
  const pads = auto === 'VALID' ? undefined : view.ints('pads');
  const [before, after] = pads ? [pads[axis], pads[pads.length / 2 + axis]] : [0, 0];
  const steps = (extent + before + after - reach) / stride;
  const ceil = view.int('ceil_mode', 0) === 1;
  // A last window that would begin in the padding behind the image is left out.
  const last = ceil && Math.ceil(steps) * stride >= extent + before ? Math.ceil(steps) - 1 : Math.ceil(steps);
  const found = (ceil ? last : Math.floor(steps)) + 1;
  if (found >= 1) return found;
  return view.fail(
    `has a window of ${reach} over ${extent} + ${before + after} elements along axis ${axis + 2}`,
    'a window that fits its padded input',
  );
}

function convolution(weights: number): Rule {
  return (view) => {
    const shape = view.shape(0, 3);
    const [filters, , ...kernel] = view.shape(weights, 3);
    return { shape: [shape[0], filters, ...windowOf(view, shape.slice(2), kernel).outputs] };
  };
}

const convolutionTransposed: Rule = (view) => {
  const [batch, , ...image] = view.shape(0, 3);
  const [, filters, ...kernel] = view.shape(1, 3);
  const { stride, dilation } = stepsOf(view, kernel);
  const given = view.ints('output_shape');
  const pads = view.ints('pads') ?? kernel.flatMap(() => [0, 0]);
  const extra = view.ints('output_padding') ?? kernel.map(() => 0);
  const same = view.text('auto_pad', 'NOTSET').startsWith('SAME');
  const outputs = image.map((extent, axis) => {
    if (same) return extent * stride[axis];
    const padding = pads[axis] + pads[kernel.length + axis];
    return stride[axis] * (extent - 1) + extra[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - padding;
  });
  return { shape: [batch, filters * view.int('group', 1), ...(given?.slice(-kernel.length) ?? outputs)] };
};

const pool: Rule = (view) => {
  const shape = view.shape(0, 3);
  const kernel = view.ints('kernel_shape') ?? view.fail('has no kernel_shape');
  const result = [...shape.slice(0, 2), ...windowOf(view, shape.slice(2), kernel).outputs];
  return view.node.outputs.map((_, i) => ({ shape: result, type: i === 0 ? undefined : INT64 }));
};

const globalPool: Rule = (view) => {
  const shape = view.shape(0, 2);
  return { shape: shape.map((extent, axis) => (axis < 2 ? extent : 1)) };
};

const resize: Rule = (view) => {
  const shape = view.shape(0);
  const axes = (view.ints('axes') ?? shape.map((_, i) => i)).map((axis) => view.axis(axis, shape.length));
  const isUpsample = view.node.operator === 'Upsample';
  const sizes = !isUpsample && view.has(3) ? view.values(3) : undefined;
  const factors = sizes
    ? []
    : isUpsample
      ? view.has(1)
        ? view.values(1)
        : (view.floats('scales') ?? [])
      : view.values(2);
  const list = sizes ?? factors;
  if (list.length !== axes.length) view.fail(`has ${list.length} sizes or scales for ${axes.length} axes`);
  const result = [...shape];
  axes.forEach((axis, i) => (result[axis] = sizes ? sizes[i] : Math.floor(shape[axis] * factors[i])));
  return { shape: result };
};

const depthToSpace: Rule = (view) => {
  const [n, c, h, w] = view.shape(0, 4);
  const block = view.int('blocksize', 1);
  return { shape: [n, c / block ** 2, h * block, w * block] };
};

const spaceToDepth: Rule = (view) => {
  const [n, c, h, w] = view.shape(0, 4);
  const block = view.int('blocksize', 1);
  return { shape: [n, c * block ** 2, h / block, w / block] };
};

// Products

/** Shapes of a matrix product's operands: vectors get the axis that the result loses again. */
export interface Product {
  readonly batch: readonly number[];
  readonly batchA: readonly number[];
  readonly batchB: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Operands `a` and `b` of a MatMul by their places among the inputs. Throws `InputError` if they do not fit. */
export function productOf(view: NodeView, a: number, b: number): Product {
  const [given, other] = [view.shape(a, 1), view.shape(b, 1)];
  const left = given.length === 1 ? [1, ...given] : given;
  const right = other.length === 1 ? [...other, 1] : other;
  const [batchA, batchB] = [left.slice(0, -2), right.slice(0, -2)];
  const batch = broadcast(batchA, batchB);
  const k = left.at(-1)!;
  if (!batch || k !== right.at(-2)) {
    view.fail(`multiplies ${shapeText(given)} by ${shapeText(other)}`, 'an inner dimension that agrees');
  }
  return { batch: batch!, batchA, batchB, m: left.at(-2)!, n: right.at(-1)!, k };
}

function matMul(b: number, type?: number): Rule {
  return (view) => {
    const { batch, m, n } = productOf(view, 0, b);
    const rows = view.shape(0).length === 1 ? [] : [m];
    const columns = view.shape(b).length === 1 ? [] : [n];
    return { shape: [...batch, ...rows, ...columns], type };
  };
}

/** M, N and K of a Gemm. Throws `InputError` if its operands do not fit. */
export function gemmOf(view: NodeView): { m: number; n: number; k: number } {
  const [a, b] = [view.shape(0), view.shape(1)];
  const [m, k] = view.int('transA', 0) ? a.toReversed() : a;
  const [inner, n] = view.int('transB', 0) ? b.toReversed() : b;
  if (a.length === 2 && b.length === 2 && k === inner) return { m, n, k };
  return view.fail(
    `multiplies ${shapeText(a)} by ${shapeText(b)}`,
    'two matrices, an inner dimension that agrees',
  );
}

const gemm: Rule = (view) => {
  const { m, n } = gemmOf(view);
  return { shape: [m, n] };
};

/** Index letters of an Einsum's operands and result, with their extents. */
export interface Subscripts {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
  readonly extents: ReadonlyMap<string, number>;
}

/** The equation of an Einsum. Throws `NotKnown` for an ellipsis, `InputError` if it does not fit its operands. */
export function subscriptsOf(view: NodeView): Subscripts {
  const equation = view.text('equation', '').replaceAll(' ', '');
  if (equation.includes('.')) throw new NotKnown(`the equation ${equation} has an ellipsis`);
  const [left, right] = equation.split('->');
  const operands = left.split(',').map((part) => [...part]);
  const extents = new Map<string, number>();
  if (operands.length !== view.inputCount)
    view.fail(`has the equation ${equation} for ${view.inputCount} inputs`);
  operands.forEach((letters, i) => {
    const shape = view.shape(i);
    if (shape.length !== letters.length) view.fail(`has ${letters.join('')} for ${shapeText(shape)}`);
    letters.forEach((letter, axis) => {
      const before = extents.get(letter) ?? 1;
      if (before !== 1 && shape[axis] !== 1 && before !== shape[axis])
        view.fail(`gives index ${letter} the extents ${before} and ${shape[axis]}`);
      extents.set(letter, before === 1 ? shape[axis] : before);
    });
  });
  const all = operands.flat();
  const once = [...new Set(all)].filter((letter) => all.filter((other) => other === letter).length === 1);
  const result = right === undefined ? once.toSorted() : [...right];
  if (!result.every((letter) => extents.has(letter)))
    view.fail(`has a result index no operand has: ${equation}`);
  return { operands, result, extents };
}

const einsum: Rule = (view) => {
  const { result, extents } = subscriptsOf(view);
  return { shape: result.map((letter) => extents.get(letter)!) };
};

/** X is [sequence, batch, input]; outputs carry the direction's axis. */
function recurrent(states: number): Rule {
  return (view) => {
    const [x0, x1] = view.shape(0, 3);
    const batchFirst = view.int('layout', 0) === 1;
    const [sequence, batch] = batchFirst ? [x1, x0] : [x0, x1];
    const hidden = view.int('hidden_size', 0) || view.shape(2, 3)[2];
    const directions = view.text('direction', 'forward') === 'bidirectional' ? 2 : 1;
    const state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
    const all = batchFirst ? [batch, sequence, directions, hidden] : [sequence, directions, batch, hidden];
    return [{ shape: all }, ...Array.from({ length: states }, () => ({ shape: state }))];
  };
}

const attention: Rule = (view) => {
  const [q, v] = [view.shape(0, 3), view.shape(2, 3)];
  if (view.outputCount > 1) throw new NotKnown('an Attention returns its cache as well');
  if (q.length === 4) return { shape: [...q.slice(0, 3), v[3]] };
  const heads = view.int('q_num_heads', 1);
  return { shape: [q[0], q[1], (heads * v[2]) / view.int('kv_num_heads', heads)] };
};

const dynamicQuantize: Rule = (view) => [
  { shape: view.shape(0), type: DATA_TYPE.uint8 },
  { shape: [], type: FLOAT },
  { shape: [], type: DATA_TYPE.uint8 },
];

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
