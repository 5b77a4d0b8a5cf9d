/** The best mappings found so far: one for one objective, the Pareto front for several. */
import type { Mapping } from '../mapping/mapping.ts';
import { compareMappings } from './mapping-order.ts';
import type { ObjectiveName } from './objective.ts';
import { objectiveValue } from './objective.ts';

export interface Candidate {
  readonly energyPj: number;
  readonly cycles: number;
  readonly mapping: Mapping;
}

interface Entry extends Candidate {
  /** One per objective. */
  readonly values: readonly number[];
}

/**
 * Keeps the candidates that no other beats or equals in every objective; of those with equal objectives, the first in
 * a total order (energy, cycles, mapping). What it holds depends on the set of candidates offered, not on their order.
 */
export class Front {
  readonly objectives: readonly ObjectiveName[];
  /** Sorted by objectives, the first one first. */
  #entries: Entry[] = [];
  /** Objectives of the candidate on offer. */
  readonly #values: Float64Array;

  constructor(objectives: readonly ObjectiveName[]) {
    this.objectives = objectives;
    this.#values = new Float64Array(objectives.length);
  }

  get candidates(): Candidate[] {
    return this.#entries.map(({ energyPj, cycles, mapping }) => ({ energyPj, cycles, mapping }));
  }

  /** The candidate with the least value of the first objective. */
  get first(): Candidate | undefined {
    return this.candidates[0];
  }

  /** The least value of the first objective; `Infinity` while empty. */
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
    return !equal;
  }

  /** False if some entry is better in one objective and no worse in the others. Asked for every mapping: allocates nothing. */
  mayTake(energyPj: number, cycles: number): boolean {
    if (!Number.isFinite(energyPj) || !Number.isFinite(cycles)) return false;
    for (let i = 0; i < this.objectives.length; i++) {
      this.#values[i] = objectiveValue(this.objectives[i], energyPj, cycles);
    }
    for (let e = 0; e < this.#entries.length; e++) {
      if (this.#isDominatedBy(this.#entries[e])) return false;
    }
    return true;
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

/** Total order of candidates with equal objectives. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return a.energyPj - b.energyPj || a.cycles - b.cycles || compareMappings(a.mapping, b.mapping);
}

function compareValues(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}
