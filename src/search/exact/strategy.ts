/** The exact search as a strategy: one shard that proves its result. */
import { InputError } from '../../spec/errors.ts';
import type { ObjectiveName } from '../objective.ts';
import type { ShardContext } from '../shard-context.ts';
import type { ShardRun, Strategy } from '../strategy.ts';
import { ExactSearch } from './exact.ts';
import type { ExactObjective } from './problem.ts';
import { exactRefusal, tileShapes } from './support.ts';

export const exactStrategy: Strategy = {
  name: 'exact',
  proves: true,
  accept(space) {
    const refusal = exactRefusal(space);
    if (refusal === undefined) return;
    throw new InputError({
      message: `the exact search does not take ${refusal}`,
      suggestion: 'search with anneal, random or exhaustive',
    });
  },
  rounds: () => [[{ index: 0, evaluations: Infinity }]],
  milliseconds: ({ einsum }, objectives) =>
    LEAST_MS + tileShapes(einsum) * MS_PER_TILE_SHAPE[exactObjective(objectives)],
  start: (context) => new ExactRun(context),
};

/** Of ResNet-50 and VGG-16 on the shipped machines, to a factor of three. */
const LEAST_MS = 15;
const MS_PER_TILE_SHAPE: Readonly<Record<ExactObjective, number>> = {
  energy: 0.04,
  latency: 0.02,
  edp: 0.02,
  ed2p: 0.02,
  front: 0.2,
};

class ExactRun implements ShardRun {
  readonly #context: ShardContext;
  readonly #search: ExactSearch;

  constructor(context: ShardContext) {
    this.#context = context;
    this.#search = new ExactSearch(context.space, { objective: exactObjective(context.front.objectives) });
  }

  step(): boolean {
    if (this.#search.step()) return true;
    this.#report();
    return false;
  }

  stop(): void {
    this.#search.stop();
    this.#report();
  }

  #report(): void {
    const { best, certificate } = this.#search.result();
    for (const { mapping, cost } of best)
      this.#context.front.offer(cost.energyPj, cost.cycles, () => mapping);
    this.#context.evaluations = certificate.visited;
    this.#context.proof = certificate;
  }
}

/** Every objective grows with energy and cycles, so the front of any list of them lies on that of these two. */
function exactObjective(objectives: readonly ObjectiveName[]): ExactObjective {
  return objectives.length === 1 ? objectives[0] : 'front';
}
