/** Exchanges of dimensions that change no cost: P with Q and R with S in a square convolution. */
import type { Mapspace } from '../../mapspace/mapspace.ts';
import type { Lattice, LatticeTensor, LatticeTerm } from './lattice.ts';
import { isRuled } from './lattice.ts';

export interface Symmetry {
  /** Lattice dimension → the one it changes places with, or itself. */
  readonly partner: readonly number[];
  /** By tensor: window → the window it becomes. */
  readonly windows: readonly (readonly number[])[];
}

/** The first exchange that maps every tensor onto itself and touches no dimension under a rule. */
export function findSymmetry(space: Mapspace, lattice: Lattice): Symmetry | undefined {
  for (const partner of exchanges(space, lattice)) {
    const windows = lattice.tensors.map((tensor) => mirroredWindows(tensor, partner));
    if (windows.every((list) => list !== undefined)) return { partner, windows };
  }
  return undefined;
}

/** Every way to pair up some dimensions of equal bounds that no rule tells apart, the largest sets first. */
function exchanges(space: Mapspace, { dims, divisors }: Lattice): number[][] {
  const bound = (d: number): number => divisors[d][divisors[d].length - 1];
  const free = dims.map((group) =>
    group.every((dim) => space.levels.every((level) => !isRuled(level, dim, space.einsum.dims[dim].bound))),
  );
  const placed = dims.map((group) => placement(space, group[0]));
  const extend = (d: number, partner: readonly number[]): number[][] => {
    if (d === dims.length) return [[...partner]];
    const paired = dims.flatMap((_, e) => {
      const fits =
        e > d &&
        free[d] &&
        free[e] &&
        placed[d] === placed[e] &&
        partner[d] === d &&
        partner[e] === e &&
        bound(d) === bound(e);
      return fits ? extend(d + 1, partner.with(d, e).with(e, d)) : [];
    });
    return [...paired, ...extend(d + 1, partner)];
  };
  const identity = dims.map((_, d) => d);
  return extend(0, identity).filter((partner) => partner.some((other, d) => other !== d));
}

/** Where a dimension may have loops: the levels, and the axes of arrays. */
function placement({ levels }: Mapspace, dim: number): string {
  return levels
    .map(({ slots }) => slots.flatMap((slot) => (slot.dim === dim ? [slot.axis] : [])).join(''))
    .join();
}

/** Where each window goes; undefined if the exchange does not map the tensor onto itself. */
function mirroredWindows(
  { plain, windows }: LatticeTensor,
  partner: readonly number[],
): number[] | undefined {
  const key = (terms: readonly LatticeTerm[], map: (dim: number) => number): string =>
    terms
      .map(({ dim, coefficient }) => `${map(dim)}*${coefficient}`)
      .toSorted()
      .join('+');
  const own = (dim: number): number => dim;
  const mirrored = (dim: number): number => partner[dim];
  const same = plain
    .map((term) => key([term], own))
    .toSorted()
    .join();
  if (
    plain
      .map((term) => key([term], mirrored))
      .toSorted()
      .join() !== same
  )
    return undefined;
  const targets = windows.map((terms) =>
    windows.findIndex((other) => key(other, own) === key(terms, mirrored)),
  );
  return targets.includes(-1) ? undefined : targets;
}

/** The mirror image of every node. */
export function mirrorNodes({ divisors, nodes, strides }: Lattice, { partner }: Symmetry): Int32Array {
  const image = new Int32Array(nodes);
  let known = 1;
  for (let d = partner.length - 1; d >= 0; d--) {
    const count = divisors[d].length;
    for (let digit = 1; digit < count; digit++) {
      for (let node = 0; node < known; node++)
        image[digit * known + node] = image[node] + digit * strides[partner[d]];
    }
    known *= count;
  }
  return image;
}
