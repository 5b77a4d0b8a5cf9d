/** The pool of several threads: each shard runs on one, and threads that are idle help. */
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import { loadKernelModule } from '../kernel/kernel.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import type { RunOptions, ShardPool } from './shard-pool.ts';
import { isTooLate, notStarted } from './shard-pool.ts';
import type { FromShard, Task, ToShard } from './worker.ts';
import type { TakeHelper } from './workers.ts';
import { Workers } from './workers.ts';

export class WorkerPool implements ShardPool {
  readonly threads: number;
  readonly #workers: Workers;
  readonly #module = loadKernelModule();
  /** Numbers of the searches so far. */
  readonly #searches = new WeakMap<SearchProblem, number>();
  #lastSearch = 0;

  constructor(threads: number) {
    this.threads = threads;
    this.#workers = new Workers(threads);
  }

  async run(problem: SearchProblem, shards: readonly Shard[], options: RunOptions): Promise<ShardOutcome[]> {
    if (!this.#searches.has(problem)) this.#searches.set(problem, ++this.#lastSearch);
    const ports = new Set<MessagePort>();
    // One listener for all shards: Node warns of a leak at eleven.
    const stop = (): void => ports.forEach((port) => tell(port, { kind: 'stop' }));
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
    await this.#workers.close();
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
    const take: TakeHelper = (helper) => tell(port1, { kind: 'helper', port: helper }, helper);
    ports.add(port1);
    port1.on('message', (message: FromShard) => {
      if (message.kind === 'progress') onProgress(place, message.progress);
      else if (message.kind === 'invite') this.#workers.invite(take);
      else this.#workers.dismiss(take);
    });
    try {
      const task: Task = {
        search: this.#searches.get(problem) ?? 0,
        problem,
        shard,
        module: this.#module,
        deadline,
        port: port2,
      };
      return await this.#workers.run(task);
    } finally {
      this.#workers.dismiss(take);
      ports.delete(port1);
      port1.close();
    }
  }
}

function tell(port: MessagePort, message: ToShard, ...transferred: MessagePort[]): void {
  port.postMessage(message, transferred);
}
