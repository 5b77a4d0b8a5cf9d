/** An ONNX model as far as its shapes need it: nodes, types, small constants. Weights are not among them. */

/** `TensorProto.DataType`, those that values are read of. */
export const DATA_TYPE = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
};

export interface OnnxTensor {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  /** Row-major, booleans as 0 and 1; undefined if there are many, the type is no number's or the data is external. */
  readonly values?: readonly number[];
}

/** One of the lists holds the value; a single integer, float or string is a list of one. Graphs are left out. */
export interface Attribute {
  readonly name: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
  readonly tensor?: OnnxTensor;
}

export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Names of values; empty where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A number, or the name of a dynamic dimension; empty if the file says nothing. */
export type Extent = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly type: number;
  /** Undefined for a value of unknown rank, or that is no tensor. */
  readonly extents?: readonly Extent[];
}

export interface OnnxModel {
  /** Path, for messages. */
  readonly file: string;
  /** In an order in which each follows what it reads. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly ValueInfo[];
  /** Names of the values it hands out. */
  readonly outputs: readonly string[];
  /** Outputs and values in between whose types the file states. */
  readonly stated: readonly ValueInfo[];
}
