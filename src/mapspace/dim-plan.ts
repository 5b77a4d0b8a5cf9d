/** How the prime factors of one dimension may be dealt to the loops of a frame under lower and upper limits. */
import { divisors, primeFactors } from './factors.ts';
import type { Frame } from './frame.ts';
import type { Limit } from './mapspace.ts';
import type { Random } from './random.ts';
import type { Urns } from './urns.ts';

/** The loops of the dimension at one level. */
interface Group extends Limit {
  readonly cells: readonly number[];
}

/** A group whose product is chosen before the rest is dealt, and its urns by prime. */
interface Chosen extends Group {
  readonly urns: ReadonlyMap<number, number>;
}

export class DimPlan {
  readonly #bound: number;
  readonly #chosen: readonly Chosen[];
  /** Products that the other groups can take. */
  readonly #rest: ReadonlySet<number>;
  readonly #restUrns: ReadonlyMap<number, number>;
  /** By number of groups chosen and what they left: the values the next may take. */
  readonly #values = new Map<string, readonly number[]>();

  constructor(frame: Frame, dim: number, urns: Urns) {
    this.#bound = frame.space.einsum.dims[dim].bound;
    const groups = groupsOf(frame, dim);
    const open = groups.filter((group) => group.least <= 1);
    this.#chosen = groups
      .filter((group) => group.least > 1)
      .map((group) => ({ ...group, urns: urns.add(group.cells, this.#bound) }));
    this.#rest = products(open, this.#bound);
    this.#restUrns = urns.add(
      open.flatMap((group) => group.cells),
      this.#bound,
    );
  }

  /** False if the limits leave no way to reach the bound with the loops of this frame. */
  get possible(): boolean {
    return this.#canFinish(0, this.#bound);
  }

  /** True if every draw deals the same primes to the same urns. */
  get isFixed(): boolean {
    return this.#chosen.length === 0;
  }

  /** Chooses the products with a lower limit: calls `deal` with the urn of each of their primes, and lists the rest's. */
  choose(random: Random, deal: (urn: number) => boolean): number[] | undefined {
    let rest = this.#bound;
    for (let g = 0; g < this.#chosen.length; g++) {
      const value = random.pick(this.#choices(g, rest));
      const { urns } = this.#chosen[g];
      for (const prime of primeFactors(value)) if (!deal(urns.get(prime) as number)) return undefined;
      rest /= value;
    }
    return this.urnsOf(rest);
  }

  /** The urns that deal a product to the loops without a lower limit. */
  urnsOf(product: number): number[] {
    return primeFactors(product).map((prime) => this.#restUrns.get(prime) as number);
  }

  #choices(g: number, rest: number): readonly number[] {
    const key = `${g} ${rest}`;
    const known = this.#values.get(key);
    if (known) return known;
    const { least, most } = this.#chosen[g];
    const values = divisors(rest).filter((v) => v >= least && v <= most && this.#canFinish(g + 1, rest / v));
    this.#values.set(key, values);
    return values;
  }

  #canFinish(g: number, rest: number): boolean {
    return g === this.#chosen.length ? this.#rest.has(rest) : this.#choices(g, rest).length > 0;
  }
}

function groupsOf({ space, cells }: Frame, dim: number): Group[] {
  return space.levels.flatMap((level, l) => {
    const own = cells.flatMap((cell, c) => (cell.level === l && cell.dim === dim ? [c] : []));
    return own.length > 0 ? [{ ...level.limits[dim], cells: own }] : [];
  });
}

/** Divisors of the bound that are a product of one value per group. */
function products(groups: readonly Group[], bound: number): Set<number> {
  const all = divisors(bound);
  return groups.reduce(
    (reached, { least, most }) => {
      const values = all.filter((value) => value >= least && value <= most);
      return new Set([...reached].flatMap((r) => values.map((v) => r * v).filter((p) => bound % p === 0)));
    },
    new Set([1]),
  );
}
