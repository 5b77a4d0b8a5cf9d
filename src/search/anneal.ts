/** Simulated annealing: chains of small changes to factors, loop orders and keep choices of complete mappings. */
import type { Arrangement, LoopOrder } from '../mapspace/frame.ts';
import { arrange, randomChoice, randomLoopOrder } from '../mapspace/frame.ts';
import type { MemoryLevel } from '../mapspace/mapspace.ts';
import { randomOrder, respects } from '../mapspace/order.ts';
import type { Random } from '../mapspace/random.ts';
import type { Board } from './board.ts';
import { Boards, Moves } from './board.ts';
import type { Goal } from './objective.ts';
import { objectiveValue } from './objective.ts';
import { sampledRounds } from './rounds.ts';
import type { ShardContext } from './shard-context.ts';
import type { Shard, ShardRun, Strategy } from './strategy.ts';

export const annealStrategy: Strategy = {
  name: 'anneal',
  proves: false,
  accept: () => undefined,
  rounds: sampledRounds,
  start: (context, shard) => new AnnealRun(context, shard),
};

/** Mappings costed by one chain before the next starts from new draws. */
const CHAIN = 8192;
/** Mappings costed per step of a chain: neighbours of one mapping, under one structure. */
const LANES = 16;
/** Weight of a quantity against the one before it in an order. */
const LATER = 0.01;
/** Temperatures at a chain's start and end, as relative changes of the objective. */
const HOT = 0.2;
const COLD = 0.001;
/** Share of steps that change the loop order or a keep choice as well, and of those the ones that change a keep choice. */
const STRUCTURE_STEPS = 0.5;
const KEEP_STEPS = 0.25;
/** Most primes that one neighbour moves. */
const MOST_MOVES = 6;
/** Attempts to find one neighbour. */
const TRIES = 4;
/** Attempts to draw a chain's first mapping: floors and limits can make most of them fail. */
const START_DRAWS = 64;
/** Steps in a row without a legal candidate before a shard is given up. */
const MISSES = 256;

/** A mapping: the factorisation on a board and a loop order. */
interface State {
  readonly board: Board;
  readonly order: LoopOrder;
}

interface Chain {
  state: State;
  score: number;
  /** Of the quantities in the score. */
  readonly weights: readonly number[];
  /** Mappings costed by the shard when it began, and when it ends. */
  readonly start: number;
  readonly end: number;
}

class AnnealRun implements ShardRun {
  readonly #context: ShardContext;
  readonly #evaluations: number;
  readonly #boards: Boards;
  readonly #moves = Array.from({ length: LANES }, () => new Moves(MOST_MOVES));
  readonly #scores = new Float64Array(LANES);
  #chain: Chain | undefined;
  #arranged: (State & { readonly arrangement: Arrangement }) | undefined;
  #misses = 0;

  constructor(context: ShardContext, shard: Shard) {
    this.#context = context;
    this.#evaluations = shard.evaluations;
    this.#boards = new Boards(context);
  }

  step(): boolean {
    const { evaluations } = this.#context;
    if (evaluations >= this.#evaluations || this.#misses >= MISSES) return false;
    if (this.#chain === undefined || evaluations >= this.#chain.end) this.#chain = this.#startChain();
    const moved = this.#chain !== undefined && this.#advance(this.#chain);
    this.#misses = moved ? 0 : this.#misses + 1;
    return true;
  }

  /** Starts from one random mapping; undefined if all draws fail. */
  #startChain(): Chain | undefined {
    const { evaluations, random, space, front } = this.#context;
    const board = this.#boards.of(randomChoice(space, random));
    let drawn = false;
    for (let attempt = 0; attempt < START_DRAWS && !drawn; attempt++) drawn = board.draw();
    if (!drawn) return undefined;
    const state = { board, order: randomLoopOrder(board.frame, random) };
    const end = Math.min(evaluations + CHAIN, this.#evaluations);
    return {
      state,
      score: Infinity,
      weights: weights(front.goal, random),
      start: evaluations,
      end,
    };
  }

  /** Costs some neighbours and moves to one of them, or stays. False if it finds no legal one. */
  #advance(chain: Chain): boolean {
    const { random, evaluations } = this.#context;
    const temperature = HOT * (COLD / HOT) ** ((evaluations - chain.start) / (chain.end - chain.start));
    const changed = random.unit() < STRUCTURE_STEPS ? this.#restructure(chain.state) : undefined;
    const base = changed ?? chain.state;
    const lanes = this.#costNeighbours(base, chain);
    if (lanes === 0) return false;
    const lane = this.#choose(lanes, temperature);
    if (random.unit() >= Math.exp((chain.score - this.#scores[lane]) / temperature)) return true;
    base.board.apply(this.#moves[lane]);
    chain.state = base;
    chain.score = this.#scores[lane];
    return true;
  }

  /** Fills a batch: the base itself, unless the chain stands there, and legal neighbours under its structure. */
  #costNeighbours({ board, order }: State, chain: Chain): number {
    const { evaluator, random, evaluations } = this.#context;
    const arrangement = this.#arrange(board, order);
    const wanted = Math.min(LANES, evaluator.batch, this.#evaluations - evaluations);
    const isNew = chain.state.board !== board || chain.state.order !== order || chain.score === Infinity;
    let lanes = 0;
    for (let tries = 0; lanes < wanted && tries < wanted * TRIES; tries++) {
      const moves = this.#moves[lanes];
      moves.clear();
      const wantsBase = isNew && tries === 0;
      if (!wantsBase) propose(board, moves, random);
      if (moves.count === 0 && !wantsBase) continue;
      if (!board.apply(moves)) continue;
      board.write(evaluator.factors, evaluator.batch, arrangement, lanes++);
      board.undo(moves);
    }
    this.#context.cost(arrangement.structure, lanes);
    for (let lane = 0; lane < lanes; lane++) this.#scores[lane] = this.#score(lane, chain.weights);
    return lanes;
  }

  /** Tells the evaluator a structure, unless it was the last. */
  #arrange(board: Board, order: LoopOrder): Arrangement {
    const last = this.#arranged;
    if (last?.board === board && last.order === order) return last.arrangement;
    const arrangement = arrange(board.frame, order);
    this.#context.evaluator.setStructure(arrangement.structure);
    this.#arranged = { board, order, arrangement };
    return arrangement;
  }

  /** Weighted sum of the logarithms of the quantities, so that differences are relative. */
  #score(lane: number, weights: readonly number[]): number {
    const { evaluator, front } = this.#context;
    let score = 0;
    for (let i = 0; i < weights.length; i++) {
      const value = objectiveValue(
        front.goal.quantities[i],
        evaluator.energyPj[lane],
        evaluator.cycles[lane],
      );
      score += weights[i] * Math.log(Math.max(value, Number.MIN_VALUE));
    }
    return score;
  }

  /** A lane with probability proportional to `exp(−score / temperature)`. */
  #choose(lanes: number, temperature: number): number {
    let best = 0;
    for (let lane = 1; lane < lanes; lane++) if (this.#scores[lane] < this.#scores[best]) best = lane;
    const share = (lane: number): number => Math.exp((this.#scores[best] - this.#scores[lane]) / temperature);
    let total = 0;
    for (let lane = 0; lane < lanes; lane++) total += share(lane);
    let rest = this.#context.random.unit() * total;
    for (let lane = 0; lane < lanes; lane++) {
      rest -= share(lane);
      if (rest < 0) return lane;
    }
    return best;
  }

  /** The same factors with another loop order or keep choice; undefined if the draw changes nothing or does not fit. */
  #restructure(state: State): State | undefined {
    const { random, space } = this.#context;
    const free = space.levels.flatMap((level, l) =>
      level.kind === 'memory' && level.keeps.length > 1 ? [l] : [],
    );
    const ordered = state.order.flatMap((dims, l) => (dims.length > 1 ? [l] : []));
    if (free.length > 0 && (ordered.length === 0 || random.unit() < KEEP_STEPS)) {
      return this.#rekeep(state, random.pick(free));
    }
    return ordered.length > 0 ? this.#reorder(state, random.pick(ordered)) : undefined;
  }

  #reorder(state: State, l: number): State | undefined {
    const { random, space } = this.#context;
    const moved = reordered(state.order[l], random);
    if (!respects(moved, (space.levels[l] as MemoryLevel).before)) return undefined;
    return { board: state.board, order: state.order.with(l, moved) };
  }

  #rekeep({ board, order }: State, l: number): State | undefined {
    const { random, space } = this.#context;
    const level = space.levels[l] as MemoryLevel;
    const pick = random.below(level.keeps.length);
    if (pick === board.frame.choice[l]) return undefined;
    const other = this.#boards.of(board.frame.choice.with(l, pick));
    if (!other.copy(board, random)) return undefined;
    const dims = other.frame.cellsOfLevel[l].map((cell) => other.frame.cells[cell].dim);
    const same = dims.length === order[l].length;
    return { board: other, order: same ? order : order.with(l, randomOrder(dims, level.before, random)) };
  }
}

/** One to three random moves. */
function propose(board: Board, moves: Moves, random: Random): void {
  const count = random.pick(MOVE_COUNTS);
  for (let i = 0; i < count; i++) board.propose(moves, random);
}

const MOVE_COUNTS = [1, 1, 1, 2, 2, 3];

/** One loop taken out and put elsewhere, or two swapped. */
function reordered(order: readonly number[], random: Random): number[] {
  const from = random.below(order.length);
  const to = random.below(order.length);
  if (random.unit() < 0.5) return order.with(from, order[to]).with(to, order[from]);
  return order.toSpliced(from, 1).toSpliced(to, 0, order[from]);
}

/** Weights of the quantities in a chain's score: for a front random, so that chains aim at different parts of it. */
function weights({ kind, quantities }: Goal, random: Random): number[] {
  if (kind === 'lexicographic') return quantities.map((_, i) => LATER ** i);
  const shares = quantities.map(() => random.unit() + 1e-3);
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}
