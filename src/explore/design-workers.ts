/** Designs on several workers, however these are called: what one of them learns, the others are told. */
import type { DesignPool } from './design-pool.ts';
import type { BoundResult, DesignResult, Rivals } from './design-thread.ts';
import { DesignThread } from './design-thread.ts';
import type { Learned, Preview } from './mapper.ts';
import type { Design, SweepSources } from './sweep.ts';

export type Work =
  | { readonly kind: 'preview'; readonly designs: readonly Design[] }
  | { readonly kind: 'bound'; readonly designs: readonly Design[]; readonly rivals: Rivals }
  | { readonly kind: 'map'; readonly design: Design; readonly rivals: Rivals };

export interface Task {
  readonly work: Work;
  /** What other workers learned since this one's last task. */
  readonly news: readonly Learned[];
}

export interface Answer {
  readonly result: readonly (Preview | undefined)[] | BoundResult | DesignResult;
  readonly learned: readonly Learned[];
}

/** How a worker of the sweep answers. */
export function taskRunner(sources: SweepSources): (task: Task) => Promise<Answer> {
  const learned: Learned[] = [];
  const thread = new DesignThread(sources, (one) => learned.push(one));
  return async ({ work, news }) => {
    thread.learn(news);
    const result = await workOn(thread, work);
    return { result, learned: learned.splice(0) };
  };
}

async function workOn(thread: DesignThread, work: Work): Promise<Answer['result']> {
  if (work.kind === 'preview') return thread.preview(work.designs);
  return work.kind === 'bound'
    ? thread.bound(work.designs, work.rivals)
    : thread.map(work.design, work.rivals);
}

/** One worker as its pool sees it. */
export interface DesignWorker {
  run(task: Task): Promise<Answer>;
  end(): Promise<void> | void;
}

export class WorkerDesigns implements DesignPool {
  readonly threads: number;
  readonly #workers: readonly DesignWorker[];
  /** By worker, what the others learned since its last task. */
  readonly #news: Learned[][];

  constructor(workers: readonly DesignWorker[]) {
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
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  /** What a worker knows decides how long a task takes, never what it finds. */
  async #run(work: Work, thread: number): Promise<Answer['result']> {
    const { result, learned } = await this.#workers[thread].run({
      work,
      news: this.#news[thread].splice(0),
    });
    this.#news.forEach((news, other) => {
      if (other !== thread) news.push(...learned);
    });
    return result;
  }
}
