/** Where designs are mapped: in this thread, or in worker threads. */
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import type { Effort, Preview } from './mapper.ts';
import { DesignMapper } from './mapper.ts';
import { dominates } from './pareto.ts';
import { parseSweep } from './read-sweep.ts';
import type { Design, DesignRecord, Sweep, SweepSources } from './sweep.ts';
import { objectiveVector } from './sweep.ts';

/** Vectors of designs that are done; one that they beat need not be finished. */
export type Rivals = readonly (readonly number[])[];

export interface DesignResult {
  readonly record: DesignRecord;
  /** Layers searched and reused for this design. */
  readonly effort: Effort;
}

export interface DesignPool {
  readonly threads: number;
  /** Undefined where a rule excludes the design. */
  preview(designs: readonly Design[], thread: number): Promise<readonly (Preview | undefined)[]>;
  /** On a thread, from 0: each knows what it mapped itself. */
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
  // A pool for each thread: designs go where their neighbours went.
  const pools = Array.from(
    { length: threads },
    () =>
      new Pool<Task, unknown>({
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

export type Task =
  | { readonly kind: 'preview'; readonly designs: readonly Design[] }
  | { readonly kind: 'map'; readonly design: Design; readonly rivals: Rivals };

/** What one thread keeps between designs. */
export class DesignThread {
  readonly #sweep: Sweep;
  readonly #mapper: DesignMapper;

  constructor(sources: SweepSources) {
    this.#sweep = parseSweep(sources);
    this.#mapper = new DesignMapper(this.#sweep);
  }

  preview(designs: readonly Design[]): (Preview | undefined)[] {
    return designs.map((design) => this.#mapper.preview(design));
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    const before = { ...this.#mapper.effort };
    const record = await this.#mapper.map(design, (least) => {
      const vector = objectiveVector(this.#sweep, least);
      return rivals.some((rival) => dominates(rival, vector));
    });
    const { searched, reused } = this.#mapper.effort;
    return { record, effort: { searched: searched - before.searched, reused: reused - before.reused } };
  }
}

class InlineDesigns implements DesignPool {
  readonly threads = 1;
  readonly #thread: DesignThread;

  constructor(sources: SweepSources) {
    this.#thread = new DesignThread(sources);
  }

  async preview(designs: readonly Design[]): Promise<readonly (Preview | undefined)[]> {
    await setImmediate();
    return this.#thread.preview(designs);
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    // Signals and timers are heard between designs.
    await setImmediate();
    return this.#thread.map(design, rivals);
  }

  async close(): Promise<void> {
    // Nothing runs between calls.
  }
}

class WorkerDesigns implements DesignPool {
  readonly threads: number;
  readonly #workers: readonly Piscina<Task, unknown>[];

  constructor(workers: readonly Piscina<Task, unknown>[]) {
    this.#workers = workers;
    this.threads = workers.length;
  }

  async preview(designs: readonly Design[], thread: number): Promise<readonly (Preview | undefined)[]> {
    return (await this.#workers[thread].run({ kind: 'preview', designs })) as readonly (
      Preview | undefined
    )[];
  }

  async map(design: Design, rivals: Rivals, thread: number): Promise<DesignResult> {
    return (await this.#workers[thread].run({ kind: 'map', design, rivals })) as DesignResult;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.destroy()));
  }
}
