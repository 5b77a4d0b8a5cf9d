/**
 * Provably optimal mappings of one layer: drives the kernel stage by stage and certifies the result. The kernel explores
 * the lattice of tile shapes; here are the beam that finds a first mapping, the proof, time and the certificate.
 */
import type { Mapping } from '../../mapping/mapping.ts';
import type { Mapspace } from '../../mapspace/mapspace.ts';
import type { Cost } from '../../model/cost.ts';
import { evaluateMapping } from '../../model/evaluate.ts';
import { anneal } from './anneal.ts';
import type { ExactObjective, Problem } from './problem.ts';
import { buildProblem } from './problem.ts';
import type { TraceStep } from './trace.ts';
import { mappingOf, readTrace } from './trace.ts';

export interface ExactOptions {
  readonly objective: ExactObjective;
  /** Proof within this share of the optimum suffices; default 0. */
  readonly gap?: number;
  /** Seconds until the search returns the best found; default unlimited. */
  readonly timeSeconds?: number;
  /** Most bytes of the kernel's memory; default 448 MB. */
  readonly memoryBytes?: number;
  /** Labels the beam keeps at each stage; default 20, 0 for neither beam nor annealing. */
  readonly beam?: number;
  /** Mappings evaluated to improve on the beam's; default by the size of the lattice. */
  readonly anneal?: number;
  readonly signal?: AbortSignal;
}

export interface ExactMapping {
  readonly mapping: Mapping;
  /** By the reference model. */
  readonly cost: Cost;
}

export interface Certificate {
  readonly status: 'optimal' | 'bounded';
  /** In the objective's unit (pJ, cycles and their products). 0 where the search gives none (front not finished). */
  readonly lowerBound: number;
  /** `(best − lowerBound) / lowerBound`. */
  readonly gap: number;
  /** Labels generated. */
  readonly visited: number;
  readonly kept: number;
  readonly phases: readonly number[];
  readonly beam: number;
  readonly root: number;
  readonly climbed: number;
  readonly pruned: { readonly capacity: number; readonly fanout: number; readonly dominated: number; readonly bound: number };
}

export interface ExactResult {
  /** Best first; for the front by ascending cycles. Empty if no mapping was found. */
  readonly best: readonly ExactMapping[];
  readonly certificate: Certificate;
  /** The kernel's own value of the best mapping, equal to the model's to rounding; Infinity for the front. */
  readonly claimed: number;
  readonly seconds: number;
}

/** Nodes expanded between two looks at the clock. */
const SLICE = 16;
/** Mappings annealing evaluates at most; fewer where there are few tile shapes. */
const MOST_ANNEALED = 8_000;
const DEFAULT_MEMORY = 448 * 2 ** 20;

/** Stopped by time or the caller; carries the least bound of what was left. */
class Stopped extends Error {
  readonly bound: number;

  constructor(bound: number) {
    super('stopped');
    this.bound = bound;
  }
}

interface Pass {
  readonly problem: Problem;
  /** Labels kept at each stage; Infinity for the proof. */
  readonly beam: number;
  readonly guess: boolean;
  readonly stop: () => boolean;
}

const debug = { phases: [0], beam: 0, root: 0, climbed: 0 };

/** Searches one mapspace. See `exactRefusal` for what it does not take. */
export function searchExact(space: Mapspace, options: ExactOptions): ExactResult {
  const begun = performance.now();
  const problem = buildProblem(space, options.objective, options.memoryBytes ?? DEFAULT_MEMORY);
  const deadline = begun + (options.timeSeconds ?? Infinity) * 1000;
  const stop = (): boolean => performance.now() > deadline || options.signal?.aborted === true;
  const found = new Found(problem);
  const beam = options.beam ?? 20;
  const built = performance.now();
  let bound = rootBound(problem);
  debug.root = bound;
  debug.phases = [built - begun];
  try {
    if (beam > 0) {
      for (const guess of [true, false]) {
        runPass({ problem, beam, guess, stop });
        found.take();
      }
      debug.phases.push(performance.now() - built);
      debug.beam = header(problem).readF64('H_BEST_F');
      found.improve(options.anneal ?? Math.min(MOST_ANNEALED, 2 * problem.lattice.nodes));
    }
    debug.phases.push(performance.now() - built);
    debug.climbed = header(problem).readF64('H_BEST_F');
    clearStatistics(problem);
    header(problem).f64('H_CUT_F', 1 + (options.gap ?? 0));
    runPass({ problem, beam: Infinity, guess: false, stop });
    bound = Infinity;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    bound = Math.max(bound, error.bound);
  }
  found.take();
  return {
    best: found.mappings(),
    certificate: certify(problem, options.objective, found, bound),
    claimed: header(problem).readF64('H_BEST_F'),
    seconds: (performance.now() - begun) / 1000,
  };
}

/** Mappings found so far, rebuilt before the pool is reused. */
class Found {
  readonly #problem: Problem;
  #chains: readonly (readonly TraceStep[])[] = [];
  #seen = new Map<number, readonly TraceStep[]>();
  #value = Infinity;

  constructor(problem: Problem) {
    this.#problem = problem;
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
      const chain = this.#seen.get(trace) ?? readTrace(this.#problem, trace);
      const key = i + 1;
      view.setUint32(at, key, true);
      seen.set(key, chain);
      chains.push(chain);
    }
    this.#seen = seen;
    this.#chains = chains;
  }

  /** Anneals from the best chain; leaves the best value in the header. */
  improve(evaluations: number): void {
    if (this.#chains.length !== 1) return;
    const best = anneal(this.#problem, { steps: this.#chains[0], value: this.#value }, evaluations);
    this.#chains = [best.steps];
    this.#value = best.value;
    header(this.#problem).f64('H_BEST_F', best.value);
  }

  mappings(): ExactMapping[] {
    const { arch, einsum } = this.#problem.space;
    return this.#chains.map((chain) => {
      const mapping = mappingOf(this.#problem, chain);
      return { mapping, cost: evaluateMapping(arch, einsum, mapping) };
    });
  }
}

/** Typed access to the header's fields by name. */
function header(problem: Problem): {
  i32(name: string, value: number): void;
  f64(name: string, value: number): void;
  readI32(name: string): number;
  readF64(name: string): number;
} {
  const view = new DataView(problem.image.memory.buffer);
  const at = (name: string): number => problem.header + problem.layout[name];
  return {
    i32: (name, value) => view.setInt32(at(name), value, true),
    f64: (name, value) => view.setFloat64(at(name), value, true),
    readI32: (name) => view.getInt32(at(name), true),
    readF64: (name) => view.getFloat64(at(name), true),
  };
}

/** Bound of the empty mapping; also sets what differences count as rounding. */
function rootBound(problem: Problem): number {
  const { exports, stageAt, functionals, image, layout: L } = problem;
  resetPool(problem);
  exports.start(problem.header, stageAt[0]);
  exports.boundRoot(problem.header, stageAt[0]);
  const h = header(problem);
  const energy = h.readF64('H_BOUND_ENERGY_F');
  const cycles = h.readF64('H_BOUND_CYCLES_F');
  const tolerance = new Float64Array(image.memory.buffer, h.readI32('H_TOLERANCE'), functionals.length);
  functionals.forEach((f, k) => (tolerance[k] = 1e-12 * (f.kind === 'energy' ? energy : cycles)));
  const objective = h.readI32('H_OBJECTIVE');
  if (objective === L.OBJECTIVE_ENERGY) return energy;
  if (objective === L.OBJECTIVE_LATENCY) return cycles;
  if (objective === L.OBJECTIVE_EDP) return energy * cycles;
  return objective === L.OBJECTIVE_ED2P ? energy * cycles * cycles : 0;
}

function resetPool(problem: Problem): void {
  const { image, lattice, layout: L } = problem;
  const h = header(problem);
  for (const name of ['H_FREE_LABEL', 'H_FREE_PAGE', 'H_TRACE', 'H_TRACE_END', 'H_IN_COUNT', 'H_OUT_COUNT', 'H_FULL']) {
    h.i32(name, 0);
  }
  h.i32('H_BUMP', problem.poolStart);
  h.f64('H_LIVE_F', 0);
  const zero = (name: string, words: number): void => {
    new Int32Array(image.memory.buffer, h.readI32(name), words).fill(0);
  };
  zero('H_IN_HEADS', lattice.nodes);
  zero('H_OUT_HEADS', lattice.nodes);
  zero('H_MASKS', 2 ** lattice.dims.length);
  // Records begin behind address 0: the root label's parent.
  if (problem.poolStart <= L.TRACE) throw new RangeError('the pool overlaps the null address');
}

function clearStatistics(problem: Problem): void {
  const h = header(problem);
  for (const name of ['H_GENERATED_F', 'H_CUT_BOUND_F', 'H_CUT_DOMINATED_F', 'H_CUT_CAPACITY_F', 'H_KEPT_F']) h.f64(name, 0);
}

/** All stages once, innermost to outermost. */
function runPass(pass: Pass): void {
  const { problem, beam } = pass;
  const { exports, stages, stageAt, header: p } = problem;
  resetPool(problem);
  exports.start(p, stageAt[0]);
  exports.turnTables(p);
  for (let s = 1; s < stages.length; s++) {
    const stage = stages[s];
    if (stage.kind === 'array') arrayPass(pass, s);
    if (stage.kind === 'memory') for (const keeps of stage.keeps) memoryPass(pass, s, keeps);
    exports.clearIncoming(p);
    if (Number.isFinite(beam)) exports.trim(p, stageAt[s], beam, pass.guess ? 1 : 0, problem.ranks, problem.rankRoom);
    exports.turnTables(p);
  }
}

function arrayPass({ problem, stop }: Pass, s: number): void {
  const { exports, stageAt, header: p } = problem;
  const count = header(problem).readI32('H_IN_COUNT');
  for (let from = 0; from < count; from += SLICE) {
    if (stop()) throw new Stopped(Math.min(exports.leastIncoming(p, from), exports.leastOutgoing(p)));
    exports.expandArray(p, stageAt[s], from, Math.min(count, from + SLICE));
  }
}

function memoryPass({ problem, stop }: Pass, s: number, keeps: number): void {
  const { exports, stageAt, header: p, lattice } = problem;
  const masks = 2 ** lattice.dims.length;
  exports.beginMemory(p, stageAt[s], keeps);
  for (let mask = 0; mask < masks; mask++) {
    const count = exports.maskCount(p, mask);
    for (let from = 0; from < count; from += SLICE) {
      if (stop()) throw new Stopped(remainingBound(problem, mask, from, masks));
      exports.expandMask(p, stageAt[s], keeps, mask, from, Math.min(count, from + SLICE));
    }
    exports.releasePage(p, mask);
  }
}

function remainingBound({ exports, header: p }: Problem, mask: number, from: number, masks: number): number {
  let least = Math.min(exports.leastIncoming(p, 0), exports.leastOutgoing(p), exports.leastMasked(p, mask, from));
  for (let other = mask + 1; other < masks; other++) least = Math.min(least, exports.leastMasked(p, other, 0));
  return least;
}

function certify(problem: Problem, objective: ExactObjective, found: Found, bound: number): Certificate {
  const h = header(problem);
  const best = found.mappings();
  const value = best.length > 0 ? objectiveOf(objective, best[0].cost) : Infinity;
  const proved = Math.min(bound, h.readF64('H_GIVEN_UP_F'));
  const lowerBound = objective === 'front' ? (proved === Infinity ? Infinity : 0) : Math.min(value, proved);
  const optimal = proved === Infinity || (objective !== 'front' && value <= proved * (1 + 1e-9));
  return {
    status: optimal ? 'optimal' : 'bounded',
    lowerBound: lowerBound === Infinity ? value : lowerBound,
    gap: optimal ? 0 : (value - lowerBound) / lowerBound,
    visited: h.readF64('H_GENERATED_F'),
    kept: h.readF64('H_KEPT_F'),
    phases: debug.phases,
    beam: debug.beam,
    root: debug.root,
    climbed: debug.climbed,
    pruned: {
      capacity: h.readF64('H_CUT_CAPACITY_F'),
      fanout: 0,
      dominated: h.readF64('H_CUT_DOMINATED_F'),
      bound: h.readF64('H_CUT_BOUND_F'),
    },
  };
}

/** The objective's value: pJ, cycles or their products. The front has none; its EDP stands in. */
export function objectiveOf(objective: ExactObjective, { energyPj, cycles }: Cost): number {
  if (objective === 'energy') return energyPj;
  if (objective === 'latency') return cycles;
  return objective === 'ed2p' ? energyPj * cycles * cycles : energyPj * cycles;
}
