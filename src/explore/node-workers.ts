/** Worker threads of Node for designs, on Piscina; `#design-workers` there. */
import { fileURLToPath } from 'node:url';
import type { DesignPool } from './design-pool.ts';
import type { Answer, DesignWorker, Task } from './design-workers.ts';
import { WorkerDesigns } from './design-workers.ts';
import type { SweepSources } from './sweep.ts';

/** Compiled beside this file; Node does not run the .ts source. */
const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

/** Workers, be it one: the caller's own thread stays free. */
export async function openDesignWorkers(sources: SweepSources, threads: number): Promise<DesignPool> {
  const { Piscina: Pool } = await import('piscina');
  // A pool for each thread: what a thread is told, it knows in its next task.
  const workers = Array.from({ length: threads }, (): DesignWorker => {
    const pool = new Pool<Task, Answer>({
      filename: WORKER,
      name: 'runTask',
      minThreads: 1,
      maxThreads: 1,
      workerData: sources,
      atomics: 'disabled',
    });
    return { run: (task) => pool.run(task), end: () => pool.destroy() };
  });
  return new WorkerDesigns(workers);
}
