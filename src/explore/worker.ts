/** A worker thread that maps designs; it keeps what it learns of their layers. */
import { workerData } from 'piscina';
import type { Answer, Task } from './design-workers.ts';
import { taskRunner } from './design-workers.ts';
import type { SweepSources } from './sweep.ts';

let run: ((task: Task) => Promise<Answer>) | undefined;

export function runTask(task: Task): Promise<Answer> {
  run ??= taskRunner(workerData as SweepSources);
  return run(task);
}
