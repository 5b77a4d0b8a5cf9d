/** `sweep`: explores the designs of a sweep file; `mergeSweeps`: joins what several machines explored. */
import type { DesignPool } from '../explore/design-pool.ts';
import { architectureText, parametersOf } from '../explore/designs.ts';
import type { Shard } from '../explore/explore.ts';
import type { LogContent } from '../explore/log.ts';
import { SweepLog, expectSameSweep, readLog } from '../explore/log.ts';
import { ParetoFront } from '../explore/pareto.ts';
import { parseSweep } from '../explore/read-sweep.ts';
import type { SamplingOptions } from '../explore/read-sweep.ts';
import { designCount, sampleDesigns } from '../explore/samplers.ts';
import type { DesignRecord, SweepSources } from '../explore/sweep.ts';
import { sweepReport } from '../report/sweep.ts';
import { InputError } from '../spec/errors.ts';
import type { SweepOutcome, SweepRunRequest } from './sweep-run.ts';
import { runSweep, sourcesOf } from './sweep-run.ts';

export type { SweepOutcome } from './sweep-run.ts';

export interface SweepRequest extends SweepRunRequest {
  /** File that every finished design is added to. Default none. */
  readonly log?: string;
  /** Go on where the log ends. Without it a log that is there already is an error. */
  readonly resume?: boolean;
  /** This part of the designs alone. */
  readonly shard?: Shard;
  /** Address of a queue, `redis://host:port`: its workers (`dse worker`) map the designs instead. Same result. */
  readonly queue?: string;
}

/**
 * Maps every design of a sweep that may be on its front, each layer optimally, and reports the front.
 *
 * @throws InputError for anything wrong in the sweep, its architecture, its networks or its log
 */
export async function sweep(request: SweepRequest): Promise<SweepOutcome> {
  const sources = sourcesOf(request);
  const done = earlier(request, sources);
  const { queue, threads, shard, onProgress, signal } = request;
  const log = request.log === undefined ? undefined : new SweepLog(request.log, sources, done);
  try {
    return await runSweep(sources, {
      threads,
      openQueue: queue === undefined ? undefined : (own) => queued(own, queue),
      shard,
      done: done?.records,
      onRecord: (record) => log?.add(record),
      onProgress,
      signal,
    });
  } finally {
    log?.close();
  }
}

/** Loaded only where there is a queue. */
async function queued(sources: SweepSources, url: string): Promise<DesignPool> {
  const { openQueue } = await import('../explore/queue.ts');
  return openQueue(sources, url);
}

function earlier({ log, resume = false }: SweepRequest, sources: SweepSources): LogContent | undefined {
  if (log === undefined) return undefined;
  const content = readLog(log);
  if (!content || content.records.length === 0) return undefined;
  if (!resume) {
    throw new InputError({
      message: `the log '${log}' holds ${content.records.length} designs already`,
      suggestion: 'go on with --resume, or name another file with --log',
    });
  }
  expectSameSweep(log, content, sources);
  return content;
}

/**
 * The front of what several logs of one sweep hold.
 *
 * @throws InputError if one cannot be read, or is of another sweep
 */
export function mergeSweeps(files: readonly string[]): SweepOutcome {
  const [first, ...rest] = files.map((file) => ({ file, content: existing(file) }));
  if (!first)
    throw new InputError({ message: 'no log to merge', expected: 'files that dse sweep --log wrote' });
  for (const { file, content } of rest) expectSameSweep(file, content, first.content.sources);
  const own = parseSweep(first.content.sources);
  const records = distinct([first, ...rest].flatMap(({ content }) => content.records));
  const front = new ParetoFront(own);
  for (const record of records) if (record.status === 'mapped') front.offer(record, record.metrics);
  const found = { sweep: own, designs: designCount(own), records, points: front.points };
  const effort = {
    seconds: 0,
    threads: 0,
    designsDone: 0,
    designsBegun: 0,
    layersOfDesign: 0,
    layersSearched: 0,
    layersReused: 0,
  };
  return { ...sweepReport(found), typed: { sweep: own, records, effort, interrupted: false } };
}

function existing(file: string): LogContent {
  const content = readLog(file);
  if (content) return content;
  throw new InputError({ message: `'${file}' does not exist or is empty`, expected: 'the log of a sweep' });
}

function distinct(records: readonly DesignRecord[]): DesignRecord[] {
  const byId = new Map<number, DesignRecord>();
  // What one machine mapped another may have pruned: the figures count.
  for (const record of records) {
    if (byId.get(record.id)?.status !== 'mapped') byId.set(record.id, record);
  }
  return [...byId.values()];
}

/**
 * Text of the architecture file of one design, by its number.
 *
 * @throws InputError if the sweep has no such design; the designs of nsga2 are known to its log alone
 */
export function sweepDesign(
  request: Pick<SweepRequest, 'sweep' | 'log' | keyof SamplingOptions>,
  id: number,
): string {
  const own = parseSweep(sourcesOf(request));
  const bred = own.sampling.sampler === 'nsga2';
  const designs = bred ? existing(request.log ?? 'no log').records : sampleDesigns(own);
  const design = designs.find((one) => one.id === id);
  if (design) return architectureText(own, parametersOf(own, design.digits));
  throw new InputError({
    message: `${own.name} has no design ${id}`,
    expected: `0 to ${designs.length - 1}`,
  });
}
