/** A web worker that maps designs; it keeps what it learns of their layers. */
import { expose } from 'comlink';
import type { Answer, Task } from './design-workers.ts';
import { taskRunner } from './design-workers.ts';
import type { SweepSources } from './sweep.ts';

let runTask: ((task: Task) => Promise<Answer>) | undefined;

const worker = {
  /** Before anything else. */
  begin(sources: SweepSources): void {
    runTask = taskRunner(sources);
  },

  run(task: Task): Promise<Answer> {
    if (runTask) return runTask(task);
    throw new Error('the worker knows no sweep');
  },
};

export type SweepWorker = typeof worker;

expose(worker);
