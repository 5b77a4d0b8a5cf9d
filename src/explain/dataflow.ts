/**
 * Dataflows: which dimensions a mapping spreads over the arrays, and what stays in the innermost buffers meanwhile.
 * Named rows|columns as in Interstellar (Yang et al., ASPLOS 2020): C|M reduces along columns and shares along rows.
 */
import type { Architecture } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { Constraints, FactorRule } from '../mapspace/constraints.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { buildLattice } from '../search/exact/lattice.ts';
import { findSymmetry } from '../search/exact/symmetry.ts';
import type { Einsum } from '../workload/einsum.ts';
import { isRelevant, tileWords } from '../workload/einsum.ts';

export interface Dataflow {
  /** Dimensions on rows and columns of each array in use, outermost first: `R M|P`; `none` if nothing is spread. */
  readonly name: string;
  /** Dimensions spread over some array, in the layer's order. */
  readonly dims: readonly string[];
  /** The tensor whose words serve the most multiply-accumulates between two fetches into its innermost buffer. */
  readonly stationary: Stationary | null;
}

export interface Stationary {
  readonly tensor: string;
  readonly memory: string;
  /** Multiply-accumulates inside the buffer for each word brought into it. */
  readonly macsPerWord: number;
}

export function dataflowOf(arch: Architecture, einsum: Einsum, mapping: Mapping): Dataflow {
  const spread = spreadDims(mapping);
  return {
    name: nameOf(arch, einsum, mapping),
    dims: einsum.dims.flatMap(({ name }, dim) => (spread.has(dim) ? [name] : [])),
    stationary: stationaryOf(arch, einsum, mapping),
  };
}

function spreadDims({ nest }: Mapping): Set<number> {
  return new Set(nest.flatMap((item) => (item.kind === 'parallel' && item.factor > 1 ? [item.dim] : [])));
}

function nameOf(arch: Architecture, { dims }: Einsum, { nest }: Mapping): string {
  const names = fanouts(arch).flatMap((_, fanout) => {
    const along = (axis: 'x' | 'y'): string =>
      nest
        .flatMap((item) =>
          item.kind === 'parallel' && item.fanout === fanout && item.axis === axis && item.factor > 1
            ? [dims[item.dim].name]
            : [],
        )
        .join(' ');
    const [rows, columns] = [along('y'), along('x')];
    return rows + columns === '' ? [] : [`${rows || '-'}|${columns || '-'}`];
  });
  return names.join(', ') || 'none';
}

/** Over the tensors of the innermost buffers; halos that stay between two tiles are counted as fetched. */
function stationaryOf(arch: Architecture, einsum: Einsum, { nest }: Mapping): Stationary | null {
  const innermost = innermostBuffers(arch, nest);
  const candidates = einsum.tensors.flatMap((tensor, t): Stationary[] => {
    const at = nest.findLastIndex((item) => item.kind === 'station' && item.tensors.includes(t));
    const station = nest[at];
    if (station?.kind !== 'station' || !innermost.has(station.memory)) return [];
    const extents = einsum.dims.map(() => 1);
    for (const item of nest.slice(at)) if (item.kind !== 'station') extents[item.dim] *= item.factor;
    const outside = nest.slice(0, at).filter((item) => item.kind === 'for' && item.factor > 1);
    const changing = outside.findLastIndex((loop) => loop.kind === 'for' && isRelevant(tensor, loop.dim));
    const staying = outside.slice(changing + 1);
    const uses = [...staying, ...nest.slice(at)].reduce(
      (product, item) => (item.kind === 'station' ? product : product * item.factor),
      1,
    );
    return [
      {
        tensor: tensor.name,
        memory: memories(arch)[station.memory].name,
        macsPerWord: uses / tileWords(tensor, extents),
      },
    ];
  });
  return candidates.reduce<Stationary | null>(
    (most, next) => (most && most.macsPerWord >= next.macsPerWord ? most : next),
    null,
  );
}

/** Memories in use inside the innermost array, or else the innermost in use; never the outermost. */
function innermostBuffers(arch: Architecture, nest: Mapping['nest']): Set<number> {
  const used = nest.flatMap((item) => (item.kind === 'station' && item.memory > 0 ? [item.memory] : []));
  const lastArray = arch.nodes.findLastIndex((node) => node.kind === 'array');
  const inside = used.filter((memory) => arch.nodes.indexOf(memories(arch)[memory]) > lastArray);
  return new Set(inside.length > 0 ? inside : used.slice(-1));
}

/**
 * Rules that together hold every mapping of another dataflow: each list forbids or demands dimensions on arrays so that
 * the set of those spread differs. Dimensions that no tensor tells apart count as one, and so do sets that are mirror
 * images (P and R for Q and S in a square convolution): their mappings cost the same.
 */
export function otherDataflows(space: Mapspace, mapping: Mapping): Constraints[] {
  const lattice = buildLattice(space);
  const spread = spreadDims(mapping);
  const own = lattice.dims.map((group) => group.some((dim) => spread.has(dim)));
  const symmetry = findSymmetry(space, lattice);
  const same = symmetry ? [own, own.map((_, d) => own[symmetry.partner[d]])] : [own];
  return deviations(same).flatMap((flips) =>
    flips
      .map(({ group, present }) => alternatives(space, lattice.dims[group], present))
      .reduce<Constraints[]>(
        (lists, options) => lists.flatMap((list) => options.map((rules) => [...list, ...rules])),
        [[]],
      ),
  );
}

interface Flip {
  readonly group: number;
  readonly present: boolean;
}

/** The least sets of flips such that what has them differs from every one of the sets. */
function deviations(sets: readonly (readonly boolean[])[]): Flip[][] {
  const all = sets.reduce<Flip[][]>(
    (lists, set) =>
      lists.flatMap((list) =>
        set.flatMap((present, group) => {
          const known = list.find((flip) => flip.group === group);
          if (known) return known.present === present ? [] : [list];
          return [[...list, { group, present: !present }]];
        }),
      ),
    [[]],
  );
  const within = (a: readonly Flip[], b: readonly Flip[]): boolean =>
    a.every(({ group, present }) => b.some((flip) => flip.group === group && flip.present === present));
  return all.filter((list, i) =>
    all.every((other, j) => j === i || !within(other, list) || (within(list, other) && j > i)),
  );
}

/** Ways to keep a group of dimensions off all arrays, or to have one of them on some array. */
function alternatives(
  { arch, einsum }: Mapspace,
  group: readonly number[],
  present: boolean,
): FactorRule[][] {
  const arrays = arch.nodes.flatMap((node, n) => (node.kind === 'array' ? [n] : []));
  const rules = arrays.flatMap((node) =>
    group.map((dim): FactorRule => {
      const { bound } = einsum.dims[dim];
      return { kind: 'factor', node, dim, least: present ? 2 : 1, most: present ? bound : 1 };
    }),
  );
  return present ? rules.map((rule) => [rule]) : [rules];
}
