/** Where shards run: in this thread or in worker threads. Results never depend on which. */
import { InlinePool } from './inline-pool.ts';
import type { ShardPool } from './shard-pool.ts';

/** A pool of threads; one thread is this one. Close it after use. */
export async function openPool(threads: number): Promise<ShardPool> {
  if (threads <= 1) return new InlinePool();
  // Loaded only where there are workers to start.
  const { WorkerPool } = await import('./worker-pool.ts');
  return new WorkerPool(threads);
}
