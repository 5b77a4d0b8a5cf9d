/** Worker threads of Node for shards; `#shard-workers` there. */
import type { ShardPool } from './shard-pool.ts';

export async function openShardWorkers(threads: number): Promise<ShardPool> {
  // Piscina is loaded only where there are workers to start.
  const { WorkerPool } = await import('./worker-pool.ts');
  return new WorkerPool(threads);
}
