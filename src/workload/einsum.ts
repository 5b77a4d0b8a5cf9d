/** An extended Einsum: the loop dimensions of one layer and the tensors they index. No shapes of networks here. */

/** A loop dimension and its trip count; `bound` is a positive integer below 2^31. */
export interface Dimension {
  readonly name: string;
  readonly bound: number;
}

/** `coefficient · dims[dim]`, one addend of a rank's index expression. The coefficient is a non-zero integer. */
export interface Term {
  readonly dim: number;
  readonly coefficient: number;
}

/** One axis of a tensor: the sum of its terms (`P·stride + R·dilation`). An empty sum is the constant 0. */
export type Rank = readonly Term[];

/** What a tensor is to the layer; architectures name tensors by role when they say what a memory keeps. */
export type Role = 'inputs' | 'weights' | 'outputs';

export interface Tensor {
  readonly name: string;
  readonly role: Role;
  readonly ranks: readonly Rank[];
}

/** One layer's computation: every point of the dimensions' box is one multiply-accumulate into the output. */
export interface Einsum {
  readonly name: string;
  readonly dims: readonly Dimension[];
  /** Exactly one has role `outputs`: the read-write tensor. */
  readonly tensors: readonly Tensor[];
}

/** Multiply-accumulates of the layer: the product of all bounds. */
export function macs(einsum: Einsum): number {
  return einsum.dims.reduce((product, dim) => product * dim.bound, 1);
}

/** Index of the read-write tensor in `einsum.tensors`. */
export function outputIndex(einsum: Einsum): number {
  return einsum.tensors.findIndex((tensor) => tensor.role === 'outputs');
}

/** True if the tensor's index expressions name the dimension. */
export function isRelevant(tensor: Tensor, dim: number): boolean {
  return tensor.ranks.some((rank) => rank.some((term) => term.dim === dim));
}

/** Coordinates a rank spans over a box of the given extents: `1 + Σ |coefficient|·(extent−1)`, gaps included. */
export function rankSpan(rank: Rank, extents: ArrayLike<number>): number {
  return rank.reduce((span, { dim, coefficient }) => span + Math.abs(coefficient) * (extents[dim] - 1), 1);
}

/** Words of the bounding box a tensor occupies over a box of the given extents. */
export function tileWords(tensor: Tensor, extents: ArrayLike<number>): number {
  return tensor.ranks.reduce((words, rank) => words * rankSpan(rank, extents), 1);
}

/** Words of the whole tensor. */
export function tensorWords(einsum: Einsum, tensor: Tensor): number {
  return tileWords(
    tensor,
    einsum.dims.map((dim) => dim.bound),
  );
}
