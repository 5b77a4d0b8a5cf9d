/** Draws factorisations that fit: what overflows is never completed, let alone costed. */
import { DimPlan } from './dim-plan.ts';
import { primeFactors } from './factors.ts';
import type { Frame } from './frame.ts';
import type { Random } from './random.ts';
import { FITS, Tiling } from './tiling.ts';
import { Urns } from './urns.ts';

/** Share of draws that fill the arrays first, where a floor asks that they be well filled. */
const ARRAYS_FIRST = 0.5;
/** Attempts per wanted draw before a batch is given up: floors and limits can make most attempts fail. */
const ATTEMPTS_PER_DRAW = 32;

/**
 * Draws random factorisations of one frame.
 *
 * Prime factors of all dimensions go, in random order, each to a random loop of its dimension where every tile outside
 * the loop and every array still fit. The loop is chosen as from Pólya's urn (one ball per loop, and one more for each
 * equal prime already there), which makes all factorisations equally likely where nothing overflows and so keeps the
 * extremes (a whole dimension in one loop) frequent. Every factorisation that fits has positive probability, because
 * each part of it fits as well. Products with a lower limit are chosen first, from all that can be completed.
 */
export class FactorDrawer {
  readonly tiling: Tiling;
  /** False if the frame has no factorisation at all. */
  readonly possible: boolean;

  readonly #random: Random;
  readonly #refused: Float64Array;
  readonly #urns: Urns;
  /** Urns of the primes that every draw deals, and dimensions whose primes depend on earlier choices. */
  readonly #fixedItems: Int32Array;
  readonly #varying: readonly DimPlan[];
  /** True if a share of some array's copies must be at work. */
  readonly #hasFloor: boolean;
  /** Urns of the primes of the draw in progress, in the order of dealing. */
  readonly #items: Int32Array;

  /** @param refused counts by reason what finds no place: one entry per reason of `Tiling` */
  constructor(frame: Frame, random: Random, refused: Float64Array) {
    const { einsum } = frame.space;
    this.tiling = new Tiling(frame);
    this.#random = random;
    this.#urns = new Urns(frame.cells.map((cell) => cell.fanout >= 0));
    this.#refused = refused;
    const floors = frame.space.levels.map((level) => (level.kind === 'array' ? level.minCopies : 1));
    this.#hasFloor = Math.max(frame.space.minUnits, ...floors) > 1;
    const plans = einsum.dims.map((_, dim) => new DimPlan(frame, dim, this.#urns));
    this.possible = plans.every((plan) => plan.possible);
    this.#varying = plans.filter((plan) => !plan.isFixed);
    this.#fixedItems = Int32Array.from(
      plans.flatMap((plan, dim) => (plan.isFixed ? plan.urnsOf(einsum.dims[dim].bound) : [])),
    );
    this.#items = new Int32Array(
      einsum.dims.reduce((count, dim) => count + primeFactors(dim.bound).length, 0),
    );
  }

  /**
   * Draws up to `count` factorisations into `factors` (slot-major, `batch` lanes a row) and returns how many there are.
   *
   * @param cellOfSlot of the arrangement whose slots `factors` lists
   */
  drawLanes(factors: Float64Array, batch: number, cellOfSlot: Int32Array, count: number): number {
    let lane = 0;
    for (let attempt = 0; lane < count && attempt < count * ATTEMPTS_PER_DRAW; attempt++) {
      if (!this.draw()) continue;
      for (let slot = 0; slot < cellOfSlot.length; slot++) {
        factors[slot * batch + lane] = this.tiling.factors[cellOfSlot[slot]];
      }
      lane++;
    }
    return lane;
  }

  /** Draws one factorisation into `tiling`; false if a prime found no place or a floor broke. */
  draw(): boolean {
    if (!this.possible) return false;
    this.tiling.clear();
    this.#urns.reset();
    this.#items.set(this.#fixedItems);
    let count = this.#fixedItems.length;
    for (const plan of this.#varying) {
      const rest = plan.choose(this.#random, (urn) => this.#place(urn));
      if (rest === undefined) return false;
      for (const urn of rest) this.#items[count++] = urn;
    }
    this.#random.shuffle(this.#items, count);
    if (this.#hasFloor && this.#random.unit() < ARRAYS_FIRST) count = this.#fillArrays(count);
    for (let i = 0; i < count; i++) if (!this.#place(this.#items[i])) return false;
    const broken = this.tiling.floorBroken();
    if (broken !== FITS) this.#refused[broken]++;
    return broken === FITS;
  }

  /** Puts primes into random spatial loops of theirs while they fit; returns how many items are left, now in front. */
  #fillArrays(count: number): number {
    let left = 0;
    for (let i = 0; i < count; i++) {
      const urn = this.#items[i];
      const cell = this.#urns.drawSpatial(urn, this.#random);
      if (cell >= 0 && this.tiling.grow(cell, this.#urns.prime[urn]) === FITS) this.#urns.put(urn, cell);
      else this.#items[left++] = urn;
    }
    return left;
  }

  /** Puts one prime of an urn into a loop. A loop that refuses it once will do so until the draw's end: tiles only grow. */
  #place(urn: number): boolean {
    const prime = this.#urns.prime[urn];
    for (
      let cell = this.#urns.draw(urn, this.#random);
      cell >= 0;
      cell = this.#urns.draw(urn, this.#random)
    ) {
      const reason = this.tiling.grow(cell, prime);
      if (reason === FITS) {
        this.#urns.put(urn, cell);
        return true;
      }
      this.#refused[reason]++;
      this.#urns.close(urn, cell);
    }
    return false;
  }
}
