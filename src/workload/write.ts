/** Writes a layer as the text that a free Einsum is read from. */
import { InputError } from '../spec/errors.ts';
import type { Einsum, Rank, Tensor } from './einsum.ts';

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
