/** What a pool of shards is, for one thread or several. */
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import type { LiveProgress } from './shard-runner.ts';

export interface RunOptions {
  /** Aborting stops the shards; each returns what it has. */
  readonly signal?: AbortSignal;
  /** Shards stop at this time (`Date.now()`), and most do not start after it; `Infinity` for none. */
  readonly deadline: number;
  /** What the shard at this place of the list has done so far; several times a second. */
  readonly onProgress: (place: number, progress: LiveProgress) => void;
}

export interface ShardPool {
  readonly threads: number;
  /** Outcomes in the order of the shards. A shard that the deadline or the signal came before has done nothing. */
  run(problem: SearchProblem, shards: readonly Shard[], options: RunOptions): Promise<ShardOutcome[]>;
  /** Ends the workers. */
  close(): Promise<void>;
}

/** Milliseconds between two reports of a running shard, and between two looks at the clock. */
export const REPORT_MS = 100;

/** A thread with nothing to do sleeps so long before it looks again. */
export function sleep(): Promise<void> {
  return new Promise((wake) => setTimeout(wake, 1));
}

/** Milliseconds of work that must be left for a thread to be worth sending, besides copying what it needs. */
export const WORTH_HELP_MS = 100;

/** True if a shard need not start any more. */
export function isTooLate({ evenLate = false }: Shard, deadline: number): boolean {
  return !evenLate && Date.now() >= deadline;
}

/** Outcome of a shard that never started. */
export function notStarted(): ShardOutcome {
  return { evaluations: 0, refused: [], candidates: [], complete: false };
}
