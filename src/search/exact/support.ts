/** What the exact search does not cover, in words. */
import type { Architecture } from '../../arch/architecture.ts';
import { fanouts, memories } from '../../arch/architecture.ts';
import type { Mapspace } from '../../mapspace/mapspace.ts';
import type { Einsum, Tensor } from '../../workload/einsum.ts';
import { outputIndex } from '../../workload/einsum.ts';

const MAX_DIMS = 12;
const MAX_TENSORS = 8;
const MAX_TERMS = 4;
const MAX_WINDOWS = 3;
/** Lattice nodes: tables of about 200 bytes each. */
const MAX_NODES = 2_000_000;

/** Why the space is not searched, or undefined if it is. */
export function exactRefusal({ einsum }: Mapspace): string | undefined {
  return (
    shapeRefusal(einsum) ??
    outputRefusal(einsum) ??
    einsum.tensors.map((t) => rankRefusal(einsum, t)).find(Boolean)
  );
}

/**
 * The space as it is searched. Where costs depend on what labels do not follow, it has the same legal mappings under
 * costs that differ: their optimum is a good mapping, and proves nothing.
 */
export function searchedSpace(space: Mapspace): Mapspace {
  const { arch, einsum } = space;
  const halos = sharesHalos(arch, einsum);
  const rmw = elidesInSome(arch);
  if (!halos && !rmw) return space;
  const nodes = arch.nodes.map((node) => {
    if (node.kind === 'array') return { ...node, haloMulticast: node.haloMulticast && !halos };
    return { ...node, rmwFirstUpdate: node.rmwFirstUpdate && !rmw };
  });
  return { ...space, arch: { ...arch, nodes } };
}

/** Why no exact search can prove anything of the space, or undefined if one can. */
export function proofRefusal(space: Mapspace): string | undefined {
  const refusal = exactRefusal(space);
  if (refusal !== undefined || searchedSpace(space) === space) return refusal;
  return 'costs that the exact search does not follow';
}

function shapeRefusal(einsum: Einsum): string | undefined {
  const split = einsum.dims.filter(({ bound }) => bound > 1);
  if (split.length > MAX_DIMS)
    return `a layer of ${split.length} dimensions; the exact search takes ${MAX_DIMS}`;
  if (einsum.tensors.length > MAX_TENSORS)
    return `a layer of ${einsum.tensors.length} tensors; the exact search takes ${MAX_TENSORS}`;
  const nodes = tileShapes(einsum);
  return nodes > MAX_NODES ? `${nodes} tile shapes; the exact search takes ${MAX_NODES}` : undefined;
}

/** One divisor per dimension: nodes of the lattice, before interchangeable dimensions are joined. */
export function tileShapes({ dims }: Einsum): number {
  return dims.reduce((product, { bound }) => product * countDivisors(bound), 1);
}

function countDivisors(n: number): number {
  let count = 0;
  for (let d = 1; d * d <= n; d++) if (n % d === 0) count += d * d === n ? 1 : 2;
  return count;
}

function nontrivial(einsum: Einsum, tensor: Tensor): { dim: number; coefficient: number }[][] {
  return tensor.ranks
    .map((rank) => rank.filter(({ dim }) => einsum.dims[dim].bound > 1))
    .filter((rank) => rank.length > 0);
}

/** Partial sums are followed only where tiles of the output never overlap nor leave gaps. */
function outputRefusal(einsum: Einsum): string | undefined {
  const output = einsum.tensors[outputIndex(einsum)];
  const simple = nontrivial(einsum, output).every(
    (rank) => rank.length === 1 && Math.abs(rank[0].coefficient) === 1,
  );
  return simple ? undefined : `outputs indexed by a sum or a multiple (${output.name})`;
}

function rankRefusal(einsum: Einsum, tensor: Tensor): string | undefined {
  const ranks = nontrivial(einsum, tensor);
  const dims = ranks.flatMap((rank) => rank.map(({ dim }) => dim));
  if (new Set(dims).size < dims.length) return `a dimension that indexes ${tensor.name} twice`;
  const windows = ranks.filter((rank) => rank.length > 1);
  if (windows.length > MAX_WINDOWS) return `more than ${MAX_WINDOWS} windows of ${tensor.name}`;
  if (windows.some((rank) => rank.length > MAX_TERMS))
    return `sums of more than ${MAX_TERMS} terms in ${tensor.name}`;
  return undefined;
}

function sharesHalos(arch: Architecture, einsum: Einsum): boolean {
  const shares = fanouts(arch).some(
    (array) => array.multicast && array.haloMulticast && array.x * array.y > 1,
  );
  const windowed = einsum.tensors.some((tensor) =>
    nontrivial(einsum, tensor).some((rank) => rank.length > 1),
  );
  return shares && windowed;
}

/** The credit of a first update belongs to the parent; it is followed where all memories treat it alike. */
function elidesInSome(arch: Architecture): boolean {
  return new Set(memories(arch).map((memory) => memory.rmwFirstUpdate)).size > 1;
}
