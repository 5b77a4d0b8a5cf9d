/**
 * What earlier designs tell of a layer on the next one. A mapping's counts do not depend on capacities or energies:
 * capacities only forbid mappings, energies only weight counts.
 */
import type { Architecture, Memory, Node } from '../arch/architecture.ts';
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

/** What a known optimum says of a machine. */
export interface KnownBound {
  readonly share: number;
  readonly cost: LayerCost;
  /** The machine with the energies that `share` times the other one's leave. */
  readonly rest: () => Architecture;
}

/** One search: where it was made and what it found; no cost if no mapping is legal. */
interface Entry {
  readonly arch: Architecture;
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
   * Optima found with no less room. Energy is linear in the machine's energies: with the share r ≤ 1 of those there in
   * each of those here, any mapping costs here r times what it costs there, plus what it costs at the energies left over.
   */
  *bounds(arch: Architecture, rules: Constraints): Generator<KnownBound> {
    const words = capacities(arch);
    const energies = energiesOf(arch);
    for (const entry of this.#entries(arch, rules)) {
      if (!entry.proved || entry.cost === undefined || !atMost(words, entry.words)) continue;
      const share = leastRatio(energies, entry.energies);
      yield { share, cost: entry.cost, rest: () => lessEnergy(arch, entry.arch, share) };
    }
  }

  /** Adds what a search found, or that nothing is legal. */
  add(arch: Architecture, rules: Constraints, { cost, proved }: LayerResult): void {
    const words = capacities(arch);
    this.#entries(arch, rules).push({
      arch,
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

/** What decides neither which mappings there are nor their counts. */
const UNSEEN = { energy: undefined, areaUm2: undefined, estimates: undefined };

/** All that decides what mappings there are and what they count, capacities aside. */
export function structureKey(arch: Architecture, rules: Constraints = []): string {
  const nodes = arch.nodes.map((node) =>
    node.kind === 'memory' ? { ...node, ...UNSEEN, words: minimumWords(node) } : { ...node, ...UNSEEN },
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

/** The machine with its energies less `share` times those of another one of the same structure. */
function lessEnergy(arch: Architecture, other: Architecture, share: number): Architecture {
  const less = <T extends object>(own: T, theirs: T): T =>
    Object.fromEntries(
      Object.entries(own).map(([key, value]) => [
        key,
        Math.max(0, (value as number) - share * (theirs as Record<string, number>)[key]),
      ]),
    ) as T;
  const nodes = arch.nodes.map((node, i): Node => {
    const counterpart = other.nodes[i];
    if (node.kind === 'memory' && counterpart.kind === 'memory')
      return { ...node, energy: less(node.energy, counterpart.energy) };
    if (node.kind === 'array' && counterpart.kind === 'array')
      return { ...node, energy: less(node.energy, counterpart.energy) };
    return node;
  });
  const { energyPj, leakPjPerCycle } = arch.compute;
  const own = { energyPj, leakPjPerCycle };
  const theirs = { energyPj: other.compute.energyPj, leakPjPerCycle: other.compute.leakPjPerCycle };
  return { ...arch, nodes, compute: { ...arch.compute, ...less(own, theirs) } };
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
