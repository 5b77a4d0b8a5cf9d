/** Ways to spread a layer over one array: one factor per dimension, split over both axes as its rules allow. */
import type { Fanout } from '../../arch/architecture.ts';
import { divisors } from '../../mapspace/factors.ts';
import type { ArrayLevel } from '../../mapspace/mapspace.ts';
import type { Lattice } from './lattice.ts';
import { limitOf } from './lattice.ts';

/** Factors by lattice dimension, as digits, and how many copies they make; most copies first. */
export interface Spreadings {
  readonly count: number;
  /** Vector after vector. */
  readonly digits: Uint8Array;
  readonly copies: Float64Array;
}

interface Split {
  readonly x: number;
  readonly y: number;
}

/** Every legal spreading; which factor lies on which axis does not matter to any count, so only products differ. */
export function spreadings(lattice: Lattice, array: Fanout, level: ArrayLevel): Spreadings {
  const width = lattice.dims.length;
  const byCopies = new Map<number, Group>();
  const digits = new Uint8Array(width);
  const factorSplits = lattice.dims.map((group, d) =>
    lattice.divisors[d].map((factor) => axisFactors(level, group[0], factor).flatMap(({ x, y }) => [x, y])),
  );
  const limits = lattice.dims.map((group) => limitOf(level, group));
  const note = (copies: number): void => {
    if (copies < level.minCopies) return;
    const own = byCopies.get(copies) ?? { copies, count: 0, digits: [] };
    byCopies.set(copies, own);
    own.count++;
    own.digits.push(...digits);
  };
  const extend = (d: number, copies: number, splits: readonly number[]): void => {
    if (d === width) return note(copies);
    const factors = lattice.divisors[d];
    for (let digit = 0; digit < factors.length; digit++) {
      const factor = factors[digit];
      if (factor < limits[d].least || factor > limits[d].most) continue;
      const next = splitFurther(array, factorSplits[d][digit], splits);
      if (next.length === 0) continue;
      digits[d] = digit;
      extend(d + 1, copies * factor, next);
    }
  };
  extend(0, 1, [1, 1]);
  return inOrder([...byCopies.values()].toSorted((a, b) => b.copies - a.copies));
}

/** Vectors that make as many copies. */
interface Group {
  readonly copies: number;
  count: number;
  readonly digits: number[];
}

function inOrder(groups: readonly Group[]): Spreadings {
  return {
    count: groups.reduce((sum, { count }) => sum + count, 0),
    digits: Uint8Array.from(groups.flatMap(({ digits }) => digits)),
    copies: Float64Array.from(groups.flatMap(({ copies, count }) => Array<number>(count).fill(copies))),
  };
}

/** Axis products (x, y, x, y, …) after one more dimension, without those that others match on both axes. */
function splitFurther(array: Fanout, factors: readonly number[], splits: readonly number[]): number[] {
  const next: number[] = [];
  for (let s = 0; s < splits.length; s += 2) {
    for (let f = 0; f < factors.length; f += 2) {
      const x = splits[s] * factors[f];
      const y = splits[s + 1] * factors[f + 1];
      if (x <= array.x && y <= array.y && !isMatched(next, x, y)) next.push(x, y);
    }
  }
  return next;
}

function isMatched(splits: readonly number[], x: number, y: number): boolean {
  for (let s = 0; s < splits.length; s += 2) if (splits[s] <= x && splits[s + 1] <= y) return true;
  return false;
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
