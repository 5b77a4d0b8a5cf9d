/** An exact search and its helpers in one thread, taking turns at random: any order of events may be played. */
import type { Mapspace } from '../../../src/mapspace/mapspace.ts';
import type { ToHelper } from '../../../src/search/exact/crew.ts';
import type { ExactOptions } from '../../../src/search/exact/exact.ts';
import { ExactSearch } from '../../../src/search/exact/exact.ts';
import { PartHelper } from '../../../src/search/exact/helper.ts';
import type { Helpers, Line } from '../../../src/search/helpers.ts';

/** Two ends of a line; messages are copied as between threads. */
export function linePair(): [Line, Line] {
  const queues: [unknown[], unknown[]] = [[], []];
  const end = (own: number): Line => ({
    send: (message) => queues[1 - own].push(structuredClone(message)),
    receive: () => queues[own].shift(),
    close: () => undefined,
  });
  return [end(0), end(1)];
}

/** Threads that come when they are invited, each after some turns. */
class Crowd implements Helpers {
  readonly worthMs = 0;
  /** Parts that helpers were asked to run, in order. */
  readonly ordered: number[] = [];
  /** Orders that ended with an outcome. */
  outcomes = 0;
  readonly #count: number;
  #waiting = 0;
  #arrived: Line[] = [];
  #helpers: PartHelper[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  get working(): readonly PartHelper[] {
    return this.#helpers;
  }

  invite(): void {
    this.#waiting = this.#count;
  }

  dismiss(): void {
    this.#waiting = 0;
  }

  arrivals(): Line[] {
    return this.#arrived.splice(0);
  }

  /** One of those invited arrives. */
  arrive(): void {
    if (this.#waiting === 0) return;
    this.#waiting--;
    const [near, far] = linePair();
    this.#arrived.push({ ...near, send: (message) => near.send(this.#noted(message as ToHelper)) });
    this.#helpers.push(
      new PartHelper({
        ...far,
        send: (message) => {
          if ('kind' in message && message.kind === 'outcome') this.outcomes++;
          far.send(message);
        },
      }),
    );
  }

  step(helper: PartHelper): void {
    if (helper.step() === 'over') this.#helpers = this.#helpers.filter((other) => other !== helper);
  }

  #noted(message: ToHelper): ToHelper {
    if (message.kind === 'order') this.ordered.push(message.part);
    return message;
  }
}

export interface Together {
  readonly search: ExactSearch;
  readonly crowd: Crowd;
}

/** Runs until the search is over or `until` says so; then the helpers, until none is left. */
export function runTogether(
  space: Mapspace,
  options: ExactOptions,
  threads: number,
  random: () => number,
  until: (search: ExactSearch) => boolean = () => false,
): Together {
  const crowd = new Crowd(threads - 1);
  const search = new ExactSearch(space, { ...options, helpers: crowd });
  // Some are fast and some slow.
  const speeds = Array.from({ length: threads }, () => 1 + 9 * random());
  for (;;) {
    if (random() < 0.3) crowd.arrive();
    const actors = [search, ...crowd.working];
    const weights = actors.map((_, i) => speeds[i]);
    let at = random() * weights.reduce((sum, weight) => sum + weight, 0);
    const actor = actors[weights.findIndex((weight) => (at -= weight) < 0)] ?? search;
    if (actor instanceof PartHelper) crowd.step(actor);
    else if (until(search) || !search.step()) break;
  }
  search.stop();
  for (let turn = 0; crowd.working.length > 0; turn++) {
    if (turn > 100_000) throw new Error('helpers go on after the search is over');
    crowd.working.forEach((helper) => crowd.step(helper));
  }
  return { search, crowd };
}
