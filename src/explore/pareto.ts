/** The exact Pareto front of designs: those that no other one beats. All objectives are minimised. */
import type { Design, Metrics, Sweep } from './sweep.ts';
import { objectiveVector } from './sweep.ts';

export interface FrontPoint extends Design {
  readonly metrics: Metrics;
  readonly vector: readonly number[];
}

/** What it holds depends on the designs offered, not on their order: of equals, all stay. */
export class ParetoFront {
  readonly #sweep: Pick<Sweep, 'objectives'>;
  #points: FrontPoint[] = [];

  constructor(sweep: Pick<Sweep, 'objectives'>) {
    this.#sweep = sweep;
  }

  /** By the first objective, then the next ones, then in the order of the designs. */
  get points(): readonly FrontPoint[] {
    return this.#points.toSorted((a, b) => compare(a.vector, b.vector) || a.id - b.id);
  }

  get size(): number {
    return this.#points.length;
  }

  offer({ id, digits }: Design, metrics: Metrics): void {
    const vector = objectiveVector(this.#sweep, metrics);
    if (this.beats(vector)) return;
    const left = this.#points.filter((point) => !dominates(vector, point.vector));
    this.#points = [...left, { id, digits, metrics, vector }];
  }

  /** True if some point is no worse in every objective and better in one. */
  beats(vector: readonly number[]): boolean {
    return this.#points.some((point) => dominates(point.vector, vector));
  }
}

export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] > b[i]) return false;
    if (a[i] < b[i]) better = true;
  }
  return better;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, k) => value !== b[k]);
  return i < 0 ? 0 : a[i] - b[i];
}

/**
 * Volume that vectors dominate within the box from the origin to `reference`, as a share of the box; by slicing along
 * the last objective (While et al., "A faster algorithm for calculating hypervolume", IEEE TEC 10, 2006: HSO).
 */
export function hypervolume(vectors: readonly (readonly number[])[], reference: readonly number[]): number {
  const scaled = vectors
    .map((vector) => vector.map((value, i) => value / reference[i]))
    .filter((vector) => vector.every((value) => value < 1));
  return volume(scaled, reference.length);
}

function volume(vectors: readonly (readonly number[])[], dimensions: number): number {
  if (vectors.length === 0) return 0;
  const last = dimensions - 1;
  if (last === 0) return 1 - Math.min(...vectors.map(([value]) => value));
  const sorted = vectors.toSorted((a, b) => a[last] - b[last]);
  if (last === 1) return staircase(sorted);
  let slice: (readonly number[])[] = [];
  return sorted.reduce((total, vector, i) => {
    const own = vector.slice(0, last);
    if (!slice.some((other) => covers(other, own))) {
      slice = [...slice.filter((other) => !covers(own, other)), own];
    }
    const thickness = (sorted[i + 1]?.[last] ?? 1) - vector[last];
    return thickness > 0 ? total + thickness * volume(slice, last) : total;
  }, 0);
}

function covers(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value <= b[i]);
}

/** Area under two objectives, whose vectors ascend by the second. */
function staircase(vectors: readonly (readonly number[])[]): number {
  let least = 1;
  return vectors.reduce((total, [first, second], i) => {
    least = Math.min(least, first);
    return total + (1 - least) * ((vectors[i + 1]?.[1] ?? 1) - second);
  }, 0);
}
