/** The exact search as a strategy: one shard that proves its result, or bounds it where time or memory ends first. */
import { InputError } from '../../spec/errors.ts';
import { annealStrategy } from '../anneal.ts';
import { lowerBound } from '../bound.ts';
import type { Candidate } from '../front.ts';
import type { Goal } from '../objective.ts';
import { EQUAL, isFront } from '../objective.ts';
import type { ShardContext } from '../shard-context.ts';
import type { Proof, ShardRun, Strategy } from '../strategy.ts';
import type { ExactCertificate, ExactOptions } from './exact.ts';
import { ExactSearch } from './exact.ts';
import { exactRefusal } from './support.ts';

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
  start: (context) => new ExactRun(context),
};

/** Mappings and milliseconds spent on a first mapping where the search was ended before it found one. */
const DRAWN = 2048;
const DRAW_MS = 40;
/** Share of the time that reports between steps may take. */
const REPORTING = 0.05;

class ExactRun implements ShardRun {
  readonly #context: ShardContext;
  readonly #work: Generator<void, void>;
  #search: ExactSearch | undefined;
  /** Of the searches that ended. */
  readonly #ended: ExactCertificate[] = [];
  #proved = false;
  #over = false;
  #nextReport = 0;

  constructor(context: ShardContext) {
    this.#context = context;
    this.#work = this.#run();
  }

  step(): boolean {
    this.#over = this.#work.next().done === true;
    return !this.#over;
  }

  stop(): void {
    this.#over = true;
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
    const { space, front } = this.#context;
    for (const phase of phasesOf(front.goal)) {
      // A late start is stopped here, before tables are built.
      yield;
      this.#search = new ExactSearch(space, { ...phase(front.first), gap: front.goal.gap });
      do yield;
      while (this.#search.step());
      this.#ended.push(this.#offer(this.#search));
      this.#search = undefined;
      if (front.first === undefined) break;
    }
    this.#proved = this.#ended.every(({ status }) => status === 'optimal');
  }

  #offer(search: ExactSearch): ExactCertificate {
    const { best, certificate } = search.result();
    for (const { mapping, cost } of best)
      this.#context.front.offer(cost.energyPj, cost.cycles, () => mapping);
    return certificate;
  }

  #proof(certificates: readonly ExactCertificate[]): Proof {
    const { space, front } = this.#context;
    const sum = (reason: keyof Proof['pruned']): number =>
      certificates.reduce((total, { pruned }) => total + pruned[reason], 0);
    const simple = lowerBound(space.arch, space.einsum, front.goal.quantities[0]);
    return {
      status: this.#proved ? 'optimal' : 'bounded',
      lowerBound: isFront(front.goal)
        ? null
        : (certificates[0]?.lowerBound ?? (this.#proved ? front.best : simple)),
      pruned: { capacity: sum('capacity'), dominated: sum('dominated'), bound: sum('bound') },
    };
  }

  /** Anneals until there is a mapping, and a little longer. */
  #draw(): void {
    const run = annealStrategy.start(this.#context, { index: 0, evaluations: DRAWN });
    const end = performance.now() + DRAW_MS;
    while (run.step() && (this.#context.front.first === undefined || performance.now() < end));
  }
}

/** One search on the way to a goal; `best` is what the one before found. */
type Phase = (best?: Candidate) => Pick<ExactOptions, 'objective' | 'limits'>;

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
