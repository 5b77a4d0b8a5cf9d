/** A worker thread that maps designs; it keeps what it learns of their layers. */
import { workerData } from 'piscina';
import type { DesignResult } from './design-thread.ts';
import { DesignThread } from './design-thread.ts';
import type { Preview } from './mapper.ts';
import type { Task } from './node-workers.ts';
import type { SweepSources } from './sweep.ts';

let thread: DesignThread | undefined;

export function runTask(task: Task): Promise<DesignResult> | (Preview | undefined)[] {
  thread ??= new DesignThread(workerData as SweepSources);
  return task.kind === 'preview' ? thread.preview(task.designs) : thread.map(task.design, task.rivals);
}
