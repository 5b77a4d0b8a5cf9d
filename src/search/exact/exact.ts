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
import { buildProblem, pageCount } from './problem.ts';
import { header, resetPool } from './pool.ts';
import { Parts, PARTS } from './parts.ts';
import type { TraceStep } from './trace.ts';
import { mappingOf, readTrace } from './trace.ts';

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

/** Labels made in one step, at least. */
const LABELS = 8192;
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

/** Where the proof stands, for the bound of what is left; how far an array or memory is, the header says. */
type Place = 'array' | 'memory' | 'between';

interface Pass {
  /** Labels kept at each stage. */
  readonly beam: number;
  /** Ranks by what is likely ahead, not by what is certain. */
  readonly guess: boolean;
  /** Stations of one memory may lie apart. */
  readonly uneven: boolean;
}

/** One search, step by step. */
export class ExactSearch {
  readonly #options: ExactOptions;
  readonly #problem: Problem;
  readonly #found: Found;
  readonly #begun = performance.now();
  readonly #work: Generator<void, void>;
  readonly #root: number;
  /** Least bound of what the proof has not seen; Infinity once it has seen all. */
  #bound: number;
  #place: Place = 'between';
  #proving = false;
  /** Least bound of what waits for later parts of the proof. */
  #waiting = Infinity;

  constructor(space: Mapspace, options: ExactOptions) {
    this.#options = options;
    this.#problem = buildProblem(
      space,
      options.objective,
      options.limits ?? {},
      options.memoryBytes ?? DEFAULT_MEMORY,
    );
    const { incumbent = Infinity, incumbents = [] } = options;
    header(this.#problem).f64('H_BEST_F', incumbent);
    writeFront(this.#problem, incumbents);
    this.#found = new Found(this.#problem, incumbent);
    this.#root = rootBound(this.#problem, options.objective);
    this.#bound = this.#root;
    this.#work = this.#run();
  }

  /** Does some work, well below 100 ms; false if there is none left. */
  step(): boolean {
    const h = header(this.#problem);
    h.f64('H_PAUSE_F', h.readF64('H_GENERATED_F') + LABELS);
    return this.#work.next().done !== true;
  }

  /** The best so far, and a bound that holds whether the search goes on or not: the least of what is left. */
  result(): ExactResult {
    this.#found.take();
    if (this.#proving) this.#bound = Math.max(this.#bound, this.#remaining());
    const best = this.#found.mappings();
    return {
      best,
      certificate: certify(this.#problem, this.#options, best, { root: this.#root, bound: this.#bound }),
      claimed: header(this.#problem).readF64('H_BEST_F'),
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
    clearStatistics(this.#problem);
    header(this.#problem).f64('H_CUT_F', 1 + gap);
    this.#proving = true;
    yield* this.#prove(uneven);
    this.#bound = Infinity;
    this.#proving = false;
  }

  /** A first mapping, by beams; if there is one best, annealing goes on from it until it reaches the bound. */
  *#guess(beam: number): Generator<void, void> {
    if (this.#options.objective === 'front') return yield* this.#beams(beam, false);
    yield* this.#beams(Math.min(beam, NARROW), false);
    if (this.#found.count === 0 && this.#options.incumbent === undefined) yield* this.#beams(beam, false);
    const { nodes } = this.#problem.lattice;
    const evaluations = this.#options.anneal ?? Math.min(MOST_ANNEALED, 3 * nodes);
    if (this.#found.count > 0) yield* this.#found.improve(evaluations, this.#root);
  }

  *#beams(beam: number, uneven: boolean): Generator<void, void> {
    for (const guess of [true, false]) yield* this.#pass({ beam, guess, uneven });
  }

  /** All labels of all stages, up to the outermost array at once and from there part by part. */
  *#prove(uneven: boolean): Generator<void, void> {
    const { stages } = this.#problem;
    const all: Pass = { beam: Infinity, guess: false, uneven };
    const array = stages.findLastIndex(({ kind }) => kind === 'array');
    this.#begin(all);
    if (array < 0) yield* this.#stages(1, stages.length, all);
    else {
      yield* this.#stages(1, array, all);
      yield* this.#parts(array, all);
    }
    this.#found.take();
  }

  *#parts(array: number, all: Pass): Generator<void, void> {
    const parts = new Parts(this.#problem);
    for (let part = 0; part < PARTS; part++) {
      this.#waiting = part < PARTS - 1 ? parts.least : Infinity;
      parts.begin(part);
      yield* this.#array(array);
      this.#place = 'between';
      parts.turn();
      yield* this.#stages(array + 1, this.#problem.stages.length, all);
      this.#found.take();
    }
  }

  /** All stages once, innermost to outermost. */
  *#pass(pass: Pass): Generator<void, void> {
    this.#begin(pass);
    yield* this.#stages(1, this.#problem.stages.length, pass);
    this.#found.take();
  }

  #begin({ uneven }: Pass): void {
    const { exports, stageAt, header: p } = this.#problem;
    resetPool(this.#problem);
    header(this.#problem).i32('H_UNEVEN', uneven ? 1 : 0);
    exports.start(p, stageAt[0]);
    exports.turnTables(p);
  }

  /** Stages `from` to `to`. */
  *#stages(from: number, to: number, { beam, guess, uneven }: Pass): Generator<void, void> {
    const { exports, stages, stageAt, header: p, ranks, rankRoom } = this.#problem;
    for (let s = from; s < to; s++) {
      const stage = stages[s];
      if (stage.kind === 'array') yield* this.#array(s);
      if (stage.kind === 'memory') {
        for (const keeps of stage.keeps) {
          exports.beginMemory(p, stageAt[s], keeps);
          for (const kept of uneven && stage.uneven ? properSubsets(keeps) : [0]) {
            if (kept > 0) exports.turnPage(p, kept);
            yield* this.#loops(s, keeps, kept);
          }
        }
      }
      this.#place = 'between';
      exports.clearIncoming(p);
      if (Number.isFinite(beam)) exports.trim(p, stageAt[s], beam, guess ? 1 : 0, ranks, rankRoom);
      exports.turnTables(p);
    }
  }

  *#array(s: number): Generator<void, void> {
    const { exports, stageAt, header: p } = this.#problem;
    this.#place = 'array';
    header(this.#problem).i32('H_FROM', 0);
    while (exports.expandArray(p, stageAt[s])) yield;
  }

  /** Everything up to the next station of a memory, of which the tensors of `kept` have theirs. */
  *#loops(s: number, keeps: number, kept: number): Generator<void, void> {
    const { exports, stageAt, header: p } = this.#problem;
    this.#place = 'memory';
    header(this.#problem).i32('H_FROM', 0);
    header(this.#problem).i32('H_MASK', 0);
    while (exports.expandLoops(p, stageAt[s], keeps, kept)) yield;
  }

  /** Labels of an incoming memory table stay until all keep sets have used them, so they count throughout. */
  #remaining(): number {
    const { exports, header: p, space, lattice } = this.#problem;
    const place = this.#place;
    const h = header(this.#problem);
    const from = place === 'between' ? 0 : h.readI32('H_FROM');
    const incoming = exports.leastIncoming(p, place === 'array' ? from : 0);
    let least = Math.min(this.#waiting, incoming, exports.leastOutgoing(p));
    if (place !== 'memory') return least;
    const mask = h.readI32('H_MASK');
    for (let page = mask; page < pageCount(space, lattice); page++) {
      least = Math.min(least, exports.leastMasked(p, page, page === mask ? from : 0));
    }
    return least;
  }
}

/** Mappings found so far, rebuilt before the pool is reused. */
class Found {
  readonly #problem: Problem;
  #chains: readonly (readonly TraceStep[])[] = [];
  #seen = new Map<number, readonly TraceStep[]>();
  #value: number;
  readonly #mappings = new WeakMap<readonly TraceStep[], ExactMapping>();

  constructor(problem: Problem, incumbent: number) {
    this.#problem = problem;
    this.#value = incumbent;
  }

  take(): void {
    const h = header(this.#problem);
    const L = this.#problem.layout;
    const front = h.readI32('H_FRONT_COUNT');
    if (h.readI32('H_OBJECTIVE') !== L.OBJECTIVE_FRONT) {
      const value = h.readF64('H_BEST_F');
      if (value < this.#value) this.#chains = [readTrace(this.#problem, h.readI32('H_BEST_TRACE') >>> 0)];
      this.#value = value;
      return;
    }
    // Points of earlier passes keep a number in place of their trace: negative, so no address.
    const view = new DataView(this.#problem.image.memory.buffer);
    const base = h.readI32('H_FRONT');
    const chains: (readonly TraceStep[])[] = [];
    const seen = new Map<number, readonly TraceStep[]>();
    for (let i = 0; i < front; i++) {
      const at = base + i * L.FRONT_POINT + 16;
      const trace = view.getUint32(at, true);
      if (trace === 0) continue;
      const chain = this.#seen.get(trace) ?? readTrace(this.#problem, trace);
      const key = i + 1;
      view.setUint32(at, key, true);
      seen.set(key, chain);
      chains.push(chain);
    }
    this.#seen = seen;
    this.#chains = chains;
  }

  /** Mappings found. */
  get count(): number {
    return this.#chains.length;
  }

  /** Anneals from the best chain, with pauses, until it reaches the bound; leaves the best value in the header. */
  *improve(evaluations: number, bound: number): Generator<void, void> {
    const done = (): boolean => this.#value <= bound * (1 + ROUNDING);
    if (done()) return;
    for (const best of anneal(this.#problem, this.#chains[0], evaluations)) {
      this.#chains = [best];
      this.#value = header(this.#problem).readF64('H_BEST_F');
      if (done()) return;
      yield;
    }
  }

  mappings(): ExactMapping[] {
    return this.#chains.map((chain) => {
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

/** Points without a trace, by ascending cycles and descending energy. */
function writeFront(problem: Problem, points: NonNullable<ExactOptions['incumbents']>): void {
  const { image, layout: L } = problem;
  const sorted = points.toSorted((a, b) => a.cycles - b.cycles || a.energyPj - b.energyPj);
  const front = sorted.filter(({ energyPj }, i) =>
    sorted.slice(0, i).every((other) => other.energyPj > energyPj),
  );
  const h = header(problem);
  const at = h.readI32('H_FRONT');
  const view = new DataView(image.memory.buffer);
  front.slice(0, h.readI32('H_FRONT_ROOM')).forEach(({ energyPj, cycles }, i) => {
    view.setFloat64(at + i * L.FRONT_POINT, energyPj, true);
    view.setFloat64(at + i * L.FRONT_POINT + 8, cycles, true);
    view.setUint32(at + i * L.FRONT_POINT + 16, 0, true);
  });
  h.i32('H_FRONT_COUNT', Math.min(front.length, h.readI32('H_FRONT_ROOM')));
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

/** The parts of a set, as masks, without the set itself; every part after its own parts. */
function properSubsets(set: number): number[] {
  return Array.from({ length: set }, (_, part) => part).filter((part) => (part & set) === part);
}

function clearStatistics(problem: Problem): void {
  const h = header(problem);
  h.f64('H_PAUSE_F', 0);
  for (const name of ['H_GENERATED_F', 'H_CUT_BOUND_F', 'H_CUT_DOMINATED_F', 'H_CUT_CAPACITY_F', 'H_KEPT_F'])
    h.f64(name, 0);
  h.f64('H_GIVEN_UP_F', Infinity);
}

function certify(
  problem: Problem,
  { objective, incumbent = Infinity }: ExactOptions,
  best: readonly ExactMapping[],
  { root, bound }: { readonly root: number; readonly bound: number },
): ExactCertificate {
  const h = header(problem);
  const left = Math.min(bound, incumbent, h.readF64('H_GIVEN_UP_F'));
  const proved = Math.max(root, left);
  const value = best.length > 0 ? objectiveOf(objective, best[0].cost) : Infinity;
  const isFront = objective === 'front';
  const complete = isFront ? proved === Infinity : value <= proved * (1 + ROUNDING);
  return {
    status: complete ? 'optimal' : 'bounded',
    lowerBound: isFront ? null : Math.min(value, proved),
    gap: isFront ? null : complete ? 0 : value / proved - 1,
    visited: h.readF64('H_GENERATED_F'),
    pruned: {
      capacity: h.readF64('H_CUT_CAPACITY_F'),
      dominated: h.readF64('H_CUT_DOMINATED_F'),
      bound: h.readF64('H_CUT_BOUND_F'),
    },
  };
}

/** The objective's value: pJ, cycles or their products. The front has none; its EDP stands in. */
export function objectiveOf(
  objective: ExactObjective,
  { energyPj, cycles }: { readonly energyPj: number; readonly cycles: number },
): number {
  return objectiveValue(objective === 'front' ? 'edp' : objective, energyPj, cycles);
}
