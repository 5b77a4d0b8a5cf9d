/** A thread that helps with the parts of a proof, one order after the other; see `Crew` for the other end of its line. */
import type { Line } from '../helpers.ts';
import { Cell } from './cell.ts';
import type { FromHelper, ToHelper } from './crew.ts';
import type { Engine } from './engine.ts';
import { restore } from './engine.ts';
import type { Incumbent } from './incumbent.ts';
import type { Beginning } from './parts.ts';
import { PartRun } from './parts.ts';

/** Milliseconds between two reports of a part's bound. */
const REPORT_MS = 100;

interface Work {
  readonly order: number;
  readonly start: Incumbent;
  readonly run: PartRun;
}

export class PartHelper {
  readonly #line: Line;
  #engine: Engine | undefined;
  #beginning: Beginning | undefined;
  #cell: Cell | undefined;
  #work: Work | undefined;
  #reported = 0;
  #isOver = false;

  constructor(line: Line) {
    this.#line = line;
  }

  /** Does some work, well below 100 ms. While it waits for orders, others should have a turn. */
  step(): 'working' | 'waiting' | 'over' {
    try {
      this.#listen();
      if (this.#work) this.#go(this.#work);
    } catch (fault) {
      this.#leave(fault);
    }
    if (this.#isOver) return 'over';
    return this.#work ? 'working' : 'waiting';
  }

  /** A part at work is dropped as soon as it is not wanted, or another is: the cell says so first. */
  #listen(): void {
    if (this.#work && this.#cell) {
      if (this.#cell.wanted === this.#work.order) return;
      this.#work = undefined;
    }
    for (let message; !this.#isOver && (message = this.#line.receive() as ToHelper | undefined);) {
      this.#take(message);
    }
  }

  #take(message: ToHelper): void {
    if (message.kind === 'end') {
      this.#isOver = true;
      this.#work = undefined;
      this.#line.close();
    } else if (message.kind === 'begin') this.#begin(message);
    else if (this.#engine && this.#beginning) {
      const { order, part, start } = message;
      this.#work = { order, start, run: new PartRun(this.#engine, this.#beginning, part, start) };
      this.#reported = performance.now();
    }
  }

  #begin({ snapshot, beginning, cell }: Extract<ToHelper, { kind: 'begin' }>): void {
    this.#beginning = beginning;
    this.#cell = cell && new Cell(cell);
    this.#engine = restore(snapshot);
  }

  #go({ order, start, run }: Work): void {
    if (run.step()) {
      if (performance.now() - this.#reported > REPORT_MS) this.#report(order, run.bound());
      return;
    }
    const { end, counts } = run.outcome();
    this.#tell({ kind: 'outcome', order, counts, ...(end !== start && { end }) });
    this.#work = undefined;
  }

  #report(order: number, bound: number): void {
    this.#reported = performance.now();
    if (this.#cell) this.#cell.bound = bound;
    else this.#tell({ kind: 'bound', order, bound });
  }

  /** Without memory for another copy, the others go on alone. */
  #leave(fault: unknown): void {
    const isMemory = fault instanceof RangeError && !this.#engine;
    this.#isOver = true;
    this.#work = undefined;
    this.#tell(isMemory ? { kind: 'left' } : { kind: 'left', fault });
    this.#line.close();
  }

  #tell(message: FromHelper): void {
    this.#line.send(message);
  }
}
