/** Geometry of a nest: extents, strides and which loops lie where. No costs. */
import type { Einsum } from '../workload/einsum.ts';
import type { Loop, Mapping, NestItem, Station } from '../mapping/mapping.ts';

/** A loop with the distance, in its dimension's coordinates, between two successive iterations. */
export interface Step {
  readonly dim: number;
  readonly factor: number;
  readonly stride: number;
}

/** The nest with everything positions are asked for. Position p means "just outside `nest[p]`"; the nest's length is the compute unit. */
export interface NestGeometry {
  readonly nest: readonly NestItem[];
  /** `extents[p][dim]`: coordinates of a dimension touched by all loops from position p inward. */
  readonly extents: readonly (readonly number[])[];
}

export function geometry(einsum: Einsum, mapping: Mapping): NestGeometry {
  const { nest } = mapping;
  const extents: number[][] = [einsum.dims.map(() => 1)];
  for (const item of nest.toReversed()) {
    const inner = extents[0];
    extents.unshift(
      item.kind === 'station' ? inner : inner.map((e, dim) => (dim === item.dim ? e * item.factor : e)),
    );
  }
  return { nest, extents };
}

/** Temporal loops outside a position, innermost first. */
export function temporalLoopsOutside(geo: NestGeometry, position: number): Step[] {
  return temporalLoopsBetween(geo, 0, position);
}

/** Temporal loops from position `from` to position `to`, innermost first. */
export function temporalLoopsBetween(geo: NestGeometry, from: number, to: number): Step[] {
  return steps(geo, from, to, (loop) => loop.kind === 'for').toReversed();
}

/** Spatial loops of one fanout. */
export function spatialLoops(geo: NestGeometry, fanout: number): Step[] {
  return steps(geo, 0, geo.nest.length, (loop) => loop.kind === 'parallel' && loop.fanout === fanout);
}

/** Positions of the stations that keep a tensor, outermost first. */
export function keepers(geo: NestGeometry, tensor: number): number[] {
  return geo.nest.flatMap((item, position) =>
    item.kind === 'station' && item.tensors.includes(tensor) ? [position] : [],
  );
}

export function stationAt(geo: NestGeometry, position: number): Station {
  const item = geo.nest[position];
  if (item?.kind !== 'station') throw new RangeError(`no station at position ${position} of the nest`);
  return item;
}

export function product(loops: readonly { readonly factor: number }[]): number {
  return loops.reduce((total, loop) => total * loop.factor, 1);
}

function steps(geo: NestGeometry, from: number, to: number, wanted: (loop: Loop) => boolean): Step[] {
  return geo.nest
    .map((item, position) => ({ item, position }))
    .slice(from, to)
    .flatMap(({ item, position }) =>
      item.kind !== 'station' && wanted(item)
        ? [{ dim: item.dim, factor: item.factor, stride: geo.extents[position + 1][item.dim] }]
        : [],
    );
}
