/**
 * Provably optimal mappings of one layer: drives the kernel stage by stage and certifies the result. The kernel explores
 * the lattice of tile shapes; here are the beam that finds a first mapping, the proof, time and the certificate.
 */
import type { Mapping } from '../../mapping/mapping.ts';
import type { Mapspace } from '../../mapspace/mapspace.ts';
import type { Cost } from '../../model/cost.ts';
import { evaluateMapping } from '../../model/evaluate.ts';
import { anneal } from './anneal.ts';
import { lowerBound } from '../bound.ts';
import { objectiveValue } from '../objective.ts';
import type { ExactObjective, Limits, Problem } from './problem.ts';
import { buildProblem } from './problem.ts';
import type { Helpers } from '../helpers.ts';
import { Crew } from './crew.ts';
import type { Incumbent, Origin } from './incumbent.ts';
import { joinIncumbents, knownIncumbent, takeIncumbent, writeIncumbent } from './incumbent.ts';
import type { Job } from './order.ts';
import { PartOrder } from './order.ts';
import type { Counts } from './pool.ts';
import { addCounts, allowLabels, clearCounts, header, readCounts, resetPool } from './pool.ts';
import { beginParts, PartRun } from './parts.ts';
import type { TraceStep } from './trace.ts';
import { mappingOf } from './trace.ts';
import { Walk } from './walk.ts';

export interface ExactOptions {
  readonly objective: ExactObjective;
  /** Mappings beyond are left out: the result is the best within, and empty if there is none. */
  readonly limits?: Limits;
  /** Proof within this share of the optimum suffices; default 0. */
  readonly gap?: number;
  /** Seconds until the search returns the best found; default unlimited. */
  readonly timeSeconds?: number;
  /** Most bytes of the kernel's memory; default 448 MB. */
  readonly memoryBytes?: number;
  /** Most labels the beam keeps at each stage; default 20, 0 for neither beam nor annealing. */
  readonly beam?: number;
  /** Mappings evaluated to improve on the beam's; default by the size of the lattice. */
  readonly anneal?: number;
  /** A value known from elsewhere: only mappings below it are wanted. Not for the front. Default Infinity. */
  readonly incumbent?: number;
  /** For the front: points known from elsewhere; only mappings that none of them equals or beats are wanted. */
  readonly incumbents?: readonly Pick<Cost, 'energyPj' | 'cycles'>[];
  readonly signal?: AbortSignal;
  /** Threads that take parts of the proof. The result does not depend on them unless it is stopped. */
  readonly helpers?: Helpers;
}

export interface ExactMapping {
  readonly mapping: Mapping;
  /** By the reference model. */
  readonly cost: Cost;
}

export interface ExactCertificate {
  readonly status: 'optimal' | 'bounded';
  /**
   * In the objective's unit (pJ, cycles and their products); null for the front. The incumbent if nothing is below it;
   * Infinity if nothing is legal.
   */
  readonly lowerBound: number | null;
  /** `best / lowerBound − 1`; null for the front. */
  readonly gap: number | null;
  /** Parts of mappings costed. */
  readonly visited: number;
  readonly pruned: { readonly capacity: number; readonly dominated: number; readonly bound: number };
}

export interface ExactResult {
  /** Best first; for the front by ascending cycles. Empty if no mapping was found. */
  readonly best: readonly ExactMapping[];
  readonly certificate: ExactCertificate;
  /** The kernel's own value of the best mapping, equal to the model's to rounding; Infinity for the front. */
  readonly claimed: number;
  readonly seconds: number;
}

/** Relative differences that are rounding. */
const ROUNDING = 1e-9;
/** Mappings annealing evaluates at most; fewer where there are few tile shapes. */
const MOST_ANNEALED = 8_000;
/** Labels a beam keeps if annealing goes on from what it finds, whatever that is worth. */
const NARROW = 4;
const DEFAULT_MEMORY = 448 * 2 ** 20;

/** Searches one mapspace until proved, or until time or the caller stops it. See `exactRefusal` for what it refuses. */
export function searchExact(space: Mapspace, options: ExactOptions): ExactResult {
  const deadline = performance.now() + (options.timeSeconds ?? Infinity) * 1000;
  const search = new ExactSearch(space, options);
  while (search.step()) if (performance.now() > deadline || options.signal?.aborted) break;
  return search.result();
}

/** The parts of the proof, and the one at work here. */
interface Parting {
  readonly order: PartOrder;
  /** Least bound of a part that has not begun. */
  readonly least: number;
  readonly crew: Crew | undefined;
  own?: { readonly job: Job; readonly run: PartRun };
}

/** One search, step by step. */
export class ExactSearch {
  readonly #options: ExactOptions;
  readonly #problem: Problem;
  readonly #begun = performance.now();
  readonly #work: Generator<void, void>;
  readonly #root: number;
  readonly #mappings = new WeakMap<readonly TraceStep[], ExactMapping>();
  /** As of the last look, or of the last part that is settled. */
  #incumbent: Incumbent;
  /** Least bound of what the proof has not seen; Infinity once it has seen all. */
  #bound: number;
  /** The proof as far as it goes in one piece. */
  #walk: Walk | undefined;
  #parting: Parting | undefined;
  #isStopped = false;
  #isWaiting = false;

  constructor(space: Mapspace, options: ExactOptions) {
    this.#options = options;
    this.#problem = buildProblem(
      space,
      options.objective,
      options.limits ?? {},
      options.memoryBytes ?? DEFAULT_MEMORY,
    );
    const { incumbent = Infinity, incumbents = [] } = options;
    this.#incumbent = knownIncumbent(incumbent, incumbents);
    writeIncumbent(this.#problem, this.#incumbent);
    this.#root = rootBound(this.#problem, options.objective);
    this.#bound = this.#root;
    this.#work = this.#run();
  }

  /** Does some work, well below 100 ms; false if there is none left. */
  step(): boolean {
    allowLabels(this.#problem);
    return this.#work.next().done !== true;
  }

  /** True if the last step found nothing to do until a helper is done: others should have a turn. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Ends the work here and in helpers. The result is then the best of what was found, in any part. */
  stop(): void {
    this.#isStopped = true;
    this.#work.return();
  }

  /** The best so far, and a bound that holds whether the search goes on or not: the least of what is left. */
  result(): ExactResult {
    const { incumbent, counts } = this.#progress();
    this.#bound = Math.max(this.#bound, this.#remaining());
    const best = this.#evaluated(incumbent);
    return {
      best,
      certificate: certify(this.#options, best, counts, { root: this.#root, bound: this.#bound }),
      claimed: incumbent.value,
      seconds: (performance.now() - this.#begun) / 1000,
    };
  }

  *#run(): Generator<void, void> {
    const { beam = 20, gap = 0 } = this.#options;
    const { uneven } = this.#problem.space;
    if (beam > 0) {
      yield* this.#guess(beam);
      if (uneven) yield* this.#beams(beam, true);
    }
    clearCounts(this.#problem);
    header(this.#problem).f64('H_CUT_F', 1 + gap);
    yield* this.#prove(uneven);
    this.#bound = Infinity;
  }

  /** A first mapping, by beams; if there is one best, annealing goes on from it until it reaches the bound. */
  *#guess(beam: number): Generator<void, void> {
    if (this.#options.objective === 'front') return yield* this.#beams(beam, false);
    yield* this.#beams(Math.min(beam, NARROW), false);
    const isNew = this.#incumbent.origins.length > 0;
    if (!isNew && this.#options.incumbent === undefined) yield* this.#beams(beam, false);
    yield* this.#improve();
  }

  *#beams(beam: number, uneven: boolean): Generator<void, void> {
    const { stages } = this.#problem;
    for (const guess of [true, false]) {
      const walk = new Walk(this.#problem, { beam, guess, uneven });
      walk.begin();
      yield* walk.stages(1, stages.length);
      this.#take();
    }
  }

  /** Anneals from the best chain, if there is one, until it reaches the bound. */
  *#improve(): Generator<void, void> {
    const [best] = this.#incumbent.origins;
    const isDone = (): boolean => this.#incumbent.value <= this.#root * (1 + ROUNDING);
    if (!isChain(best) || isDone()) return;
    const { nodes } = this.#problem.lattice;
    const evaluations = this.#options.anneal ?? Math.min(MOST_ANNEALED, 3 * nodes);
    for (const chain of anneal(this.#problem, best, evaluations)) {
      const value = header(this.#problem).readF64('H_BEST_F');
      this.#incumbent = { ...this.#incumbent, value, origins: [chain] };
      if (isDone()) return;
      yield;
    }
  }

  /** All labels of all stages, up to the outermost array at once and from there part by part. */
  *#prove(uneven: boolean): Generator<void, void> {
    const { stages } = this.#problem;
    const walk = new Walk(this.#problem, { beam: Infinity, guess: false, uneven });
    const array = stages.findLastIndex(({ kind }) => kind === 'array');
    walk.begin();
    this.#walk = walk;
    yield* walk.stages(1, array < 0 ? stages.length : array);
    this.#take();
    if (array >= 0) yield* this.#parts(array, uneven);
    this.#walk = undefined;
  }

  *#parts(array: number, uneven: boolean): Generator<void, void> {
    const beginning = beginParts(this.#problem, array, uneven);
    const order = new PartOrder(this.#incumbent, readCounts(this.#problem));
    const { helpers } = this.#options;
    const crew = helpers && new Crew(helpers, this.#problem, beginning, order);
    this.#parting = { order, least: beginning.least, crew };
    try {
      while (!order.isDone) {
        crew?.turn();
        const job = order.next();
        this.#isWaiting = job === undefined;
        if (job) yield* this.#part(job, new PartRun(this.#problem, beginning, job.part, job.start));
        else yield;
      }
    } finally {
      this.#isWaiting = false;
      crew?.end();
    }
    this.#incumbent = order.incumbent;
  }

  /** Runs a part here, as long as it is wanted. */
  *#part(job: Job, run: PartRun): Generator<void, void> {
    const parting = this.#parting!;
    const { order, crew } = parting;
    while (order.isWanted(job) && run.step()) {
      parting.own = { job, run };
      yield;
      crew?.turn();
    }
    parting.own = undefined;
    order.end(job, run.outcome());
  }

  #take(): void {
    this.#incumbent = takeIncumbent(this.#problem, this.#incumbent);
  }

  /** Once stopped, with what was found in parts that may not stand. */
  #progress(): { readonly incumbent: Incumbent; readonly counts: Counts } {
    if (!this.#parting) {
      this.#take();
      return { incumbent: this.#incumbent, counts: readCounts(this.#problem) };
    }
    const { order, own } = this.#parting;
    const isCut = this.#isStopped && !order.isDone;
    if (!own) return { incumbent: isCut ? order.seen : order.incumbent, counts: order.counts };
    const { end, counts } = own.run.outcome();
    const certain = order.isCertain(own.job) ? end : order.incumbent;
    return {
      incumbent: isCut ? joinIncumbents(order.seen, end) : certain,
      counts: addCounts(order.counts, counts),
    };
  }

  /** Least bound of what is not proved. */
  #remaining(): number {
    if (!this.#parting) return this.#walk?.remaining() ?? this.#bound;
    const { order, least, crew, own } = this.#parting;
    return order.bound(least, (job) => (job === own?.job ? own.run.bound() : (crew?.boundOf(job) ?? least)));
  }

  #evaluated({ origins }: Incumbent): ExactMapping[] {
    return origins.filter(isChain).map((chain) => {
      const known = this.#mappings.get(chain) ?? this.#evaluate(chain);
      this.#mappings.set(chain, known);
      return known;
    });
  }

  #evaluate(chain: readonly TraceStep[]): ExactMapping {
    const { arch, einsum } = this.#problem.space;
    const mapping = mappingOf(this.#problem, chain);
    return { mapping, cost: evaluateMapping(arch, einsum, mapping) };
  }
}

function isChain(origin: Origin): origin is readonly TraceStep[] {
  return typeof origin === 'object';
}

/** Bound of the empty mapping, or the simple one; also sets what differences count as rounding. */
function rootBound(problem: Problem, objective: ExactObjective): number {
  const { exports, stageAt, functionals, image } = problem;
  resetPool(problem);
  exports.start(problem.header, stageAt[0]);
  exports.boundRoot(problem.header, stageAt[0]);
  const h = header(problem);
  const energy = h.readF64('H_BOUND_ENERGY_F');
  const cycles = h.readF64('H_BOUND_CYCLES_F');
  const tolerance = new Float64Array(image.memory.buffer, h.readI32('H_TOLERANCE'), functionals.length);
  functionals.forEach((f, k) => (tolerance[k] = 1e-12 * (f.kind === 'energy' ? energy : cycles)));
  if (objective === 'front') return 0;
  return Math.max(objectiveValue(objective, energy, cycles), lowerBound(problem.space, objective));
}

function certify(
  { objective, incumbent = Infinity }: ExactOptions,
  best: readonly ExactMapping[],
  { givenUp, visited, ...pruned }: Counts,
  { root, bound }: { readonly root: number; readonly bound: number },
): ExactCertificate {
  const left = Math.min(bound, incumbent, givenUp);
  const proved = Math.max(root, left);
  const value = best.length > 0 ? objectiveOf(objective, best[0].cost) : Infinity;
  const isFront = objective === 'front';
  const complete = isFront ? proved === Infinity : value <= proved * (1 + ROUNDING);
  return {
    status: complete ? 'optimal' : 'bounded',
    lowerBound: isFront ? null : Math.min(value, proved),
    gap: isFront ? null : complete ? 0 : value / proved - 1,
    visited,
    pruned,
  };
}

/** The objective's value: pJ, cycles or their products. The front has none; its EDP stands in. */
export function objectiveOf(
  objective: ExactObjective,
  { energyPj, cycles }: { readonly energyPj: number; readonly cycles: number },
): number {
  return objectiveValue(objective === 'front' ? 'edp' : objective, energyPj, cycles);
}
