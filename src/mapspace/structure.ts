/** A nest with its loop bounds left open: what a batch of candidate mappings shares. */
import type { Loop, Mapping, NestItem, Station } from '../mapping/mapping.ts';

/** A loop whose factor is still open. `fanout` is −1 for a temporal loop. */
export interface Slot {
  readonly kind: 'slot';
  readonly dim: number;
  readonly fanout: number;
  readonly axis: 'x' | 'y';
}

export type StructureItem = Station | Slot;

/** Stations and slots, outermost first; factor vectors list one bound per slot in the same order. */
export interface Structure {
  readonly items: readonly StructureItem[];
}

export function slots(structure: Structure): Slot[] {
  return structure.items.filter((item) => item.kind === 'slot');
}

/** The mapping a factor vector stands for; loops of bound 1 are left out. */
export function toMapping(structure: Structure, factors: ArrayLike<number>): Mapping {
  const nest: NestItem[] = [];
  let index = 0;
  for (const item of structure.items) {
    if (item.kind === 'station') nest.push(item);
    else {
      const factor = factors[index++];
      if (factor !== 1) nest.push(loop(item, factor));
    }
  }
  return { nest };
}

/** The structure and factor vector of a mapping. */
export function fromMapping(mapping: Mapping): { structure: Structure; factors: number[] } {
  const items = mapping.nest.map((item): StructureItem => (item.kind === 'station' ? item : slot(item)));
  const factors = mapping.nest.flatMap((item) => (item.kind === 'station' ? [] : [item.factor]));
  return { structure: { items }, factors };
}

function loop({ dim, fanout, axis }: Slot, factor: number): Loop {
  return fanout < 0 ? { kind: 'for', dim, factor } : { kind: 'parallel', fanout, axis, dim, factor };
}

function slot(item: Loop): Slot {
  return item.kind === 'for'
    ? { kind: 'slot', dim: item.dim, fanout: -1, axis: 'x' }
    : { kind: 'slot', dim: item.dim, fanout: item.fanout, axis: item.axis };
}
