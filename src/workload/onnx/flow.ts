/** Follows layers' outputs through a graph: which layer reads whose, and what becomes of them on the way. */
import type { Departure, Flow } from '../activations.ts';
import { activationsOf } from '../activations.ts';
import type { Activation } from '../activations.ts';
import { outputIndex, tensorWords } from '../einsum.ts';
import type { Layer } from '../workload.ts';
import type { OnnxNode } from './model.ts';
import { type Value, elements, isKnown } from './tensor.ts';

/** Operators whose every output element follows from one element of each input, or that only rearrange: they work on the fly. */
const ON_THE_FLY = new Set(
  (
    'Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu HardSigmoid HardSwish Sigmoid Tanh Softplus Softsign Mish Gelu ' +
    'Swish Erf Exp Log Sqrt Reciprocal Sin Cos Tan Sign Round Clip Shrink Neg Abs Floor Ceil Not Identity Dropout Cast ' +
    'CastLike Add Sub Mul Div Mod Min Max Sum Pow Mean Where QuantizeLinear DequantizeLinear Reshape Flatten Squeeze ' +
    'Unsqueeze Transpose'
  ).split(' '),
);

/** Normalisations along some axes: of one tensor's elements as many others. */
const NORMALISING = new Set(
  (
    'Softmax LogSoftmax BatchNormalization LayerNormalization InstanceNormalization GroupNormalization ' +
    'RMSNormalization LpNormalization LRN'
  ).split(' '),
);

/** The outputs of a layer in one of the forms they take on their way. */
interface Origin {
  readonly layer: number;
  /** Counts the additions so far: sums and what they are sums of are not the same. */
  readonly version: number;
  /** A statistic of them, not they themselves: a mean, a variance. */
  readonly isPart: boolean;
}

/** Collects who reads what while the nodes of a graph go by in their order. */
export class FlowTracer {
  readonly #origins = new Map<string, Origin>();
  readonly #flows: Flow[] = [];
  readonly #departures: Departure[] = [];
  /** By layer: the version that others read. */
  readonly #read = new Map<number, number>();
  readonly #versions = new Map<number, number>();

  /** A node that is one layer, with the inputs and outputs of the node as they are known. */
  layer(node: OnnxNode, place: number, { einsum }: Layer, inputs: readonly (Value | undefined)[]): void {
    const operands = einsum.tensors.flatMap(({ role }, t) => (role === 'outputs' ? [] : [t]));
    // A constant operand has the role of weights; of two that are computed the first has that of inputs.
    const byRole = operands.toSorted(
      (a, b) => Number(einsum.tensors[a].role === 'weights') - Number(einsum.tensors[b].role === 'weights'),
    );
    const computed = node.inputs.filter((_, i) => {
      const value = inputs[i];
      return value !== undefined && !(isKnown(value) && value.constant);
    });
    computed.forEach((name, i) => {
      const origin = this.#origins.get(name);
      if (!origin) return;
      if (origin.isPart || i >= byRole.length)
        this.#leave(origin.layer, `${node.operator} reads it otherwise`);
      else this.#use(origin, { layer: place, tensor: byRole[i] });
    });
    this.#origins.set(node.outputs[0], { layer: place, version: 0, isPart: false });
    this.#versions.set(place, 0);
  }

  /** Any other node. */
  other(
    node: OnnxNode,
    layers: readonly Layer[],
    inputs: readonly (Value | undefined)[],
    outputs: readonly Value[],
  ): void {
    const sources = node.inputs.flatMap((name) => this.#origins.get(name) ?? []);
    if (sources.length === 0) return;
    const external = node.inputs.some((name, i) => {
      const value = inputs[i];
      return value !== undefined && !this.#origins.has(name) && !(isKnown(value) && value.constant);
    });
    const result = this.#merge(node, sources, external);
    const whole = result && layers[result.layer].einsum;
    const [first] = outputs;
    const kept =
      whole !== undefined &&
      first !== undefined &&
      isKnown(first) &&
      (result?.isPart || elements(first.shape) === tensorWords(whole, whole.tensors[outputIndex(whole)]));
    if (result && kept) this.#origins.set(node.outputs[0], result);
    else for (const { layer } of sources) this.#leave(layer, `${node.operator} changes its size`);
  }

  /** What the graph hands out is not another layer's alone. */
  output(name: string): void {
    const origin = this.#origins.get(name);
    if (origin) this.#leave(origin.layer, 'the network hands it out');
  }

  activations(layers: readonly Layer[]): Activation[] {
    return activationsOf(layers, this.#flows, this.#departures);
  }

  /** What a node makes of layers' outputs, if that takes the place of the last of them. */
  #merge({ operator }: OnnxNode, sources: readonly Origin[], external: boolean): Origin | undefined {
    const last = sources.reduce((a, b) => (b.layer > a.layer || (b.layer === a.layer && !b.isPart) ? b : a));
    const isOne = sources.every(({ layer, version }) => layer === last.layer && version === last.version);
    if (operator.startsWith('Reduce')) return isOne ? { ...last, isPart: true } : undefined;
    if (NORMALISING.has(operator)) return isOne && !external ? last : undefined;
    if (!ON_THE_FLY.has(operator)) return undefined;
    if (isOne && !external) return last;
    if (last.isPart || sources.some(({ isPart, layer }) => isPart && layer !== last.layer)) return undefined;
    for (const origin of sources) if (origin.layer !== last.layer) this.#use(origin, { layer: last.layer });
    const version = this.#versions.get(last.layer)! + 1;
    this.#versions.set(last.layer, version);
    return { ...last, version };
  }

  #use({ layer: from, version }: Origin, use: { layer: number; tensor?: number }): void {
    const other = this.#read.get(from);
    if (other !== undefined && other !== version)
      this.#leave(from, 'it is read both before and after an addition');
    this.#read.set(from, version);
    this.#flows.push({ from, ...use });
  }

  #leave(from: number, reason: string): void {
    this.#departures.push({ from, reason });
  }
}
