/** Shape rules of operators that work element by element, with their values where those follow from shapes. */
import { DATA_TYPE } from '../model.ts';
import type { NodeView } from '../node-view.ts';
import type { Rule } from './rule.ts';
import { type TensorInfo, broadcast, broadcastValues, isFloat, shapeText } from '../tensor.ts';

export const same: Rule = (view) => ({ shape: view.shape(0) });

/** Also the operator's further outputs, such as the mask of Dropout. */
export const sameForAll: Rule = (view) => view.node.outputs.map(() => ({ shape: view.shape(0) }));

export function unary(apply: (value: number) => number): Rule {
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
export function elementwise(apply?: (a: number, b: number, type: number) => number, type?: number): Rule {
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

export const compare = (apply: (a: number, b: number) => boolean): Rule =>
  elementwise((a, b) => Number(apply(a, b)), DATA_TYPE.bool);

/** Integers divide towards zero. */
export function divide(a: number, b: number, type: number): number {
  return isFloat(type) ? a / b : Math.trunc(a / b);
}

export const where: Rule = (view) => {
  const [condition, yes, no] = [view.input(0), view.input(1), view.input(2)];
  const shape = broadcastAll(view, [condition, yes, no]);
  const [c, y, n] = [condition, yes, no].map((input) => broadcastValues(input, shape));
  return { shape, values: c && y && n && c.map((test, i) => (test ? y[i] : n[i])), type: yes.type };
};

export const cast: Rule = (view) => {
  const type = view.int('to', 0);
  const convert =
    type === DATA_TYPE.bool ? (value: number) => Number(value !== 0) : isFloat(type) ? Number : Math.trunc;
  return { shape: view.shape(0), values: view.input(0).values?.map((value) => convert(value)), type };
};

export const dynamicQuantize: Rule = (view) => [
  { shape: view.shape(0), type: DATA_TYPE.uint8 },
  { shape: [], type: DATA_TYPE.float },
  { shape: [], type: DATA_TYPE.uint8 },
];
