/** A network, or the selected part of one, as a list of layers; and the same list without repetitions. */
import type { Variables } from '../spec/expression.ts';
import type { Activation } from './activations.ts';
import type { Einsum } from './einsum.ts';

export interface Layer {
  /** Name in the network, such as `conv3_1.b`; the kind of an inline layer. */
  readonly name: string;
  /** Times the network runs it. */
  readonly count: number;
  readonly einsum: Einsum;
}

export interface Workload {
  /** Name of the network; the kind of an inline layer. */
  readonly name: string;
  /** What the user asked for, as written. */
  readonly selector: string;
  /** In network order; at least one. */
  readonly layers: readonly Layer[];
  /** What each layer writes and who reads it, in layer order; absent where nobody says. */
  readonly activations?: readonly Activation[];
  /** Of a whole network whose file holds more than layers: the operators left out, the heaviest first. */
  readonly notCosted?: readonly NotCosted[];
}

/** All nodes of one operator that no layer stands for. */
export interface NotCosted {
  /** With its domain where that is not ONNX's own: `Softmax`, `com.microsoft.Gelu`. */
  readonly operator: string;
  readonly nodes: number;
  /** Of these nodes: those whose size is not known. They are not in `operations`. */
  readonly unknown: number;
  /** MACs of an operator that is defined by them, elements written or reduced of any other. */
  readonly operations: number;
  readonly unit: 'MACs' | 'elements';
}

/** A network before its parameters are set. */
export interface Network {
  readonly name: string;
  /** By name; one without a default must be given. */
  readonly parameters: Readonly<Record<string, number | undefined>>;
  /** What it holds for the given values of `parameters`. Throws `InputError` for a layer that cannot be read. */
  contents(values: Variables): Pick<Workload, 'layers' | 'activations' | 'notCosted'>;
}

/** Layers of one shape: `name` and `einsum` are the first one's, `count` is the sum. */
export interface DistinctLayer extends Layer {
  /** All layers of this shape, in network order. */
  readonly names: readonly string[];
}
