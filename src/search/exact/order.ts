/**
 * Which part of a proof comes next, what it starts from, and which results stand. A part's result is that of the parts
 * one after the other: it stands if the part started from what those before it end with. Parts may start before that is
 * known, from what is expected; where that turns out wrong they are run again.
 */
import type { Incumbent } from './incumbent.ts';
import { joinIncumbents } from './incumbent.ts';
import type { PartOutcome } from './parts.ts';
import { PARTS } from './parts.ts';
import type { Counts } from './pool.ts';
import { addCounts } from './pool.ts';

/** A part to run. */
export interface Job {
  readonly part: number;
  readonly start: Incumbent;
}

interface Ended extends PartOutcome {
  readonly start: Incumbent;
}

export class PartOrder {
  #settled = 0;
  #incumbent: Incumbent;
  #counts: Counts;
  /** Of parts that are not settled. */
  readonly #running = new Map<number, Job>();
  readonly #ended = new Map<number, Ended>();
  #seen: Incumbent;

  /** Of what came before the parts. */
  constructor(incumbent: Incumbent, counts: Counts) {
    this.#incumbent = incumbent;
    this.#counts = counts;
    this.#seen = incumbent;
  }

  /** Parts whose results stand: the first so many. */
  get settled(): number {
    return this.#settled;
  }

  get isDone(): boolean {
    return this.#settled === PARTS;
  }

  /** What the settled parts end with, and what all so far have done. */
  get incumbent(): Incumbent {
    return this.#incumbent;
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** The best of all that was found, even in parts whose results do not stand. */
  get seen(): Incumbent {
    return this.#seen;
  }

  /** The first part that nobody runs; undefined if there is none for now. */
  next(): Job | undefined {
    for (const { part, start } of this.#expected()) {
      if (this.#ended.has(part) || this.#running.has(part)) continue;
      const job = { part, start };
      this.#running.set(part, job);
      return job;
    }
    return undefined;
  }

  /** False if the job's result would not stand, as far as is known. */
  isWanted(job: Job): boolean {
    return this.#running.get(job.part) === job;
  }

  /** True if the job's result will stand. */
  isCertain(job: Job): boolean {
    return this.isWanted(job) && job.part === this.#settled;
  }

  /** The job is over; what it did counts if it is wanted. */
  end(job: Job, outcome: PartOutcome): void {
    this.#seen = joinIncumbents(this.#seen, outcome.end);
    if (!this.isWanted(job)) return;
    this.#running.delete(job.part);
    this.#ended.set(job.part, { ...outcome, start: job.start });
    this.#dropWrong();
    this.#settle();
  }

  /** The job is not run after all. */
  giveUp(job: Job): void {
    if (this.isWanted(job)) this.#running.delete(job.part);
  }

  /** Least bound of what is not proved; `boundOf` tells that of a running job, `least` of one that has not begun. */
  bound(least: number, boundOf: (job: Job) => number): number {
    return [...this.#expected()].reduce((bound, { part }) => {
      const job = this.#running.get(part);
      return Math.min(bound, this.#ended.get(part)?.counts.givenUp ?? (job ? boundOf(job) : least));
    }, this.#seen.value);
  }

  /** What each part that is not settled would start from, if those at work find nothing. */
  *#expected(): Generator<Job, void> {
    let start = this.#incumbent;
    for (let part = this.#settled; part < PARTS; part++) {
      yield { part, start };
      start = this.#ended.get(part)?.end ?? start;
    }
  }

  #settle(): void {
    for (let ended; (ended = this.#ended.get(this.#settled)); this.#settled++) {
      this.#ended.delete(this.#settled);
      this.#incumbent = ended.end;
      this.#counts = addCounts(this.#counts, ended.counts);
    }
  }

  #dropWrong(): void {
    for (const { part, start } of this.#expected()) {
      if (this.#ended.get(part)?.start !== start) this.#ended.delete(part);
      if (this.#running.get(part)?.start !== start) this.#running.delete(part);
    }
  }
}
