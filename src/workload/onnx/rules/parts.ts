/** Shape rules of operators that take parts of tensors, or join them. */
import { MAX_VALUES } from '../decode.ts';
import { DATA_TYPE } from '../model.ts';
import type { Rule } from './rule.ts';
import { gatherValues, shapeText, strides } from '../tensor.ts';

export const slice: Rule = (view) => {
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

export const gather: Rule = (view) => {
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

export const gatherNd: Rule = (view) => {
  const [data, indices] = [view.shape(0, 1), view.shape(1, 1)];
  const batch = view.int('batch_dims', 0);
  return { shape: [...indices.slice(0, -1), ...data.slice(batch + indices.at(-1)!)] };
};

export const concat: Rule = (view) => {
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

export const split: Rule = (view) => {
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

export const pad: Rule = (view) => {
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

export const topK: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.axis(view.int('axis', -1), shape.length);
  const [k] = view.valuesOr(1, 'k') ?? [];
  const result = shape.with(axis, k ?? view.fail('has no k'));
  return [{ shape: result }, { shape: result, type: DATA_TYPE.int64 }];
};

export const oneHot: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.int('axis', -1);
  const at = view.axis(axis, shape.length + 1);
  return { shape: shape.toSpliced(at, 0, view.values(1)[0]), type: view.input(2).type };
};
