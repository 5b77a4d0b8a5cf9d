/** Ways to spread a layer over one array: one factor per dimension, split over both axes as its rules allow. */
import type { Fanout } from '../../arch/architecture.ts';
import { divisors } from '../../mapspace/factors.ts';
import type { ArrayLevel } from '../../mapspace/mapspace.ts';
import type { Lattice } from './lattice.ts';
import { limitOf } from './lattice.ts';

/** Factors by lattice dimension, as digits. */
export interface Spreading {
  readonly digits: readonly number[];
  readonly copies: number;
}

interface Split {
  readonly x: number;
  readonly y: number;
}

/** Every legal spreading, most copies first; which factor lies on which axis does not matter to any count, so only products differ. */
export function spreadings(lattice: Lattice, array: Fanout, level: ArrayLevel): Spreading[] {
  const found: Spreading[] = [];
  const digits: number[] = [];
  const factorSplits = lattice.dims.map((group, d) =>
    lattice.divisors[d].map((factor) => axisFactors(level, group[0], factor)),
  );
  const extend = (d: number, copies: number, splits: readonly Split[]): void => {
    if (d === lattice.dims.length) {
      if (copies >= level.minCopies) found.push({ digits: [...digits], copies });
      return;
    }
    const { least, most } = limitOf(level, lattice.dims[d]);
    for (const [digit, factor] of lattice.divisors[d].entries()) {
      if (factor < least || factor > most) continue;
      const next = splitFurther(array, factorSplits[d][digit], splits);
      if (next.length === 0) continue;
      digits.push(digit);
      extend(d + 1, copies * factor, next);
      digits.pop();
    }
  };
  extend(0, 1, [{ x: 1, y: 1 }]);
  return found.sort((a, b) => b.copies - a.copies);
}

/** Axis products after one more dimension, without those that others match on both axes. */
function splitFurther(array: Fanout, factors: readonly Split[], splits: readonly Split[]): Split[] {
  const next: Split[] = [];
  for (const { x, y } of splits) {
    for (const own of factors) {
      const split = { x: x * own.x, y: y * own.y };
      if (split.x > array.x || split.y > array.y) continue;
      if (next.some((other) => other.x <= split.x && other.y <= split.y)) continue;
      next.push(split);
    }
  }
  return next;
}

function axisFactors(level: ArrayLevel, dim: number, factor: number): Split[] {
  const may = (axis: 'x' | 'y'): boolean =>
    level.slots.some((slot) => slot.dim === dim && slot.axis === axis);
  return divisors(factor)
    .map((x) => ({ x, y: factor / x }))
    .filter(({ x, y }) => (x === 1 || may('x')) && (y === 1 || may('y')));
}

/** Places the factors of one spreading on the axes. `dim` is any Einsum dimension of the lattice dimension. */
export function placeOnAxes(
  array: Fanout,
  level: ArrayLevel,
  factors: readonly { dim: number; factor: number }[],
): Split[] {
  const place = (i: number, used: Split): Split[] | undefined => {
    if (i === factors.length) return [];
    for (const own of axisFactors(level, factors[i].dim, factors[i].factor)) {
      const next = { x: used.x * own.x, y: used.y * own.y };
      if (next.x > array.x || next.y > array.y) continue;
      const rest = place(i + 1, next);
      if (rest) return [own, ...rest];
    }
    return undefined;
  };
  const placed = place(0, { x: 1, y: 1 });
  if (!placed) throw new RangeError(`no split of the factors fits ${array.name}`);
  return placed;
}
