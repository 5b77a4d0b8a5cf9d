/** What is known of a value before anything runs: its shape, and its elements where they follow from shapes alone. */
import { MAX_VALUES } from './decode.ts';
import { DATA_TYPE } from './model.ts';

export interface TensorInfo {
  /** `TensorProto.DataType`; 0 where nothing says. */
  readonly type: number;
  readonly shape: readonly number[];
  /** Row-major, at most `MAX_VALUES`; booleans as 0 and 1. */
  readonly values?: readonly number[];
  /** It depends on no data that the model reads: a weight, or what follows from weights and shapes. */
  readonly constant: boolean;
}

/** A value whose shape is not known. */
export interface Unknown {
  /** Why, as a clause. */
  readonly reason: string;
  /** What the user could do about it. */
  readonly suggestion?: string;
}

export type Value = TensorInfo | Unknown;

export function isKnown(value: Value): value is TensorInfo {
  return 'shape' in value;
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function isFloat(type: number): boolean {
  return type === DATA_TYPE.float || type === DATA_TYPE.float16 || type === DATA_TYPE.double;
}

/** `[2, 3]`. */
export function shapeText(shape: readonly (number | string)[]): string {
  return `[${shape.map((extent) => (extent === '' ? '?' : extent)).join(', ')}]`;
}

/** Row-major strides. */
export function strides(shape: readonly number[]): number[] {
  const steps = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1] * shape[axis + 1];
  return steps;
}

/** The shape both broadcast to, by NumPy's rules; undefined if they do not fit. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly number[], axis: number): number => shape[axis - rank + shape.length] ?? 1;
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [x, y] = [at(a, axis), at(b, axis)];
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/**
 * Elements of a result of the given shape, each taken from `values` at the place that `source` gives for its coordinates.
 * Undefined if the values are not known or the result is large.
 */
export function gatherValues(
  values: readonly number[] | undefined,
  shape: readonly number[],
  source: (coordinates: readonly number[]) => number,
): number[] | undefined {
  const count = elements(shape);
  if (!values || count > MAX_VALUES) return undefined;
  const steps = strides(shape);
  return Array.from({ length: count }, (_, i) => {
    const coordinates = shape.map((extent, axis) => Math.floor(i / steps[axis]) % extent);
    return values[source(coordinates)];
  });
}

/** Elements of `tensor` broadcast to a shape. */
export function broadcastValues(tensor: TensorInfo, shape: readonly number[]): number[] | undefined {
  const steps = strides(tensor.shape);
  const lead = shape.length - tensor.shape.length;
  return gatherValues(tensor.values, shape, (coordinates) =>
    tensor.shape.reduce(
      (at, extent, axis) => at + (extent === 1 ? 0 : coordinates[lead + axis] * steps[axis]),
      0,
    ),
  );
}

/** Elements of a shape, all of one value; undefined if there are many. */
export function filled(shape: readonly number[], value: number): number[] | undefined {
  const count = elements(shape);
  return count <= MAX_VALUES ? Array.from({ length: count }, () => value) : undefined;
}
