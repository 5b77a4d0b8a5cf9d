/** The explanation of a layer's result: what a search found, handed to the room that asks why. */
import type { Architecture } from '../arch/architecture.ts';
import { explain } from '../explain/explain.ts';
import type { ExplainOptions } from '../explain/explain.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import { explainReport } from '../report/explain.ts';
import type { ExplainReport } from '../report/explain.ts';
import type { Objective } from '../search/objective.ts';
import { goalOf } from '../search/objective.ts';
import type { SearchResult } from '../search/search.ts';
import type { Einsum } from '../workload/einsum.ts';

export interface SearchedLayer {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  /** All that held. */
  readonly constraints: Constraints;
  /** Stations of one memory may lie apart. */
  readonly uneven?: boolean;
  /** Of several the first: the best of a front or an order is the best by it. */
  readonly objective: Objective;
}

export async function explainLayer(
  { objective, ...layer }: SearchedLayer,
  { best, certificate }: SearchResult,
  options: ExplainOptions,
): Promise<ExplainReport> {
  const [first] = goalOf(objective).quantities;
  const isProved = certificate.status !== 'heuristic';
  const explanation = await explain({ ...layer, objective: first, mapping: best.mapping, isProved }, options);
  return explainReport({ ...layer, cost: best.cost }, explanation);
}
