/** The pool of one thread: runs shards here, giving way to the event loop so that signals and timers are heard. */
import { setImmediate } from 'node:timers/promises';
import { loadKernelModule } from '../kernel/kernel.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import type { RunOptions, ShardPool } from './shard-pool.ts';
import { isTooLate, notStarted, REPORT_MS } from './shard-pool.ts';
import { ShardRunner } from './shard-runner.ts';

export class InlinePool implements ShardPool {
  readonly threads = 1;
  #module: WebAssembly.Module | undefined;

  async run(problem: SearchProblem, shards: readonly Shard[], options: RunOptions): Promise<ShardOutcome[]> {
    this.#module ??= loadKernelModule();
    const runner = new ShardRunner(problem, this.#module);
    const outcomes: ShardOutcome[] = [];
    for (const [place, shard] of shards.entries()) {
      outcomes.push(await runShard(runner, shard, place, options));
    }
    return outcomes;
  }

  async close(): Promise<void> {
    // Nothing runs between calls.
  }
}

async function runShard(
  runner: ShardRunner,
  shard: Shard,
  place: number,
  { signal, deadline, onProgress }: RunOptions,
): Promise<ShardOutcome> {
  if (signal?.aborted || isTooLate(shard, deadline)) return notStarted();
  const run = runner.run(shard);
  let reported = Date.now();
  for (let next = run.next(false); ;) {
    if (next.done) return next.value;
    const now = Date.now();
    if (now - reported >= REPORT_MS) {
      onProgress(place, next.value());
      await setImmediate();
      reported = now;
    }
    next = run.next(signal?.aborted === true || now >= deadline);
  }
}
