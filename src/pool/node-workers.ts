/** Worker threads of Node for shards; `#shard-workers` there. */
import { InlinePool } from './inline-pool.ts';
import type { ShardPool } from './shard-pool.ts';

/** A single shard runs in this thread, and the workers help. */
export async function openShardWorkers(threads: number, lanes: number): Promise<ShardPool> {
  // Piscina is loaded only where there are workers to start.
  if (lanes > 1) return new (await import('./worker-pool.ts')).WorkerPool(threads);
  const { Workers } = await import('./workers.ts');
  return new InlinePool(new Workers(threads - 1));
}
