/** How many points a mapspace has, exactly. */
import { divisors } from './factors.ts';
import { orderCount } from './frame.ts';
import type { Level, Mapspace } from './mapspace.ts';

/**
 * Points of the space: factorisations of every dimension over its loops × orders of all loops at each memory
 * × keep choices. Mappings that differ only in where loops of bound 1 stand count separately, as is usual, and
 * capacity and array sizes are not considered. Counts even mappings, in any space.
 */
export function mapspaceSize(space: Mapspace): bigint {
  return presences(space).reduce((size, present) => size + sizeOf(space, present), 0n);
}

/** Which levels have loops: arrays always, a memory if it keeps something. */
type Presence = readonly boolean[];

function presences(space: Mapspace): Presence[] {
  return space.levels.reduce<boolean[][]>(
    (lists, level) => {
      const busy = level.kind === 'array' || level.keeps.some((kept) => kept.length > 0);
      const idle = level.kind === 'memory' && level.keeps.some((kept) => kept.length === 0);
      return [
        ...(busy ? lists.map((list) => [...list, true]) : []),
        ...(idle ? lists.map((list) => [...list, false]) : []),
      ];
    },
    [[]],
  );
}

function sizeOf(space: Mapspace, present: Presence): bigint {
  const levels = space.levels.filter((_, l) => present[l]);
  const choices = levels.map((level) =>
    level.kind === 'array'
      ? 1n
      : BigInt(level.keeps.filter((kept) => kept.length > 0).length) * orderCount(level),
  );
  const factorisations = space.einsum.dims.map(({ bound }, dim) => countFactorisations(levels, dim, bound));
  return [...choices, ...factorisations].reduce((product, count) => product * count, 1n);
}

/** Ways to write the bound as an ordered product over all loops of the dimension, within each level's limits. */
export function countFactorisations(levels: readonly Level[], dim: number, bound: number): bigint {
  const all = divisors(bound);
  let ways = new Map<number, bigint>([[1, 1n]]);
  for (const level of levels) {
    const cells = level.slots.filter((slot) => slot.dim === dim).length;
    const { least, most } = level.limits[dim];
    const next = new Map<number, bigint>();
    for (const [product, count] of ways) {
      for (const value of all) {
        if (value < least || value > most || bound % (product * value) !== 0) continue;
        const own = splitCount(cells, value);
        if (own > 0n) next.set(product * value, (next.get(product * value) ?? 0n) + count * own);
      }
    }
    ways = next;
  }
  return ways.get(bound) ?? 0n;
}

/** Ways to split a factor over 0, 1 or 2 (x and y) loops. */
function splitCount(cells: number, value: number): bigint {
  if (cells === 0) return value === 1 ? 1n : 0n;
  return cells === 1 ? 1n : BigInt(divisors(value).length);
}
