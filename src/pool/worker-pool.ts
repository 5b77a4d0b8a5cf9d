/** The pool of several threads, on Piscina. */
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { loadKernelModule } from '../kernel/kernel.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import type { RunOptions, ShardPool } from './shard-pool.ts';
import { isTooLate, notStarted } from './shard-pool.ts';
import type { LiveProgress } from './shard-runner.ts';
import type { Task } from './worker.ts';

/** Compiled beside this file; Node does not run the .ts source. */
const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export class WorkerPool implements ShardPool {
  readonly threads: number;
  readonly #workers: Piscina<Task, ShardOutcome>;
  readonly #module = loadKernelModule();
  /** Numbers of the searches so far. */
  readonly #searches = new WeakMap<SearchProblem, number>();
  #lastSearch = 0;

  constructor(threads: number) {
    this.threads = threads;
    this.#workers = new Piscina({
      filename: WORKER,
      name: 'runTask',
      minThreads: threads,
      maxThreads: threads,
      // Workers wait for messages on the event loop: no shared memory, and they end when told to.
      atomics: 'disabled',
    });
  }

  async run(problem: SearchProblem, shards: readonly Shard[], options: RunOptions): Promise<ShardOutcome[]> {
    if (!this.#searches.has(problem)) this.#searches.set(problem, ++this.#lastSearch);
    const ports = new Set<MessagePort>();
    // One listener for all shards: Node warns of a leak at eleven.
    const stop = (): void => ports.forEach((port) => port.postMessage('stop'));
    options.signal?.addEventListener('abort', stop);
    try {
      return await Promise.all(
        shards.map((shard, place) => this.#runShard(problem, shard, place, options, ports)),
      );
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await this.#workers.destroy();
  }

  async #runShard(
    problem: SearchProblem,
    shard: Shard,
    place: number,
    { signal, deadline, onProgress }: RunOptions,
    ports: Set<MessagePort>,
  ): Promise<ShardOutcome> {
    if (signal?.aborted || isTooLate(shard, deadline)) return notStarted();
    const { port1, port2 } = new MessageChannel();
    ports.add(port1);
    port1.on('message', (progress: LiveProgress) => onProgress(place, progress));
    try {
      const task: Task = {
        search: this.#searches.get(problem) ?? 0,
        problem,
        shard,
        module: this.#module,
        deadline,
        port: port2,
      };
      return await this.#workers.run(task, { transferList: [port2] });
    } finally {
      ports.delete(port1);
      port1.close();
    }
  }
}
