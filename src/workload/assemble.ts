/** Puts an Einsum together from named dimensions and index patterns, and checks that its sizes stay exact. */
import type { Einsum, Rank, Role, Tensor } from './einsum.ts';
import { macs, tensorWords } from './einsum.ts';
import { type LayerSource, failAt } from './layer-text.ts';

/** One addend of an index: a dimension and its coefficient. */
export type Addend = readonly [dim: string, coefficient: number];
/** One index of a tensor: a dimension, or a sum of addends. */
export type Index = string | readonly Addend[];

/** A tensor by the names of the dimensions that index it. */
export interface TensorPattern {
  readonly name: string;
  readonly role: Role;
  readonly indices: readonly Index[];
}

/** The Einsum over `bounds` (in order). Indices that name a dimension without a bound are left out. */
export function assemble(
  name: string,
  bounds: ReadonlyMap<string, number>,
  patterns: readonly TensorPattern[],
): Einsum {
  const dims = [...bounds].map(([dim, bound]) => ({ name: dim, bound }));
  const order = [...bounds.keys()];
  const tensors = patterns.map((pattern): Tensor => {
    const indices = pattern.indices.map(addends).filter((sum) => sum.every(([dim]) => bounds.has(dim)));
    return { name: pattern.name, role: pattern.role, ranks: indices.map((sum) => rank(sum, order)) };
  });
  return { name, dims, tensors };
}

function addends(index: Index): readonly Addend[] {
  return typeof index === 'string' ? [[index, 1]] : index;
}

function rank(sum: readonly Addend[], order: readonly string[]): Rank {
  return sum.map(([dim, coefficient]) => ({ dim: order.indexOf(dim), coefficient }));
}

/** Throws `InputError` if the multiply-accumulates or the words of a tensor cannot be counted exactly in a double. */
export function checkSize(source: LayerSource, einsum: Einsum): void {
  const whole = { text: source.text, start: 0 };
  if (macs(einsum) > Number.MAX_SAFE_INTEGER) {
    const product = einsum.dims.map(({ name, bound }) => `${name}=${bound}`).join(' · ');
    failAt(source, whole, `${about(macs(einsum))} multiply-accumulates (${product}) are 2^53 or more`);
  }
  for (const tensor of einsum.tensors) {
    const words = tensorWords(einsum, tensor);
    if (words > Number.MAX_SAFE_INTEGER) {
      failAt(source, whole, `tensor ${tensor.name} spans ${about(words)} words, 2^53 or more`);
    }
  }
}

function about(value: number): string {
  return value.toExponential(2).replace('e+', 'e');
}
