/** A web worker of the pool: runs the shards it is sent, one at a time. */
import { expose } from 'comlink';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import { InlinePool } from './inline-pool.ts';
import type { LiveProgress } from './shard-runner.ts';

export interface BrowserTask {
  /** Tasks of one search have the same number: its space is built once per worker. */
  readonly search: number;
  readonly problem: SearchProblem;
  readonly shard: Shard;
  readonly deadline: number;
  /** Where memory is shared: not 0 to stop. */
  readonly stopCell?: Int32Array;
}

const pool = new InlinePool();
let current: { readonly search: number; readonly problem: SearchProblem } | undefined;
let isStopped = false;

const worker = {
  async run(
    { search, problem, shard, deadline, stopCell }: BrowserTask,
    report: (progress: LiveProgress) => void,
  ): Promise<ShardOutcome> {
    // The pool knows a search again by its problem, and every message brings a copy.
    if (current?.search !== search) current = { search, problem };
    isStopped = false;
    const signal = {
      get aborted() {
        return isStopped || (stopCell !== undefined && Atomics.load(stopCell, 0) !== 0);
      },
    };
    const onProgress = (_: number, progress: LiveProgress): void => report(progress);
    const [outcome] = await pool.run(current.problem, [shard], { signal, deadline, onProgress });
    return outcome;
  },

  /** By message, heard whenever the shard gives way to the event loop. */
  stop(): void {
    isStopped = true;
  },
};

export type ShardWorker = typeof worker;

expose(worker);
