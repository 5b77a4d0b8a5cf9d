/** Web workers for designs, called by Comlink; `#design-workers` in browsers. */
import type { BrowserWorker } from '../host/browser-worker.ts';
import { browserWorker } from '../host/browser-worker.ts';
import type { SweepWorker } from './browser-design-worker.ts';
import type { DesignPool } from './design-pool.ts';
import type { DesignWorker } from './design-workers.ts';
import { WorkerDesigns } from './design-workers.ts';
import type { SweepSources } from './sweep.ts';

export async function openDesignWorkers(sources: SweepSources, threads: number): Promise<DesignPool> {
  const workers = await Promise.all(Array.from({ length: Math.max(1, threads) }, () => startWorker(sources)));
  return new WorkerDesigns(workers);
}

async function startWorker(sources: SweepSources): Promise<DesignWorker> {
  const thread: BrowserWorker<SweepWorker> = browserWorker(
    new Worker(new URL('./browser-design-worker.js', import.meta.url), {
      type: 'module',
      name: 'dse designs',
    }),
  );
  await thread.call((worker) => worker.begin(sources));
  return { run: (task) => thread.call((worker) => worker.run(task)), end: () => thread.end() };
}
