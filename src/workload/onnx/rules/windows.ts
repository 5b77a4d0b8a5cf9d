/** Shape rules of convolutions, pooling and resizing. */
import { DATA_TYPE } from '../model.ts';
import type { NodeView } from '../node-view.ts';
import type { Rule } from './rule.ts';
import { shapeText } from '../tensor.ts';

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

export function convolution(weights: number): Rule {
  return (view) => {
    const shape = view.shape(0, 3);
    const [filters, , ...kernel] = view.shape(weights, 3);
    return { shape: [shape[0], filters, ...windowOf(view, shape.slice(2), kernel).outputs] };
  };
}

export const convolutionTransposed: Rule = (view) => {
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

export const pool: Rule = (view) => {
  const shape = view.shape(0, 3);
  const kernel = view.ints('kernel_shape') ?? view.fail('has no kernel_shape');
  const result = [...shape.slice(0, 2), ...windowOf(view, shape.slice(2), kernel).outputs];
  return view.node.outputs.map((_, i) => ({ shape: result, type: i === 0 ? undefined : DATA_TYPE.int64 }));
};

export const globalPool: Rule = (view) => {
  const shape = view.shape(0, 2);
  return { shape: shape.map((extent, axis) => (axis < 2 ? extent : 1)) };
};

export const resize: Rule = (view) => {
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

export const depthToSpace: Rule = (view) => {
  const [n, c, h, w] = view.shape(0, 4);
  const block = view.int('blocksize', 1);
  return { shape: [n, c / block ** 2, h * block, w * block] };
};

export const spaceToDepth: Rule = (view) => {
  const [n, c, h, w] = view.shape(0, 4);
  const block = view.int('blocksize', 1);
  return { shape: [n, c * block ** 2, h / block, w / block] };
};
