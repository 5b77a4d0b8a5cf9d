/** What a user demands of mappings, resolved against one architecture and layer. How it is written: read-constraints.ts. */
import type { SourcePosition } from '../spec/errors.ts';

interface Written {
  /** Index into `arch.nodes`. */
  readonly node: number;
  /** Where the user wrote it; absent for rules made by a program. */
  readonly position?: SourcePosition;
}

/** The product of one dimension's factors at a memory (temporal) or on an array (both axes) lies in [least, most]. */
export interface FactorRule extends Written {
  readonly kind: 'factor';
  readonly dim: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Temporal loops at a memory follow this order, outermost first.
 * `'*'` stands for all dimensions not listed; without it those may lie anywhere between.
 */
export interface OrderRule extends Written {
  readonly kind: 'order';
  readonly sequence: readonly (number | '*')[];
}

export interface KeepRule extends Written {
  readonly kind: 'keep';
  readonly tensor: number;
  /** False: bypasses. */
  readonly kept: boolean;
}

/** Only these dimensions are split along an axis of an array. */
export interface AxisRule extends Written {
  readonly kind: 'axis';
  readonly axis: 'x' | 'y';
  readonly dims: readonly number[];
}

/** At least this share of an array's copies works; of all compute units where `node` is `arch.nodes.length`. */
export interface UtilizationRule extends Written {
  readonly kind: 'utilization';
  /** In (0, 1]. */
  readonly share: number;
}

/**
 * The tensor is in this memory, whole and from beginning to end, and never in the outermost one: inputs that an earlier
 * layer left there, outputs that a later one finds there.
 */
export interface ResidentRule extends Written {
  readonly kind: 'resident';
  readonly tensor: number;
}

/** So many words of the memory are taken by what is not this layer's; rules for one memory add up. */
export interface ReserveRule extends Written {
  readonly kind: 'reserve';
  readonly words: number;
}

export type Rule =
  FactorRule | OrderRule | KeepRule | AxisRule | UtilizationRule | ResidentRule | ReserveRule;

/** All of them hold; merging two sources is concatenation. */
export type Constraints = readonly Rule[];
