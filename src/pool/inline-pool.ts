/** Runs shards in this thread, giving way to the event loop so that signals and timers are heard. Others may help. */
import { host } from '#host';
import { loadKernelModule } from '../kernel/kernel.ts';
import type { Helpers } from '../search/helpers.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import type { RunOptions, ShardPool } from './shard-pool.ts';
import { isTooLate, notStarted, REPORT_MS, sleep } from './shard-pool.ts';
import { ShardRunner } from './shard-runner.ts';

/** Milliseconds between two turns of the event loop. */
const TURN_MS = 20;

/** Threads that help this one. */
export interface Assistants {
  readonly threads: number;
  /** For one search. */
  helpers(): Helpers;
  close(): Promise<void>;
}

/** Whether to stop is asked for, not announced. */
type InlineOptions = Omit<RunOptions, 'signal'> & { readonly signal?: Pick<AbortSignal, 'aborted'> };

export class InlinePool implements ShardPool {
  readonly threads: number;
  readonly #assistants: Assistants | undefined;
  #module: WebAssembly.Module | undefined;
  /** Of the last search: its space and evaluator serve the next shards. */
  #current: { readonly problem: SearchProblem; readonly runner: ShardRunner } | undefined;

  constructor(assistants?: Assistants) {
    this.threads = 1 + (assistants?.threads ?? 0);
    this.#assistants = assistants;
  }

  /** Of one problem one run at a time. */
  async run(
    problem: SearchProblem,
    shards: readonly Shard[],
    options: InlineOptions,
  ): Promise<ShardOutcome[]> {
    const runner = this.#runner(problem);
    const helpers = this.#assistants?.helpers();
    const outcomes: ShardOutcome[] = [];
    for (const [place, shard] of shards.entries()) {
      outcomes.push(await runShard(runner, shard, place, options, helpers));
    }
    return outcomes;
  }

  async close(): Promise<void> {
    await this.#assistants?.close();
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
  helpers?: Helpers,
): Promise<ShardOutcome> {
  if (signal?.aborted || isTooLate(shard, deadline)) return notStarted();
  const run = runner.run(shard, helpers);
  let reported = Date.now();
  let turned = reported;
  for (let next = run.next(false); ;) {
    if (next.done) return next.value;
    if (next.value.isWaiting) await sleep();
    const now = Date.now();
    if (now - reported >= REPORT_MS) {
      onProgress(place, next.value.progress());
      reported = now;
    }
    if (now - turned >= TURN_MS) {
      await host.pause();
      turned = now;
    }
    next = run.next(signal?.aborted === true || now >= deadline);
  }
}
