/** The kernel driven stage by stage, innermost to outermost, with a pause after every piece of work. */
import type { Engine } from './engine.ts';
import { header, resetPool } from './pool.ts';

export interface Pass {
  /** Labels kept at each stage. */
  readonly beam: number;
  /** Ranks by what is likely ahead, not by what is certain. */
  readonly guess: boolean;
  /** Stations of one memory may lie apart. */
  readonly uneven: boolean;
}

/** Where a walk stands, for the bound of what is left; how far an array or memory is, the header says. */
type Place = 'array' | 'memory' | 'between';

export class Walk {
  readonly #engine: Engine;
  readonly #pass: Pass;
  #place: Place = 'between';

  constructor(engine: Engine, pass: Pass) {
    this.#engine = engine;
    this.#pass = pass;
  }

  /** Puts the label that every chain begins with in front of stage 1. */
  begin(): void {
    const { exports, stageAt, header: p } = this.#engine;
    resetPool(this.#engine);
    header(this.#engine).i32('H_UNEVEN', this.#pass.uneven ? 1 : 0);
    exports.start(p, stageAt[0]);
    exports.turnTables(p);
  }

  /** Stages `from` to `to`. */
  *stages(from: number, to: number): Generator<void, void> {
    const { exports, stages, stageAt, header: p, ranks, rankRoom } = this.#engine;
    const { beam, guess, uneven } = this.#pass;
    for (let s = from; s < to; s++) {
      const stage = stages[s];
      if (stage.kind === 'array') yield* this.array(s);
      if (stage.kind === 'memory') {
        for (const keeps of stage.keeps) {
          exports.beginMemory(p, stageAt[s], keeps);
          for (const kept of uneven && stage.uneven ? properSubsets(keeps) : [0]) {
            if (kept > 0) exports.turnPage(p, kept);
            yield* this.#loops(s, keeps, kept);
          }
        }
      }
      this.#place = 'between';
      exports.clearIncoming(p);
      if (Number.isFinite(beam)) exports.trim(p, stageAt[s], beam, guess ? 1 : 0, ranks, rankRoom);
      exports.turnTables(p);
    }
  }

  /** The array of stage `s`, without turning the tables. */
  *array(s: number): Generator<void, void> {
    const { exports, stageAt, header: p } = this.#engine;
    this.#place = 'array';
    header(this.#engine).i32('H_FROM', 0);
    while (exports.expandArray(p, stageAt[s])) yield;
    this.#place = 'between';
  }

  /** Everything up to the next station of a memory, of which the tensors of `kept` have theirs. */
  *#loops(s: number, keeps: number, kept: number): Generator<void, void> {
    const { exports, stageAt, header: p } = this.#engine;
    this.#place = 'memory';
    header(this.#engine).i32('H_FROM', 0);
    header(this.#engine).i32('H_MASK', 0);
    while (exports.expandLoops(p, stageAt[s], keeps, kept)) yield;
  }

  /**
   * Least bound of what the walk has not seen; complete mappings are not among it. Labels of an incoming memory table
   * stay until all keep sets have used them, so they count throughout.
   */
  remaining(): number {
    const { exports, header: p, pages } = this.#engine;
    const place = this.#place;
    const h = header(this.#engine);
    const from = place === 'between' ? 0 : h.readI32('H_FROM');
    const incoming = exports.leastIncoming(p, place === 'array' ? from : 0);
    let least = Math.min(incoming, exports.leastOutgoing(p));
    if (place !== 'memory') return least;
    const mask = h.readI32('H_MASK');
    for (let page = mask; page < pages; page++) {
      least = Math.min(least, exports.leastMasked(p, page, page === mask ? from : 0));
    }
    return least;
  }
}

/** The parts of a set, as masks, without the set itself; every part after its own parts. */
function properSubsets(set: number): number[] {
  return Array.from({ length: set }, (_, part) => part).filter((part) => (part & set) === part);
}
