/** Where designs are mapped: in this thread, or in worker threads. */
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import type { Effort, Learned, Preview } from './mapper.ts';
import { DesignMapper } from './mapper.ts';
import { dominates } from './pareto.ts';
import { parseSweep } from './read-sweep.ts';
import type { Design, DesignRecord, Metrics, Sweep, SweepSources } from './sweep.ts';
import { objectiveVector } from './sweep.ts';

/** Vectors of designs that are done; one that they beat need not be finished. */
export type Rivals = readonly (readonly number[])[];

export interface DesignResult {
  readonly record: DesignRecord;
  /** Layers searched and reused for this design. */
  readonly effort: Effort;
}

export interface BoundResult {
  /** For each design, metrics that it is not below. */
  readonly least: readonly Metrics[];
  readonly effort: Effort;
}

export interface DesignPool {
  readonly threads: number;
  /** Undefined where a rule excludes the design. */
  preview(designs: readonly Design[], thread: number): Promise<readonly (Preview | undefined)[]>;
  /** Bounds of designs of one structure, by searches that serve them all. */
  bound(designs: readonly Design[], rivals: Rivals, thread: number): Promise<BoundResult>;
  /** On a thread, from 0: each does one task at a time. */
  map(design: Design, rivals: Rivals, thread: number): Promise<DesignResult>;
  close(): Promise<void>;
}

/** Compiled beside this file; Node does not run the .ts source. */
const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export async function openDesignPool(sources: SweepSources, threads: number): Promise<DesignPool> {
  return threads <= 1 ? new InlineDesigns(sources) : openWorkerThreads(sources, threads);
}

/** Worker threads, be it one: the caller's own thread stays free. */
export async function openWorkerThreads(sources: SweepSources, threads: number): Promise<DesignPool> {
  const { Piscina: Pool } = await import('piscina');
  // A pool for each thread: what a thread is told, it knows in its next task.
  const pools = Array.from(
    { length: threads },
    () =>
      new Pool<Task, Answer>({
        filename: WORKER,
        name: 'runTask',
        minThreads: 1,
        maxThreads: 1,
        workerData: sources,
        atomics: 'disabled',
      }),
  );
  return new WorkerDesigns(pools);
}

export type Work =
  | { readonly kind: 'preview'; readonly designs: readonly Design[] }
  | { readonly kind: 'bound'; readonly designs: readonly Design[]; readonly rivals: Rivals }
  | { readonly kind: 'map'; readonly design: Design; readonly rivals: Rivals };

export type Task = Work & {
  /** What other threads learned since this one's last task. */
  readonly news: readonly Learned[];
};

export type TaskResult = readonly (Preview | undefined)[] | BoundResult | DesignResult;

export interface Answer {
  readonly result: TaskResult;
  readonly learned: readonly Learned[];
}

/** What one thread keeps between designs. */
export class DesignThread {
  readonly #sweep: Sweep;
  readonly #mapper: DesignMapper;

  /** @param onLearned is told of every search */
  constructor(sources: SweepSources, onLearned?: (learned: Learned) => void) {
    this.#sweep = parseSweep(sources);
    this.#mapper = new DesignMapper(this.#sweep, onLearned);
  }

  preview(designs: readonly Design[]): (Preview | undefined)[] {
    return designs.map((design) => this.#mapper.preview(design));
  }

  async bound(designs: readonly Design[], rivals: Rivals): Promise<BoundResult> {
    const [least, effort] = await this.#counted(() => this.#mapper.bound(designs, this.#isBeaten(rivals)));
    return { least, effort };
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    const [record, effort] = await this.#counted(() => this.#mapper.map(design, this.#isBeaten(rivals)));
    return { record, effort };
  }

  /** Does a task for another thread. */
  async run(task: Task): Promise<TaskResult> {
    this.#mapper.learn(task.news);
    if (task.kind === 'preview') return this.preview(task.designs);
    return task.kind === 'bound' ? this.bound(task.designs, task.rivals) : this.map(task.design, task.rivals);
  }

  #isBeaten(rivals: Rivals): (least: Metrics) => boolean {
    return (least) => {
      const vector = objectiveVector(this.#sweep, least);
      return rivals.some((rival) => dominates(rival, vector));
    };
  }

  async #counted<T>(task: () => Promise<T>): Promise<readonly [T, Effort]> {
    const before = { ...this.#mapper.effort };
    const done = await task();
    const { searched, reused } = this.#mapper.effort;
    return [done, { searched: searched - before.searched, reused: reused - before.reused }];
  }
}

class InlineDesigns implements DesignPool {
  readonly threads = 1;
  readonly #thread: DesignThread;

  constructor(sources: SweepSources) {
    this.#thread = new DesignThread(sources);
  }

  // Signals and timers are heard between tasks.
  async preview(designs: readonly Design[]): Promise<readonly (Preview | undefined)[]> {
    await setImmediate();
    return this.#thread.preview(designs);
  }

  async bound(designs: readonly Design[], rivals: Rivals): Promise<BoundResult> {
    await setImmediate();
    return this.#thread.bound(designs, rivals);
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    await setImmediate();
    return this.#thread.map(design, rivals);
  }

  async close(): Promise<void> {
    // Nothing runs between calls.
  }
}

class WorkerDesigns implements DesignPool {
  readonly threads: number;
  readonly #workers: readonly Piscina<Task, Answer>[];
  /** By thread, what the others learned since its last task. */
  readonly #news: Learned[][];

  constructor(workers: readonly Piscina<Task, Answer>[]) {
    this.#workers = workers;
    this.threads = workers.length;
    this.#news = workers.map(() => []);
  }

  async preview(designs: readonly Design[], thread: number): Promise<readonly (Preview | undefined)[]> {
    return (await this.#run({ kind: 'preview', designs }, thread)) as readonly (Preview | undefined)[];
  }

  async bound(designs: readonly Design[], rivals: Rivals, thread: number): Promise<BoundResult> {
    return (await this.#run({ kind: 'bound', designs, rivals }, thread)) as BoundResult;
  }

  async map(design: Design, rivals: Rivals, thread: number): Promise<DesignResult> {
    return (await this.#run({ kind: 'map', design, rivals }, thread)) as DesignResult;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.destroy()));
  }

  /** What a thread knows decides how long a task takes, never what it finds. */
  async #run(work: Work, thread: number): Promise<TaskResult> {
    const news = this.#news[thread].splice(0);
    const { result, learned } = await this.#workers[thread].run({ ...work, news });
    this.#news.forEach((others, other) => {
      if (other !== thread) others.push(...learned);
    });
    return result;
  }
}
