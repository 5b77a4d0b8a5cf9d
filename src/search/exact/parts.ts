/**
 * The proof goes part by part from the outermost array on: each part explores what reaches some of the tile shapes
 * behind that array. A part ends with complete mappings, against which the next ones are cut, and is small.
 */
import { header, resetPool } from './pool.ts';
import type { Problem } from './problem.ts';

/** More gain nothing on the layers measured. */
export const PARTS = 16;

interface Table {
  readonly heads: number;
  readonly touched: number;
}

/** The labels before the outermost array, for each part to begin with. */
export class Parts {
  readonly #problem: Problem;
  readonly #kept: Table;
  readonly #nodes: number;
  readonly #spare: readonly [Table, Table];
  /** Where the pool goes on behind the kept labels. */
  readonly #pool: number;
  /** Least bound of any part. */
  readonly least: number;

  /** Keeps the incoming table as it stands. */
  constructor(problem: Problem) {
    const { exports, header: p } = problem;
    const h = header(problem);
    const table = (name: string): Table => ({
      heads: h.readI32(`H_${name}_HEADS`),
      touched: h.readI32(`H_${name}_TOUCHED`),
    });
    this.#problem = problem;
    this.#kept = table('IN');
    this.#nodes = h.readI32('H_IN_COUNT');
    this.#spare = [table('OUT'), table('SPARE')];
    this.#pool = h.readI32('H_BUMP');
    this.least = exports.leastIncoming(p, 0);
    writeParts(problem);
  }

  /** Empties what the part before left behind and makes the kept labels those that come in. */
  begin(part: number): void {
    const h = header(this.#problem);
    this.#use('IN', this.#spare[1]);
    this.#use('OUT', this.#spare[0]);
    resetPool(this.#problem, this.#pool);
    this.#use('IN', this.#kept);
    h.i32('H_IN_COUNT', this.#nodes);
    h.i32('H_PART', part);
  }

  /** After the array: what it put out comes in, and the kept labels are out of reach. */
  turn(): void {
    const h = header(this.#problem);
    this.#use('IN', this.#spare[0]);
    this.#use('OUT', this.#spare[1]);
    h.i32('H_IN_COUNT', h.readI32('H_OUT_COUNT'));
    h.i32('H_OUT_COUNT', 0);
    h.i32('H_PART', -1);
  }

  #use(name: 'IN' | 'OUT', { heads, touched }: Table): void {
    const h = header(this.#problem);
    h.i32(`H_${name}_HEADS`, heads);
    h.i32(`H_${name}_TOUCHED`, touched);
  }
}

/** Tile shapes go to the parts in turn; mirror images, which share their labels, to the same. */
function writeParts({ image, header: p, layout: L, lattice, mirror }: Problem): void {
  const at = new DataView(image.memory.buffer).getUint32(p + L.H_PARTS, true);
  const parts = new Uint8Array(image.memory.buffer, at, lattice.nodes);
  for (let node = 0; node < lattice.nodes; node++) parts[node] = Math.min(node, mirror[node] ?? node) % PARTS;
}
