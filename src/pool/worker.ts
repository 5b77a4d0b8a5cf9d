/** A worker thread of the pool: runs the shards it is sent. Stops are messages, so no shared memory is needed. */
import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import { isTooLate, notStarted, REPORT_MS } from './shard-pool.ts';
import { ShardRunner } from './shard-runner.ts';

export interface Task {
  /** Tasks of one search have the same number: its space is built once per worker. */
  readonly search: number;
  readonly problem: SearchProblem;
  readonly shard: Shard;
  readonly module: WebAssembly.Module;
  readonly deadline: number;
  /** Receives anything to stop; sends live progress. */
  readonly port: MessagePort;
}

let current: { readonly search: number; readonly runner: ShardRunner } | undefined;

export function runTask({ search, problem, shard, module, deadline, port }: Task): ShardOutcome {
  const isStopped = (): boolean => receiveMessageOnPort(port) !== undefined;
  if (isStopped() || isTooLate(shard, deadline)) return notStarted();
  if (current?.search !== search) current = { search, runner: new ShardRunner(problem, module) };
  const run = current.runner.run(shard);
  let reported = Date.now();
  let stop = false;
  for (let next = run.next(false); ;) {
    if (next.done) return next.value;
    const now = Date.now();
    if (now - reported >= REPORT_MS) {
      port.postMessage(next.value());
      stop = isStopped();
      reported = now;
    }
    next = run.next(stop || now >= deadline);
  }
}
