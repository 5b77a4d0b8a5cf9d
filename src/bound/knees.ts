/** Where a buffer stops to pay: the knees of a traffic curve. */
import type { CurvePoint } from './curve.ts';

/** At a knee, one percent more buffer saves at most this share of what it saved before. */
const FLATTENING = 0.5;

/**
 * The knees among the points of a curve (ascending buffer, descending traffic): corners of its lower convex hull
 * in log–log coordinates whose slope to the right is at most half of the slope to the left. The point of least
 * traffic always is one, unless it is the only point.
 */
export function knees(points: readonly CurvePoint[]): CurvePoint[] {
  const hull = lowerHull(points);
  return hull.filter((point, i) => {
    if (i === 0) return false;
    const after = i + 1 < hull.length ? slope(point, hull[i + 1]) : 0;
    return after >= FLATTENING * slope(hull[i - 1], point);
  });
}

/** Elasticity of traffic to buffer size between two points: negative. */
function slope(from: CurvePoint, to: CurvePoint): number {
  return Math.log(to.trafficWords / from.trafficWords) / Math.log(to.bufferWords / from.bufferWords);
}

/** Points below every line between two others, left to right: slopes rise. */
function lowerHull(points: readonly CurvePoint[]): CurvePoint[] {
  const hull: CurvePoint[] = [];
  for (const point of points) {
    while (
      hull.length > 1 &&
      slope(hull[hull.length - 2], hull[hull.length - 1]) >= slope(hull[hull.length - 2], point)
    ) {
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
}
