/** A node as a shape rule sees it: attributes with defaults, inputs with what is known of them. */
import { InputError } from '../../spec/errors.ts';
import type { OnnxNode, OnnxTensor } from './model.ts';
import { type TensorInfo, type Value, isKnown, shapeText } from './tensor.ts';

/** A rule needs what is not known; the node's outputs are then unknown for the same reason. */
export class NotKnown extends Error {
  readonly suggestion?: string;

  constructor(reason: string, suggestion?: string) {
    super(reason);
    this.suggestion = suggestion;
  }
}

/** `node 'conv1' (Conv)`. */
export function nodeText({ name, operator, outputs }: OnnxNode): string {
  return name === '' ? `the ${operator} that makes '${outputs[0] ?? ''}'` : `node '${name}' (${operator})`;
}

export class NodeView {
  readonly node: OnnxNode;
  readonly #inputs: readonly (Value | undefined)[];

  /** `inputs` in the node's order; undefined where an optional one is left out. */
  constructor(node: OnnxNode, inputs: readonly (Value | undefined)[]) {
    this.node = node;
    this.#inputs = inputs;
  }

  get inputCount(): number {
    return this.#inputs.length;
  }

  get outputCount(): number {
    return this.node.outputs.length;
  }

  /** True if no input that is there depends on an input of the model. */
  get isConstant(): boolean {
    return this.#inputs.every((value) => value === undefined || (isKnown(value) && value.constant));
  }

  has(index: number): boolean {
    return this.#inputs[index] !== undefined;
  }

  /** Throws `NotKnown`, and `InputError` if the node has no such input. */
  input(index: number): TensorInfo {
    const value = this.#inputs[index];
    if (value === undefined) return this.fail(`has no input ${index + 1}`);
    if (isKnown(value)) return value;
    throw new NotKnown(value.reason, value.suggestion);
  }

  /** All inputs that are there. */
  get inputs(): TensorInfo[] {
    return this.#inputs.flatMap((value, index) => (value ? [this.input(index)] : []));
  }

  shape(index: number, rank?: number): readonly number[] {
    const { shape } = this.input(index);
    if (rank !== undefined && shape.length < rank) {
      this.fail(
        `has an input '${this.node.inputs[index]}' of shape ${shapeText(shape)}`,
        `rank ${rank} or more`,
      );
    }
    return shape;
  }

  /** The elements of an input. Throws `NotKnown` if they follow from data. */
  values(index: number): readonly number[] {
    const { values } = this.input(index);
    if (values) return values;
    const name = this.node.inputs[index];
    throw new NotKnown(`the shape that ${nodeText(this.node)} makes depends on the data of '${name}'`);
  }

  /** The values of an input or else of an attribute: axes and the like moved from one to the other. */
  valuesOr(index: number, attribute: string): readonly number[] | undefined {
    return this.has(index) ? this.values(index) : this.ints(attribute);
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute && attribute.ints.length > 0 ? attribute.ints : undefined;
  }

  int(name: string, fallback: number): number {
    return this.ints(name)?.[0] ?? fallback;
  }

  floats(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute && attribute.floats.length > 0 ? attribute.floats : undefined;
  }

  text(name: string, fallback: string): string {
    return this.node.attributes.get(name)?.strings[0] ?? fallback;
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.node.attributes.get(name)?.tensor;
  }

  /** An axis counted from the front; `rank` axes there are. */
  axis(axis: number, rank: number): number {
    const found = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(found) && found >= 0 && found < rank) return found;
    return this.fail(`has axis ${axis}`, `an axis of ${rank}`);
  }

  /** Throws `InputError` that names the node. */
  fail(message: string, expected?: string, suggestion?: string): never {
    throw new InputError({ message: `${nodeText(this.node)} ${message}`, expected, suggestion });
  }
}
