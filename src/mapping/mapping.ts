/** A mapping: one nest of stations and loops, outermost first. How it is read and printed lies beside this file. */

/** A memory starts to hold the tiles of some tensors; everything after it in the nest lies inside those tiles. */
export interface Station {
  readonly kind: 'station';
  /** Index into `memories(arch)`. */
  readonly memory: number;
  /** Indices into `einsum.tensors`, ascending. */
  readonly tensors: readonly number[];
}

export interface TemporalLoop {
  readonly kind: 'for';
  /** Index into `einsum.dims`. */
  readonly dim: number;
  readonly factor: number;
}

export interface SpatialLoop {
  readonly kind: 'parallel';
  /** Index into `fanouts(arch)`. */
  readonly fanout: number;
  readonly axis: 'x' | 'y';
  readonly dim: number;
  readonly factor: number;
}

export type Loop = TemporalLoop | SpatialLoop;
export type NestItem = Station | Loop;

/**
 * The nest, outermost first. The first item is the outermost memory's station with every tensor, but for resident ones:
 * those follow in stations of the memories that hold them whole, before any loop.
 * One memory may have several stations, each with its own tensors (an uneven mapping); they share its capacity.
 */
export interface Mapping {
  readonly nest: readonly NestItem[];
}
