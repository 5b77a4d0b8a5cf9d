/** A worker thread of the pool: runs the shards it is sent, or helps. Stops are messages, so no shared memory is needed. */
import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import { PartHelper } from '../search/exact/helper.ts';
import type { Helpers, Line } from '../search/helpers.ts';
import type { SearchProblem, Shard, ShardOutcome } from '../search/strategy.ts';
import { portLine } from './port-line.ts';
import { isTooLate, notStarted, REPORT_MS, sleep, WORTH_HELP_MS } from './shard-pool.ts';
import type { LiveProgress } from './shard-runner.ts';
import { ShardRunner } from './shard-runner.ts';

export interface Task {
  /** Tasks of one search have the same number: its space is built once per worker. */
  readonly search: number;
  readonly problem: SearchProblem;
  readonly shard: Shard;
  readonly module: WebAssembly.Module;
  readonly deadline: number;
  /** Takes `ToShard`, gives `FromShard`. */
  readonly port: MessagePort;
}

export type ToShard = { readonly kind: 'stop' } | { readonly kind: 'helper'; readonly port: MessagePort };

export type FromShard =
  | { readonly kind: 'progress'; readonly progress: LiveProgress }
  | { readonly kind: 'invite' }
  | { readonly kind: 'dismiss' };

export interface HelperTask {
  /** The helper's end of its line. */
  readonly port: MessagePort;
}

let current: { readonly search: number; readonly runner: ShardRunner } | undefined;

export async function runTask({
  search,
  problem,
  shard,
  module,
  deadline,
  port,
}: Task): Promise<ShardOutcome> {
  const caller = new Caller(port);
  if (caller.isStopped || isTooLate(shard, deadline)) return notStarted();
  if (current?.search !== search) current = { search, runner: new ShardRunner(problem, module) };
  const run = current.runner.run(shard, caller);
  let reported = Date.now();
  let stop = false;
  for (let next = run.next(false); ;) {
    if (next.done) return next.value;
    if (next.value.isWaiting) await sleep();
    const now = Date.now();
    if (now - reported >= REPORT_MS) {
      caller.report(next.value.progress());
      stop = caller.isStopped;
      reported = now;
    }
    next = run.next(stop || now >= deadline);
  }
}

/** Helps a search until it needs no more help. */
export async function help({ port }: HelperTask): Promise<void> {
  const helper = new PartHelper(portLine(port));
  for (let state = helper.step(); state !== 'over'; state = helper.step()) {
    if (state === 'waiting') await sleep();
  }
}

/** The thread that sent a task. */
class Caller implements Helpers {
  readonly worthMs = WORTH_HELP_MS;
  readonly #port: MessagePort;
  #stopped = false;
  #arrived: Line[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  get isStopped(): boolean {
    this.#listen();
    return this.#stopped;
  }

  report(progress: LiveProgress): void {
    tell(this.#port, { kind: 'progress', progress });
  }

  invite(): void {
    tell(this.#port, { kind: 'invite' });
  }

  dismiss(): void {
    tell(this.#port, { kind: 'dismiss' });
  }

  arrivals(): readonly Line[] {
    this.#listen();
    return this.#arrived.splice(0);
  }

  #listen(): void {
    for (let heard; (heard = receiveMessageOnPort(this.#port));) {
      const message = heard.message as ToShard;
      if (message.kind === 'stop') this.#stopped = true;
      else this.#arrived.push(portLine(message.port));
    }
  }
}

function tell(port: MessagePort, message: FromShard): void {
  port.postMessage(message);
}
