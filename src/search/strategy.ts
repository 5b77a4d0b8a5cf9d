/** What a search strategy is: it splits a search into shards and runs each of them step by step. */
import type { Architecture } from '../arch/architecture.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Candidate } from './front.ts';
import type { Helpers } from './helpers.ts';
import type { Goal } from './objective.ts';
import type { ShardContext } from './shard-context.ts';

export type StrategyName = 'exact' | 'random' | 'anneal' | 'exhaustive';

/** A search as it crosses to a worker: plain data. */
export interface SearchProblem {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly constraints: Constraints;
  /** Tensors of one memory may lie at different depths. */
  readonly uneven: boolean;
  readonly goal: Goal;
  readonly strategy: StrategyName;
  readonly seed: number;
}

/** A part of a search that needs nothing of the others. */
export interface Shard {
  /** Selects the random stream. */
  readonly index: number;
  /** Mappings it may cost. */
  readonly evaluations: number;
  /** Starts even after the deadline, to be stopped after its first step: what it then reports is better than nothing. */
  readonly evenLate?: boolean;
}

/** What a search knows about every mapping, tried or not. */
export interface Proof {
  readonly status: 'optimal' | 'bounded';
  /** In the objective's unit; of an order's first quantity; null for a front. */
  readonly lowerBound: number | null;
  readonly pruned: { readonly capacity: number; readonly dominated: number; readonly bound: number };
}

/** What a shard found: plain data. */
export interface ShardOutcome {
  /** Mappings costed. */
  readonly evaluations: number;
  /** Parts of mappings refused before costing, by reason (see `Tiling`). */
  readonly refused: readonly number[];
  readonly candidates: readonly Candidate[];
  /** Of a strategy that bounds what it has not tried. */
  readonly proof?: Proof;
  /** False if it was stopped before its end. */
  readonly complete: boolean;
}

/** A shard at work. Each step takes well below 100 ms, so that a stop is heeded soon. */
export interface ShardRun {
  /** Does some work; false if there is none left. */
  step(): boolean;
  /** True if the last step found nothing to do until helpers have done theirs. */
  readonly isWaiting?: boolean;
  /** Called instead of further steps. */
  stop?(): void;
  /** Brings the context up to date; called between steps and at the end. */
  report?(): void;
}

export interface Budget {
  /** Mappings to cost; `Infinity` if only time or patience limits the search. */
  readonly evaluations: number;
  /** Mappings to cost without improvement before the search stops; `Infinity` for never. */
  readonly patience: number;
}

export interface Strategy {
  readonly name: StrategyName;
  /** True if a search that ran to its end has proved its result optimal. */
  readonly proves: boolean;
  /** True if a gap may end it. */
  readonly takesGap?: boolean;
  /**
   * Refuses spaces it cannot search.
   *
   * @throws InputError with the reason
   */
  accept(space: Mapspace): void;
  /** Rounds of shards. They depend on the budget alone, never on threads or time. */
  rounds(budget: Budget): Iterable<readonly Shard[]>;
  /** Milliseconds that one thread will work on a space, very roughly. Absent: as long as the budget lasts. */
  milliseconds?(space: Mapspace, goal: Goal): number;
  /** Threads beside its own that may help one shard, if the space is large enough. Default none. */
  readonly helpers?: number;
  start(context: ShardContext, shard: Shard, helpers?: Helpers): ShardRun;
}
