/** Where shards run: in this thread or in worker threads. Results never depend on which. */
import { InlinePool } from './inline-pool.ts';
import type { ShardPool } from './shard-pool.ts';

/**
 * A pool of threads. Close it after use.
 *
 * @param lanes shards there will be at a time; a single one runs in this thread, and others help
 */
export async function openPool(threads: number, lanes = threads): Promise<ShardPool> {
  if (threads <= 1) return new InlinePool();
  // Loaded only where there are workers to start.
  if (lanes > 1) return new (await import('./worker-pool.ts')).WorkerPool(threads);
  const { Workers } = await import('./workers.ts');
  return new InlinePool(new Workers(threads - 1));
}
