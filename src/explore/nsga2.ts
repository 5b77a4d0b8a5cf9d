/**
 * NSGA-II over the grid: K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, "A fast and elitist multiobjective genetic
 * algorithm: NSGA-II", IEEE TEC 6(2), 2002. Genes are the digits of a design; every design is mapped at most once.
 */
import { Random } from '../mapspace/random.ts';
import { dominates } from './pareto.ts';
import type { Axis, Design, Digits, Sweep } from './sweep.ts';
import { gridSize } from './sweep.ts';

/** Probability that a pair of parents mixes its genes (Deb et al. use 0.9). */
const CROSSOVER = 0.9;
/** Children that turn out to be known before the algorithm gives up on new ones in a generation. */
const PATIENCE = 200;

/** Values of the objectives of a design; undefined if it cannot be: then it loses against every other. */
export type Evaluate = (designs: readonly Design[]) => Promise<readonly (readonly number[] | undefined)[]>;

interface Member {
  readonly digits: Digits;
  readonly vector: readonly number[] | undefined;
}

/** Ranked: 0 is the front; the crowding distance is greater where there are fewer neighbours. */
interface Ranked extends Member {
  readonly rank: number;
  readonly crowding: number;
}

/** Evaluates generations until `sampling.designs` designs are known or no new ones are found. */
export async function nsga2(sweep: Sweep, evaluate: Evaluate): Promise<void> {
  const { designs, seed, population } = sweep.sampling;
  const random = new Random(seed, 1);
  const breeder = new Breeder(sweep.axes, random);
  const most = Math.min(designs, gridSize(sweep));
  let parents: readonly Ranked[] = [];
  for (let next = 0; next < most;) {
    const size = Math.min(population, most - next);
    const young = parents.length === 0 ? breeder.strangers(size) : breeder.children(parents, size);
    if (young.length === 0) return;
    const children = young.map((digits, i): Design => ({ id: next + i, digits }));
    const vectors = await evaluate(children);
    if (vectors.length < children.length) return;
    next += children.length;
    const all = [...parents, ...children.map(({ digits }, i) => ({ digits, vector: vectors[i] }))];
    parents = ranked(all).slice(0, population);
  }
}

/** Makes designs that have not been seen. */
class Breeder {
  readonly #axes: readonly Axis[];
  readonly #random: Random;
  readonly #seen = new Set<string>();

  constructor(axes: readonly Axis[], random: Random) {
    this.#axes = axes;
    this.#random = random;
  }

  strangers(size: number): Digits[] {
    return this.#fresh(size, () => this.#axes.map(({ values }) => this.#random.below(values.length)));
  }

  children(parents: readonly Ranked[], size: number): Digits[] {
    const children = this.#fresh(size, () =>
      this.#mutated(this.#crossed(this.#winner(parents), this.#winner(parents))),
    );
    return [...children, ...this.strangers(size - children.length)];
  }

  #fresh(size: number, make: () => Digits): Digits[] {
    const made: Digits[] = [];
    for (let misses = 0; made.length < size && misses < PATIENCE;) {
      const digits = make();
      const key = digits.join();
      if (this.#seen.has(key)) misses++;
      else {
        this.#seen.add(key);
        made.push(digits);
      }
    }
    return made;
  }

  /** Binary tournament. */
  #winner(parents: readonly Ranked[]): Digits {
    const [a, b] = [0, 1].map(() => parents[this.#random.below(parents.length)]);
    return order(a, b) <= 0 ? a.digits : b.digits;
  }

  #crossed(a: Digits, b: Digits): Digits {
    if (this.#random.unit() >= CROSSOVER) return a;
    return a.map((digit, i) => (this.#random.unit() < 0.5 ? digit : b[i]));
  }

  /** One gene in the mean: half of them go one step, the others anywhere. */
  #mutated(digits: Digits): Digits {
    return digits.map((digit, i) => {
      const { length } = this.#axes[i].values;
      if (length === 1 || this.#random.unit() >= 1 / digits.length) return digit;
      const step = this.#random.unit() < 0.5 ? -1 : 1;
      if (this.#random.unit() < 0.5) return this.#random.below(length);
      return Math.min(length - 1, Math.max(0, digit + step));
    });
  }
}

function order(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || b.crowding - a.crowding;
}

/** By front, then by crowding distance; equal ones in the order given. */
function ranked(members: readonly Member[]): Ranked[] {
  const found: Ranked[] = [];
  let left = members;
  for (let rank = 0; left.length > 0; rank++) {
    const front = left.filter((one) => !left.some((other) => isBetter(other, one)));
    const crowding = crowdingOf(front);
    found.push(...front.map((member, i) => ({ ...member, rank, crowding: crowding[i] })).toSorted(order));
    left = left.filter((one) => !front.includes(one));
  }
  return found;
}

function isBetter(a: Member, b: Member): boolean {
  if (!a.vector || !b.vector) return a.vector !== undefined && b.vector === undefined;
  return dominates(a.vector, b.vector);
}

/** Sum over the objectives of the distance between a member's neighbours; Infinity at the ends. */
function crowdingOf(front: readonly Member[]): number[] {
  const distance = front.map(() => 0);
  const objectives = front[0].vector?.length ?? 0;
  for (let k = 0; k < objectives; k++) {
    const value = (i: number): number => front[i].vector?.[k] ?? 0;
    const sorted = front.map((_, i) => i).toSorted((a, b) => value(a) - value(b));
    const span = value(sorted[sorted.length - 1]) - value(sorted[0]) || 1;
    sorted.forEach((member, i) => {
      const inner = i > 0 && i < sorted.length - 1;
      distance[member] += inner ? (value(sorted[i + 1]) - value(sorted[i - 1])) / span : Infinity;
    });
  }
  return distance;
}
