/** Web workers for designs, called by Comlink; `#design-workers` in browsers. */
import type { BrowserWorker } from '../host/browser-worker.ts';
import { browserWorker } from '../host/browser-worker.ts';
import type { DesignWorker } from './browser-design-worker.ts';
import type { DesignPool } from './design-pool.ts';
import type { SweepSources } from './sweep.ts';

type Thread = BrowserWorker<DesignWorker>;

export async function openDesignWorkers(sources: SweepSources, threads: number): Promise<DesignPool> {
  const workers = await Promise.all(Array.from({ length: Math.max(1, threads) }, () => startThread(sources)));
  return {
    threads: workers.length,
    preview: (designs, thread) => workers[thread].call((worker) => worker.preview(designs)),
    map: (design, rivals, thread) => workers[thread].call((worker) => worker.map(design, rivals)),
    close: async () => workers.forEach((worker) => worker.end()),
  };
}

async function startThread(sources: SweepSources): Promise<Thread> {
  const thread: Thread = browserWorker(
    new Worker(new URL('./browser-design-worker.js', import.meta.url), {
      type: 'module',
      name: 'dse designs',
    }),
  );
  await thread.call((worker) => worker.begin(sources));
  return thread;
}
