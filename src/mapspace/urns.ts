/** Pólya's urns for equal primes: which loop the next one goes to. */
import { primeFactors } from './factors.ts';
import type { Random } from './random.ts';

/** Urns numbered from 0; each deals the copies of one prime to a set of cells, fewer and fewer as cells close. */
export class Urns {
  readonly prime: number[] = [];
  /** Cells of each urn, the open ones first. */
  readonly #cells: Int32Array[] = [];
  readonly #open: number[] = [];
  /** Cells of the copies already put, the first `#count` of them. */
  readonly #placed: Int32Array[] = [];
  readonly #count: number[] = [];

  /** Of each urn, the cells that are spatial loops. */
  readonly #spatialCells: Int32Array[] = [];
  readonly #isSpatial: readonly boolean[];

  /** @param isSpatial by cell */
  constructor(isSpatial: readonly boolean[]) {
    this.#isSpatial = isSpatial;
  }

  /** Adds an urn for each distinct prime of `bound` and returns their numbers by prime. */
  add(cells: readonly number[], bound: number): Map<number, number> {
    const primes = primeFactors(bound);
    return new Map(
      [...new Set(primes)].map((prime) => {
        this.#cells.push(Int32Array.from(cells));
        this.#spatialCells.push(Int32Array.from(cells.filter((cell) => this.#isSpatial[cell])));
        this.#open.push(cells.length);
        this.#placed.push(new Int32Array(primes.filter((other) => other === prime).length));
        this.#count.push(0);
        return [prime, this.prime.push(prime) - 1];
      }),
    );
  }

  /** Back to no copies put and all cells open. */
  reset(): void {
    for (let u = 0; u < this.#count.length; u++) {
      this.#count[u] = 0;
      this.#open[u] = this.#cells[u].length;
    }
  }

  /** An open cell, or −1 if there is none: each has one chance, and one more for each copy put there. */
  draw(urn: number, random: Random): number {
    const open = this.#open[urn];
    if (open === 0) return -1;
    const pick = random.below(open + this.#count[urn]);
    return pick < open ? this.#cells[urn][pick] : this.#placed[urn][pick - open];
  }

  /** Any spatial cell, open or not, or −1 if the urn has none. */
  drawSpatial(urn: number, random: Random): number {
    const cells = this.#spatialCells[urn];
    return cells.length > 0 ? cells[random.below(cells.length)] : -1;
  }

  put(urn: number, cell: number): void {
    this.#placed[urn][this.#count[urn]++] = cell;
  }

  /** Takes a cell out of the urn until the reset. */
  close(urn: number, cell: number): void {
    const cells = this.#cells[urn];
    let at = 0;
    while (cells[at] !== cell) at++;
    const last = --this.#open[urn];
    cells[at] = cells[last];
    cells[last] = cell;
    const placed = this.#placed[urn];
    let count = 0;
    for (let i = 0; i < this.#count[urn]; i++) if (placed[i] !== cell) placed[count++] = placed[i];
    this.#count[urn] = count;
  }
}
