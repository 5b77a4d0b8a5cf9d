/**
 * What earlier designs tell of a layer on the next one. A mapping's counts do not depend on capacities or energies:
 * capacities only forbid mappings, energies only weight counts.
 */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { memories, usableWords } from '../arch/architecture.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Cost } from '../model/cost.ts';

export interface LayerCost {
  readonly energyPj: number;
  readonly cycles: number;
}

/** What a search of a layer found; no cost if no mapping is legal. */
export interface LayerResult {
  readonly cost: Cost | undefined;
  readonly proved: boolean;
}

/** One search: where it was made and what it found; no cost if no mapping is legal. */
interface Entry {
  /** Usable words by memory. */
  readonly words: readonly number[];
  /** Words by memory that the mapping found needs; none if there is none. */
  readonly needed: readonly number[];
  readonly energies: readonly number[];
  readonly cost: LayerCost | undefined;
  /** No mapping is better there. */
  readonly proved: boolean;
}

/** Optimal costs of one layer, for one objective. */
export class KnownCosts {
  readonly #byStructure = new Map<string, Entry[]>();

  /**
   * What a search would find, if an earlier one tells: an optimum found with no less room, needing no more than there
   * is, at the same energies. `undefined` if nothing is known; `null` if it is known that nothing is legal.
   */
  find(arch: Architecture, rules: Constraints): LayerCost | null | undefined {
    const words = capacities(arch);
    const energies = energiesOf(arch);
    const found = this.#entries(arch, rules).find(
      (entry) =>
        (entry.proved ? atMost(words, entry.words) : equal(words, entry.words)) &&
        atMost(entry.needed, words) &&
        (entry.cost === undefined || equal(entry.energies, energies)),
    );
    return found && (found.cost ?? null);
  }

  /**
   * A share r ≤ 1 and an optimum found with no less room: any mapping costs at least r times as much energy here as
   * there, so the optimum here is at least r times that one in energy and every product with it.
   */
  *bounds(arch: Architecture, rules: Constraints): Generator<{ share: number; cost: LayerCost }> {
    const words = capacities(arch);
    const energies = energiesOf(arch);
    for (const entry of this.#entries(arch, rules)) {
      if (!entry.proved || entry.cost === undefined || !atMost(words, entry.words)) continue;
      yield { share: leastRatio(energies, entry.energies), cost: entry.cost };
    }
  }

  /** Adds what a search found, or that nothing is legal. */
  add(arch: Architecture, rules: Constraints, { cost, proved }: LayerResult): void {
    const words = capacities(arch);
    this.#entries(arch, rules).push({
      words,
      needed: cost ? cost.memories.map(({ usedWords }) => usedWords) : words.map(() => 0),
      energies: energiesOf(arch),
      cost: cost && { energyPj: cost.energyPj, cycles: cost.cycles },
      proved,
    });
  }

  #entries(arch: Architecture, rules: Constraints): Entry[] {
    const key = structureKey(arch, rules);
    const entries = this.#byStructure.get(key) ?? [];
    this.#byStructure.set(key, entries);
    return entries;
  }
}

/** All that decides what mappings there are and what they count, capacities aside. */
export function structureKey(arch: Architecture, rules: Constraints = []): string {
  const nodes = arch.nodes.map((node) =>
    node.kind === 'memory'
      ? { ...node, words: minimumWords(node), energy: undefined, areaUm2: undefined }
      : { ...node, energy: undefined, areaUm2: undefined },
  );
  const compute = arch.compute.powerGating;
  return JSON.stringify([nodes, compute, rules.map((rule) => ({ ...rule, position: undefined }))]);
}

/** A memory that tiles must fill to some share: its size is part of the structure. */
function minimumWords({ minUtilization, words }: Memory): number | undefined {
  return minUtilization > 0 && words !== Infinity ? words : undefined;
}

/** Words that tiles may use, by memory. */
export function capacities(arch: Architecture): number[] {
  return memories(arch).map(usableWords);
}

/** Every factor of the energy, by which some count is multiplied. */
function energiesOf({ nodes, compute }: Architecture): number[] {
  return [...nodes.flatMap(({ energy }) => Object.values(energy)), compute.energyPj, compute.leakPjPerCycle];
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
