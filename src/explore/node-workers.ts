/** Worker threads of Node for designs, on Piscina; `#design-workers` there. */
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import type { DesignPool } from './design-pool.ts';
import type { DesignResult, Rivals } from './design-thread.ts';
import type { Preview } from './mapper.ts';
import type { Design, SweepSources } from './sweep.ts';

/** Compiled beside this file; Node does not run the .ts source. */
const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export type Task =
  | { readonly kind: 'preview'; readonly designs: readonly Design[] }
  | { readonly kind: 'map'; readonly design: Design; readonly rivals: Rivals };

/** Workers, be it one: the caller's own thread stays free. */
export async function openDesignWorkers(sources: SweepSources, threads: number): Promise<DesignPool> {
  const { Piscina: Pool } = await import('piscina');
  // A pool for each thread: designs go where their neighbours went.
  const pools = Array.from(
    { length: threads },
    () =>
      new Pool<Task, unknown>({
        filename: WORKER,
        name: 'runTask',
        minThreads: 1,
        maxThreads: 1,
        workerData: sources,
        atomics: 'disabled',
      }),
  );
  return new WorkerDesigns(pools);
}

class WorkerDesigns implements DesignPool {
  readonly threads: number;
  readonly #workers: readonly Piscina<Task, unknown>[];

  constructor(workers: readonly Piscina<Task, unknown>[]) {
    this.#workers = workers;
    this.threads = workers.length;
  }

  async preview(designs: readonly Design[], thread: number): Promise<readonly (Preview | undefined)[]> {
    return (await this.#workers[thread].run({ kind: 'preview', designs })) as readonly (
      Preview | undefined
    )[];
  }

  async map(design: Design, rivals: Rivals, thread: number): Promise<DesignResult> {
    return (await this.#workers[thread].run({ kind: 'map', design, rivals })) as DesignResult;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.destroy()));
  }
}
