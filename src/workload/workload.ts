/** A network, or the selected part of one, as a list of layers; and the same list without repetitions. */
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
}

/** Layers of one shape: `name` and `einsum` are the first one's, `count` is the sum. */
export interface DistinctLayer extends Layer {
  /** All layers of this shape, in network order. */
  readonly names: readonly string[];
}
