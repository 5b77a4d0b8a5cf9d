/** Shape rules of reductions and normalisations. */
import { DATA_TYPE } from '../model.ts';
import type { Rule } from './rule.ts';

export function reduce(combine?: (a: number, b: number) => number, type?: number): Rule {
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

export const argReduce: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.axis(view.int('axis', 0), shape.length);
  return { shape: reduced(shape, [axis], view.int('keepdims', 1) === 1), type: DATA_TYPE.int64 };
};

/** The first output has the input's shape, statistics along the normalised axes follow. */
export const layerNorm: Rule = (view) => {
  const shape = view.shape(0);
  const axis = view.axis(view.int('axis', -1), shape.length);
  const statistics = shape.map((extent, i) => (i < axis ? extent : 1));
  return view.node.outputs.map((_, i) => ({ shape: i === 0 ? shape : statistics }));
};

/** Running statistics have the scale's shape. */
export const batchNorm: Rule = (view) =>
  view.node.outputs.map((_, i) => ({ shape: i === 0 ? view.shape(0, 2) : view.shape(1) }));
