/** The exact search as a strategy: one shard that proves its result, or bounds it where time or memory ends first. */
import { InputError } from '../../spec/errors.ts';
import { annealStrategy } from '../anneal.ts';
import { lowerBound } from '../bound.ts';
import { evaluateMapping } from '../../model/evaluate.ts';
import type { Mapspace } from '../../mapspace/mapspace.ts';
import type { Cost } from '../../model/cost.ts';
import type { Goal } from '../objective.ts';
import type { Helpers } from '../helpers.ts';
import { EQUAL, isFront } from '../objective.ts';
import type { ShardContext } from '../shard-context.ts';
import type { Proof, ShardRun, Strategy } from '../strategy.ts';
import type { ExactCertificate, ExactOptions } from './exact.ts';
import { ExactSearch } from './exact.ts';
import { PARTS } from './parts.ts';
import { exactRefusal, searchedSpace, tileShapes } from './support.ts';

export const exactStrategy: Strategy = {
  name: 'exact',
  proves: true,
  takesGap: true,
  accept(space) {
    const refusal = exactRefusal(space);
    if (refusal === undefined) return;
    throw new InputError({
      message: `the exact search does not take ${refusal}`,
      suggestion: 'search with anneal, random or exhaustive',
    });
  },
  rounds: () => [[{ index: 0, evaluations: Infinity, evenLate: true }]],
  helpers: PARTS - 1,
  milliseconds: ({ einsum }, goal) => LEAST_MS + tileShapes(einsum) * msPerTileShape(goal),
  start: (context, _, helpers) => new ExactRun(context, helpers),
};

/** Of ResNet-50 and VGG-16 on the shipped machines, to a factor of three. */
const LEAST_MS = 10;

function msPerTileShape(goal: Goal): number {
  if (isFront(goal)) return 0.05;
  return goal.quantities.length > 1 || goal.quantities[0] === 'energy' ? 0.02 : 0.012;
}

/** Mappings and milliseconds spent on a first mapping where the search was ended before it found one. */
const DRAWN = 1024;
const DRAW_MS = 200;
/** Share of the time that reports between steps may take. */
const REPORTING = 0.05;

class ExactRun implements ShardRun {
  readonly #context: ShardContext;
  readonly #helpers: Helpers | undefined;
  readonly #work: Generator<void, void>;
  /** What is searched, if not the same as the context's space. */
  readonly #searched: Mapspace;
  #search: ExactSearch | undefined;
  /** Of the searches that ended. */
  readonly #ended: ExactCertificate[] = [];
  #proved = false;
  #over = false;
  #nextReport = 0;

  constructor(context: ShardContext, helpers?: Helpers) {
    this.#context = context;
    this.#helpers = helpers;
    this.#searched = searchedSpace(context.space);
    this.#work = this.#run();
  }

  step(): boolean {
    this.#over = this.#work.next().done === true;
    return !this.#over;
  }

  get isWaiting(): boolean {
    return this.#search?.isWaiting === true;
  }

  stop(): void {
    this.#over = true;
    this.#search?.stop();
  }

  report(): void {
    const begun = performance.now();
    if (!this.#over && begun < this.#nextReport) return;
    const certificates = this.#search ? [...this.#ended, this.#offer(this.#search)] : this.#ended;
    this.#context.evaluations = certificates.reduce((sum, { visited }) => sum + visited, 0);
    this.#context.proof = this.#proof(certificates);
    if (this.#over && !this.#proved && this.#context.front.first === undefined) this.#draw();
    this.#nextReport = begun + (performance.now() - begun) / REPORTING;
  }

  *#run(): Generator<void, void> {
    const { goal } = this.#context.front;
    let best: Cost | undefined;
    for (const phase of phasesOf(goal)) {
      // A late start is stopped here, before tables are built.
      yield;
      this.#search = new ExactSearch(this.#searched, {
        ...phase(best),
        gap: goal.gap,
        helpers: this.#helpers,
      });
      do yield;
      while (this.#search.step());
      best = this.#search.result().best[0]?.cost;
      this.#ended.push(this.#offer(this.#search));
      this.#search = undefined;
      if (best === undefined) break;
    }
    this.#proved =
      this.#ended.every(({ status }) => status === 'optimal') && (this.#isTrue || best === undefined);
  }

  /** True if the space is searched under its own costs. */
  get #isTrue(): boolean {
    return this.#searched === this.#context.space;
  }

  #offer(search: ExactSearch): ExactCertificate {
    const { best, certificate } = search.result();
    const { space, front } = this.#context;
    for (const { mapping, cost } of best) {
      const { energyPj, cycles } = this.#isTrue ? cost : evaluateMapping(space.arch, space.einsum, mapping);
      front.offer(energyPj, cycles, () => mapping);
    }
    return certificate;
  }

  #proof(certificates: readonly ExactCertificate[]): Proof {
    const { space, front } = this.#context;
    const sum = (reason: keyof Proof['pruned']): number =>
      certificates.reduce((total, { pruned }) => total + pruned[reason], 0);
    const simple = lowerBound(space, front.goal.quantities[0]);
    const proved = this.#isTrue ? certificates[0]?.lowerBound : undefined;
    return {
      status: this.#proved ? 'optimal' : 'bounded',
      lowerBound: isFront(front.goal) ? null : (proved ?? (this.#proved ? front.best : simple)),
      pruned: { capacity: sum('capacity'), dominated: sum('dominated'), bound: sum('bound') },
    };
  }

  /** Anneals until there is a mapping, and a little longer. */
  #draw(): void {
    const evaluations = this.#context.evaluations + DRAWN;
    const run = annealStrategy.start(this.#context, { index: 0, evaluations });
    const end = performance.now() + DRAW_MS;
    while (run.step() && (this.#context.front.first === undefined || performance.now() < end));
  }
}

/** One search on the way to a goal; `best` is what the one before found. */
type Phase = (best?: Cost) => Pick<ExactOptions, 'objective' | 'limits'>;

/**
 * The searches that reach a goal. All quantities grow with energy and cycles, so what any list of them wants lies on
 * the front of these two; and where one of the two is at its least, the least of the other decides everything else.
 */
function phasesOf({ kind, quantities: [first, ...others] }: Goal): Phase[] {
  if (others.length === 0) return [() => ({ objective: first })];
  if (kind === 'front') return [() => ({ objective: 'front' })];
  if (first === 'latency')
    return [
      () => ({ objective: 'latency' }),
      (best) => ({ objective: 'energy', limits: { cycles: best?.cycles } }),
    ];
  if (first === 'energy')
    return [
      () => ({ objective: 'energy' }),
      (best) => ({
        objective: 'latency',
        limits: { energyPj: (best?.energyPj ?? Infinity) * (1 + EQUAL) },
      }),
    ];
  return [() => ({ objective: 'front' })];
}
