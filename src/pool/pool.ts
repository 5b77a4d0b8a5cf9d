/** Where shards run: in this thread or in workers. Results never depend on which. */
import { host } from '#host';
import { openShardWorkers } from '#shard-workers';
import { InlinePool } from './inline-pool.ts';
import type { ShardPool } from './shard-pool.ts';

/**
 * A pool of threads; one thread is this one, unless it must stay free. Close it after use.
 *
 * @param lanes shards there will be at a time: threads beyond can only help
 */
export async function openPool(threads: number, lanes = threads): Promise<ShardPool> {
  return threads <= 1 && host.mayBlock ? new InlinePool() : openShardWorkers(threads, lanes);
}
