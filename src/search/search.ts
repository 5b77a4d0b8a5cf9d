/** Searches the mappings of one layer on one architecture for the best. */
import { host } from '#host';
import type { Architecture } from '../arch/architecture.ts';
import { assertCountable, checkMapping } from '../mapping/legality.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { buildMapspace } from '../mapspace/mapspace.ts';
import { mapspaceSize } from '../mapspace/size.ts';
import type { Refusals } from '../mapspace/tiling.ts';
import type { Cost } from '../model/cost.ts';
import { evaluateMapping } from '../model/evaluate.ts';
import { openPool } from '../pool/pool.ts';
import type { ShardPool } from '../pool/shard-pool.ts';
import type { LiveProgress } from '../pool/shard-runner.ts';
import { InfeasibleError, InputError } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import { lowerBound } from './bound.ts';
import type { Certificate } from './certificate.ts';
import { LimitError } from './errors.ts';
import { exactRefusal } from './exact/support.ts';
import type { Candidate } from './front.ts';
import type { Objective } from './objective.ts';
import { goalOf, isFront } from './objective.ts';
import { STRATEGIES } from './strategies.ts';
import type { Budget, Proof, SearchProblem, Shard, StrategyName } from './strategy.ts';
import { Tally } from './tally.ts';

/** Mappings costed if nothing else limits a search. */
export const DEFAULT_EVALUATIONS = 200_000;

export interface SearchOptions {
  readonly architecture: Architecture;
  readonly layer: Einsum;
  /** All must hold; default none. An architecture's own are read by `readConstraints`. */
  readonly constraints?: Constraints;
  /** Tensors of one memory may lie at different depths of its loops; only `exact` takes it. Default false. */
  readonly uneven?: boolean;
  /** Default `edp`. A list asks for the Pareto front of its quantities. */
  readonly objective?: Objective;
  /**
   * Share of the optimum within which a proof suffices, such as 0.01: the exact search then ends earlier. For one
   * quantity or a weighted sum. Default 0.
   */
  readonly gap?: number;
  /** Default `exact`, or `anneal` for what that does not take and where `evaluations` or `patience` limits the search. */
  readonly strategy?: StrategyName;
  /** A non-negative integer; default 1. */
  readonly seed?: number;
  /** Mappings to cost; default 200,000, or no limit if `timeSeconds` or `patience` is given. Ignored by `exact` and `exhaustive`. */
  readonly evaluations?: number;
  /** Stops after this time; the result then depends on the machine's speed. Default none. */
  readonly timeSeconds?: number;
  /** Stops after this many mappings without improvement, rounded up to whole rounds of shards. Default none. */
  readonly patience?: number;
  /** Default all cores. Any number gives the same result, unless `timeSeconds` or `signal` stops the search. */
  readonly threads?: number;
  /** Runs the shards instead of a pool of its own; stays open. For several searches in a row. */
  readonly pool?: ShardPool;
  /** Called several times a second. */
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Aborting ends the search with the best found so far. */
  readonly signal?: AbortSignal;
}

export interface SearchProgress {
  readonly evaluations: number;
  /** Evaluations per second since the start. */
  readonly rate: number;
  readonly elapsedSeconds: number;
  /** The best so far by the first quantity; absent before the first legal mapping. */
  readonly best?: { readonly energyPj: number; readonly cycles: number; readonly value: number };
  /** Of a search that proves: no legal mapping is below it, and the best is above it by no more than this share. */
  readonly bound?: number;
  readonly gap?: number;
  /** Parts of mappings refused before costing. */
  readonly refusals: Refusals;
}

export interface Solution {
  readonly mapping: Mapping;
  readonly cost: Cost;
}

export interface SearchResult {
  /** For a front, the best by its first quantity. */
  readonly best: Solution;
  /** For a list of objectives: all mappings that no other one beats, best by the first objective first. */
  readonly front?: readonly Solution[];
  readonly certificate: Certificate;
  readonly evaluations: number;
  readonly seconds: number;
  readonly threads: number;
  /** True if `signal` ended the search. */
  readonly interrupted: boolean;
}

/**
 * Searches for the best mapping of a layer. Its cost is the reference model's, and equals what the search saw bit by bit.
 *
 * @throws InputError if the layer is too large to count exactly, the objective or gap is not valid, or the strategy
 * refuses the space or the gap
 * @throws InfeasibleError if no mapping can be legal: why, by how much, and the smallest change that helps
 * @throws LimitError if the search ended before it found a legal mapping
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const started = performance.now();
  const { layer: einsum, constraints = [], uneven = false, objective = 'edp', gap, seed = 1 } = options;
  const goal = goalOf(objective, gap);
  // Plain data for the workers: the constraints come read.
  const arch: Architecture = { ...options.architecture, constraints: undefined };
  assertCountable(einsum);
  const space = buildMapspace(arch, einsum, constraints, uneven);
  const strategy = options.strategy ?? defaultStrategy(space, options);
  if (gap !== undefined) refuseGap(strategy, space);
  assertAccepted(strategy, space);
  const problem: SearchProblem = { arch, einsum, constraints, uneven, goal, strategy, seed };
  const pool = options.pool ?? (await openPoolFor([effortOf(space, options)], options.threads));
  const run = await runRounds(problem, pool, options, started).finally(() => {
    if (pool !== options.pool) return pool.close();
  });
  if (run.tally.front.first === undefined) throw nothingFound(problem, run);
  return result(space, problem, options, run, started);
}

function assertAccepted(strategy: StrategyName, space: Mapspace): void {
  if (space.uneven && strategy !== 'exact') {
    throw new InputError({
      message: `${strategy} searches even mappings only, with one station per memory`,
      suggestion: 'search uneven mappings with exact',
    });
  }
  STRATEGIES[strategy].accept(space);
}

function refuseGap(strategy: StrategyName, space: Mapspace): void {
  if (STRATEGIES[strategy].takesGap) return;
  const refusal = exactRefusal(space);
  throw new InputError({
    message: `a gap needs the exact search; ${refusal ? `it does not take ${refusal}` : `'${strategy}' proves none`}`,
    suggestion: 'leave the gap out',
  });
}

/** The strategy of a search that names none. */
export function defaultStrategy(
  space: Mapspace,
  { evaluations, patience }: Pick<SearchOptions, 'evaluations' | 'patience'>,
): StrategyName {
  if (space.uneven) return 'exact';
  const limited = evaluations !== undefined || patience !== undefined;
  return limited || exactRefusal(space) !== undefined ? 'anneal' : 'exact';
}

/** True if sampling stands in for the exact search: its result is then reported as that would be, with a simple bound. */
function isSubstitute(space: Mapspace, { strategy }: SearchOptions): boolean {
  return strategy === undefined && exactRefusal(space) !== undefined;
}

interface Run {
  readonly tally: Tally;
  /** True if every shard of the strategy ran to its end. */
  readonly finished: boolean;
  readonly interrupted: boolean;
  readonly threads: number;
}

async function runRounds(
  problem: SearchProblem,
  pool: ShardPool,
  options: SearchOptions,
  started: number,
): Promise<Run> {
  const budget = budgetOf(options);
  const deadline = Date.now() + (options.timeSeconds ?? Infinity) * 1000;
  const tally = new Tally(problem.arch, problem.goal);
  let finished = true;
  for (const shards of STRATEGIES[problem.strategy].rounds(budget)) {
    finished = await runRound(pool, problem, shards, { options, deadline, tally, started });
    if (!finished || tally.sinceImprovement >= budget.patience) break;
  }
  const interrupted = !finished && options.signal?.aborted === true;
  return { tally, finished, interrupted, threads: pool.threads };
}

type Limits = Pick<SearchOptions, 'evaluations' | 'timeSeconds' | 'patience'>;

function budgetOf({ evaluations, timeSeconds, patience }: Limits): Budget {
  const limited = timeSeconds !== undefined || patience !== undefined;
  return {
    evaluations: evaluations ?? (limited ? Infinity : DEFAULT_EVALUATIONS),
    patience: patience ?? Infinity,
  };
}

/** How much there is to do for one search, whatever the threads. */
export interface Effort {
  /** Threads it takes: the shards of a round. */
  readonly lanes: number;
  /** Threads it can keep busy, those that help shards included. */
  readonly threads: number;
  /** Of one thread, very roughly. */
  readonly milliseconds: number;
}

type EffortOptions = Limits & Pick<SearchOptions, 'strategy' | 'objective'>;

export function effortOf(space: Mapspace, options: EffortOptions): Effort {
  const strategy = STRATEGIES[options.strategy ?? defaultStrategy(space, options)];
  const [shards] = strategy.rounds(budgetOf(options));
  return {
    lanes: shards.length,
    threads: shards.length * (1 + (strategy.helpers ?? 0)),
    milliseconds: Math.min(
      strategy.milliseconds?.(space, goalOf(options.objective ?? 'edp')) ?? Infinity,
      (options.timeSeconds ?? Infinity) * 1000,
    ),
  };
}

/** Milliseconds of work that a further thread must have before it: to start and warm up, a worker takes about as long. */
const WORTH_A_WORKER_MS = 400;

/** A pool for searches side by side. Close it after use. */
export function openPoolFor(efforts: readonly Effort[], threads?: number): Promise<ShardPool> {
  const lanes = efforts.reduce((total, effort) => total + effort.lanes, 0);
  return openPool(usefulThreads(efforts, threads), lanes);
}

/** Threads worth having for searches side by side. */
function usefulThreads(efforts: readonly Effort[], threads = host.cores()): number {
  const sum = (of: (effort: Effort) => number): number =>
    efforts.reduce((total, effort) => total + of(effort), 0);
  const most = sum((effort) => effort.threads);
  const worth = Math.floor(sum((effort) => effort.milliseconds) / WORTH_A_WORKER_MS);
  return Math.max(1, Math.min(threads, most, worth));
}

interface Round {
  readonly options: SearchOptions;
  readonly deadline: number;
  readonly tally: Tally;
  readonly started: number;
}

/** Runs a round and adds it to the tally; false if some shard was stopped. */
async function runRound(
  pool: ShardPool,
  problem: SearchProblem,
  shards: readonly Shard[],
  { options, deadline, tally, started }: Round,
): Promise<boolean> {
  const { signal, onProgress } = options;
  const running = new Map<number, LiveProgress>();
  const outcomes = await pool.run(problem, shards, {
    signal,
    deadline,
    onProgress: (place, progress) => {
      running.set(place, progress);
      onProgress?.(progressOf(tally.with(running.values()), started));
    },
  });
  tally.addRound(outcomes);
  onProgress?.(progressOf(tally, started));
  return outcomes.every((outcome) => outcome.complete);
}

function progressOf({ evaluations, front, refusals, proof }: Tally, started: number): SearchProgress {
  const elapsedSeconds = (performance.now() - started) / 1000;
  const rate = evaluations / elapsedSeconds;
  const { first } = front;
  const best = first && { energyPj: first.energyPj, cycles: first.cycles, value: front.best };
  const bound = proof?.lowerBound ?? undefined;
  const gap = best && bound ? Math.max(0, best.value / bound - 1) : undefined;
  return {
    evaluations,
    rate,
    elapsedSeconds,
    refusals,
    ...(best && { best }),
    ...(bound !== undefined && { bound }),
    ...(gap !== undefined && { gap }),
  };
}

function result(
  space: Mapspace,
  problem: SearchProblem,
  options: SearchOptions,
  run: Run,
  started: number,
): SearchResult {
  const solutions = run.tally.front.solutions.map((candidate) => solution(problem, candidate));
  return {
    best: solutions[0],
    ...(Array.isArray(options.objective) && { front: solutions }),
    certificate: certificate(space, problem, options, run),
    evaluations: run.tally.evaluations,
    seconds: (performance.now() - started) / 1000,
    threads: run.threads,
    interrupted: run.interrupted,
  };
}

/** Evaluates a found mapping with the reference model, which must agree with what the search saw. */
function solution({ arch, einsum }: SearchProblem, { mapping, energyPj, cycles }: Candidate): Solution {
  const violations = checkMapping(arch, einsum, mapping);
  if (violations.length > 0) throw new Error(`the search found an illegal mapping: ${violations[0].message}`);
  const cost = evaluateMapping(arch, einsum, mapping);
  if (cost.energyPj !== energyPj || cost.cycles !== cycles) {
    throw new Error(
      `the kernel and the reference model disagree on ${einsum.name}: ` +
        `${energyPj} pJ, ${cycles} cycles against ${cost.energyPj} pJ, ${cost.cycles} cycles`,
    );
  }
  return { mapping, cost };
}

function certificate(
  space: Mapspace,
  problem: SearchProblem,
  options: SearchOptions,
  { tally, finished }: Run,
): Certificate {
  const { goal, strategy } = problem;
  const isOptimal = finished && STRATEGIES[strategy].proves;
  const { best } = tally.front;
  const { capacity, fanout, constraints } = tally.refusals;
  if (tally.proof)
    return {
      ...provedCertificate(tally.proof, best),
      mapspaceSize: String(mapspaceSize(space)),
      visited: tally.evaluations,
    };
  const [quantity] = goal.quantities;
  const bound = isFront(goal) ? null : isOptimal ? best : lowerBound(space, quantity);
  return {
    status: isOptimal ? 'optimal' : isSubstitute(space, options) ? 'bounded' : 'heuristic',
    lowerBound: bound,
    gap: bound === null || bound === 0 ? null : best / bound - 1,
    mapspaceSize: String(mapspaceSize(space)),
    visited: tally.evaluations,
    pruned: { capacity, fanout, constraints, dominated: 0, bound: 0 },
  };
}

/** What a strategy that bounds the untried proved, against the best found. */
function provedCertificate(
  { status, lowerBound: bound, pruned }: Proof,
  best: number,
): Pick<Certificate, 'status' | 'lowerBound' | 'gap' | 'pruned'> {
  return {
    status,
    lowerBound: bound,
    gap: bound === null || bound === 0 ? null : Math.max(0, best / bound - 1),
    pruned: { ...pruned, fanout: 0, constraints: 0 },
  };
}

function nothingFound({ einsum, strategy }: SearchProblem, { tally, finished }: Run): Error {
  const isProved = tally.proof ? tally.proof.status === 'optimal' : STRATEGIES[strategy].proves;
  const { refusals } = tally;
  const counts = { ...refusals.memories, 'array sizes': refusals.fanout, constraints: refusals.constraints };
  const [reason, count] = Object.entries(counts).reduce((a, b) => (b[1] > a[1] ? b : a));
  const why = count > 0 ? `; what refused most candidates: ${reason}` : '';
  if (!finished) {
    return new LimitError(`the search of ${einsum.name} was stopped before it found a legal mapping${why}`);
  }
  if (!isProved) {
    return new LimitError(`the search of ${einsum.name} found no legal mapping within its limit${why}`);
  }
  return new InfeasibleError({
    message: `no mapping of ${einsum.name} is legal: all were tried${why}`,
    suggestion: `relax ${reason}`,
  });
}
