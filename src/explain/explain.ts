/** Why a mapping is the best: its dataflow against the next best one, and what each part of the machine is worth. */
import type { Architecture } from '../arch/architecture.ts';
import { checkMapping } from '../mapping/legality.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { buildMapspace } from '../mapspace/mapspace.ts';
import { evaluateMapping } from '../model/evaluate.ts';
import { leastCycles, leastEnergyPj } from '../search/bound.ts';
import { objectiveOf } from '../search/exact/exact.ts';
import { runExact } from '../search/exact/run.ts';
import { proofRefusal } from '../search/exact/support.ts';
import { objectiveValue } from '../search/objective.ts';
import type { Quantity } from '../search/objective.ts';
import { InfeasibleError } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Fill } from './capacity.ts';
import { fillsOf } from './capacity.ts';
import type { ChangedMachine, MachineChange } from './changes.ts';
import { machineChanges } from './changes.ts';
import type { Dataflow } from './dataflow.ts';
import { dataflowOf, otherDataflows } from './dataflow.ts';

export interface ExplainSubject {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  /** All that hold, the architecture's own among them. */
  readonly constraints: Constraints;
  /** Stations of one memory may lie apart. */
  readonly uneven?: boolean;
  readonly objective: Quantity;
  readonly mapping: Mapping;
  /** False for one that is only the best found: nothing can be said against what was not searched. */
  readonly isProved: boolean;
}

export interface ExplainOptions {
  /** Called before each search with what it asks, how many questions are answered and how many there are. */
  readonly onProgress?: (question: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** The best of a changed space. Energies in pJ, values in the objective's unit. */
export interface Optimum {
  readonly value: number;
  readonly energyPj: number;
  readonly cycles: number;
  /** True if proved: nothing in the space is below the value. */
  readonly exact: boolean;
  /** Nothing in the space is below it. */
  readonly lowerBound: number;
}

export interface ChangeEffect extends MachineChange, Optimum {}

export interface OtherDataflow extends Dataflow, Optimum {}

/** A machine on which every word crosses the outermost memory once, and every unit is always busy. */
export interface Ideal {
  readonly energyPj: number;
  readonly cycles: number;
  readonly value: number;
}

export interface Explanation {
  readonly objective: Quantity;
  readonly value: number;
  readonly fills: readonly Fill[];
  readonly ideal: Ideal;
  readonly dataflow: Dataflow;
  /** The optimum over all mappings of another dataflow; null if there is none. */
  readonly next: OtherDataflow | null;
  readonly changes: readonly ChangeEffect[];
  /** Why `next` and `changes` were not searched. */
  readonly refusal?: string;
  /** Exact searches made. */
  readonly searches: number;
}

/**
 * Explains a mapping: exact searches for the next best dataflow and for every change of the machine, each from what is
 * known already. An abort leaves out what has not been searched.
 */
export async function explain(subject: ExplainSubject, options: ExplainOptions = {}): Promise<Explanation> {
  const { arch, einsum, mapping, objective, constraints, uneven } = subject;
  const space = buildMapspace(arch, einsum, constraints, uneven);
  const cost = evaluateMapping(arch, einsum, mapping);
  const energyPj = leastEnergyPj(space);
  const cycles = leastCycles(space);
  const told = {
    objective,
    value: objectiveValue(objective, cost.energyPj, cost.cycles),
    fills: fillsOf(arch, einsum, mapping),
    ideal: { energyPj, cycles, value: objectiveValue(objective, energyPj, cycles) },
    dataflow: dataflowOf(arch, einsum, mapping),
  };
  const refusal = subject.isProved
    ? proofRefusal(space)
    : 'the mapping is the best found, not proved the best';
  if (refusal !== undefined) return { ...told, next: null, changes: [], refusal, searches: 0 };
  const searcher = new Searcher(subject, space, options);
  const next = await searcher.nextDataflow();
  const changes = await searcher.changes();
  return { ...told, next, changes, searches: searcher.searches };
}

class Searcher {
  searches = 0;
  readonly #subject: ExplainSubject;
  readonly #options: ExplainOptions;
  readonly #dataflows: readonly Constraints[];
  readonly #changes: readonly ChangedMachine[];
  /** Questions answered: by a search, or because nothing is legal there. */
  #answered = 0;

  constructor(subject: ExplainSubject, space: Mapspace, options: ExplainOptions) {
    this.#subject = subject;
    this.#options = options;
    this.#dataflows = otherDataflows(space, subject.mapping);
    this.#changes = machineChanges(subject.arch);
  }

  async nextDataflow(): Promise<OtherDataflow | null> {
    const { arch, einsum, constraints, uneven } = this.#subject;
    let best: { readonly mapping: Mapping; readonly optimum: Optimum } | undefined;
    let lowerBound = Infinity;
    for (const [i, rules] of this.#dataflows.entries()) {
      if (this.#stopped) return null;
      this.#answered = i;
      const other = spaceOf(arch, einsum, [...constraints, ...rules], uneven);
      if (!other) continue;
      const found = await this.#search('next dataflow', other, best?.optimum.value);
      lowerBound = Math.min(lowerBound, found.lowerBound);
      if (found.best) best = found.best;
    }
    if (!best) return null;
    const { optimum } = best;
    const exact = lowerBound >= optimum.value * (1 - ROUNDING);
    const bound = Math.min(lowerBound, optimum.value);
    return { ...dataflowOf(arch, einsum, best.mapping), ...optimum, exact, lowerBound: bound };
  }

  async changes(): Promise<ChangeEffect[]> {
    const { einsum, constraints, uneven, mapping, objective } = this.#subject;
    const effects: ChangeEffect[] = [];
    for (const [i, { arch: changed, ...change }] of this.#changes.entries()) {
      if (this.#stopped) break;
      this.#answered = this.#dataflows.length + i;
      const space = spaceOf(changed, einsum, constraints, uneven);
      if (!space) continue;
      // The mapping stays legal on a larger machine, unless a memory must be filled to some share.
      const isLegal = checkMapping(changed, einsum, mapping).length === 0;
      const same = isLegal ? optimumOf(objective, evaluateMapping(changed, einsum, mapping)) : undefined;
      const { best, lowerBound } = await this.#search(`${change.name} ${change.change}`, space, same?.value);
      const optimum = best?.optimum ?? same;
      if (!optimum) continue;
      const exact = lowerBound >= optimum.value * (1 - ROUNDING);
      effects.push({ ...change, ...optimum, exact, lowerBound: Math.min(lowerBound, optimum.value) });
    }
    return effects;
  }

  get #stopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  /** The best mapping below a value, if there is one, and what nothing in the space is below. */
  async #search(question: string, space: Mapspace, incumbent = Infinity): Promise<Improvement> {
    const { objective } = this.#subject;
    const questions = this.#dataflows.length + this.#changes.length;
    this.#options.onProgress?.(question, this.#answered, questions);
    this.searches++;
    const { best, certificate } = await runExact(space, {
      objective,
      incumbent,
      signal: this.#options.signal,
    });
    // By rounding the search's own value may lie below the incumbent and the reference model's at it.
    const found = best.find(({ cost }) => objectiveOf(objective, cost) < incumbent);
    return {
      best: found && { mapping: found.mapping, optimum: optimumOf(objective, found.cost) },
      lowerBound: certificate.lowerBound!,
    };
  }
}

interface Improvement {
  readonly best?: { readonly mapping: Mapping; readonly optimum: Optimum };
  readonly lowerBound: number;
}

/** Relative differences that are rounding. */
const ROUNDING = 1e-9;

function optimumOf(
  objective: Quantity,
  cost: { readonly energyPj: number; readonly cycles: number },
): Optimum {
  const value = objectiveOf(objective, cost);
  return { value, energyPj: cost.energyPj, cycles: cost.cycles, exact: true, lowerBound: value };
}

/** Undefined if no mapping can be legal there. */
function spaceOf(
  arch: Architecture,
  einsum: Einsum,
  constraints: Constraints,
  uneven: boolean | undefined,
): Mapspace | undefined {
  try {
    return buildMapspace(arch, einsum, constraints, uneven);
  } catch (error) {
    if (error instanceof InfeasibleError) return undefined;
    throw error;
  }
}
