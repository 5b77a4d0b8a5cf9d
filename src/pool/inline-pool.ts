/** Runs shards in this thread, giving way to the event loop so that signals and timers are heard. Worker threads may help. */
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import { loadKernelModule } from '../kernel/kernel.ts';
import type { Helpers, Line } from '../search/helpers.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import { portLine } from './port-line.ts';
import type { RunOptions, ShardPool } from './shard-pool.ts';
import { isTooLate, notStarted, REPORT_MS, WAIT_MS, WORTH_HELP_MS } from './shard-pool.ts';
import { ShardRunner } from './shard-runner.ts';
import type { TakeHelper, Workers } from './workers.ts';

/** Milliseconds between two turns of the event loop. */
const TURN_MS = 20;

export class InlinePool implements ShardPool {
  readonly threads: number;
  readonly #workers: Workers | undefined;
  #module: WebAssembly.Module | undefined;

  constructor(workers?: Workers) {
    this.threads = 1 + (workers?.threads ?? 0);
    this.#workers = workers;
  }

  async run(problem: SearchProblem, shards: readonly Shard[], options: RunOptions): Promise<ShardOutcome[]> {
    this.#module ??= loadKernelModule();
    const runner = new ShardRunner(problem, this.#module);
    const helpers = this.#workers && helpersFrom(this.#workers);
    const outcomes: ShardOutcome[] = [];
    for (const [place, shard] of shards.entries()) {
      outcomes.push(await runShard(runner, shard, place, options, helpers));
    }
    return outcomes;
  }

  async close(): Promise<void> {
    await this.#workers?.close();
  }
}

function helpersFrom(workers: Workers): Helpers {
  const arrived: Line[] = [];
  const take: TakeHelper = (port) => arrived.push(portLine(port));
  return {
    worthMs: WORTH_HELP_MS,
    invite: () => workers.invite(take),
    arrivals: () => arrived.splice(0),
    dismiss: () => workers.dismiss(take),
  };
}

async function runShard(
  runner: ShardRunner,
  shard: Shard,
  place: number,
  { signal, deadline, onProgress }: RunOptions,
  helpers?: Helpers,
): Promise<ShardOutcome> {
  if (signal?.aborted || isTooLate(shard, deadline)) return notStarted();
  const run = runner.run(shard, helpers);
  let reported = Date.now();
  let turned = reported;
  for (let next = run.next(false); ;) {
    if (next.done) return next.value;
    if (next.value.isWaiting) await wait(WAIT_MS);
    const now = Date.now();
    if (now - reported >= REPORT_MS) {
      onProgress(place, next.value.progress());
      reported = now;
    }
    if (now - turned >= TURN_MS) {
      await setImmediate();
      turned = now;
    }
    next = run.next(signal?.aborted === true || now >= deadline);
  }
}
