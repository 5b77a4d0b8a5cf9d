/** Runs shards one after another in this thread: used by workers and by the pool of one thread alike. */
import type { BatchEvaluator } from '../mapspace/evaluator.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { buildMapspace } from '../mapspace/mapspace.ts';
import { Random } from '../mapspace/random.ts';
import { createEvaluator } from '../search/evaluators.ts';
import { Front } from '../search/front.ts';
import type { Helpers } from '../search/helpers.ts';
import { ShardContext } from '../search/shard-context.ts';
import { STRATEGIES } from '../search/strategies.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';

/** What a running shard has done so far. */
export type LiveProgress = Omit<ShardOutcome, 'complete'>;

/** Between two steps of a shard. */
export interface Pause {
  readonly progress: () => LiveProgress;
  /** There is nothing to do until other threads have done theirs. */
  readonly isWaiting: boolean;
}

/** A space and its evaluator, kept between shards of one search. */
export class ShardRunner {
  readonly #problem: SearchProblem;
  readonly #space: Mapspace;
  readonly #evaluator: BatchEvaluator;

  constructor(problem: SearchProblem, module: WebAssembly.Module) {
    this.#problem = problem;
    this.#space = buildMapspace(problem.arch, problem.einsum, problem.constraints, problem.uneven);
    this.#evaluator = createEvaluator(problem.arch, problem.einsum, module);
  }

  /** The shard's outcome, after a pause between any two steps; resumed with true, it stops. */
  *run(shard: Shard, helpers?: Helpers): Generator<Pause, ShardOutcome, boolean> {
    const random = new Random(this.#problem.seed, shard.index);
    const front = new Front(this.#problem.goal);
    const context = new ShardContext(this.#space, this.#evaluator, random, front);
    const strategy = STRATEGIES[this.#problem.strategy];
    const run = strategy.start(context, shard, helpers);
    const progress = (): LiveProgress => {
      run.report?.();
      return {
        evaluations: context.evaluations,
        refused: [...context.refused],
        candidates: front.candidates,
        proof: context.proof,
      };
    };
    while (run.step()) {
      const stop = yield { progress, isWaiting: run.isWaiting === true };
      if (stop) {
        run.stop?.();
        return { ...progress(), complete: false };
      }
    }
    return { ...progress(), complete: true };
  }
}
