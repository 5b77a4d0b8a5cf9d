/** Shape rules of products, attention and recurrent operators. */
import { type NodeView, NotKnown } from '../node-view.ts';
import type { Rule } from './rule.ts';
import { broadcast, shapeText } from '../tensor.ts';

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

export function matMul(b: number, type?: number): Rule {
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

export const gemm: Rule = (view) => {
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

export const einsum: Rule = (view) => {
  const { result, extents } = subscriptsOf(view);
  return { shape: result.map((letter) => extents.get(letter)!) };
};

/** X is [sequence, batch, input]; outputs carry the direction's axis. */
export function recurrent(states: number): Rule {
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

export const attention: Rule = (view) => {
  const [q, v] = [view.shape(0, 3), view.shape(2, 3)];
  if (view.outputCount > 1) throw new NotKnown('an Attention returns its cache as well');
  if (q.length === 4) return { shape: [...q.slice(0, 3), v[3]] };
  const heads = view.int('q_num_heads', 1);
  return { shape: [q[0], q[1], (heads * v[2]) / view.int('kv_num_heads', heads)] };
};
