/** Where a larger buffer stops to pay: the knees of a traffic curve. */
import type { CurvePoint } from './curve.ts';

/** Buffers are compared with those a fourth and four times as large: one step of a tile in two dimensions. */
const REACH = 4;

/** Quadrupling the buffer up to a knee divides traffic at least this much more than quadrupling it again. */
const LEAST_BEND = 1.5;

/**
 * The knees among the points of a curve (ascending buffer, descending traffic).
 *
 * The bend at capacity c is `(T(c/4) / T(c)) / (T(c) / T(4c))`: what the last quadrupling of the buffer divided traffic
 * by, over what the next one will. A knee bends by 1.5 or more, and no point within a factor of four bends more.
 */
export function knees(points: readonly CurvePoint[]): CurvePoint[] {
  const bends = points.map(({ bufferWords }) => bendAt(points, bufferWords));
  const outdone = (i: number): boolean =>
    points.some(
      (other, j) => isNear(points[i], other) && (bends[j] > bends[i] || (bends[j] === bends[i] && j < i)),
    );
  return points.filter((_, i) => bends[i] >= LEAST_BEND && !outdone(i));
}

function isNear(a: CurvePoint, b: CurvePoint): boolean {
  return a.bufferWords < REACH * b.bufferWords && b.bufferWords < REACH * a.bufferWords;
}

/** Zero where a fourth of the capacity holds no tile. */
function bendAt(points: readonly CurvePoint[], capacity: number): number {
  const [less, here, more] = [capacity / REACH, capacity, capacity * REACH].map(
    (words) => points.findLast((point) => point.bufferWords <= words)?.trafficWords,
  );
  return less === undefined || here === undefined || more === undefined ? 0 : (less * more) / (here * here);
}
