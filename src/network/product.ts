/**
 * The least energy-delay product of a whole network, exactly. Layers add up in energy and in cycles but not in their
 * product, so that the best mapping of each layer alone is not the best of the network.
 *
 * E·T and E·T² are quasi-concave for positive E and T: over all choices of mappings they are least at an extreme point
 * of the convex hull of the totals, and those are where every layer minimises the same weighted sum of both (compare
 * Y. P. Aneja and K. P. K. Nair, "Bicriteria transportation problem", Management Science 25(1), 1979, who walk the hull).
 */

export interface Totals {
  readonly energyPj: number;
  readonly cycles: number;
}

/** What every layer minimises: `energyPj + latency · cycles`. */
export interface Weighted<T extends Totals> {
  readonly totals: T;
  /** No choice of mappings has a smaller weighted sum. */
  readonly lowerBound: number;
}

export interface ProductOptions<T extends Totals> {
  /** Power of the cycles: 1 for EDP, 2 for ED²P. */
  readonly power: 1 | 2;
  /** Any choice of mappings. */
  readonly first: T;
  /** What no choice of mappings undercuts, one by one. */
  readonly least: Totals;
  /** Minimises the sum of energy in pJ and `latency` times the cycles over all layers. */
  readonly minimise: (latency: number) => Promise<Weighted<T>>;
  /** Weighted sums to try at most. */
  readonly rounds: number;
}

export interface ProductOptimum<T extends Totals> {
  readonly best: T;
  /** Of the product, in pJ·cycles or pJ·cycles². */
  readonly lowerBound: number;
}

/** All totals have `energy · energyPj + latency · cycles >= least`. */
interface HalfPlane {
  readonly energy: number;
  readonly latency: number;
  readonly least: number;
}

/** Relative differences that are rounding. */
const ROUNDING = 1e-9;

/** Cuts off the best corner that totals could still have, until the best totals known are as good as any corner. */
export async function leastProduct<T extends Totals>(options: ProductOptions<T>): Promise<ProductOptimum<T>> {
  const { power, least, minimise, rounds } = options;
  const product = ({ energyPj, cycles }: Totals): number => energyPj * cycles ** power;
  const planes: HalfPlane[] = [
    { energy: 1, latency: 0, least: least.energyPj },
    { energy: 0, latency: 1, least: least.cycles },
  ];
  let best = options.first;
  for (let round = 0; ; round++) {
    const corner = bestCorner(planes, product);
    const lowerBound = Math.min(product(corner), product(best));
    if (round === rounds || lowerBound >= product(best) * (1 - ROUNDING)) return { best, lowerBound };
    // The product's own gradient: the line through the corner along which it does not change.
    const latency = (power * corner.energyPj) / corner.cycles;
    const found = await minimise(latency);
    if (product(found.totals) < product(best)) best = found.totals;
    planes.push({ energy: 1, latency, least: found.lowerBound });
  }
}

/** The corner of the region with the least product; it has one, since energy and cycles are bounded from below. */
function bestCorner(planes: readonly HalfPlane[], product: (totals: Totals) => number): Totals {
  const corners = planes.flatMap((a, i) => planes.slice(i + 1).map((b) => intersection(a, b)));
  const inside = corners.filter((corner) => planes.every((plane) => isAbove(plane, corner)));
  return inside.reduce((least, corner) => (product(corner) < product(least) ? corner : least));
}

function intersection(a: HalfPlane, b: HalfPlane): Totals {
  const determinant = a.energy * b.latency - b.energy * a.latency;
  return {
    energyPj: (a.least * b.latency - b.least * a.latency) / determinant,
    cycles: (a.energy * b.least - b.energy * a.least) / determinant,
  };
}

function isAbove({ energy, latency, least }: HalfPlane, { energyPj, cycles }: Totals): boolean {
  return energy * energyPj + latency * cycles >= least * (1 - ROUNDING);
}
