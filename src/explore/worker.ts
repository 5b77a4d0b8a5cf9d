/** A worker thread that maps designs; it keeps what it learns of their layers. */
import { workerData } from 'piscina';
import type { Answer, Task } from './design-pool.ts';
import { DesignThread } from './design-pool.ts';
import type { Learned } from './mapper.ts';
import type { SweepSources } from './sweep.ts';

const learned: Learned[] = [];
let thread: DesignThread | undefined;

export async function runTask(task: Task): Promise<Answer> {
  thread ??= new DesignThread(workerData as SweepSources, (one) => learned.push(one));
  const result = await thread.run(task);
  return { result, learned: learned.splice(0) };
}
