/** Improves one mapping before the proof: the closer its value to the optimum, the more the bound cuts. */
import { divisors } from '../../mapspace/factors.ts';
import { Random } from '../../mapspace/random.ts';
import { mayLoop } from './lattice.ts';
import type { Problem } from './problem.ts';
import type { TraceStep } from './trace.ts';

/** A mapping as the kernel's `offerChain` reads it, with moves that can be undone. */
class Chain {
  readonly #problem: Problem;
  readonly #bytes: number;
  readonly #width: number;
  /** Of the kernel's memory, which evaluating chains does not grow. */
  readonly #view: Uint8Array;
  readonly #floats: DataView;
  /** Factor by stage and dimension. */
  readonly factors: number[][];
  readonly #digitOf: readonly ReadonlyMap<number, number>[];

  constructor(problem: Problem, steps: readonly TraceStep[]) {
    const { lattice, stages, layout: L } = problem;
    this.#problem = problem;
    this.#width = lattice.dims.length;
    this.#view = new Uint8Array(problem.image.memory.buffer);
    this.#floats = new DataView(problem.image.memory.buffer);
    this.#bytes = (L.C_DIGITS + 2 * this.#width + 3) & ~3;
    this.#digitOf = lattice.divisors.map((list) => new Map(list.map((factor, digit) => [factor, digit])));
    this.factors = stages.map(() => lattice.dims.map(() => 1));
    const extents = lattice.dims.map(() => 1);
    const orders = stages.map((): number[] => []);
    for (const { node, stage } of steps) {
      lattice.dims.forEach((_, d) => {
        const extent = lattice.divisors[d][lattice.digits[node * this.#width + d]];
        if (extent === extents[d]) return;
        this.factors[stage][d] = extent / extents[d];
        extents[d] = extent;
        orders[stage].push(d);
      });
    }
    stages.forEach((stage, s) => {
      const closing = steps.find((step) => step.stage === s && step.closes);
      const all = 2 ** problem.space.einsum.tensors.length - 1;
      this.setKeeps(s, stage.kind === 'memory' && stage.top ? all : (closing?.keeps ?? 0));
      const rest = lattice.dims.map((_, d) => d).filter((d) => !orders[s].includes(d));
      this.setOrder(s, [...orders[s], ...rest]);
      lattice.dims.forEach((_, d) => this.setFactor(s, d, this.factors[s][d]));
    });
  }

  #at(stage: number): number {
    return this.#problem.chain + stage * this.#bytes;
  }

  setFactor(stage: number, dim: number, factor: number): boolean {
    const digit = this.#digitOf[dim].get(factor);
    if (digit === undefined) return false;
    this.factors[stage][dim] = factor;
    this.#view[this.#at(stage) + this.#problem.layout.C_DIGITS + dim] = digit;
    return true;
  }

  order(stage: number): number[] {
    const start = this.#at(stage) + this.#problem.layout.C_DIGITS + this.#width;
    return [...this.#view.subarray(start, start + this.#width)];
  }

  setOrder(stage: number, order: readonly number[]): void {
    this.#view.set(order, this.#at(stage) + this.#problem.layout.C_DIGITS + this.#width);
  }

  keeps(stage: number): number {
    return this.#view[this.#at(stage)];
  }

  setKeeps(stage: number, keeps: number): void {
    this.#view[this.#at(stage)] = keeps;
  }

  /** The mapping's value if it is legal and below the limit. The best value in the kernel's header is left at that. */
  valueBelow(limit: number): number | undefined {
    const { exports, header, stageList, stages, chain, layout: L } = this.#problem;
    this.#floats.setFloat64(header + L.H_BEST_F, limit, true);
    exports.offerChain(header, stageList, stages.length, chain);
    const value = this.#floats.getFloat64(header + L.H_BEST_F, true);
    return value < limit ? value : undefined;
  }

  /** The same steps as a trace would tell. */
  steps(): TraceStep[] {
    const { stages, lattice } = this.#problem;
    const digits = lattice.dims.map(() => 0);
    const nodeOf = (): number => digits.reduce((node, digit, d) => node + digit * lattice.strides[d], 0);
    const grow = (s: number, d: number): void => {
      const extent = lattice.divisors[d][digits[d]] * this.factors[s][d];
      digits[d] = this.#digitOf[d].get(extent) ?? 0;
    };
    return stages.flatMap((stage, s): TraceStep[] => {
      const keeps = this.keeps(s);
      const used = this.order(s).filter((d) => this.factors[s][d] > 1);
      if (stage.kind === 'array') {
        used.forEach((d) => grow(s, d));
        return [{ node: nodeOf(), stage: s, keeps: 0, closes: false }];
      }
      const loops = used.map((d): TraceStep => {
        grow(s, d);
        return { node: nodeOf(), stage: s, keeps, closes: false };
      });
      return stage.kind === 'memory' ? [...loops, { node: nodeOf(), stage: s, keeps, closes: true }] : loops;
    });
  }
}

/** A change to a chain that can be taken back. */
type Undo = () => void;

/** Factors of a number, 1 left out. */
type FactorTable = (n: number) => readonly number[];

/**
 * Simulated annealing from `steps` by fixed random numbers: moves factors between stages, exchanges them, reorders
 * loops, changes keep sets. Gives the best chain and value so far, which may be those given, every `PAUSE` evaluations
 * and at the end.
 */
export function* anneal(problem: Problem, start: Annealed, evaluations: number): Generator<Annealed, void> {
  const chain = new Chain(problem, start.steps);
  const random = new Random(SEED, 0);
  const factors = factorTable();
  let best = start;
  let value = start.value;
  const places = placesOf(problem);
  for (let n = 0; n < evaluations; n++) {
    if (n % PAUSE === PAUSE - 1) yield best;
    const heat = HOTTEST * (COLDEST / HOTTEST) ** (n / evaluations);
    const undo = proposal(problem, places, chain, random, factors);
    if (!undo) continue;
    const limit = value * (1 - heat * Math.log(1 - random.unit()));
    const next = chain.valueBelow(limit);
    if (next === undefined) undo();
    else value = next;
    if (value < best.value * (1 - 1e-12)) best = { steps: chain.steps(), value };
  }
  yield best;
}

/** A chain and its value. */
export interface Annealed {
  readonly steps: readonly TraceStep[];
  readonly value: number;
}

/** Evaluations between two pauses: some milliseconds. */
const PAUSE = 500;

const SEED = 1;
/** Relative excess accepted with probability 1/e, first and last. */
const HOTTEST = 0.4;
const COLDEST = 0.0005;

function factorTable(): FactorTable {
  const known = new Map<number, readonly number[]>();
  return (n) => {
    const found = known.get(n) ?? divisors(n).slice(1);
    known.set(n, found);
    return found;
  };
}

function proposal(
  problem: Problem,
  places: Places,
  chain: Chain,
  random: Random,
  factors: FactorTable,
): Undo | undefined {
  const kind = random.unit();
  if (kind < 0.2) return reorder(problem, chain, random);
  if (kind < 0.25) return rekeep(problem, chain, random);
  return transfer(places, chain, random, factors);
}

/** Some loop of a memory goes to another place there. */
function reorder({ stages, lattice }: Problem, chain: Chain, random: Random): Undo | undefined {
  const s = 1 + random.below(stages.length - 1);
  if (stages[s].kind !== 'memory') return undefined;
  const before = chain.order(s);
  const dim = random.below(lattice.dims.length);
  if (chain.factors[s][dim] === 1) return undefined;
  const next = before.filter((d) => d !== dim);
  next.splice(random.below(before.length), 0, dim);
  chain.setOrder(s, next);
  return () => chain.setOrder(s, before);
}

function rekeep({ stages }: Problem, chain: Chain, random: Random): Undo | undefined {
  const s = 1 + random.below(stages.length - 1);
  const stage = stages[s];
  if (stage.kind !== 'memory' || stage.keeps.length < 2) return undefined;
  const before = chain.keeps(s);
  chain.setKeeps(s, random.pick(stage.keeps));
  return () => chain.setKeeps(s, before);
}

/** A factor goes from one stage to another, and half the time one comes back, so that full memories stay full. */
function transfer(places: Places, chain: Chain, random: Random, factors: FactorTable): Undo | undefined {
  const dim = random.below(places.length);
  const sources = places[dim].filter((s) => chain.factors[s][dim] > 1);
  const from = random.pick(sources);
  const to = random.pick(places[dim]);
  const first = shift(chain, random, factors, dim, from, to);
  if (!first || random.unit() < 0.4) return first;
  const others = places.flatMap((own, d) => (own.includes(from) && chain.factors[to][d] > 1 ? [d] : []));
  const second = shift(chain, random, factors, random.pick(others), to, from);
  if (!second) return first;
  return () => {
    second();
    first();
  };
}

function shift(
  chain: Chain,
  random: Random,
  factors: FactorTable,
  dim: number,
  from: number,
  to: number,
): Undo | undefined {
  const source = chain.factors[from][dim];
  const target = chain.factors[to][dim];
  if (from === to || source === 1) return undefined;
  const factor = random.pick(factors(source));
  if (!chain.setFactor(to, dim, target * factor)) return undefined;
  chain.setFactor(from, dim, source / factor);
  return () => {
    chain.setFactor(from, dim, source);
    chain.setFactor(to, dim, target);
  };
}

/** Stages where each dimension may have a loop. */
type Places = readonly (readonly number[])[];

function placesOf({ stages, lattice }: Problem): Places {
  return lattice.dims.map((group) =>
    stages.flatMap((stage, s) => (stage.kind !== 'compute' && mayLoop(stage.level, group) ? [s] : [])),
  );
}
