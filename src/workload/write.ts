/** Writes a layer as text that reads back as the same layer. */
import { InputError } from '../spec/errors.ts';
import type { Einsum, Rank, Tensor } from './einsum.ts';
import { LAYER_KINDS, parseLayer } from './shorthand.ts';

/** `einsum:O[m,p] += I[m,2p+r] * W[r] | m=4,p=8,r=3`. Dimensions that index no tensor must have bound 1. */
export function layerToText(einsum: Einsum): string {
  const used = einsum.dims.filter((_, dim) =>
    einsum.tensors.some(({ ranks }) => ranks.flat().some((term) => term.dim === dim)),
  );
  const lost = einsum.dims.find((dim) => dim.bound > 1 && !used.includes(dim));
  if (lost)
    throw new InputError({
      message: `dimension ${lost.name} of ${einsum.name} indexes no tensor, so the layer has no text`,
    });
  const [output, ...operands] = ['outputs', 'inputs', 'weights'].flatMap((role) =>
    einsum.tensors.filter((tensor) => tensor.role === role),
  );
  const text = (tensor: Tensor): string =>
    `${tensor.name}[${tensor.ranks.map((rank) => rankText(rank, einsum)).join(',')}]`;
  const bounds = used.map(({ name, bound }) => `${name}=${bound}`).join(',');
  return `einsum:${text(output)} += ${operands.map(text).join(' * ')} | ${bounds}`;
}

function rankText(rank: Rank, einsum: Einsum): string {
  const terms = rank.map(
    ({ dim, coefficient }) => `${coefficient === 1 ? '' : coefficient}${einsum.dims[dim].name}`,
  );
  return terms.join('+').replaceAll('+-', '-') || '0';
}

/**
 * A selector of the layer: the first kind of which it is one, such as `gemm:M=8,N=8,K=8`, or a free Einsum. Only a kind
 * keeps the order of tensors, and with it the last bit of a sum of energies.
 */
export function layerSelector(einsum: Einsum): string {
  const bounds = einsum.dims.map(({ name, bound }) => `${name}=${bound}`).join(',');
  const texts = LAYER_KINDS.map((kind) => `${kind}:${bounds}${steps(einsum)}`);
  return texts.find((text) => isSame(text, einsum)) ?? layerToText(einsum);
}

/** Strides and dilations of the windows P+R and Q+S, where they are not 1. */
function steps({ dims, tensors }: Einsum): string {
  const terms = tensors.flatMap(({ ranks }) => ranks.filter((rank) => rank.length === 2)).flat();
  const of = (name: string): number => terms.find(({ dim }) => dims[dim].name === name)?.coefficient ?? 1;
  const pair = (key: string, a: number, b: number): string => (a === 1 && b === 1 ? '' : `,${key}=${a}x${b}`);
  return pair('stride', of('P'), of('Q')) + pair('dilation', of('R'), of('S'));
}

function isSame(text: string, { dims, tensors }: Einsum): boolean {
  try {
    const other = parseLayer(text);
    return JSON.stringify([other.dims, other.tensors]) === JSON.stringify([dims, tensors]);
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
