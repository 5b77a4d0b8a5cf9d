/** The threads that help with the parts of one proof, as the thread that has it sees them. */
import type { Helpers, Line } from '../helpers.ts';
import { Cell } from './cell.ts';
import type { Engine, Snapshot } from './engine.ts';
import type { Incumbent } from './incumbent.ts';
import type { Job, PartOrder } from './order.ts';
import type { Beginning } from './parts.ts';
import { PARTS, snapshotOf } from './parts.ts';
import type { Counts } from './pool.ts';

/** What a helper is told: first what to work on, then a part at a time; a new order ends the one before. */
export type ToHelper =
  | {
      readonly kind: 'begin';
      readonly snapshot: Snapshot;
      readonly beginning: Beginning;
      readonly cell?: SharedArrayBuffer;
    }
  | { readonly kind: 'order'; readonly order: number; readonly part: number; readonly start: Incumbent }
  | { readonly kind: 'end' };

/** What a helper tells: how far an order is, its outcome (without an end if nothing is better), or why it leaves. */
export type FromHelper =
  | { readonly kind: 'bound'; readonly order: number; readonly bound: number }
  | { readonly kind: 'outcome'; readonly order: number; readonly counts: Counts; readonly end?: Incumbent }
  | { readonly kind: 'left'; readonly fault?: unknown };

/** Bytes of memory that are copied in a millisecond, fresh pages included. */
const COPIED_PER_MS = 1e6;

/** Bytes that the helpers' copies may take together. */
const MOST_COPIED = 2 ** 30;

interface Member {
  readonly line: Line;
  readonly cell: Cell | undefined;
  job?: Job;
  /** Number of the last order. */
  order: number;
  /** Of the job, by message. */
  bound: number;
}

export class Crew {
  readonly #helpers: Helpers;
  readonly #engine: Engine;
  readonly #beginning: Beginning;
  readonly #order: PartOrder;
  readonly #begun = performance.now();
  #members: Member[] = [];
  #snapshot: Snapshot | undefined;
  #invited = false;

  constructor(helpers: Helpers, engine: Engine, beginning: Beginning, order: PartOrder) {
    this.#helpers = helpers;
    this.#engine = engine;
    this.#beginning = beginning;
    this.#order = order;
  }

  /**
   * Hears what came in and gives orders. Takes microseconds if there is nothing to do.
   *
   * @throws what went wrong in a helper
   */
  turn(): void {
    if (!this.#invited) this.#invite();
    for (const line of this.#helpers.arrivals()) this.#join(line);
    for (const member of this.#members) this.#hear(member);
    for (const member of this.#members) this.#direct(member);
  }

  /** Bound of a job that a helper runs; that of no progress if nobody does. */
  boundOf(job: Job): number {
    const member = this.#members.find((other) => other.job === job);
    if (!member) return this.#beginning.least;
    return Math.max(this.#beginning.least, member.cell?.bound ?? member.bound);
  }

  /** Sends all away. */
  end(): void {
    this.#helpers.dismiss();
    this.#helpers.arrivals().forEach(release);
    for (const { line, cell } of this.#members) {
      if (cell) cell.wanted = 0;
      release(line);
    }
    this.#members = [];
    this.#snapshot = undefined;
  }

  /** Once what is left seems worth it: as long for each part as for those so far. The first is often the longest. */
  #invite(): void {
    const spent = performance.now() - this.#begun;
    const { settled } = this.#order;
    const left = settled === 0 ? (spent * PARTS) / 2 : (spent / settled) * (PARTS - settled);
    if (left < this.#helpers.worthMs + this.#beginning.pool / COPIED_PER_MS) return;
    this.#invited = true;
    this.#helpers.invite();
  }

  #join(line: Line): void {
    if ((this.#members.length + 1) * this.#beginning.pool > MOST_COPIED) {
      this.#helpers.dismiss();
      return release(line);
    }
    this.#snapshot ??= snapshotOf(this.#engine, this.#beginning);
    const cell = Cell.make();
    tell(line, {
      kind: 'begin',
      snapshot: this.#snapshot,
      beginning: this.#beginning,
      ...(cell && { cell: cell.buffer }),
    });
    this.#members.push({ line, cell, order: 0, bound: -Infinity });
  }

  #hear(member: Member): void {
    for (let heard; (heard = member.line.receive() as FromHelper | undefined);) {
      if (heard.kind === 'left') return this.#leave(member, heard.fault);
      const { job } = member;
      if (!job || heard.order !== member.order) continue;
      if (heard.kind === 'bound') member.bound = heard.bound;
      else {
        member.job = undefined;
        this.#order.end(job, { counts: heard.counts, end: rebased(heard.end, job.start) });
      }
    }
  }

  #leave(member: Member, fault: unknown): void {
    if (fault !== undefined) throw fault;
    if (member.job) this.#order.giveUp(member.job);
    member.line.close();
    this.#members = this.#members.filter((other) => other !== member);
  }

  /** Whoever has nothing to do, or what is not wanted any more, gets the next part. */
  #direct(member: Member): void {
    if (member.job && this.#order.isWanted(member.job)) return;
    member.job = this.#order.next();
    if (!member.job) {
      if (member.cell) member.cell.wanted = 0;
      return;
    }
    const { part, start } = member.job;
    member.order++;
    member.bound = -Infinity;
    if (member.cell) {
      member.cell.bound = -Infinity;
      member.cell.wanted = member.order;
    }
    // Places stand for chains, which the helper does not need.
    const origins = start.origins.map((_, place) => place);
    tell(member.line, { kind: 'order', order: member.order, part, start: { ...start, origins } });
  }
}

function tell(line: Line, message: ToHelper): void {
  line.send(message);
}

function release(line: Line): void {
  tell(line, { kind: 'end' });
  line.close();
}

/** What a helper found, with the chains that it knew by their places only. */
function rebased(end: Incumbent | undefined, start: Incumbent): Incumbent {
  if (!end) return start;
  const origins = end.origins.map((origin) => (typeof origin === 'number' ? start.origins[origin] : origin));
  return { ...end, origins };
}
