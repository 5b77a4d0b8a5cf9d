/** Writes small ONNX models for tests: only the fields they need, with protobuf's own writer. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export const FLOAT = 1;
export const INT64 = 7;

type AttributeValue = number | readonly number[] | string | TensorSpec;

export interface TensorSpec {
  readonly name?: string;
  readonly type?: number;
  readonly shape: readonly number[];
  /** Written as raw data; a FLOAT tensor without values has no data, as one stripped of it. */
  readonly values?: readonly number[];
  readonly raw?: Uint8Array;
  readonly external?: boolean;
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface ModelSpec {
  readonly opset?: number;
  readonly inputs?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly weights?: readonly TensorSpec[];
  readonly nodes: readonly NodeSpec[];
  /** Shapes the file states for other values. */
  readonly stated?: Readonly<Record<string, readonly (number | string)[]>>;
  /** Values it hands out, with their shapes. */
  readonly outputs?: Readonly<Record<string, readonly (number | string)[]>>;
}

type Message = (writer: BinaryWriter) => void;

function message(write: Message): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function int(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function child(writer: BinaryWriter, field: number, write: Message): void {
  writer.tag(field, WireType.LengthDelimited).bytes(message(write));
}

function tensor({ name, type = FLOAT, shape, values, raw, external }: TensorSpec): Message {
  return (writer) => {
    for (const extent of shape) int(writer, 1, extent);
    int(writer, 2, type);
    if (name !== undefined) text(writer, 8, name);
    const data = raw ?? (values && bytesOf(values, type));
    if (data) writer.tag(9, WireType.LengthDelimited).bytes(data);
    if (external) int(writer, 14, 1);
  };
}

function bytesOf(values: readonly number[], type: number): Uint8Array {
  const array =
    type === INT64 ? new BigInt64Array(values.map((value) => BigInt(value))) : new Float32Array(values);
  return new Uint8Array(array.buffer);
}

function valueInfo(name: string, shape: readonly (number | string)[], type = FLOAT): Message {
  return (writer) => {
    text(writer, 1, name);
    child(writer, 2, (typeWriter) =>
      child(typeWriter, 1, (tensorType) => {
        int(tensorType, 1, type);
        child(tensorType, 2, (shapeWriter) => {
          for (const extent of shape) child(shapeWriter, 1, (dim) => writeExtent(dim, extent));
        });
      }),
    );
  };
}

function writeExtent(dim: BinaryWriter, extent: number | string): void {
  if (typeof extent === 'number') int(dim, 1, extent);
  else if (extent !== '') text(dim, 2, extent);
}

const TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 };

function attribute(name: string, value: AttributeValue): Message {
  return (writer) => {
    text(writer, 1, name);
    if (typeof value === 'string') {
      text(writer, 4, value);
      int(writer, 20, TYPE.string);
    } else if (typeof value === 'number') {
      int(writer, 3, value);
      int(writer, 20, TYPE.int);
    } else if ('shape' in value) {
      child(writer, 5, tensor(value));
      int(writer, 20, TYPE.tensor);
    } else {
      for (const item of value) int(writer, 8, item);
      int(writer, 20, TYPE.ints);
    }
  };
}

function node({
  op,
  inputs = [],
  outputs = [`${op}_out`],
  name = '',
  domain,
  attributes = {},
}: NodeSpec): Message {
  return (writer) => {
    for (const input of inputs) text(writer, 1, input);
    for (const output of outputs) text(writer, 2, output);
    text(writer, 3, name);
    text(writer, 4, op);
    for (const [key, value] of Object.entries(attributes)) child(writer, 5, attribute(key, value));
    if (domain !== undefined) text(writer, 7, domain);
  };
}

/** The bytes of a model. A node without outputs makes `<op>_out`. */
export function onnxModel({
  opset = 17,
  inputs = {},
  weights = [],
  nodes,
  stated = {},
  outputs = {},
}: ModelSpec): Uint8Array {
  return message((writer) => {
    int(writer, 1, 8);
    text(writer, 2, 'test');
    child(writer, 7, (graph) => {
      for (const spec of nodes) child(graph, 1, node(spec));
      text(graph, 2, 'graph');
      for (const spec of weights) child(graph, 5, tensor(spec));
      for (const [name, shape] of Object.entries(inputs)) child(graph, 11, valueInfo(name, shape));
      for (const [name, shape] of Object.entries(outputs)) child(graph, 12, valueInfo(name, shape));
      for (const [name, shape] of Object.entries(stated)) child(graph, 13, valueInfo(name, shape));
    });
    child(writer, 8, (set) => {
      text(set, 1, '');
      int(set, 2, opset);
    });
  });
}
