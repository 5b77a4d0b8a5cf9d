/** The best mappings found so far: one for one objective or an order of them, the Pareto front for a list. */
import type { Mapping } from '../mapping/mapping.ts';
import { compareMappings } from './mapping-order.ts';
import type { Goal } from './objective.ts';
import { EQUAL, objectiveValue } from './objective.ts';

export interface Candidate {
  readonly energyPj: number;
  readonly cycles: number;
  readonly mapping: Mapping;
}

interface Entry extends Candidate {
  /** One per quantity of the goal. */
  readonly values: readonly number[];
}

/**
 * Keeps the candidates that no other beats or equals in every quantity; of those with equal values, the first in a
 * total order (energy, cycles, mapping). What it holds depends on the set of candidates offered, not on their order.
 */
export class Front {
  readonly goal: Goal;
  /** Sorted by values, the first one first; for an order only those that are equal in the first. */
  #entries: Entry[] = [];
  /** Values of the candidate on offer. */
  readonly #values: Float64Array;

  constructor(goal: Goal) {
    this.goal = goal;
    this.#values = new Float64Array(goal.quantities.length);
  }

  /** What a merge with others needs. */
  get candidates(): Candidate[] {
    return this.#entries.map(bare);
  }

  /** The whole front, best by the first quantity first; for an order the one best. */
  get solutions(): Candidate[] {
    return (this.goal.kind === 'front' ? this.#entries : this.#entries.length > 0 ? [this.#best()] : []).map(
      bare,
    );
  }

  get first(): Candidate | undefined {
    return this.solutions[0];
  }

  /** The least value of the first quantity; `Infinity` while empty. */
  get best(): number {
    return this.#entries[0]?.values[0] ?? Infinity;
  }

  /**
   * Takes a candidate in if it belongs to the front.
   *
   * @param toMapping called only if it may: few candidates ever become a mapping
   * @returns true if the front improves; one that is merely first among equals improves nothing
   */
  offer(energyPj: number, cycles: number, toMapping: () => Mapping): boolean {
    if (!this.mayTake(energyPj, cycles)) return false;
    const values = [...this.#values];
    const equal = this.#entries.find((entry) => entry.values.every((value, i) => value === values[i]));
    const entry: Entry = { energyPj, cycles, mapping: toMapping(), values };
    if (equal && compareCandidates(equal, entry) <= 0) return false;
    const others = this.#entries.filter((other) => values.some((value, i) => value > other.values[i]));
    this.#entries = [...others, entry].toSorted((a, b) => compareValues(a.values, b.values));
    if (this.goal.kind === 'lexicographic') {
      this.#entries = this.#entries.filter((other) => other.values[0] <= this.#limit());
    }
    return !equal;
  }

  /** False if some entry is better in one objective and no worse in the others. Asked for every mapping: allocates nothing. */
  mayTake(energyPj: number, cycles: number): boolean {
    if (!Number.isFinite(energyPj) || !Number.isFinite(cycles)) return false;
    const { kind, quantities } = this.goal;
    for (let i = 0; i < quantities.length; i++) {
      this.#values[i] = objectiveValue(quantities[i], energyPj, cycles);
    }
    if (kind === 'lexicographic' && this.#values[0] > this.#limit()) return false;
    for (let e = 0; e < this.#entries.length; e++) {
      if (this.#isDominatedBy(this.#entries[e])) return false;
    }
    return true;
  }

  #limit(): number {
    return this.best * (1 + EQUAL);
  }

  /** The best by the first quantity, of those equal in it the best by the second, and so on. */
  #best(): Entry {
    const left = this.goal.quantities.reduce((entries, _, i) => {
      const least = Math.min(...entries.map(({ values }) => values[i]));
      return entries.filter(({ values }) => values[i] <= least * (1 + EQUAL));
    }, this.#entries);
    return left[0];
  }

  #isDominatedBy({ values }: Entry): boolean {
    let worse = false;
    for (let i = 0; i < values.length; i++) {
      if (this.#values[i] < values[i]) return false;
      if (this.#values[i] > values[i]) worse = true;
    }
    return worse;
  }
}

function bare({ energyPj, cycles, mapping }: Candidate): Candidate {
  return { energyPj, cycles, mapping };
}

/** Total order of candidates with equal objectives. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return a.energyPj - b.energyPj || a.cycles - b.cycles || compareMappings(a.mapping, b.mapping);
}

function compareValues(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}
