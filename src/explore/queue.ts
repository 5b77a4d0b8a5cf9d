/**
 * Designs on many machines: a queue in Redis or Valkey, by BullMQ. One process explores and adds designs, any number of
 * workers map them. A design whose worker dies is taken up by another; a design has one job, whoever asks for it.
 */
import { setImmediate } from 'node:timers/promises';
import { Job, Queue, QueueEvents, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Diagnostic } from '../spec/errors.ts';
import { InputError } from '../spec/errors.ts';
import { packageVersion } from '../version.ts';
import type { DesignPool } from './design-pool.ts';
import type { DesignResult, Rivals } from './design-thread.ts';
import { DesignThread } from './design-thread.ts';
import type { Preview } from './mapper.ts';
import { openDesignWorkers } from './node-workers.ts';
import { sweepDigest } from './read-sweep.ts';
import type { Design, SweepSources } from './sweep.ts';

const QUEUE = 'dse-sweep';
/** Designs on offer at once; more workers than that would idle. */
const OFFERED = 64;
const ATTEMPTS = 3;
/** A worker that says nothing for so long is dead. */
const LOCK_MS = 10_000;
const STALL_CHECK_MS = 2_000;
/** How often a design's job may lose its worker before something must be wrong with the design. */
const MOST_STALLS = 10;
const POLL_MS = 1_000;
const ANSWER_MS = 5_000;
/** A server that is started anew comes back within this time. */
const PATIENCE_MS = 60_000;

/** A sweep that nobody goes on with is forgotten. */
const KEPT_SECONDS = 30 * 24 * 3600;

interface JobData {
  readonly version: string;
  readonly digest: string;
  readonly design: Design;
  readonly rivals: Rivals;
}

/** What a job returns: a complaint about the design is a result, too. */
type JobResult = DesignResult | { readonly complaint: readonly Diagnostic[] };

/** Where the sweep's sources are kept for workers. */
function sourcesKey(digest: string): string {
  return `${QUEUE}:sources:${digest}`;
}

/** Throws `InputError` if no server answers at the address. */
async function connect(url: string): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url)) {
    throw new InputError({
      message: `'${url}' is not the address of a queue`,
      expected: 'redis://host:port',
    });
  }
  const probe = new Redis(url, { lazyConnect: true, connectTimeout: ANSWER_MS, retryStrategy: () => null });
  let reason = 'no answer';
  probe.on('error', (error) => (reason = error.message));
  try {
    await probe.connect();
    await probe.ping();
  } catch {
    throw new InputError({
      message: `no Redis or Valkey server answers at ${url}: ${reason}`,
      suggestion: 'start one (redis-server), or give its address',
    });
  } finally {
    probe.disconnect();
  }
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  connection.on('error', () => undefined);
  return connection;
}

/** A pool whose threads are the workers of a queue. */
export async function openQueue(sources: SweepSources, url: string): Promise<DesignPool> {
  const connection = await connect(url);
  const digest = sweepDigest(sources);
  await connection.set(sourcesKey(digest), JSON.stringify(sources), 'EX', KEPT_SECONDS);
  return new QueuedDesigns(connection, url, sources, digest);
}

interface Waiting {
  readonly data: JobData;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
}

class QueuedDesigns implements DesignPool {
  readonly threads = OFFERED;
  readonly #url: string;
  readonly #connection: Redis;
  readonly #listening: Redis;
  readonly #queue: Queue<JobData, JobResult>;
  readonly #events: QueueEvents;
  readonly #thread: DesignThread;
  readonly #digest: string;
  readonly #waiting = new Map<string, Waiting>();
  readonly #done: string[] = [];
  readonly #poll: NodeJS.Timeout;
  #answered = Date.now();

  constructor(connection: Redis, url: string, sources: SweepSources, digest: string) {
    this.#url = url;
    this.#connection = connection;
    this.#digest = digest;
    this.#thread = new DesignThread(sources);
    this.#queue = new Queue(QUEUE, { connection });
    this.#listening = connection.duplicate();
    this.#listening.on('error', () => undefined);
    this.#events = new QueueEvents(QUEUE, { connection: this.#listening });
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    this.#events.on('completed', ({ jobId }) => void this.#look(jobId).catch(() => undefined));
    this.#events.on('failed', ({ jobId }) => void this.#look(jobId).catch(() => undefined));
    this.#poll = setInterval(() => void this.#lookAround(), POLL_MS);
  }

  async preview(designs: readonly Design[]): Promise<readonly (Preview | undefined)[]> {
    await setImmediate();
    return this.#thread.preview(designs);
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    const data: JobData = { version: packageVersion(), digest: this.#digest, design, rivals };
    const id = `${this.#digest}-${design.id}`;
    const result = await new Promise<JobResult>((resolve, reject) => {
      this.#waiting.set(id, { data, resolve, reject });
      void this.#offer(id, data).catch(() => undefined);
    });
    this.#done.push(id);
    if ('complaint' in result) throw new InputError(result.complaint);
    return result;
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    // A server that is away must not keep the process.
    if (this.#waiting.size === 0) await withinTime(this.#tidy()).catch(() => undefined);
    await Promise.allSettled([withinTime(this.#events.close()), withinTime(this.#queue.close())]);
    this.#listening.disconnect();
    this.#connection.disconnect();
  }

  /** The log holds the results: jobs that are done can go. */
  async #tidy(): Promise<void> {
    await Promise.all(this.#done.map((id) => this.#queue.remove(id)));
  }

  /** Adds the design's job unless it is there. */
  async #offer(id: string, data: JobData): Promise<void> {
    await this.#queue.add('design', data, {
      jobId: id,
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: 500 },
    });
    await this.#look(id);
  }

  /** Settles a job that has ended; offers one that the server has lost. */
  async #look(id: string): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    const state = await this.#queue.getJobState(id);
    if (state === 'unknown') return this.#offer(id, waiting.data);
    if (state !== 'completed' && state !== 'failed') return;
    const job = await Job.fromId<JobData, JobResult>(this.#queue, id);
    if (!job) return;
    if (state === 'completed') return this.#settle(id, () => waiting.resolve(job.returnvalue));
    this.#settle(id, () => waiting.reject(new Error(`a worker failed on design ${id}: ${job.failedReason}`)));
    await job.remove();
  }

  #settle(id: string, end: () => void): void {
    if (this.#waiting.delete(id)) end();
  }

  /** Events may be lost while the server is away: every design on offer is looked at now and then. */
  async #lookAround(): Promise<void> {
    try {
      await withinTime(this.#connection.ping());
      this.#answered = Date.now();
      for (const id of this.#waiting.keys()) await withinTime(this.#look(id));
    } catch {
      if (Date.now() - this.#answered > PATIENCE_MS) this.#giveUp();
    }
  }

  #giveUp(): void {
    const seconds = PATIENCE_MS / 1000;
    const error = new InputError({
      message: `the queue at ${this.#url} has not answered for ${seconds} s`,
      suggestion: 'finished designs are in the log: start the server and use --resume',
    });
    for (const [id, { reject }] of this.#waiting) this.#settle(id, () => reject(error));
  }
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ANSWER_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export interface ServeOptions {
  readonly threads: number;
  /** Called after each design. */
  readonly onDesign?: (done: number) => void;
  /** Aborting ends the worker after the designs in flight. */
  readonly signal?: AbortSignal;
}

/**
 * Maps designs of a queue until it is aborted.
 *
 * @returns number of designs mapped
 * @throws InputError if no server answers at the address
 */
export async function serveQueue(url: string, { threads, onDesign, signal }: ServeOptions): Promise<number> {
  const connection = await connect(url);
  const pools = new Pools(connection, threads);
  let done = 0;
  const worker = new Worker<JobData, JobResult>(QUEUE, ({ data }) => pools.run(data), {
    connection,
    concurrency: threads,
    lockDuration: LOCK_MS,
    stalledInterval: STALL_CHECK_MS,
    maxStalledCount: MOST_STALLS,
  });
  worker.on('error', () => undefined);
  worker.on('completed', () => onDesign?.(++done));
  await new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  // Without a server there is nobody to tell of the designs in flight.
  const isAway = connection.status !== 'ready';
  await (isAway ? withinTime(worker.close(true)).catch(() => undefined) : worker.close());
  await pools.close();
  connection.disconnect();
  return done;
}

/** The threads of a worker, for the sweep it works on at present. */
class Pools {
  readonly #connection: Redis;
  readonly #free: number[];
  readonly #threads: number;
  #digest = '';
  #pool: Promise<DesignPool> | undefined;

  constructor(connection: Redis, threads: number) {
    this.#connection = connection;
    this.#threads = threads;
    this.#free = Array.from({ length: threads }, (_, thread) => thread);
  }

  async run({ version, digest, design, rivals }: JobData): Promise<JobResult> {
    if (version !== packageVersion()) {
      throw new UnrecoverableError(`the sweep is of version ${version}, this worker of ${packageVersion()}`);
    }
    if (digest !== this.#digest) this.#turnTo(digest);
    const pool = await this.#pool;
    const thread = this.#free.pop() ?? 0;
    try {
      return await (pool as DesignPool).map(design, rivals, thread);
    } catch (error) {
      const diagnostics = (error as Partial<InputError>).diagnostics;
      if (diagnostics) return { complaint: diagnostics };
      throw error;
    } finally {
      this.#free.push(thread);
    }
  }

  async close(): Promise<void> {
    await (await this.#pool)?.close();
  }

  #turnTo(digest: string): void {
    const old = this.#pool;
    this.#digest = digest;
    this.#pool = this.#open(digest);
    void old?.then((pool) => pool.close());
  }

  async #open(digest: string): Promise<DesignPool> {
    const text = await this.#connection.get(sourcesKey(digest));
    if (text === null) throw new UnrecoverableError('the queue does not hold the sweep of this design');
    return openDesignWorkers(JSON.parse(text) as SweepSources, this.#threads);
  }
}
