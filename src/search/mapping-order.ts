/** A total order on mappings, so that the choice among equals never depends on who found what first. */
import type { Mapping, NestItem } from '../mapping/mapping.ts';

/** Negative, zero or positive, as for sorting. Zero only for the same nest. */
export function compareMappings(a: Mapping, b: Mapping): number {
  return lexicographic(a.nest.map(itemKey), b.nest.map(itemKey), lexicographicNumbers);
}

function itemKey(item: NestItem): number[] {
  switch (item.kind) {
    case 'station':
      return [0, item.memory, ...item.tensors];
    case 'for':
      return [1, item.dim, item.factor];
    case 'parallel':
      return [2, item.fanout, item.axis === 'x' ? 0 : 1, item.dim, item.factor];
  }
}

function lexicographicNumbers(a: readonly number[], b: readonly number[]): number {
  return lexicographic(a, b, (x, y) => x - y);
}

function lexicographic<T>(a: readonly T[], b: readonly T[], compare: (x: T, y: T) => number): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
