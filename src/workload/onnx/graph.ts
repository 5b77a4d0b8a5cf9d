/** Goes through a graph once, in order: the shape of every value, the layers, and what is left out. */
import { InputError } from '../../spec/errors.ts';
import type { Variables } from '../../spec/expression.ts';
import { readLayer } from '../shorthand.ts';
import type { Activation } from '../activations.ts';
import type { Layer, NotCosted } from '../workload.ts';
import { AttentionRoles } from './attention.ts';
import { inputShapes, statedShape } from './dims.ts';
import { FlowTracer } from './flow.ts';
import type { OnnxModel, OnnxNode, ValueInfo } from './model.ts';
import { NodeView, NotKnown, nodeText } from './node-view.ts';
import { LAYER_RULES, type LayerText, type Uncosted } from './products.ts';
import type { Result } from './rules/rule.ts';
import { SHAPE_RULES } from './shapes.ts';
import { type Unknown, type Value, elements, isKnown, shapeText } from './tensor.ts';

export interface GraphContents {
  readonly layers: readonly Layer[];
  readonly activations: readonly Activation[];
  readonly notCosted: readonly NotCosted[];
}

/**
 * The layers of a model in its order, for the given values of its dynamic dimensions.
 * Throws `InputError` if a dimension has no value, shapes contradict each other, a layer's shape cannot be found, or
 * there is no layer.
 */
export function readGraph(model: OnnxModel, dims: Variables): GraphContents {
  const shapes = new ShapeTable(model, dims);
  const roles = new AttentionRoles(model.nodes);
  const names = new Map<string, number>();
  const layers: Layer[] = [];
  const left = new Map<string, NotCosted>();
  const flow = new FlowTracer();
  for (const node of model.nodes) {
    atNode(model, () => {
      const inputs = shapes.inputs(node);
      const view = new NodeView(node, inputs);
      const outputs = shapes.add(view);
      if (outputs.every((value) => isKnown(value) && value.constant)) return;
      const product = productsOf(view, roles);
      if (product !== undefined && !('macs' in product)) {
        for (const layer of product) {
          layers.push(readNodeLayer(layer, nameOf(node, layer, layers.length + 1, names)));
        }
        if (product.length === 1) flow.layer(node, layers.length - 1, layers[layers.length - 1], inputs);
        else flow.other(node, layers, inputs, []);
        return;
      }
      flow.other(node, layers, inputs, outputs);
      if (!VIEWS.has(node.operator)) {
        leaveOut(left, node, product ? { amount: product.macs, unit: 'MACs' } : operationsOf(view, outputs));
      }
    });
  }
  const notCosted = [...left.values()].toSorted((a, b) => b.operations - a.operations);
  if (layers.length === 0) throw noLayers(model, notCosted);
  for (const name of model.outputs) flow.output(name);
  return { layers, activations: flow.activations(layers), notCosted };
}

/** The file's name goes before the message; what is not known by now is an error. */
function atNode(model: OnnxModel, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      error.diagnostics.map(({ message, expected, suggestion }) => ({
        message: `${model.file}: ${message}`,
        expected,
        suggestion,
      })),
    );
  }
}

function noLayers({ file }: OnnxModel, notCosted: readonly NotCosted[]): InputError {
  const found = notCosted.map(({ operator }) => operator).slice(0, 12);
  return new InputError({
    message: `${file}: no node of the graph is a layer`,
    expected: `some of ${[...LAYER_RULES.keys()].join(', ')}${found.length > 0 ? `; found ${found.join(', ')}` : ''}`,
  });
}

/** Everything known of the graph's values so far. */
class ShapeTable {
  readonly #dims: Variables;
  readonly #stated: ReadonlyMap<string, ValueInfo>;
  readonly #values = new Map<string, Value>();

  constructor(model: OnnxModel, dims: Variables) {
    this.#dims = dims;
    this.#stated = new Map(model.stated.map((info) => [info.name, info]));
    for (const { name, type, shape, values } of model.initializers) {
      this.#values.set(name, { type, shape, values, constant: true });
    }
    const shapes = inputShapes(model, dims);
    for (const { name, type } of model.inputs) {
      if (this.#values.has(name)) continue;
      const shape = shapes.get(name);
      this.#values.set(
        name,
        shape
          ? { type, shape, constant: false }
          : { reason: `the file states no shape for the input '${name}'` },
      );
    }
  }

  inputs(node: OnnxNode): (Value | undefined)[] {
    return node.inputs.map((name) => {
      if (name === '') return undefined;
      const value = this.#values.get(name);
      if (value) return value;
      throw new InputError({
        message: `${nodeText(node)} reads '${name}', which no input, initializer or node before it makes`,
        expected: 'a graph in topological order',
      });
    });
  }

  /** Infers and keeps the node's outputs. */
  add(view: NodeView): Value[] {
    const results = infer(view);
    return view.node.outputs.map((name, index) => {
      const inferred = 'reason' in results ? results : known(view, results[index], index);
      const value = this.#reconcile(view.node, name, inferred);
      if (name !== '') this.#values.set(name, value);
      return value;
    });
  }

  /** What the file states fills what is not known, and must not contradict what is. */
  #reconcile(node: OnnxNode, name: string, inferred: Value): Value {
    const info = this.#stated.get(name);
    const stated = info && statedShape(info, this.#dims);
    if (!info || !stated) return inferred;
    if (isKnown(inferred)) {
      const agrees = (extent: number, axis: number): boolean => extent < 1 || extent === inferred.shape[axis];
      if (stated.length === inferred.shape.length && stated.every(agrees)) return inferred;
      throw new InputError({
        message: `${nodeText(node)} makes '${name}' of shape ${shapeText(inferred.shape)}`,
        expected: `${shapeText(info.extents!)}, which the file states`,
        suggestion: 'a size stated for a dynamic dimension may be stale: export the model again',
      });
    }
    const open = info.extents!.find((_, axis) => stated[axis] < 0);
    if (open === undefined) return { type: info.type, shape: stated, constant: false };
    const reason = `${inferred.reason}, and the file states ${shapeText(info.extents!)}`;
    return {
      reason,
      suggestion: open === '' ? inferred.suggestion : `give it a size, for example --dim ${open}=128`,
    };
  }
}

function infer(view: NodeView): readonly Result[] | Unknown {
  const { node } = view;
  const rule = node.domain === '' ? SHAPE_RULES.get(node.operator) : undefined;
  if (!rule) return { reason: `${nodeText(node)} has an operator whose shape rule is not known here` };
  try {
    return [rule(view)].flat();
  } catch (error) {
    if (error instanceof NotKnown) return { reason: error.message, suggestion: error.suggestion };
    throw error;
  }
}

function known(view: NodeView, result: Result | undefined, index: number): Value {
  const { node } = view;
  if (!result) return { reason: `${nodeText(node)} has no rule for its output ${index + 1}` };
  const { shape, values, type } = result;
  const valid = shape.every((extent) => Number.isInteger(extent) && extent >= 0);
  if (!valid || !Number.isSafeInteger(elements(shape))) {
    view.fail(`makes an output of shape ${shapeText(shape)}`, 'extents from 0, less than 2^53 elements');
  }
  const constant = values !== undefined || view.isConstant;
  return { type: type ?? (view.has(0) ? view.input(0).type : 0), shape, values, constant };
}

// Layers

/** A layer's shape must be known, whatever else is not. */
function productsOf(view: NodeView, roles: AttentionRoles): readonly LayerText[] | Uncosted | undefined {
  const rule = view.node.domain === '' ? LAYER_RULES.get(view.node.operator) : undefined;
  if (!rule) return undefined;
  try {
    return rule(view, roles);
  } catch (error) {
    if (!(error instanceof NotKnown)) throw error;
    return view.fail(
      `cannot be costed: ${error.message}`,
      'the shapes of its inputs',
      error.suggestion ??
        'onnx.shape_inference.infer_shapes, or an export with fixed sizes, writes shapes into the file',
    );
  }
}

function readNodeLayer({ text }: LayerText, name: string): Layer {
  const nowhere = { file: '', line: 1, column: 1, text, length: 1 };
  try {
    const { einsum, count } = readLayer({ text, variables: {}, locate: () => nowhere }, name);
    return { name, count, einsum };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      error.diagnostics.map(({ message, expected }) => ({
        message: `${name} is '${text}': ${message}`,
        expected,
      })),
    );
  }
}

/** The node's name as selectors take it: `/layer1/conv1/Conv` is `layer1.conv1.Conv`. `place` counts layers from 1, `taken` uses of a name. */
function nameOf(
  { name, operator }: OnnxNode,
  { suffix }: LayerText,
  place: number,
  taken: Map<string, number>,
): string {
  const cleaned = name
    .replace(/^[/.\s]+/, '')
    .replaceAll('/', '.')
    .replaceAll(/[^\w.-]+/g, '_');
  const own =
    cleaned === '' ? `${operator}_${place}` : /^[A-Za-z]/.test(cleaned) ? cleaned : `${operator}.${cleaned}`;
  const base = suffix === undefined ? own : `${own}.${suffix}`;
  let copy = (taken.get(base) ?? 0) + 1;
  while (copy > 1 && taken.has(`${base}_${copy}`)) copy++;
  taken.set(base, copy);
  if (copy === 1) return base;
  taken.set(`${base}_${copy}`, 1);
  return `${base}_${copy}`;
}

// What is left out

/** Views of the same elements: nothing is computed or moved. */
const VIEWS = new Set('Identity Reshape Flatten Squeeze Unsqueeze Shape Size Dropout'.split(' '));

interface Operations {
  readonly amount?: number;
  readonly unit: NotCosted['unit'];
}

/** Elements written; of a reduction, which reads more than it writes, elements read. Undefined if not known. */
function operationsOf(view: NodeView, outputs: readonly Value[]): Operations {
  const { operator } = view.node;
  const [first] = outputs;
  const unit = 'elements';
  if (first === undefined || !isKnown(first)) return { unit };
  const written = elements(first.shape);
  if (/^(Max|Average|Lp)Pool$/.test(operator)) {
    return { amount: written * elements(view.ints('kernel_shape') ?? []), unit };
  }
  if (/^(Reduce|Global|Arg)|^TopK$/.test(operator)) return { amount: elements(view.shape(0)), unit };
  return { amount: outputs.filter(isKnown).reduce((sum, output) => sum + elements(output.shape), 0), unit };
}

function leaveOut(
  left: Map<string, NotCosted>,
  { domain, operator }: OnnxNode,
  { amount, unit }: Operations,
): void {
  const name = domain === '' ? operator : `${domain}.${operator}`;
  const before = left.get(name) ?? { operator: name, nodes: 0, unknown: 0, operations: 0, unit };
  left.set(name, {
    ...before,
    nodes: before.nodes + 1,
    unknown: before.unknown + (amount === undefined ? 1 : 0),
    operations: before.operations + (amount ?? 0),
  });
}
