/** Random search: independent draws of structures and of factorisations that fit. */
import { FactorDrawer } from '../mapspace/draw.ts';
import type { Frame } from '../mapspace/frame.ts';
import { arrange, frameOf, randomChoice, randomLoopOrder } from '../mapspace/frame.ts';
import { sampledRounds } from './rounds.ts';
import type { ShardContext } from './shard-context.ts';
import type { Shard, ShardRun, Strategy } from './strategy.ts';

/** Factorisations costed per structure. */
const LANES = 64;
/** Batches in a row without a single legal draw before a shard gives up. */
const MISSES = 256;

export const randomStrategy: Strategy = {
  name: 'random',
  proves: false,
  accept: () => undefined,
  rounds: sampledRounds,
  start: (context, shard) => new RandomRun(context, shard),
};

class RandomRun implements ShardRun {
  readonly #context: ShardContext;
  readonly #evaluations: number;
  readonly #drawers: Drawers;
  #misses = 0;

  constructor(context: ShardContext, shard: Shard) {
    this.#context = context;
    this.#evaluations = shard.evaluations;
    this.#drawers = new Drawers(context);
  }

  step(): boolean {
    const { evaluator, random, space } = this.#context;
    const { frame, drawer } = this.#drawers.of(randomChoice(space, random));
    const { structure, cellOfSlot } = arrange(frame, randomLoopOrder(frame, random));
    evaluator.setStructure(structure);
    const wanted = Math.min(LANES, evaluator.batch, this.#evaluations - this.#context.evaluations);
    const lanes = drawer.drawLanes(evaluator.factors, evaluator.batch, cellOfSlot, wanted);
    this.#context.cost(structure, lanes);
    this.#misses = lanes === 0 ? this.#misses + 1 : 0;
    return this.#context.evaluations < this.#evaluations && this.#misses < MISSES;
  }
}

/** Frames and drawers by keep choice, made once. All count what they refuse in the context. */
class Drawers {
  readonly #context: ShardContext;
  readonly #known = new Map<string, { readonly frame: Frame; readonly drawer: FactorDrawer }>();

  constructor(context: ShardContext) {
    this.#context = context;
  }

  of(choice: readonly number[]): { readonly frame: Frame; readonly drawer: FactorDrawer } {
    const key = choice.join();
    const known = this.#known.get(key);
    if (known) return known;
    const { space, random, refused } = this.#context;
    const frame = frameOf(space, choice);
    const made = { frame, drawer: new FactorDrawer(frame, random, refused) };
    this.#known.set(key, made);
    return made;
  }
}
