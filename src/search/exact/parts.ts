/**
 * The proof goes part by part from the outermost array on: each part explores what reaches some of the tile shapes
 * behind that array. A part ends with complete mappings, against which the next ones are cut, and is small.
 */
import type { Engine, Snapshot } from './engine.ts';
import { snapshot } from './engine.ts';
import type { Incumbent } from './incumbent.ts';
import { takeIncumbent, writeIncumbent } from './incumbent.ts';
import type { Counts } from './pool.ts';
import { allowLabels, clearCounts, header, readCounts, resetPool } from './pool.ts';
import { Walk } from './walk.ts';

/** More gain nothing on the layers measured. */
export const PARTS = 16;

interface Table {
  readonly heads: number;
  readonly touched: number;
}

/** The labels before the outermost array, for each part to begin with: plain data. */
export interface Beginning {
  /** Stage of the array. */
  readonly array: number;
  readonly uneven: boolean;
  readonly kept: Table;
  readonly nodes: number;
  readonly spare: readonly [Table, Table];
  /** Where the pool goes on behind the kept labels. */
  readonly pool: number;
  /** Least bound of any part. */
  readonly least: number;
}

/** Keeps the incoming table as it stands: its labels, all before `pool`, will not change. */
export function beginParts(engine: Engine, array: number, uneven: boolean): Beginning {
  const h = header(engine);
  const table = (name: string): Table => ({
    heads: h.readI32(`H_${name}_HEADS`),
    touched: h.readI32(`H_${name}_TOUCHED`),
  });
  writeParts(engine);
  return {
    array,
    uneven,
    kept: table('IN'),
    nodes: h.readI32('H_IN_COUNT'),
    spare: [table('OUT'), table('SPARE')],
    pool: h.readI32('H_BUMP'),
    least: engine.exports.leastIncoming(engine.header, 0),
  };
}

/** What another thread needs to run parts; may be taken at any time. */
export function snapshotOf(engine: Engine, { pool }: Beginning): Snapshot {
  return snapshot(engine, pool);
}

/** Tile shapes go to the parts in turn; mirror images, which share their labels, to the same. */
function writeParts(engine: Engine): void {
  const { image, nodes, mirror } = engine;
  const parts = new Uint8Array(image.memory.buffer, header(engine).readI32('H_PARTS'), nodes);
  for (let node = 0; node < nodes; node++) parts[node] = Math.min(node, mirror[node] ?? node) % PARTS;
}

/** What a part found and did. It depends on the part and what it started from, on nothing else. */
export interface PartOutcome {
  /** The incumbent it started from, if there is nothing better. */
  readonly end: Incumbent;
  readonly counts: Counts;
}

/** A part at work on an engine, which it has to itself until its outcome is taken or it is dropped. */
export class PartRun {
  readonly #engine: Engine;
  readonly #beginning: Beginning;
  readonly #walk: Walk;
  readonly #work: Generator<void, void>;
  #incumbent: Incumbent;

  constructor(engine: Engine, beginning: Beginning, part: number, start: Incumbent) {
    this.#engine = engine;
    this.#beginning = beginning;
    this.#walk = new Walk(engine, { beam: Infinity, guess: false, uneven: beginning.uneven });
    this.#incumbent = start;
    this.#work = this.#run(part);
  }

  /** Does some work, well below 100 ms; false if there is none left. */
  step(): boolean {
    allowLabels(this.#engine);
    return this.#work.next().done !== true;
  }

  /** What it has found and done so far. */
  outcome(): PartOutcome {
    this.#incumbent = takeIncumbent(this.#engine, this.#incumbent);
    return { end: this.#incumbent, counts: readCounts(this.#engine) };
  }

  /** Of one quantity: a bound on the mappings of the part, those among them that it has found included. */
  bound(): number {
    const h = header(this.#engine);
    return Math.min(this.#walk.remaining(), h.readF64('H_GIVEN_UP_F'), h.readF64('H_BEST_F'));
  }

  *#run(part: number): Generator<void, void> {
    const { array } = this.#beginning;
    this.#begin(part);
    yield* this.#walk.array(array);
    this.#turn();
    yield* this.#walk.stages(array + 1, this.#engine.stages.length);
  }

  /** Empties what the part before left behind and makes the kept labels those that come in. */
  #begin(part: number): void {
    const { kept, nodes, spare, pool } = this.#beginning;
    const h = header(this.#engine);
    clearCounts(this.#engine);
    writeIncumbent(this.#engine, this.#incumbent);
    this.#use('IN', spare[1]);
    this.#use('OUT', spare[0]);
    resetPool(this.#engine, pool);
    this.#use('IN', kept);
    h.i32('H_IN_COUNT', nodes);
    h.i32('H_PART', part);
  }

  /** After the array: what it put out comes in, and the kept labels are out of reach. */
  #turn(): void {
    const [out, spare] = this.#beginning.spare;
    const h = header(this.#engine);
    this.#use('IN', out);
    this.#use('OUT', spare);
    h.i32('H_IN_COUNT', h.readI32('H_OUT_COUNT'));
    h.i32('H_OUT_COUNT', 0);
    h.i32('H_PART', -1);
  }

  #use(name: 'IN' | 'OUT', { heads, touched }: Table): void {
    const h = header(this.#engine);
    h.i32(`H_${name}_HEADS`, heads);
    h.i32(`H_${name}_TOUCHED`, touched);
  }
}
