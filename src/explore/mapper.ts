/** Maps all layers of one design after another: totals, or why there are none, or that it need not be finished. */
import type { Architecture } from '../arch/architecture.ts';
import { sha256 } from '../host/sha256.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { buildMapspace, outlineSpace } from '../mapspace/mapspace.ts';
import { readOwnConstraints } from '../mapspace/read-constraints.ts';
import { chipArea } from '../model/evaluate.ts';
import { leastCycles, leastEnergyPj } from '../search/bound.ts';
import { searchExact } from '../search/exact/exact.ts';
import { exactRefusal, searchedSpace } from '../search/exact/support.ts';
import type { Objective, ObjectiveName } from '../search/objective.ts';
import { objectiveValue } from '../search/objective.ts';
import { search } from '../search/search.ts';
import { InfeasibleError } from '../spec/errors.ts';
import type { DistinctLayer } from '../workload/workload.ts';
import { architectureOf, mayBe, parametersOf } from './designs.ts';
import type { LayerCost, LayerResult } from './known.ts';
import { KnownCosts, capacities, structureKey } from './known.ts';
import { allHold } from './rules.ts';
import type { Design, DesignRecord, Metrics, Sweep } from './sweep.ts';

/** Mappings costed where the exact search does not go: fixed, so that every run finds the same. */
const SAMPLED = 50_000;
/** Digits of totals: equal optima that add up in other orders then print alike. */
const DIGITS = 12;
/** Keeps lower bounds below what they bound, whatever was rounded. */
const ROUNDING = 1 - 1e-9;

/** What cannot be undercut by one layer, and what it costs once that is known. */
interface LayerState extends LayerCost {
  /** Energy times cycles at least. */
  readonly product: number;
}

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

/** One for each thread: it remembers the layers of earlier designs. */
export class DesignMapper {
  readonly effort: Effort = { searched: 0, reused: 0 };
  readonly #sweep: Sweep;
  readonly #layers: readonly DistinctLayer[];
  readonly #known: readonly KnownCosts[];
  readonly #knownRules = new Map<string, readonly Constraints[]>();

  constructor(sweep: Sweep) {
    this.#sweep = sweep;
    this.#layers = sweep.networks.flatMap(({ layers }) => layers);
    this.#known = this.#layers.map(() => new KnownCosts());
  }

  /** What can be said before anything is mapped; undefined if a rule excludes the design. */
  preview(design: Design): Preview | undefined {
    const arch = this.#architecture(design);
    if (!arch) return undefined;
    return {
      least: totals(arch, this.#layers, this.#outlines(arch).map(simpleBound), ROUNDING),
      structure: sha256(structureKey(arch)),
      words: capacities(arch).filter(Number.isFinite),
    };
  }

  /**
   * The design's metrics.
   *
   * @param isBeaten whether a design with at least these metrics can be given up
   */
  async map(design: Design, isBeaten: (least: Metrics) => boolean): Promise<DesignRecord> {
    const { id, digits } = design;
    const arch = this.#architecture(design);
    if (!arch) return { id, digits, status: 'excluded' };
    const rules = this.#rules(arch);
    const states = this.#outlines(arch).map((space, i) => this.#bound(space, i, rules[i]));
    const order = states
      .map((_, i) => i)
      .toSorted((a, b) => this.#weight(states, b) - this.#weight(states, a));
    for (const i of order) {
      if (isBeaten(totals(arch, this.#layers, states, ROUNDING))) return { id, digits, status: 'pruned' };
      const cost = await this.#cost(arch, i, rules[i]);
      if (typeof cost === 'string') return { id, digits, status: 'infeasible', reason: cost };
      states[i] = { ...cost, product: cost.energyPj * cost.cycles };
    }
    const metrics = totals(arch, this.#layers, states, 1);
    const parameters = parametersOf(this.#sweep, digits);
    if (!allHold(this.#sweep.rules, 'mapping', parameters, metrics)) {
      return { id, digits, status: 'excluded' };
    }
    return { id, digits, status: 'mapped', metrics };
  }

  /** Undefined if the rules on parameters or on the area exclude the design. */
  #architecture({ digits }: Design): Architecture | undefined {
    const parameters = parametersOf(this.#sweep, digits);
    if (!mayBe(this.#sweep, parameters)) return undefined;
    const arch = architectureOf(this.#sweep, parameters);
    const holds = allHold(this.#sweep.rules, 'area', parameters, { areaUm2: chipArea(arch) });
    return holds ? arch : undefined;
  }

  /** The architecture's own rules for each layer. They name nodes and dimensions, which most designs share. */
  #rules(arch: Architecture): readonly Constraints[] {
    const names = arch.nodes.map(({ name }) => name);
    const { document, path } = arch.constraints ?? {};
    const key = JSON.stringify([names, arch.compute.name, document?.at(path ?? [])]);
    const known = this.#knownRules.get(key);
    if (known) return known;
    const rules = this.#layers.map(({ einsum }) => readOwnConstraints(arch, einsum));
    this.#knownRules.set(key, rules);
    return rules;
  }

  #outlines(arch: Architecture): Mapspace[] {
    const rules = this.#rules(arch);
    return this.#layers.map(({ einsum }, i) => outlineSpace(arch, einsum, rules[i]));
  }

  #weight(states: readonly LayerState[], i: number): number {
    return this.#layers[i].count * states[i].energyPj;
  }

  /** The best bound from the layer itself and from earlier designs. */
  #bound(space: Mapspace, i: number, rules: Constraints): LayerState {
    const { mapping } = this.#sweep;
    let { energyPj, cycles, product } = simpleBound(space);
    for (const { share, cost, rest } of this.#known[i].bounds(space.arch, rules)) {
      if (mapping === 'latency') cycles = Math.max(cycles, cost.cycles);
      if (mapping !== 'edp' && mapping !== 'energy') continue;
      const left = leastEnergyPj({ ...space, arch: rest() });
      if (mapping === 'energy') energyPj = Math.max(energyPj, share * cost.energyPj + left);
      else product = Math.max(product, share * cost.energyPj * cost.cycles + left * cycles);
    }
    return { energyPj, cycles, product };
  }

  /** The layer's optimum; in words, if no mapping is legal. */
  async #cost(arch: Architecture, i: number, rules: Constraints): Promise<LayerCost | string> {
    const layer = this.#layers[i];
    const known = this.#known[i].find(arch, rules);
    if (known !== undefined) {
      this.effort.reused++;
      return known ?? illegal(layer);
    }
    this.effort.searched++;
    const found = await this.#search(arch, i, rules);
    this.#known[i].add(arch, rules, found);
    return found.cost ?? illegal(layer);
  }

  async #search(arch: Architecture, i: number, rules: Constraints): Promise<LayerResult> {
    try {
      const space = buildMapspace(arch, this.#layers[i].einsum, rules);
      return await searchLayer(space, rules, this.#sweep.mapping);
    } catch (error) {
      if (error instanceof InfeasibleError) return { cost: undefined, proved: true };
      throw error;
    }
  }
}

function illegal({ name }: DistinctLayer): string {
  return `${name} has no legal mapping`;
}

async function searchLayer(
  space: Mapspace,
  rules: Constraints,
  objective: ObjectiveName,
): Promise<LayerResult> {
  const isExact = exactRefusal(space) === undefined && searchedSpace(space) === space;
  if (isExact && !TIED[objective]) {
    const { best, certificate } = searchExact(space, { objective });
    return { cost: best[0]?.cost, proved: certificate.status === 'optimal' };
  }
  const { best, certificate } = await search({
    architecture: space.arch,
    layer: space.einsum,
    constraints: rules,
    objective: TIED[objective] ?? objective,
    threads: 1,
    ...(!isExact && { evaluations: SAMPLED }),
  });
  return { cost: best.cost, proved: certificate.status === 'optimal' };
}

/** Many mappings have the least cycles or the least energy: the other quantity decides, so that one is found. */
const TIED: Partial<Record<ObjectiveName, Objective>> = {
  energy: { lexicographic: ['energy', 'latency'] },
  latency: { lexicographic: ['latency', 'energy'] },
};

function simpleBound(space: Mapspace): LayerState {
  const energyPj = leastEnergyPj(space);
  const cycles = leastCycles(space);
  return { energyPj, cycles, product: energyPj * cycles };
}

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
    areaUm2: rounded(chipArea(arch)),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
