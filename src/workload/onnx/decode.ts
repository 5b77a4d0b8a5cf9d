/** Reads an ONNX file: protobuf messages by their field numbers (onnx.proto3). Weights are skipped, not copied. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { InputError } from '../../spec/errors.ts';
import { readBytes } from '../../spec/source.ts';
import type { Attribute, Extent, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from './model.ts';
import { DATA_TYPE } from './model.ts';

/** Protobuf's own limit of a message, bytes. Larger models keep their weights in other files. */
const MAX_MODEL_BYTES = 2 ** 31 - 2;
/** Elements of a constant whose values are read: axes, shapes, scales. */
export const MAX_VALUES = 1024;
/** Before version 7 elementwise operators broadcast by attributes; versions after the newest are not known here. */
const OLDEST_OPSET = 7;
const NEWEST_OPSET = 26;

/** Reads a model. Throws `InputError` if the file is missing, damaged, no ONNX model, or of an unknown version. */
export function readOnnx(path: string): OnnxModel {
  return decodeOnnx(readBytes(path, MAX_MODEL_BYTES), path);
}

/** The model that the bytes hold; `file` is the name for messages. Throws `InputError`. */
export function decodeOnnx(bytes: Uint8Array, file: string): OnnxModel {
  const draft: ModelDraft = { irVersion: 0, opsets: new Map() };
  try {
    readModel(bytes, draft);
  } catch (error) {
    if (error instanceof InputError) throw atFile(file, error);
    throw damaged(file, bytes, draft, error as Error);
  }
  if (!draft.graph || draft.irVersion < 1) throw notOnnx(file, bytes, 'it has no version or no graph');
  checkOpset(file, draft.opsets.get(''));
  const { graph } = draft;
  if (graph.nodes.length === 0)
    throw new InputError({ message: `${file}: the graph has no nodes`, expected: 'a network' });
  return { file, ...graph };
}

interface ModelDraft {
  irVersion: number;
  readonly opsets: Map<string, number>;
  graph?: Graph;
}

type Graph = Omit<OnnxModel, 'file'>;

function atFile(file: string, { diagnostics }: InputError): InputError {
  return new InputError(
    diagnostics.map((diagnostic) => ({ ...diagnostic, message: `${file}: ${diagnostic.message}` })),
  );
}

/** The reader throws RangeError where a message ends early, Error for what cannot stand there. */
function damaged(file: string, bytes: Uint8Array, draft: ModelDraft, error: Error): InputError {
  if (draft.irVersion < 1) return notOnnx(file, bytes, error.message);
  const what =
    error instanceof RangeError ? 'ends in the middle of a message' : `is damaged: ${error.message}`;
  return new InputError({
    message: `${file}: the ONNX model ${what}`,
    expected: 'a complete protobuf message',
    suggestion: 'copy or export the file again',
  });
}

function notOnnx(file: string, bytes: Uint8Array, reason: string): InputError {
  const start = new TextDecoder().decode(bytes.subarray(0, 40));
  const pointer = start.startsWith('version https://git-lfs');
  return new InputError({
    message:
      bytes.length === 0
        ? `${file}: the file is empty`
        : `${file}: the file is not an ONNX model (${reason})`,
    expected: 'a serialised ModelProto, as torch.onnx.export or onnx.save write it',
    suggestion: pointer ? "it is a pointer of Git LFS; 'git lfs pull' fetches the model" : undefined,
  });
}

function checkOpset(file: string, version: number | undefined): void {
  if (version !== undefined && version >= OLDEST_OPSET && version <= NEWEST_OPSET) return;
  const found = version === undefined ? 'names no operator set' : `uses operator set ${version}`;
  throw new InputError({
    message: `${file}: the model ${found}`,
    expected: `an operator set of ONNX from ${OLDEST_OPSET} to ${NEWEST_OPSET}`,
    suggestion:
      version === undefined
        ? 'the file may be cut off; copy or export it again'
        : "onnx.version_converter, or the exporter's opset_version, writes another one",
  });
}

/** One field of a message, positioned at its content. */
class Field {
  readonly #reader: BinaryReader;
  readonly #wire: WireType;

  constructor(reader: BinaryReader, wire: WireType) {
    this.#reader = reader;
    this.#wire = wire;
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    this.#expect(WireType.LengthDelimited);
    return this.#reader.bytes();
  }

  text(): string {
    this.#expect(WireType.LengthDelimited);
    return this.#reader.string();
  }

  int(): number {
    this.#expect(WireType.Varint);
    return Number(this.#reader.int64());
  }

  float(): number {
    this.#expect(WireType.Bit32);
    return this.#reader.float();
  }

  /** The next of a repeated field: one number, or a packed list. */
  numbers(wire: WireType, read: (reader: BinaryReader) => number | bigint | string): number[] {
    if (this.#wire === wire) return [Number(read(this.#reader))];
    const packed = new BinaryReader(this.bytes());
    const list: number[] = [];
    // Lists longer than that are weights.
    while (packed.pos < packed.len && list.length <= MAX_VALUES) list.push(Number(read(packed)));
    return list;
  }

  ints(): number[] {
    return this.numbers(WireType.Varint, (reader) => reader.int64());
  }

  floats(): number[] {
    return this.numbers(WireType.Bit32, (reader) => reader.float());
  }

  #expect(wire: WireType): void {
    if (this.#wire !== wire) throw new Error(`wire type ${this.#wire} where ${wire} belongs`);
  }
}

type Handlers = Readonly<Record<number, (field: Field) => void>>;

/** Calls the handler of each field in turn; fields without one are skipped. */
function readFields(bytes: Uint8Array, handlers: Handlers): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const handler = handlers[number];
    if (handler) handler(new Field(reader, wire));
    else reader.skip(wire, number);
    if (reader.pos > reader.len) throw new RangeError('premature EOF');
  }
}

function readModel(bytes: Uint8Array, draft: ModelDraft): void {
  readFields(bytes, {
    1: (field) => (draft.irVersion = field.int()),
    7: (field) => (draft.graph = readGraph(field.bytes())),
    8: (field) => {
      const { domain, version } = readOpset(field.bytes());
      draft.opsets.set(ownDomain(domain), version);
    },
  });
}

/** ONNX's own operators may be written with their domain. */
function ownDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function readOpset(bytes: Uint8Array): { domain: string; version: number } {
  const opset = { domain: '', version: 0 };
  readFields(bytes, {
    1: (field) => (opset.domain = field.text()),
    2: (field) => (opset.version = field.int()),
  });
  return opset;
}

function readGraph(bytes: Uint8Array): Graph {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: ValueInfo[] = [];
  const stated: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  readFields(bytes, {
    1: (field) => nodes.push(readNode(field.bytes())),
    5: (field) => initializers.push(readTensor(field.bytes())),
    11: (field) => inputs.push(readValueInfo(field.bytes())),
    12: (field) => outputs.push(readValueInfo(field.bytes())),
    13: (field) => stated.push(readValueInfo(field.bytes())),
    15: (field) => initializers.push(readSparse(field.bytes())),
  });
  const named = outputs.map(({ name }) => name);
  return { nodes, initializers, inputs, outputs: named, stated: [...outputs, ...stated] };
}

function readNode(bytes: Uint8Array): OnnxNode {
  const node = { name: '', operator: '', domain: '' };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  readFields(bytes, {
    1: (field) => inputs.push(field.text()),
    2: (field) => outputs.push(field.text()),
    3: (field) => (node.name = field.text()),
    4: (field) => (node.operator = field.text()),
    5: (field) => {
      const attribute = readAttribute(field.bytes());
      attributes.set(attribute.name, attribute);
    },
    7: (field) => (node.domain = ownDomain(field.text())),
  });
  return { ...node, inputs, outputs, attributes };
}

const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3 };

function readAttribute(bytes: Uint8Array): Attribute {
  let name = '';
  let type = 0;
  let tensor: OnnxTensor | undefined;
  const ints: number[] = [];
  const floats: number[] = [];
  const strings: string[] = [];
  readFields(bytes, {
    1: (field) => (name = field.text()),
    2: (field) => floats.push(field.float()),
    3: (field) => ints.push(field.int()),
    4: (field) => strings.push(field.text()),
    5: (field) => (tensor = readTensor(field.bytes())),
    7: (field) => floats.push(...field.floats()),
    8: (field) => ints.push(...field.ints()),
    9: (field) => strings.push(field.text()),
    20: (field) => (type = field.int()),
  });
  // Writers of proto3 leave out a zero.
  if (type === ATTRIBUTE_TYPE.int && ints.length === 0) ints.push(0);
  if (type === ATTRIBUTE_TYPE.float && floats.length === 0) floats.push(0);
  if (type === ATTRIBUTE_TYPE.string && strings.length === 0) strings.push('');
  return { name, ints, floats, strings, tensor };
}

function readTensor(bytes: Uint8Array): OnnxTensor {
  const header = { name: '', type: 0, external: false };
  const shape: number[] = [];
  const numbers: number[] = [];
  const append = (more: readonly number[]): void => {
    if (numbers.length <= MAX_VALUES) numbers.push(...more);
  };
  let raw: Uint8Array | undefined;
  readFields(bytes, {
    1: (field) => shape.push(...field.ints()),
    2: (field) => (header.type = field.int()),
    4: (field) => append(field.floats()),
    5: (field) => append(field.ints()),
    7: (field) => append(field.ints()),
    8: (field) => (header.name = field.text()),
    9: (field) => (raw = field.bytes()),
    10: (field) => append(field.numbers(WireType.Bit64, (reader) => reader.double())),
    14: (field) => (header.external = field.int() === 1),
  });
  const { name, type, external } = header;
  const elements = shape.reduce((product, extent) => product * extent, 1);
  if (shape.some((extent) => extent < 0) || !Number.isSafeInteger(elements)) {
    throw new InputError({ message: `tensor '${name}' has the shape [${shape.join(', ')}]` });
  }
  if (external) return { name, type, shape };
  const data = raw && raw.length > 0 ? rawValues(name, type, elements, raw) : numbers;
  return {
    name,
    type,
    shape,
    values: data?.length === elements && elements <= MAX_VALUES ? data : undefined,
  };
}

/** Bytes of an element and its reader, by data type. */
const RAW: Readonly<Record<number, readonly [number, (view: DataView, at: number) => number]>> = {
  [DATA_TYPE.float]: [4, (view, at) => view.getFloat32(at, true)],
  [DATA_TYPE.double]: [8, (view, at) => view.getFloat64(at, true)],
  [DATA_TYPE.int32]: [4, (view, at) => view.getInt32(at, true)],
  [DATA_TYPE.int64]: [8, (view, at) => Number(view.getBigInt64(at, true))],
  [DATA_TYPE.uint8]: [1, (view, at) => view.getUint8(at)],
  [DATA_TYPE.int8]: [1, (view, at) => view.getInt8(at)],
  [DATA_TYPE.bool]: [1, (view, at) => view.getUint8(at)],
};

function rawValues(name: string, type: number, elements: number, raw: Uint8Array): number[] | undefined {
  const form = RAW[type];
  if (!form) return undefined;
  const [size, read] = form;
  if (raw.length !== elements * size) {
    throw new InputError({
      message: `tensor '${name}' has ${raw.length} bytes of data`,
      expected: `${elements * size} bytes for its shape`,
    });
  }
  if (elements > MAX_VALUES) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: elements }, (_, i) => read(view, i * size));
}

/** A sparse tensor is its name, which its values carry, and its full shape. */
function readSparse(bytes: Uint8Array): OnnxTensor {
  let values: OnnxTensor = { name: '', type: 0, shape: [] };
  const shape: number[] = [];
  readFields(bytes, {
    1: (field) => (values = readTensor(field.bytes())),
    3: (field) => shape.push(...field.ints()),
  });
  return { name: values.name, type: values.type, shape };
}

function readValueInfo(bytes: Uint8Array): ValueInfo {
  let name = '';
  let type: Omit<ValueInfo, 'name'> = { type: 0 };
  readFields(bytes, {
    1: (field) => (name = field.text()),
    2: (field) => readFields(field.bytes(), { 1: (tensor) => (type = readTensorType(tensor.bytes())) }),
  });
  return { name, ...type };
}

function readTensorType(bytes: Uint8Array): Omit<ValueInfo, 'name'> {
  let type = 0;
  let extents: Extent[] | undefined;
  readFields(bytes, {
    1: (field) => (type = field.int()),
    2: (field) => {
      const list: Extent[] = [];
      readFields(field.bytes(), { 1: (dim) => list.push(readExtent(dim.bytes())) });
      extents = list;
    },
  });
  return { type, extents };
}

function readExtent(bytes: Uint8Array): Extent {
  let extent: Extent = '';
  readFields(bytes, {
    1: (field) => (extent = field.int()),
    2: (field) => (extent = field.text()),
  });
  return extent;
}
