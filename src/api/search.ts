/** `search`: the best mappings of a selection of layers on one architecture. */
import type { Architecture } from '../arch/architecture.ts';
import { archDigest } from '../arch/digest.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import { buildMapspace, outlineSpace } from '../mapspace/mapspace.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { readOwnConstraints } from '../mapspace/read-constraints.ts';
import { constraintEntries } from '../mapspace/write-constraints.ts';
import { Lanes } from '../pool/lanes.ts';
import type { ExplainReport } from '../report/explain.ts';
import { bestReport, einsumReport, totals, withoutTyped } from '../report/json.ts';
import type { Found, LayerReport, NetworkCertificate, SearchReport } from '../report/json.ts';
import type { PaddingReport } from '../report/padding.ts';
import type { Totals as NetworkTotals } from '../network/product.ts';
import { leastProduct } from '../network/product.ts';
import { leastCycles, leastEnergyPj } from '../search/bound.ts';
import { LimitError } from '../search/errors.ts';
import type { Goal, Objective } from '../search/objective.ts';
import { EQUAL, goalOf, isFront, objectiveText, objectiveValue } from '../search/objective.ts';
import { searchPadded } from '../search/pad.ts';
import { effortOf, openPoolFor, search as searchLayer } from '../search/search.ts';
import type { SearchOptions, SearchProgress, SearchResult } from '../search/search.ts';
import type { StrategyName } from '../search/strategy.ts';
import { InfeasibleError, InputError } from '../spec/errors.ts';
import type { Diagnostic } from '../spec/errors.ts';
import { packageVersion } from '../version.ts';
import { distinctLayers } from '../workload/distinct.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { DistinctLayer, Workload } from '../workload/workload.ts';
import { explainLayer } from './explain.ts';
import { assertPaddable, paddingReport } from './pad.ts';
import { resolveArchitecture, resolveWorkload, userConstraints } from './subject.ts';
import type { Parameters } from './subject.ts';

export interface SearchRequest {
  /** Name of a shipped architecture, path of a YAML file, or the value. */
  readonly arch: string | Architecture;
  /** A selector (`resnet50.conv3`, `model.onnx`, `gemm:M=64,N=64,K=64`), or the value. Equal shapes are searched once. */
  readonly layer: string | Einsum | Workload;
  /** Parameters of the layers' network, or dynamic dimensions of the ONNX file. */
  readonly params?: Parameters;
  /** Path of a constraints file, or its list; they hold beside the architecture's own. */
  readonly constraints?: string | readonly object[];
  /** Rules already read, for one layer's dimensions: what Timeloop's constraint files become. */
  readonly rules?: Constraints;
  /** Tensors of one memory may lie at different depths of its loops, in several stations; default false. */
  readonly uneven?: boolean;
  /**
   * `layers` (the default): each layer's mapping is the best for that layer. `network`: the objective is that of the
   * totals over all layers, which for products such as EDP is less than with each layer's own best.
   */
  readonly over?: 'layers' | 'network';
  /**
   * Default `edp`. A list asks for the Pareto front of its quantities; `best` is then the best by the first.
   * `{ lexicographic: ['latency', 'energy'] }` is the least energy among the fastest,
   * `{ weights: { energy: 1, latency: 250 } }` the least sum of 1 per pJ and 250 per cycle.
   */
  readonly objective?: Objective;
  /** Share of the optimum within which a proof suffices, such as 0.01; for the exact search of one quantity. Default 0. */
  readonly gap?: number;
  /** Default `exact`; `anneal` where that cannot be, or `evaluations` or `patience` is given. */
  readonly strategy?: StrategyName;
  /** A non-negative integer; default 1. */
  readonly seed?: number;
  /** Mappings to cost for each distinct shape; default 200,000, or no limit if time or patience is given. */
  readonly evaluations?: number;
  /** Seconds for the whole search, shared evenly among its shapes. Default none. */
  readonly timeSeconds?: number;
  /** Mappings to cost without improvement before a shape's search ends. Default none. */
  readonly patience?: number;
  /** Most worker threads; default all cores. The result does not depend on it unless time or `signal` ends the search. */
  readonly threads?: number;
  /** Called several times a second; of shapes searched side by side with the progress of the first. */
  readonly onProgress?: (progress: RequestProgress) => void;
  /** Called before each search that `pad` and `explain` make. */
  readonly onStep?: (step: RequestStep) => void;
  /** Aborting ends the search with the best found so far. */
  readonly signal?: AbortSignal;
  /** Adds to each layer why its mapping is the best: tens of exact searches each, beside `timeSeconds`. */
  readonly explain?: boolean;
  /**
   * Searches also the shapes near each layer's, bounds raised to at most this share of MACs more, and reports the best:
   * 0.125 for an eighth. Padded work is counted in full. For the exact search of one objective. Default none.
   */
  readonly pad?: number;
}

export interface RequestProgress extends SearchProgress {
  readonly layer: string;
  /** Place of the layer among the distinct shapes, from 1, and their number. */
  readonly index: number;
  readonly layers: number;
  /** Seconds that the layers still to do may take, by those that are done; absent while none is. */
  readonly remainingSeconds?: number;
  /** Of a search over a network's totals: the weighted sum that is minimised, from 1, and the best totals before it. */
  readonly round?: number;
  readonly totals?: NetworkTotals;
}

/** A search beside the layer's own, about to begin. */
export interface RequestStep extends Pick<RequestProgress, 'layer' | 'index' | 'layers'> {
  /** What it asks. */
  readonly question: string;
  /** Such questions about this layer that are answered, and all of them. */
  readonly done: number;
  readonly of: number;
  /** Seconds that the others may take, by those; absent while none is. */
  readonly remainingSeconds?: number;
}

/** The figures as `dse search --json` prints them, and the same as typed values. */
export interface SearchOutcome extends SearchReport {
  readonly layers: readonly LayerOutcome[];
  readonly typed: { readonly architecture: Architecture; readonly interrupted: boolean };
}

export interface LayerOutcome extends LayerReport {
  readonly typed: {
    readonly einsum: Einsum;
    readonly best: Found;
    /** With a list of objectives: best by the first of them first. */
    readonly front?: readonly Found[];
  };
}

/**
 * Searches the best mapping of every distinct shape of a selection. Energies in pJ, times in cycles and seconds.
 *
 * @throws InputError for a name, file or value that is not valid, with its place
 * @throws InfeasibleError if some shape can have no legal mapping: why, and the smallest change that helps
 * @throws LimitError if no shape's search found a legal mapping before its limit or the abort
 */
export async function search(request: SearchRequest): Promise<SearchOutcome> {
  const started = performance.now();
  assertPaddable(request);
  const architecture = resolveArchitecture(request.arch);
  const workload = resolveWorkload(request.layer, request.params);
  const jobs = distinctLayers(workload).map((layer) => jobOf(architecture, layer, request));
  const seconds = (): number => (performance.now() - started) / 1000;
  const found =
    request.over === 'network'
      ? await searchNetwork(architecture, jobs, request, seconds)
      : outcome(architecture, request, await runJobs(architecture, jobs, request), seconds());
  return workload.notCosted ? { ...found, notCosted: workload.notCosted } : found;
}

/** Weighted sums that a network's product may need; a few suffice as a rule. */
const NETWORK_ROUNDS = 20;

/** What is least in total: a product of totals is not the sum of the layers' products. */
async function searchNetwork(
  architecture: Architecture,
  jobs: readonly Job[],
  request: SearchRequest,
  seconds: () => number,
): Promise<SearchOutcome> {
  const goal = goalOf(request.objective ?? 'edp');
  assertOverNetwork(request, goal);
  const [quantity] = goal.quantities;
  const power = quantity === 'ed2p' ? 2 : 1;
  const product = ({ energyPj, cycles }: NetworkTotals): number => energyPj * cycles ** power;
  let round = 0;
  let known: NetworkTotals | undefined;
  const find = async (objective: Objective): Promise<NetworkFound> => {
    const place = { round: ++round, totals: known };
    const { onProgress } = request;
    const wanted: SearchRequest = {
      ...request,
      objective,
      onProgress: onProgress && ((progress) => onProgress({ ...progress, ...place })),
    };
    const found = outcome(architecture, wanted, await runJobs(architecture, jobs, wanted), seconds());
    const { energyPj, cycles } = found.total;
    if (!known || product(found.total) < product(known)) known = { energyPj, cycles };
    return { energyPj, cycles, found };
  };
  const first = await find(request.objective ?? 'edp');
  if (goal.kind === 'lexicographic' || (quantity !== 'edp' && quantity !== 'ed2p')) return first.found;
  const isCut = first.found.typed.interrupted || first.found.unsolved.length > 0;
  const { best, lowerBound } = await leastProduct<NetworkFound>({
    power,
    first,
    least: leastTotals(architecture, jobs),
    rounds: isCut ? 0 : NETWORK_ROUNDS,
    minimise: async (latency) => {
      const totals = await find({ weights: { energy: 1, latency } });
      const bounds = totals.found.layers.map(
        ({ count, certificate }) => count * (certificate.lowerBound ?? 0),
      );
      return { totals, lowerBound: bounds.reduce((sum, bound) => sum + bound, 0) };
    },
  });
  const value = product(best);
  const isProved = lowerBound >= value * (1 - EQUAL);
  const network: NetworkCertificate = {
    objective: quantity,
    status: isProved ? 'optimal' : 'bounded',
    value,
    lowerBound,
    gap: isProved ? 0 : value / lowerBound - 1,
  };
  return { ...best.found, network, seconds: seconds() };
}

interface NetworkFound extends NetworkTotals {
  readonly found: SearchOutcome;
}

function assertOverNetwork({ pad, explain }: SearchRequest, goal: Goal): void {
  if (isFront(goal)) {
    throw new InputError({
      message: 'over a network one quantity is minimised, not a front',
      suggestion: 'name one objective, or search the layers with --layer',
    });
  }
  if (pad === undefined && !explain) return;
  throw new InputError({
    message: `${explain ? '--explain' : '--pad'} is about layers, not about a whole network`,
    suggestion: 'name the layers with --layer',
  });
}

/** Bounds of the totals that need no search. */
function leastTotals(architecture: Architecture, jobs: readonly Job[]): NetworkTotals {
  const spaces = jobs.map(({ layer, constraints }) => outlineSpace(architecture, layer.einsum, constraints));
  const sum = (of: (space: Mapspace) => number): number =>
    spaces.reduce((total, space, i) => total + jobs[i].layer.count * of(space), 0);
  return { energyPj: sum(leastEnergyPj), cycles: sum(leastCycles) };
}

interface Job {
  readonly layer: DistinctLayer;
  /** Rules beside the architecture's own. */
  readonly given: Constraints;
  /** All of them. */
  readonly constraints: Constraints;
}

function jobOf(arch: Architecture, layer: DistinctLayer, { rules = [], constraints }: SearchRequest): Job {
  const { einsum } = layer;
  const given = [...rules, ...userConstraints(constraints, arch, einsum)];
  return { layer, given, constraints: [...readOwnConstraints(arch, einsum), ...given] };
}

interface Result {
  readonly job: Job;
  /** Why there is none, if there is none. */
  readonly result: SearchResult | LimitError;
  readonly padding?: PaddingReport;
  readonly explanation?: ExplainReport;
}

/** The space of each job; what makes one infeasible is said before any time is spent. */
function spacesOf(architecture: Architecture, jobs: readonly Job[], uneven?: boolean): Mapspace[] {
  const diagnostics: Diagnostic[] = [];
  const spaces = jobs.flatMap(({ layer, constraints }) => {
    try {
      return [buildMapspace(architecture, layer.einsum, constraints, uneven)];
    } catch (error) {
      if (!(error instanceof InfeasibleError)) throw error;
      diagnostics.push(...error.diagnostics);
      return [];
    }
  });
  if (diagnostics.length > 0) throw new InfeasibleError(diagnostics);
  return spaces;
}

async function runJobs(
  architecture: Architecture,
  jobs: readonly Job[],
  request: SearchRequest,
): Promise<readonly Result[]> {
  const efforts = spacesOf(architecture, jobs, request.uneven).map((space) => effortOf(space, request));
  const pool = await openPoolFor(efforts, request.threads);
  const lanes = new Lanes(pool.threads);
  const started = performance.now();
  const deadline = started + (request.timeSeconds ?? Infinity) * 1000;
  const results: (Result | undefined)[] = jobs.map(() => undefined);
  let waiting = jobs.length;
  const run = async (index: number): Promise<Result> => {
    const options = layerOptions(architecture, jobs, index, request);
    // What waits runs so many at a time as this one leaves room for, so that it may last one turn of those left.
    const turns = Math.ceil((waiting-- * Math.min(efforts[index].lanes, pool.threads)) / pool.threads);
    const share = (deadline - performance.now()) / 1000 / turns;
    const timeSeconds = share === Infinity ? undefined : share;
    const isShown = (): boolean => results.indexOf(undefined) === index;
    const report = options.onProgress;
    const onProgress =
      report &&
      ((progress: SearchProgress): void => {
        const done = results.filter((result) => result !== undefined).length;
        if (isShown()) report({ ...progress, remainingSeconds: remaining(started, done, jobs.length) });
      });
    return { job: jobs[index], result: await attempt({ ...options, pool, timeSeconds, onProgress }) };
  };
  try {
    const found = await Promise.all(
      jobs.map((_, index) =>
        lanes.run(efforts[index].lanes, async () => (results[index] = await run(index))),
      ),
    );
    const all: Result[] = [];
    for (const [index, { job, result }] of found.entries()) {
      const left = (deadline - performance.now()) / 1000 / (found.length - index);
      const timeSeconds = left === Infinity ? undefined : left;
      const options = { ...layerOptions(architecture, jobs, index, request), pool, timeSeconds };
      const better = await padded(job, result, options, request);
      all.push({ ...better, explanation: await explained(better, options, request) });
    }
    return all;
  } finally {
    lanes.close();
    await pool.close();
  }
}

/** Seconds that what is left takes at the pace so far; undefined while nothing is done. */
function remaining(started: number, done: number, of: number): number | undefined {
  return done > 0 ? ((performance.now() - started) / 1000 / done) * (of - done) : undefined;
}

interface LayerOptions extends SearchOptions {
  readonly onProgress?: (progress: SearchProgress & Pick<RequestProgress, 'remainingSeconds'>) => void;
  readonly onStep?: (question: string, done: number, of: number) => void;
}

/** What a request and a layer's search both ask for has the same name in both. */
function layerOptions(
  architecture: Architecture,
  jobs: readonly Job[],
  index: number,
  { onProgress, onStep, ...shared }: SearchRequest,
): LayerOptions {
  const { layer, constraints } = jobs[index];
  const place = { layer: layer.name, index: index + 1, layers: jobs.length };
  return {
    ...shared,
    architecture,
    layer: layer.einsum,
    constraints,
    onProgress: onProgress && ((progress) => onProgress({ ...progress, ...place })),
    onStep: onStep && stepReporter(onStep, place),
  };
}

/** Adds the place and the time left, which is counted from the first step. */
function stepReporter(
  report: NonNullable<SearchRequest['onStep']>,
  place: Pick<RequestStep, 'layer' | 'index' | 'layers'>,
): LayerOptions['onStep'] {
  let started: number | undefined;
  return (question, done, of) => {
    started ??= performance.now();
    report({ ...place, question, done, of, remainingSeconds: remaining(started, done, of) });
  };
}

/** The result, or that of the best padded neighbour, which is searched again for its certificate. */
async function padded(
  job: Job,
  result: SearchResult | LimitError,
  options: LayerOptions,
  request: SearchRequest,
): Promise<Result> {
  const { pad: limit, objective: wanted = 'edp', uneven } = request;
  if (limit === undefined || result instanceof LimitError) return { job, result };
  const { architecture: arch, timeSeconds, signal, onStep } = options;
  const [objective] = goalOf(wanted).quantities;
  const jobFor = (einsum: Einsum): Job => jobOf(arch, { ...job.layer, einsum }, request);
  const { energyPj, cycles } = result.best.cost;
  const subject = {
    arch,
    einsum: job.layer.einsum,
    constraintsOf: (einsum: Einsum) => jobFor(einsum).constraints,
    uneven,
    objective,
    limit,
    value: objectiveValue(objective, energyPj, cycles),
  };
  const choice = await searchPadded(subject, { timeSeconds, signal, onProgress: onStep });
  if (!choice.einsum)
    return { job, result, padding: paddingReport({ subject, choice, best: result.best.cost }) };
  const better = jobFor(choice.einsum);
  const { constraints } = better;
  const best = await attempt({ ...options, layer: choice.einsum, constraints, timeSeconds: undefined });
  if (best instanceof LimitError) return { job, result };
  return {
    job: better,
    result: best,
    padding: paddingReport({ subject, choice, best: best.best.cost }),
  };
}

async function explained(
  { job, result }: Result,
  { architecture: arch, signal, onStep }: LayerOptions,
  { explain, objective = 'edp', uneven }: SearchRequest,
): Promise<ExplainReport | undefined> {
  if (!explain || result instanceof LimitError) return undefined;
  const searched = { arch, einsum: job.layer.einsum, constraints: job.constraints, uneven, objective };
  return explainLayer(searched, result, { signal, onProgress: onStep });
}

async function attempt(options: SearchOptions): Promise<SearchResult | LimitError> {
  try {
    return await searchLayer(options);
  } catch (error) {
    if (error instanceof LimitError) return error;
    throw error;
  }
}

function outcome(
  architecture: Architecture,
  request: SearchRequest,
  results: readonly Result[],
  seconds: number,
): SearchOutcome {
  const {
    arch,
    objective = 'edp',
    uneven,
    strategy,
    seed,
    evaluations,
    gap,
    timeSeconds,
    patience,
  } = request;
  const layers = results.flatMap(({ result, ...found }) =>
    result instanceof LimitError ? [] : [layerOutcome(architecture, found, result)],
  );
  const unsolved = results.flatMap(({ job, result }) => {
    const { name, count } = job.layer;
    return result instanceof LimitError ? [{ name, count, reason: result.message }] : [];
  });
  if (layers.length === 0) throw new LimitError(unsolved[0].reason);
  const found = results.flatMap(({ result }) => (result instanceof LimitError ? [] : [result]));
  return {
    schema: 'dse.search/1',
    arch: architecture.name,
    archFile: typeof arch === 'string' ? arch : null,
    archDigest: archDigest(architecture),
    objective: objectiveText(objective),
    ...(uneven && { uneven }),
    options: { strategy, seed, evaluations, gap, timeSeconds, patience },
    layers,
    total: totals(layers),
    unsolved,
    threads: Math.max(...found.map((result) => result.threads)),
    seconds,
    version: packageVersion(),
    typed: { architecture, interrupted: found.some((result) => result.interrupted) },
  };
}

function layerOutcome(
  arch: Architecture,
  { job, padding, explanation }: Omit<Result, 'result'>,
  result: SearchResult,
): LayerOutcome {
  const { layer, given } = job;
  const { name, count, names, einsum } = layer;
  const { best, front, certificate, seconds } = result;
  const rules = constraintEntries(given, arch, einsum);
  return {
    name,
    count,
    names,
    einsum: einsumReport(einsum),
    ...(rules.length > 0 && { constraints: rules }),
    best: bestReport(arch, einsum, best),
    ...(front && { front: front.map((found) => bestReport(arch, einsum, found)) }),
    certificate,
    ...(padding && { padding }),
    ...(explanation && { explain: explanation }),
    seconds,
    typed: { einsum, best, ...(front && { front }) },
  };
}

/** The outcome as `dse search --json` prints it. */
export function searchReport(result: SearchOutcome): SearchReport {
  return { ...withoutTyped(result), layers: result.layers.map(withoutTyped) };
}
