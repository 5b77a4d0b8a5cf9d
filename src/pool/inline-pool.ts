/** The pool of one thread: runs shards here, giving way to the event loop so that signals and timers are heard. */
import { host } from '#host';
import { loadKernelModule } from '../kernel/kernel.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import type { RunOptions, ShardPool } from './shard-pool.ts';
import { isTooLate, notStarted, REPORT_MS } from './shard-pool.ts';
import { ShardRunner } from './shard-runner.ts';

/** Whether to stop is asked for, not announced. */
type InlineOptions = Omit<RunOptions, 'signal'> & { readonly signal?: Pick<AbortSignal, 'aborted'> };

export class InlinePool implements ShardPool {
  readonly threads = 1;
  #module: WebAssembly.Module | undefined;
  /** Of the last search: its space and evaluator serve the next shards. */
  #current: { readonly problem: SearchProblem; readonly runner: ShardRunner } | undefined;

  /** Of one problem one run at a time. */
  async run(
    problem: SearchProblem,
    shards: readonly Shard[],
    options: InlineOptions,
  ): Promise<ShardOutcome[]> {
    const runner = this.#runner(problem);
    const outcomes: ShardOutcome[] = [];
    for (const [place, shard] of shards.entries()) {
      outcomes.push(await runShard(runner, shard, place, options));
    }
    return outcomes;
  }

  async close(): Promise<void> {
    // Nothing runs between calls.
  }

  #runner(problem: SearchProblem): ShardRunner {
    this.#module ??= loadKernelModule();
    if (this.#current?.problem !== problem) {
      this.#current = { problem, runner: new ShardRunner(problem, this.#module) };
    }
    return this.#current.runner;
  }
}

async function runShard(
  runner: ShardRunner,
  shard: Shard,
  place: number,
  { signal, deadline, onProgress }: InlineOptions,
): Promise<ShardOutcome> {
  if (signal?.aborted || isTooLate(shard, deadline)) return notStarted();
  const run = runner.run(shard);
  let reported = Date.now();
  for (let next = run.next(false); ;) {
    if (next.done) return next.value;
    const now = Date.now();
    if (now - reported >= REPORT_MS) {
      onProgress(place, next.value());
      await host.pause();
      reported = now;
    }
    next = run.next(signal?.aborted === true || now >= deadline);
  }
}
