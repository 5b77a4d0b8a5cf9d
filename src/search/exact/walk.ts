/** The kernel driven stage by stage, innermost to outermost, with a pause after every piece of work. */
import type { Engine } from './engine.ts';
import { header, resetPool } from './pool.ts';

/** Nodes expanded in one step. */
const SLICE = 16;

export interface Pass {
  /** Labels kept at each stage. */
  readonly beam: number;
  /** Ranks by what is likely ahead, not by what is certain. */
  readonly guess: boolean;
  /** Stations of one memory may lie apart. */
  readonly uneven: boolean;
}

/** Where a walk stands, for the bound of what is left. */
type Place =
  | { readonly kind: 'array'; readonly from: number }
  | { readonly kind: 'memory'; readonly page: number; readonly from: number }
  | { readonly kind: 'between' };

export class Walk {
  readonly #engine: Engine;
  readonly #pass: Pass;
  #place: Place = { kind: 'between' };

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
      this.#place = { kind: 'between' };
      exports.clearIncoming(p);
      if (Number.isFinite(beam)) exports.trim(p, stageAt[s], beam, guess ? 1 : 0, ranks, rankRoom);
      exports.turnTables(p);
    }
  }

  /** The array of stage `s`, without turning the tables. */
  *array(s: number): Generator<void, void> {
    const { exports, stageAt, header: p } = this.#engine;
    const count = header(this.#engine).readI32('H_IN_COUNT');
    for (let from = 0; from < count; from += SLICE) {
      const to = Math.min(count, from + SLICE);
      exports.expandArray(p, stageAt[s], from, to);
      this.#place = { kind: 'array', from: to };
      yield;
    }
    this.#place = { kind: 'between' };
  }

  /** Everything up to the next station of a memory, of which the tensors of `kept` have theirs. */
  *#loops(s: number, keeps: number, kept: number): Generator<void, void> {
    const { exports, stageAt, header: p, dims } = this.#engine;
    for (let mask = 0; mask < 2 ** dims; mask++) {
      const count = exports.maskCount(p, mask);
      for (let from = 0; from < count; from += SLICE) {
        const to = Math.min(count, from + SLICE);
        exports.expandMask(p, stageAt[s], keeps, kept, mask, from, to);
        this.#place = { kind: 'memory', page: mask, from: to };
        yield;
      }
      exports.releasePage(p, mask);
    }
  }

  /**
   * Least bound of what the walk has not seen; complete mappings are not among it. Labels of an incoming memory table
   * stay until all keep sets have used them, so they count throughout.
   */
  remaining(): number {
    const { exports, header: p, pages } = this.#engine;
    const place = this.#place;
    const from = place.kind === 'array' ? place.from : 0;
    let least = Math.min(exports.leastIncoming(p, from), exports.leastOutgoing(p));
    if (place.kind !== 'memory') return least;
    for (let page = place.page; page < pages; page++) {
      least = Math.min(least, exports.leastMasked(p, page, page === place.page ? place.from : 0));
    }
    return least;
  }
}

/** The parts of a set, as masks, without the set itself; every part after its own parts. */
function properSubsets(set: number): number[] {
  return Array.from({ length: set }, (_, part) => part).filter((part) => (part & set) === part);
}
