/** Shape rules of operators that make constants, or numbers out of shapes. */
import { DATA_TYPE } from '../model.ts';
import { NotKnown } from '../node-view.ts';
import type { Rule } from './rule.ts';
import { elements, filled } from '../tensor.ts';

export const constant: Rule = (view) => {
  const tensor = view.tensor('value');
  if (tensor) return { shape: tensor.shape, values: tensor.values, type: tensor.type };
  const [int, float] = [view.ints('value_int'), view.floats('value_float')];
  if (int) return { shape: [], values: int, type: DATA_TYPE.int64 };
  if (float) return { shape: [], values: float, type: DATA_TYPE.float };
  const [ints, floats] = [view.ints('value_ints'), view.floats('value_floats')];
  if (ints) return { shape: [ints.length], values: ints, type: DATA_TYPE.int64 };
  if (floats) return { shape: [floats.length], values: floats, type: DATA_TYPE.float };
  throw new NotKnown('a Constant holds no numbers');
};

export const constantOfShape: Rule = (view) => {
  const shape = view.values(0);
  const value = view.tensor('value')?.values?.[0] ?? 0;
  return { shape, values: filled(shape, value), type: view.tensor('value')?.type ?? DATA_TYPE.float };
};

export const shapeOf: Rule = (view) => {
  const shape = view.shape(0);
  const clamp = (at: number): number => Math.min(shape.length, Math.max(0, at < 0 ? at + shape.length : at));
  const values = shape.slice(clamp(view.int('start', 0)), clamp(view.int('end', shape.length)));
  return { shape: [values.length], values, type: DATA_TYPE.int64 };
};

export const size: Rule = (view) => ({ shape: [], values: [elements(view.shape(0))], type: DATA_TYPE.int64 });

export const range: Rule = (view) => {
  const [[start], [limit], [delta]] = [view.values(0), view.values(1), view.values(2)];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isSafeInteger(count)) view.fail(`goes from ${start} to ${limit} in steps of ${delta}`);
  const values = filled([count], 0)?.map((_, i) => start + i * delta);
  return { shape: [count], values };
};
