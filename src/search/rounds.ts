/** How sampling strategies split their budget into shards. */
import type { Budget, Shard } from './strategy.ts';

/** Shards between two looks at patience; also the most threads that can work at once. */
const SHARDS_PER_ROUND = 16;
/** Too small a shard costs more to send than to run; too large a one keeps threads waiting for the last. */
const SMALLEST_SHARD = 4096;
const LARGEST_SHARD = 65_536;

/** Shards of equal size (but for the last) that together cost `evaluations` mappings; without end if that is infinite. */
export function* sampledRounds({ evaluations, patience }: Budget): Generator<Shard[]> {
  const size = shardSize(Math.min(evaluations, patience));
  let rest = evaluations;
  for (let index = 0; rest > 0;) {
    const round: Shard[] = [];
    for (; round.length < SHARDS_PER_ROUND && rest > 0; index++) {
      const share = Math.min(size, rest);
      round.push({ index, evaluations: share });
      rest -= share;
    }
    yield round;
  }
}

function shardSize(evaluations: number): number {
  const even = Math.ceil(evaluations / SHARDS_PER_ROUND);
  return Math.min(Math.max(even, SMALLEST_SHARD), LARGEST_SHARD);
}
