/** Complete factorisations changed in place: which loop has each prime factor, and moves of primes between loops. */
import { FactorDrawer } from '../mapspace/draw.ts';
import { primeFactors } from '../mapspace/factors.ts';
import type { Arrangement, Frame } from '../mapspace/frame.ts';
import { frameOf } from '../mapspace/frame.ts';
import type { Random } from '../mapspace/random.ts';
import type { Tiling } from '../mapspace/tiling.ts';
import { FITS } from '../mapspace/tiling.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { ShardContext } from './shard-context.ts';

/** The prime factors of all bounds, numbered. */
export interface Primes {
  readonly value: readonly number[];
  readonly dim: readonly number[];
}

export function primesOf(einsum: Einsum): Primes {
  const factors = einsum.dims.map((dim) => primeFactors(dim.bound));
  return { value: factors.flat(), dim: factors.flatMap((own, dim) => own.map(() => dim)) };
}

/** One frame and a factorisation of its loops: `places[i]` is the cell that has prime i. */
export class Board {
  readonly frame: Frame;
  readonly drawer: FactorDrawer;
  readonly places: Int32Array;
  readonly #primes: Primes;
  readonly #tiling: Tiling;
  readonly #refused: Float64Array;
  /** By dimension. */
  readonly #cellsOf: readonly (readonly number[])[];
  /** `[cell × dim]`: the dimension's cell at the same memory or axis, −1 if it has none. */
  readonly #sibling: Int32Array;
  readonly #dims: number;

  constructor(frame: Frame, primes: Primes, random: Random, refused: Float64Array) {
    this.frame = frame;
    this.drawer = new FactorDrawer(frame, random, refused);
    this.places = new Int32Array(primes.value.length);
    this.#primes = primes;
    this.#tiling = this.drawer.tiling;
    this.#refused = refused;
    const { dims } = frame.space.einsum;
    this.#dims = dims.length;
    this.#cellsOf = dims.map((_, dim) => frame.cells.flatMap((cell, c) => (cell.dim === dim ? [c] : [])));
    this.#sibling = Int32Array.from(
      frame.cells.flatMap((cell) => dims.map((_, dim) => cellAt(frame, cell.level, cell.axis, dim))),
    );
  }

  /** Draws a factorisation; false if the draw fails. */
  draw(): boolean {
    if (!this.drawer.draw()) return false;
    const rest = Float64Array.from(this.#tiling.factors);
    this.#primes.value.forEach((prime, i) => {
      const cell = this.#cellsOf[this.#primes.dim[i]].find((c) => rest[c] % prime === 0) as number;
      this.places[i] = cell;
      rest[cell] /= prime;
    });
    return true;
  }

  /**
   * Takes over another frame's factorisation. Primes whose loop is missing or too full here go to a random loop.
   *
   * @returns false if some prime finds no place; the board is then empty
   */
  copy(other: Board, random: Random): boolean {
    this.#tiling.clear();
    for (let i = 0; i < this.places.length; i++) {
      const { level, axis, dim } = other.frame.cells[other.places[i]];
      const same = cellAt(this.frame, level, axis, dim);
      const cells = [...this.#cellsOf[dim]];
      random.shuffle(cells, cells.length);
      const cell = [same, ...cells].find((c) => c >= 0 && this.#grow(c, i));
      if (cell === undefined) return false;
      this.places[i] = cell;
    }
    return this.meetsFloors();
  }

  meetsFloors(): boolean {
    const broken = this.#tiling.floorBroken();
    if (broken !== FITS) this.#refused[broken]++;
    return broken === FITS;
  }

  /** Adds to the moves that of a random prime to a random other loop of its dimension; often a prime of that loop's place returns. */
  propose(moves: Moves, random: Random): void {
    const prime = random.below(this.places.length);
    const from = this.places[prime];
    const cells = this.#cellsOf[this.#primes.dim[prime]];
    const to = cells[random.below(cells.length)];
    if (to === from || !moves.add(prime, to)) return;
    const other = random.below(this.places.length);
    const dim = this.#primes.dim[other];
    const makesRoom = this.#sibling[to * this.#dims + dim] === this.places[other];
    const back = this.#sibling[from * this.#dims + dim];
    if (makesRoom && back >= 0) moves.add(other, back);
  }

  /** Makes the moves; false, and nothing is changed, if something does not fit or a floor breaks. */
  apply(moves: Moves): boolean {
    for (let m = 0; m < moves.count; m++) this.#lift(moves.prime[m], this.places[moves.prime[m]]);
    let put = 0;
    while (put < moves.count && this.#grow(moves.to[put], moves.prime[put])) put++;
    if (put === moves.count && this.meetsFloors()) {
      for (let m = 0; m < moves.count; m++) moves.swap(m, this.places);
      return true;
    }
    for (let m = 0; m < put; m++) this.#lift(moves.prime[m], moves.to[m]);
    for (let m = 0; m < moves.count; m++) this.#restore(moves.prime[m], this.places[moves.prime[m]]);
    return false;
  }

  /** Takes back moves that `apply` made. */
  undo(moves: Moves): void {
    for (let m = 0; m < moves.count; m++) this.#lift(moves.prime[m], this.places[moves.prime[m]]);
    for (let m = 0; m < moves.count; m++) {
      moves.swap(m, this.places);
      this.#restore(moves.prime[m], this.places[moves.prime[m]]);
    }
  }

  /** Writes the factors into a lane of a batch. */
  write(factors: Float64Array, batch: number, { cellOfSlot }: Arrangement, lane: number): void {
    const own = this.#tiling.factors;
    for (let slot = 0; slot < cellOfSlot.length; slot++) factors[slot * batch + lane] = own[cellOfSlot[slot]];
  }

  #grow(cell: number, prime: number): boolean {
    const reason = this.#tiling.grow(cell, this.#primes.value[prime]);
    if (reason !== FITS) this.#refused[reason]++;
    return reason === FITS;
  }

  #lift(prime: number, cell: number): void {
    this.#tiling.shrink(cell, this.#primes.value[prime]);
  }

  /** Puts back what was there before, which fits. */
  #restore(prime: number, cell: number): void {
    this.#tiling.grow(cell, this.#primes.value[prime]);
  }
}

/** Moves of different primes, made together. */
export class Moves {
  count = 0;
  readonly prime: Int32Array;
  /** Where each goes; after `apply`, where it came from. */
  readonly to: Int32Array;

  constructor(most: number) {
    this.prime = new Int32Array(most);
    this.to = new Int32Array(most);
  }

  clear(): void {
    this.count = 0;
  }

  /** False if the prime moves already or the list is full. */
  add(prime: number, to: number): boolean {
    if (this.count === this.prime.length) return false;
    for (let m = 0; m < this.count; m++) if (this.prime[m] === prime) return false;
    this.prime[this.count] = prime;
    this.to[this.count++] = to;
    return true;
  }

  /** Exchanges the place of the m-th prime with the one it goes to. */
  swap(m: number, places: Int32Array): void {
    const prime = this.prime[m];
    const place = places[prime];
    places[prime] = this.to[m];
    this.to[m] = place;
  }
}

/** Boards by keep choice, made once. */
export class Boards {
  readonly #context: ShardContext;
  readonly #primes: Primes;
  readonly #known = new Map<string, Board>();

  constructor(context: ShardContext) {
    this.#context = context;
    this.#primes = primesOf(context.space.einsum);
  }

  of(choice: readonly number[]): Board {
    const key = choice.join();
    const known = this.#known.get(key);
    if (known) return known;
    const { space, random, refused } = this.#context;
    const board = new Board(frameOf(space, choice), this.#primes, random, refused);
    this.#known.set(key, board);
    return board;
  }
}

function cellAt(frame: Frame, level: number, axis: 'x' | 'y', dim: number): number {
  const own = frame.cellsOfLevel[level];
  return own.find((c) => frame.cells[c].axis === axis && frame.cells[c].dim === dim) ?? -1;
}
