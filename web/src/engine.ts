/** The engine as the page sees it: promises of plain data. With its worker the only file that knows `dse/browser`. */
import { proxy, wrap } from 'comlink';
import type { BestReport, Diagnostic, ExploreProgress, RequestProgress, RequestStep } from 'dse/browser';
import type { Explained, ShownMapping, Subject, Swept } from './engine-views.ts';
import type { EngineWorker, Failure, Found, Names, Outcome, PageSearch, PageSweep } from './engine-worker.ts';

export type { Explained, ShownMapping, ShownSearch, Subject, Swept } from './engine-views.ts';
export type { Found, Names, PageSearch, PageSweep } from './engine-worker.ts';

/** What the engine refuses or did not reach; `message` has several lines. */
export class EngineError extends Error {
  readonly kind: Failure['kind'];
  readonly diagnostics: readonly Diagnostic[];

  constructor({ kind, text, diagnostics }: Failure) {
    super(text);
    this.kind = kind;
    this.diagnostics = diagnostics;
  }
}

const worker = wrap<EngineWorker>(
  new Worker(new URL('./engine-worker.ts', import.meta.url), { type: 'module', name: 'dse engine' }),
);

let lastWork = 0;

/** Names of what the package ships. */
export async function names(): Promise<Names> {
  return unwrapped(await worker.names());
}

/** Adds a file, or replaces it, that requests then name: `mine.yaml`. */
export async function writeFile(file: string, content: string | Uint8Array): Promise<void> {
  await worker.write(file, content);
}

export interface Watch<Progress> {
  /** Aborting ends the work with what is known so far. */
  readonly signal?: AbortSignal;
  /** Several times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Tells best, bound and gap. Throws `EngineError`. */
export function search(request: PageSearch, watch: Watch<RequestProgress> = {}): Promise<Found> {
  return watched(watch, (id, onProgress) => worker.search(id, request, onProgress));
}

/** Tells what each search of a changed machine asks. Throws `EngineError`. */
export function explain(subject: Subject, watch: Watch<RequestStep> = {}): Promise<Explained> {
  return watched(watch, (id, onStep) => worker.explain(id, subject, onStep));
}

/** Throws `EngineError`. */
export function sweep(request: PageSweep, watch: Watch<ExploreProgress> = {}): Promise<Swept> {
  return watched(watch, (id, onProgress) => worker.sweep(id, request, onProgress));
}

/** Pictures and figures of a front's mapping. Throws `EngineError`. */
export async function showMapping(subject: Subject, mapping: BestReport['mapping']): Promise<ShownMapping> {
  return unwrapped(await worker.showMapping(subject, mapping));
}

async function watched<T, Progress>(
  { signal, onProgress }: Watch<Progress>,
  work: (id: number, onProgress: (progress: Progress) => void) => Promise<Outcome<T>>,
): Promise<T> {
  const id = ++lastWork;
  const stop = (): void => void worker.stop(id);
  signal?.addEventListener('abort', stop);
  try {
    return unwrapped(
      await work(
        id,
        proxy((progress: Progress) => onProgress?.(progress)),
      ),
    );
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function unwrapped<T>(outcome: Outcome<T>): T {
  if ('failure' in outcome) throw new EngineError(outcome.failure);
  return outcome.value;
}
