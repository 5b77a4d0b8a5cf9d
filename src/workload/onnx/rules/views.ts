/** Shape rules of operators that keep the elements and change shape, order or repetition. */
import type { Rule } from './rule.ts';
import { broadcast, broadcastValues, elements, gatherValues, shapeText, strides } from '../tensor.ts';

export const reshape: Rule = (view) => {
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

export const flatten: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.int('axis', 1);
  const cut = axis === shape.length ? axis : view.axis(axis, shape.length);
  return { shape: [elements(shape.slice(0, cut)), elements(shape.slice(cut))], values: view.input(0).values };
};

export const squeeze: Rule = (view) => {
  const { shape, values } = view.input(0);
  const axes = view.valuesOr(1, 'axes')?.map((axis) => view.axis(axis, shape.length));
  const wrong = axes?.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) view.fail(`removes axis ${wrong} of ${shapeText(shape)}`, 'an axis of extent 1');
  return { shape: shape.filter((extent, axis) => (axes ? !axes.includes(axis) : extent !== 1)), values };
};

export const unsqueeze: Rule = (view) => {
  const { shape, values } = view.input(0);
  const given = view.valuesOr(1, 'axes') ?? [];
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => view.axis(axis, rank)));
  if (axes.size < given.length) view.fail(`inserts an axis twice: ${given.join(', ')}`);
  const rest = [...shape];
  return { shape: Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : rest.shift()!)), values };
};

export const transpose: Rule = (view) => {
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

export const expand: Rule = (view) => {
  const tensor = view.input(0);
  const wanted = view.values(1);
  const shape = broadcast(tensor.shape, wanted);
  if (shape) return { shape, values: broadcastValues(tensor, shape) };
  return view.fail(`expands ${shapeText(tensor.shape)} to ${shapeText(wanted)}`, 'shapes that broadcast');
};

export const tile: Rule = (view) => {
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
