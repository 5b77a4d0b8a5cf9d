/** Maps all layers of one design after another: totals, or why there are none, or that it need not be finished. */
import type { Architecture } from '../arch/architecture.ts';
import { idealOf } from '../arch/energies.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { sha256 } from '../host/sha256.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { buildMapspace, outlineSpace } from '../mapspace/mapspace.ts';
import { readOwnConstraints } from '../mapspace/read-constraints.ts';
import type { Cost } from '../model/cost.ts';
import { chipArea, chipLeakageWatts, evaluateMapping } from '../model/evaluate.ts';
import type { LeastWork } from '../search/bound.ts';
import { leastWork } from '../search/bound.ts';
import { searchExact } from '../search/exact/exact.ts';
import { exactRefusal, searchedSpace } from '../search/exact/support.ts';
import type { Objective, ObjectiveName } from '../search/objective.ts';
import { objectiveValue } from '../search/objective.ts';
import { search } from '../search/search.ts';
import { InfeasibleError } from '../spec/errors.ts';
import type { DistinctLayer } from '../workload/workload.ts';
import { architectureOf, mayBe, parametersOf } from './designs.ts';
import type { KnownCost, LayerCost, LayerState, Sizes } from './known.ts';
import { KnownCosts, simpleState, sizesOf, structureKey } from './known.ts';
import { allHold } from './rules.ts';
import type { Design, DesignRecord, Metrics, Sweep } from './sweep.ts';

/** Mappings costed where the exact search does not go: fixed, so that every run finds the same. */
const SAMPLED = 50_000;
/** Digits of totals: equal optima that add up in other orders then print alike. */
const DIGITS = 12;
/** Known mappings that are costed for a first one, the latest. */
const RECOSTED = 8;
/** Designs whose machines are kept at hand. */
const REMEMBERED = 10_000;
/** Keeps lower bounds below what they bound, whatever was rounded. */
const ROUNDING = 1 - 1e-9;

/** How the work of designs was saved. */
export interface Effort {
  /** Layers searched, and taken over from another design. */
  searched: number;
  reused: number;
}

/** A design before it is mapped. */
export interface Preview {
  /** Lower bounds. */
  readonly least: Metrics;
  /** Equal for designs that differ in capacities and energies alone. */
  readonly structure: string;
  /** Words of the memories that are limited. */
  readonly words: readonly number[];
}

/** What a search of a layer told: for machines of which structure, and for which layer of the sweep. */
export interface Learned {
  readonly structure: string;
  readonly layer: number;
  readonly cost: KnownCost;
}

/** What machines of one structure share. */
interface Family {
  /** Digest of the structure. */
  readonly structure: string;
  /** By layer. */
  readonly rules: readonly Constraints[];
  readonly work: readonly LeastWork[];
}

/** A machine, be it a design's or one that no design of a group beats. */
interface Machine extends Sizes {
  readonly arch: Architecture;
  readonly family: Family;
  /** By layer: what is certain, from so many known searches. */
  readonly states: LayerState[];
  readonly seen: number[];
}

/** One for each thread: it remembers the layers of earlier designs. */
export class DesignMapper {
  readonly effort: Effort = { searched: 0, reused: 0 };
  readonly #sweep: Sweep;
  readonly #layers: readonly DistinctLayer[];
  readonly #families = new Map<string, Family>();
  readonly #known = new Map<string, readonly KnownCosts[]>();
  readonly #rules = new Map<string, readonly Constraints[]>();
  readonly #machines = new Map<number, Machine | undefined>();
  readonly #onLearned: (learned: Learned) => void;

  /** @param onLearned is told of every search */
  constructor(sweep: Sweep, onLearned: (learned: Learned) => void = () => undefined) {
    this.#sweep = sweep;
    this.#onLearned = onLearned;
    this.#layers = sweep.networks.flatMap(({ layers }) => layers);
  }

  /** What can be said before anything is mapped; undefined if a rule excludes the design. */
  preview(design: Design): Preview | undefined {
    const machine = this.#machine(design);
    if (!machine) return undefined;
    return {
      least: this.#least(machine, machine.states),
      structure: machine.family.structure,
      words: machine.words.filter(Number.isFinite),
    };
  }

  /**
   * Lower bounds of designs of one structure, by the layers of one machine that none of them beats. Ends as soon as all
   * can be given up.
   *
   * @param isBeaten whether a design with at least these metrics can be given up
   */
  async bound(designs: readonly Design[], isBeaten: (least: Metrics) => boolean): Promise<Metrics[]> {
    const machines = designs.map((design) => this.#machine(design) as Machine);
    const ideal = this.#machineOf(idealOf(machines.map(({ arch }) => arch)));
    for (const machine of machines) this.#refresh(machine);
    this.#refresh(ideal);
    const leasts = (): Metrics[] => machines.map((machine) => this.#least(machine, machine.states));
    for (const layer of this.#byWeight(ideal.states)) {
      if (leasts().every(isBeaten)) break;
      if (!(await this.#cost(ideal, layer))) break;
      for (const machine of machines) this.#refreshLayer(machine, layer);
    }
    return leasts();
  }

  /**
   * The design's metrics.
   *
   * @param isBeaten whether a design with at least these metrics can be given up
   */
  async map(design: Design, isBeaten: (least: Metrics) => boolean): Promise<DesignRecord> {
    const { id, digits } = design;
    const machine = this.#machine(design);
    if (!machine) return { id, digits, status: 'excluded' };
    this.#refresh(machine);
    const states = [...machine.states];
    for (const i of this.#byWeight(states)) {
      if (isBeaten(this.#least(machine, states))) return { id, digits, status: 'pruned' };
      const cost = await this.#cost(machine, i);
      if (!cost)
        return { id, digits, status: 'infeasible', reason: `${this.#layers[i].name} has no legal mapping` };
      states[i] = { ...cost, product: cost.energyPj * cost.cycles };
    }
    const metrics = totals(machine.arch, this.#layers, states, 1);
    const parameters = parametersOf(this.#sweep, digits);
    if (!allHold(this.#sweep.rules, 'mapping', parameters, metrics)) {
      return { id, digits, status: 'excluded' };
    }
    return { id, digits, status: 'mapped', metrics };
  }

  /** Adds what other threads learned. */
  learn(learned: readonly Learned[]): void {
    for (const { structure, layer, cost } of learned) this.#knownCosts(structure)[layer].add(cost);
  }

  /** Undefined if the rules on parameters or on the area exclude the design. */
  #machine(design: Design): Machine | undefined {
    if (this.#machines.has(design.id)) return this.#machines.get(design.id);
    if (this.#machines.size >= REMEMBERED) this.#machines.clear();
    const machine = this.#build(design);
    this.#machines.set(design.id, machine);
    return machine;
  }

  #build({ digits }: Design): Machine | undefined {
    const parameters = parametersOf(this.#sweep, digits);
    if (!mayBe(this.#sweep, parameters)) return undefined;
    const arch = architectureOf(this.#sweep, parameters);
    const holds = allHold(this.#sweep.rules, 'machine', parameters, chipMetrics(arch));
    return holds ? this.#machineOf(arch) : undefined;
  }

  #machineOf(arch: Architecture): Machine {
    const family = this.#family(arch);
    const sizes = sizesOf(arch);
    const states = family.work.map((work) => simpleState(work, sizes.energies));
    return { arch, family, ...sizes, states, seen: states.map(() => 0) };
  }

  #family(arch: Architecture): Family {
    const key = structureKey(arch);
    const known = this.#families.get(key);
    if (known) return known;
    const structure = sha256(key);
    const rules = this.#rulesOf(arch);
    const work = this.#layers.map(({ einsum }, i) => leastWork(outlineSpace(arch, einsum, rules[i])));
    const family = { structure, rules, work };
    this.#families.set(key, family);
    return family;
  }

  /** The architecture's own rules for each layer. They name nodes and dimensions, which most designs share. */
  #rulesOf(arch: Architecture): readonly Constraints[] {
    const names = arch.nodes.map(({ name }) => name);
    const { document, path } = arch.constraints ?? {};
    const key = JSON.stringify([names, arch.compute.name, document?.at(path ?? [])]);
    const known = this.#rules.get(key);
    if (known) return known;
    const rules = this.#layers.map(({ einsum }) => readOwnConstraints(arch, einsum));
    this.#rules.set(key, rules);
    return rules;
  }

  #knownCosts(structure: string): readonly KnownCosts[] {
    const known = this.#known.get(structure) ?? this.#layers.map(() => new KnownCosts());
    this.#known.set(structure, known);
    return known;
  }

  /** Bounds the machine's layers by what has been learned since it was last looked at. */
  #refresh(machine: Machine): void {
    machine.states.forEach((_, layer) => this.#refreshLayer(machine, layer));
  }

  #refreshLayer(machine: Machine, i: number): void {
    const { family, states, seen } = machine;
    const known = this.#knownCosts(family.structure)[i];
    states[i] = known.bound(machine, family.work[i], this.#sweep.mapping, states[i], seen[i]);
    seen[i] = known.count;
  }

  #least({ arch }: Machine, states: readonly LayerState[]): Metrics {
    return totals(arch, this.#layers, states, ROUNDING);
  }

  /** Layers by what they add to the total, most first. */
  #byWeight(states: readonly LayerState[]): number[] {
    const weights = states.map(({ energyPj }, i) => this.#layers[i].count * energyPj);
    return weights.map((_, i) => i).toSorted((a, b) => weights[b] - weights[a]);
  }

  /** The layer's optimum; null if no mapping is legal. */
  async #cost(machine: Machine, layer: number): Promise<LayerCost | null> {
    const { structure } = machine.family;
    const known = this.#knownCosts(structure)[layer];
    const cost = known.find(machine);
    if (cost !== undefined) {
      this.effort.reused++;
      return cost;
    }
    this.effort.searched++;
    const { best, proved } = await this.#search(machine, layer);
    const { words, energies } = machine;
    const found = {
      words,
      energies,
      proved,
      needed: best ? best.cost.memories.map(({ usedWords }) => usedWords) : words.map(() => 0),
      best: best && { energyPj: best.cost.energyPj, cycles: best.cost.cycles, mapping: best.mapping },
    };
    known.add(found);
    this.#onLearned({ structure, layer, cost: found });
    return found.best ?? null;
  }

  async #search(machine: Machine, i: number): Promise<LayerResult> {
    const { arch, family } = machine;
    const rules = family.rules[i];
    try {
      const space = buildMapspace(arch, this.#layers[i].einsum, rules);
      return await searchLayer(space, rules, this.#sweep.mapping, this.#atMost(machine, i));
    } catch (error) {
      if (error instanceof InfeasibleError) return { best: undefined, proved: true };
      throw error;
    }
  }

  /** The least that some known mappings of the layer cost. */
  #atMost({ arch, family, words }: Machine, i: number): number {
    const { einsum } = this.#layers[i];
    const mappings = this.#knownCosts(family.structure)[i].fitting(words).slice(0, RECOSTED);
    const values = mappings.map((mapping) => {
      const { energyPj, cycles } = evaluateMapping(arch, einsum, mapping);
      return objectiveValue(this.#sweep.mapping, energyPj, cycles);
    });
    return Math.min(Infinity, ...values);
  }
}

/** What a search of a layer found; nothing if no mapping is legal. */
interface LayerResult {
  readonly best: { readonly mapping: Mapping; readonly cost: Cost } | undefined;
  readonly proved: boolean;
}

/** @param atMost the objective's value of some legal mapping */
async function searchLayer(
  space: Mapspace,
  rules: Constraints,
  objective: ObjectiveName,
  atMost: number,
): Promise<LayerResult> {
  const isExact = exactRefusal(space) === undefined && searchedSpace(space) === space;
  if (isExact && !TIED[objective]) {
    const from = atMost < Infinity ? { incumbent: atMost / ROUNDING, beam: 0 } : {};
    const { best, certificate } = searchExact(space, { objective, ...from });
    return { best: best[0], proved: certificate.status === 'optimal' };
  }
  const { best, certificate } = await search({
    architecture: space.arch,
    layer: space.einsum,
    constraints: rules,
    objective: TIED[objective] ?? objective,
    threads: 1,
    ...(!isExact && { evaluations: SAMPLED }),
  });
  return { best, proved: certificate.status === 'optimal' };
}

/** Many mappings have the least cycles or the least energy: the other quantity decides, so that one is found. */
const TIED: Partial<Record<ObjectiveName, Objective>> = {
  energy: { lexicographic: ['energy', 'latency'] },
  latency: { lexicographic: ['latency', 'energy'] },
};

/**
 * Totals over all layers, times `share`. The network's EDP is (Σ energy) × (Σ cycles), which by the Cauchy-Schwarz
 * inequality is at least (Σ √(energy × cycles))²: where a layer's product is known better than its factors, that counts.
 */
function totals(
  arch: Architecture,
  layers: readonly DistinctLayer[],
  states: readonly LayerState[],
  share: number,
): Metrics {
  const sum = (of: (state: LayerState) => number): number =>
    states.reduce((total, state, i) => total + layers[i].count * of(state), 0);
  const energyPj = sum((state) => state.energyPj) * share;
  const cycles = sum((state) => state.cycles) * share;
  const product = Math.max(energyPj * cycles, sum((state) => Math.sqrt(state.product)) ** 2 * share);
  const period = 1 / arch.clockHz;
  return {
    energyPj: rounded(energyPj),
    cycles: rounded(cycles),
    latencySeconds: rounded(cycles * period),
    edpJs: rounded((share === 1 ? energyPj * cycles : product) * 1e-12 * period),
    ed2pJs2: rounded(objectiveValue('ed2p', energyPj, cycles) * 1e-12 * period * period),
    ...chipMetrics(arch),
  };
}

/** What the machine alone decides. */
function chipMetrics(arch: Architecture): Pick<Metrics, 'areaUm2' | 'leakageW'> {
  return { areaUm2: rounded(chipArea(arch)), leakageW: rounded(chipLeakageWatts(arch)) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
