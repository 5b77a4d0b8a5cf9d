/** What a shard works with: the space, something that costs batches, a random stream, and what it has found. */
import type { Mapping } from '../mapping/mapping.ts';
import type { BatchEvaluator } from '../mapspace/evaluator.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import type { Random } from '../mapspace/random.ts';
import type { Structure } from '../mapspace/structure.ts';
import { slots, toMapping } from '../mapspace/structure.ts';
import { reasonCount } from '../mapspace/tiling.ts';
import type { Front } from './front.ts';
import type { Proof } from './strategy.ts';

export class ShardContext {
  readonly space: Mapspace;
  readonly evaluator: BatchEvaluator;
  readonly random: Random;
  readonly front: Front;
  /** Parts of mappings refused before costing, by reason. */
  readonly refused: Float64Array;
  /** Mappings costed. */
  evaluations = 0;
  /** Set by strategies that bound what they have not tried. */
  proof?: Proof;

  constructor(space: Mapspace, evaluator: BatchEvaluator, random: Random, front: Front) {
    this.space = space;
    this.evaluator = evaluator;
    this.random = random;
    this.front = front;
    this.refused = new Float64Array(reasonCount(space.arch));
  }

  /** Costs the first `lanes` lanes, whose structure the evaluator was told, and offers them to the front. */
  cost(structure: Structure, lanes: number): void {
    const { evaluator, front } = this;
    evaluator.evaluate(lanes);
    this.evaluations += lanes;
    for (let lane = 0; lane < lanes; lane++) {
      const energyPj = evaluator.energyPj[lane];
      const cycles = evaluator.cycles[lane];
      if (front.mayTake(energyPj, cycles))
        front.offer(energyPj, cycles, () => this.#mapping(structure, lane));
    }
  }

  #mapping(structure: Structure, lane: number): Mapping {
    const { factors, batch } = this.evaluator;
    return toMapping(
      structure,
      slots(structure).map((_, slot) => factors[slot * batch + lane]),
    );
  }
}
