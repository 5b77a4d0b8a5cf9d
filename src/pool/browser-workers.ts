/** Web workers for shards, called by Comlink; `#shard-workers` in browsers. They wait, ready, for the next search. */
import { proxy } from 'comlink';
import { host } from '#host';
import type { BrowserWorker } from '../host/browser-worker.ts';
import { browserWorker } from '../host/browser-worker.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import type { ShardWorker } from './browser-shard-worker.ts';
import type { RunOptions, ShardPool } from './shard-pool.ts';
import { isTooLate, notStarted } from './shard-pool.ts';

type Thread = BrowserWorker<ShardWorker>;

/** Workers of pools that were closed: to start one takes longer than many a search. */
const spare: Thread[] = [];

/** A worker for each shard at a time: they do not help each other. */
export async function openShardWorkers(threads: number, lanes: number): Promise<ShardPool> {
  return new BrowserPool(Math.max(1, Math.min(threads, lanes)));
}

function startThread(): Thread {
  return browserWorker(
    new Worker(new URL('./browser-shard-worker.js', import.meta.url), { type: 'module', name: 'dse shards' }),
  );
}

/** Numbers of searches, over all pools: workers outlive a pool. */
let lastSearch = 0;

class BrowserPool implements ShardPool {
  readonly threads: number;
  readonly #idle: Thread[];
  readonly #waiting: ((thread: Thread) => void)[] = [];
  readonly #searches = new WeakMap<SearchProblem, number>();

  constructor(threads: number) {
    this.threads = threads;
    this.#idle = Array.from({ length: threads }, () => spare.pop() ?? startThread());
  }

  async run(problem: SearchProblem, shards: readonly Shard[], options: RunOptions): Promise<ShardOutcome[]> {
    if (!this.#searches.has(problem)) this.#searches.set(problem, ++lastSearch);
    return Promise.all(shards.map((shard, place) => this.#runShard(problem, shard, place, options)));
  }

  async close(): Promise<void> {
    const kept = this.#idle.splice(0);
    spare.push(...kept.splice(0, Math.max(0, host.cores() - spare.length)));
    for (const thread of kept) thread.end();
  }

  async #runShard(
    problem: SearchProblem,
    shard: Shard,
    place: number,
    { signal, deadline, onProgress }: RunOptions,
  ): Promise<ShardOutcome> {
    const thread = await this.#take();
    if (signal?.aborted || isTooLate(shard, deadline)) {
      this.#giveBack(thread);
      return notStarted();
    }
    const stopCell = globalThis.crossOriginIsolated ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
    const stop = (): void => {
      if (stopCell) Atomics.store(stopCell, 0, 1);
      else void thread.call((worker) => worker.stop());
    };
    signal?.addEventListener('abort', stop);
    try {
      const task = { search: this.#searches.get(problem) ?? 0, problem, shard, deadline, stopCell };
      const report = proxy((progress: Parameters<typeof onProgress>[1]) => onProgress(place, progress));
      return await thread.call((worker) => worker.run(task, report));
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#giveBack(thread);
    }
  }

  async #take(): Promise<Thread> {
    return this.#idle.pop() ?? new Promise((resume) => this.#waiting.push(resume));
  }

  #giveBack(thread: Thread): void {
    const whole = thread.isAlive ? thread : startThread();
    const next = this.#waiting.shift();
    if (next) next(whole);
    else this.#idle.push(whole);
  }
}
