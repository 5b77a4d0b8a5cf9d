/** Adds up what shards report, finished ones and running ones. */
import type { Architecture } from '../arch/architecture.ts';
import type { Refusals } from '../mapspace/tiling.ts';
import { reasonCount, refusals } from '../mapspace/tiling.ts';
import { Front } from './front.ts';
import type { Goal } from './objective.ts';
import type { Proof, ShardOutcome } from './strategy.ts';

type Counts = Pick<ShardOutcome, 'evaluations' | 'refused' | 'candidates' | 'proof'>;

export class Tally {
  readonly front: Front;
  /** Mappings costed by finished shards. */
  evaluations = 0;
  /** Mappings costed since the front last improved, in whole rounds. */
  sinceImprovement = 0;
  /** Of the last shard that gave one. */
  proof?: Proof;
  readonly #arch: Architecture;
  readonly #refused: Float64Array;

  constructor(arch: Architecture, goal: Goal) {
    this.#arch = arch;
    this.front = new Front(goal);
    this.#refused = new Float64Array(reasonCount(arch));
  }

  get refusals(): Refusals {
    return refusals(this.#arch, this.#refused);
  }

  /** A copy that counts running shards too. */
  with(running: Iterable<Counts>): Tally {
    const sum = new Tally(this.#arch, this.front.goal);
    const all = [this.#counts(), ...running];
    for (const counts of all) sum.#add(counts);
    sum.proof = all.findLast(({ proof }) => proof !== undefined)?.proof;
    return sum;
  }

  addRound(outcomes: readonly ShardOutcome[]): void {
    const improved = outcomes.map((outcome) => this.#add(outcome)).includes(true);
    this.proof = outcomes.find(({ proof }) => proof !== undefined)?.proof ?? this.proof;
    const costed = outcomes.reduce((sum, outcome) => sum + outcome.evaluations, 0);
    this.sinceImprovement = improved ? 0 : this.sinceImprovement + costed;
  }

  #counts(): Counts {
    return {
      evaluations: this.evaluations,
      refused: [...this.#refused],
      candidates: this.front.candidates,
      proof: this.proof,
    };
  }

  /** True if the front improves. */
  #add({ evaluations, refused, candidates }: Counts): boolean {
    this.evaluations += evaluations;
    refused.forEach((count, reason) => {
      this.#refused[reason] += count;
    });
    return candidates
      .map(({ energyPj, cycles, mapping }) => this.front.offer(energyPj, cycles, () => mapping))
      .includes(true);
  }
}
