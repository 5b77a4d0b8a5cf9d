/** Worker threads, on Piscina: each runs a shard, or helps a search that wants help while there is nothing else to do. */
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Helpers, Line } from '../search/helpers.ts';
import type { ShardOutcome } from '../search/strategy.ts';
import type { Assistants } from './inline-pool.ts';
import { portLine } from './port-line.ts';
import { WORTH_HELP_MS } from './shard-pool.ts';
import type { HelperTask, Task } from './worker.ts';

/** Compiled beside this file; Node does not run the .ts source. */
const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

/** Takes the port of a helper that comes. */
export type TakeHelper = (port: MessagePort) => void;

export class Workers implements Assistants {
  readonly threads: number;
  readonly #workers: Piscina;
  #busy = 0;
  /** Helpers sent to each search that wants some. */
  readonly #wanted = new Map<TakeHelper, number>();

  constructor(threads: number) {
    this.threads = threads;
    this.#workers = new Piscina({
      filename: WORKER,
      minThreads: threads,
      maxThreads: threads,
      // Workers wait for messages on the event loop: no shared memory, and they end when told to.
      atomics: 'disabled',
    });
  }

  async run(task: Task): Promise<ShardOutcome> {
    return this.#occupy(() => this.#workers.run(task, { name: 'runTask', transferList: [task.port] }));
  }

  /** For a search in this thread. */
  helpers(): Helpers {
    const arrived: Line[] = [];
    const take: TakeHelper = (port) => arrived.push(portLine(port));
    return {
      worthMs: WORTH_HELP_MS,
      invite: () => this.invite(take),
      arrivals: () => arrived.splice(0),
      dismiss: () => this.dismiss(take),
    };
  }

  /** Threads that become idle go to `take`, at most all but one, until it is dismissed. */
  invite(take: TakeHelper): void {
    this.#wanted.set(take, 0);
    this.#send();
  }

  dismiss(take: TakeHelper): void {
    this.#wanted.delete(take);
  }

  async close(): Promise<void> {
    this.#wanted.clear();
    await this.#workers.destroy();
  }

  async #occupy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#send();
    }
  }

  /** Sends idle threads to whoever has the fewest. */
  #send(): void {
    while (this.#busy < this.threads) {
      const [next] = [...this.#wanted].toSorted(([, a], [, b]) => a - b);
      if (!next || next[1] >= this.threads) return;
      const [take, sent] = next;
      this.#wanted.set(take, sent + 1);
      const { port1, port2 } = new MessageChannel();
      take(port1);
      const task: HelperTask = { port: port2 };
      // What goes wrong in a helper is told to the search; a closing pool ends helpers at work.
      void this.#occupy(() => this.#workers.run(task, { name: 'help', transferList: [port2] })).catch(
        () => undefined,
      );
    }
  }
}
