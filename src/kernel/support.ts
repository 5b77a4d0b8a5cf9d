/** Which problems the WebAssembly kernel takes. The rest go to the reference model, which gives the same bits, slower. */
import type { Architecture } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import type { Einsum, Rank, Tensor } from '../workload/einsum.ts';

/** Sizes of the kernel's fixed tables (assembly/layout.ts). */
const MOST = { dims: 16, tensors: 8, memories: 16, fanouts: 8, ranks: 8 };

/** A rank with its like terms added and the terms of unit dimensions left out. */
export function effectiveRank(einsum: Einsum, rank: Rank): Rank {
  const coefficients = new Map<number, number>();
  for (const { dim, coefficient } of rank) {
    if (einsum.dims[dim].bound > 1) coefficients.set(dim, (coefficients.get(dim) ?? 0) + coefficient);
  }
  return [...coefficients].filter(([, c]) => c !== 0).map(([dim, coefficient]) => ({ dim, coefficient }));
}

/** Why the kernel cannot evaluate mappings of this layer on this architecture, or null if it can. */
export function kernelRefusal(arch: Architecture, einsum: Einsum): string | null {
  if (einsum.dims.length > MOST.dims) return `more than ${MOST.dims} dimensions`;
  if (einsum.tensors.length > MOST.tensors) return `more than ${MOST.tensors} tensors`;
  if (memories(arch).length > MOST.memories) return `more than ${MOST.memories} memories`;
  if (fanouts(arch).length > MOST.fanouts) return `more than ${MOST.fanouts} arrays`;
  if (fanouts(arch).some((fanout) => fanout.haloMulticast)) return 'an array with halo_multicast';
  if (fanouts(arch).some((fanout) => !fanout.temporalReuse)) return 'an array without temporal_reuse';
  const reasons = einsum.tensors.map((tensor) => tensorRefusal(einsum, tensor));
  return reasons.find((reason) => reason !== null) ?? null;
}

function tensorRefusal(einsum: Einsum, tensor: Tensor): string | null {
  const ranks = tensor.ranks.map((rank) => effectiveRank(einsum, rank)).filter((rank) => rank.length > 0);
  const dims = ranks.flat().map((term) => term.dim);
  const soft = ranks.filter((rank) => rank.length > 1);
  if (ranks.length > MOST.ranks) return `${tensor.name} has more than ${MOST.ranks} ranks`;
  if (new Set(dims).size < dims.length) return `a dimension of ${tensor.name} indexes two ranks`;
  if (soft.some((rank) => rank.length > 2)) return `a rank of ${tensor.name} sums three dimensions`;
  if (soft.length > 2) return `${tensor.name} has more than two sliding ranks`;
  const isOutput = tensor.role === 'outputs';
  if (isOutput && soft.length > 0) return `a rank of the output ${tensor.name} sums two dimensions`;
  if (isOutput && ranks.flat().some((term) => Math.abs(term.coefficient) !== 1)) {
    return `a rank of the output ${tensor.name} is strided`;
  }
  return null;
}
