/**
 * What earlier designs tell of a layer on the next one, which differs from them in capacities and energies alone. A
 * mapping's counts do not depend on these: capacities only forbid mappings, energies only weight counts.
 */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { memories, usableWords } from '../arch/architecture.ts';
import { energiesOf } from '../arch/energies.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { LeastWork } from '../search/bound.ts';
import { leastEnergyOf } from '../search/bound.ts';
import type { ObjectiveName } from '../search/objective.ts';

export interface LayerCost {
  readonly energyPj: number;
  readonly cycles: number;
}

/** What cannot be undercut by one layer, and what it costs once that is known. */
export interface LayerState extends LayerCost {
  /** Energy times cycles at least. */
  readonly product: number;
}

/** What designs of one structure differ in. */
export interface Sizes {
  /** Usable words by memory. */
  readonly words: readonly number[];
  readonly energies: readonly number[];
}

export function sizesOf(arch: Architecture): Sizes {
  return { words: capacities(arch), energies: energiesOf(arch) };
}

/** One search: for which sizes it was made and what it found. */
export interface KnownCost extends Sizes {
  /** Words by memory that the mapping found needs; none if there is none. */
  readonly needed: readonly number[];
  /** None if no mapping is legal. */
  readonly best: (LayerCost & { readonly mapping: Mapping }) | undefined;
  /** No mapping is better there. */
  readonly proved: boolean;
}

/** Optimal costs of one layer on machines of one structure, for one objective. */
export class KnownCosts {
  readonly #known: KnownCost[] = [];

  add(cost: KnownCost): void {
    this.#known.push(cost);
  }

  /**
   * What a search would find, if an earlier one tells: an optimum found with no less room, needing no more than there
   * is, at the same energies. `undefined` if nothing is known; `null` if it is known that nothing is legal.
   */
  find({ words, energies }: Sizes): LayerCost | null | undefined {
    const found = this.#known.find(
      (known) =>
        (known.proved ? atMost(words, known.words) : equal(words, known.words)) &&
        atMost(known.needed, words) &&
        (known.best === undefined || equal(known.energies, energies)),
    );
    return found && (found.best ?? null);
  }

  /** Searches known so far. */
  get count(): number {
    return this.#known.length;
  }

  /** What a layer costs at least, given `state`, by what was added after the first `from` searches. */
  bound(
    sizes: Sizes,
    work: LeastWork,
    objective: ObjectiveName,
    state: LayerState,
    from: number,
  ): LayerState {
    return this.#known
      .slice(from)
      .reduce(
        (least, { best, proved, words, energies }) =>
          proved && best !== undefined && atMost(sizes.words, words)
            ? boundedBy({ energies, best }, sizes, work, objective, least)
            : least,
        state,
      );
  }

  /** Mappings known to fit, the latest first. */
  fitting(words: readonly number[]): Mapping[] {
    const fitting = this.#known.flatMap(({ best, needed }) =>
      best && atMost(needed, words) ? [best.mapping] : [],
    );
    return fitting.toReversed();
  }
}

/**
 * Optima found with no less room bound the cost from below. Energy is linear in the machine's energies: with the share
 * r ≤ 1 of those there in each of those here, any mapping costs here r times what it costs there, plus what it costs at
 * the energies left over, of which `work` is the least.
 */
function boundedBy(
  { energies: there, best }: { readonly energies: readonly number[]; readonly best: LayerCost },
  { energies }: Sizes,
  work: LeastWork,
  objective: ObjectiveName,
  state: LayerState,
): LayerState {
  if (objective === 'latency') return { ...state, cycles: Math.max(state.cycles, best.cycles) };
  if (objective !== 'edp' && objective !== 'energy') return state;
  const share = leastRatio(energies, there);
  const rest = energies.map((energy, i) => Math.max(0, energy - share * there[i]));
  const left = leastEnergyOf(work, rest);
  if (objective === 'energy')
    return { ...state, energyPj: Math.max(state.energyPj, share * best.energyPj + left) };
  const product = share * best.energyPj * best.cycles + left * work.cycles;
  return { ...state, product: Math.max(state.product, product) };
}

/** What decides neither which mappings there are nor their counts. */
const UNSEEN = { energy: undefined, areaUm2: undefined, estimates: undefined };

/** All that decides what mappings there are and what they count, capacities aside. */
export function structureKey({ nodes, compute, constraints }: Architecture): string {
  const seen = nodes.map((node) =>
    node.kind === 'memory' ? { ...node, ...UNSEEN, words: minimumWords(node) } : { ...node, ...UNSEEN },
  );
  const rules = constraints?.document.at(constraints.path);
  return JSON.stringify([seen, compute.name, compute.powerGating, rules]);
}

/** A memory that tiles must fill to some share: its size is part of the structure. */
function minimumWords({ minUtilization, words }: Memory): number | undefined {
  return minUtilization > 0 && words !== Infinity ? words : undefined;
}

/** Words that tiles may use, by memory. */
export function capacities(arch: Architecture): number[] {
  return memories(arch).map(usableWords);
}

/** What is certain of a layer by itself. */
export function simpleState(work: LeastWork, energies: readonly number[]): LayerState {
  const energyPj = leastEnergyOf(work, energies);
  return { energyPj, cycles: work.cycles, product: energyPj * work.cycles };
}

function leastRatio(here: readonly number[], there: readonly number[]): number {
  return here.reduce((least, energy, i) => (there[i] === 0 ? least : Math.min(least, energy / there[i])), 1);
}

function atMost(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value <= b[i]);
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value === b[i]);
}
