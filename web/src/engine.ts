/** The engine as the page sees it: promises of plain data. With its worker the only file that knows `dse/browser`. */
import { proxy, wrap } from 'comlink';
import type { Diagnostic, RequestProgress } from 'dse/browser';
import type { EngineWorker, Failure, Found, Names, Outcome, PageSearch } from './engine-worker.ts';

export type { Found, Names, PageSearch } from './engine-worker.ts';

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

let lastSearch = 0;

/** Names of what the package ships. */
export async function names(): Promise<Names> {
  return unwrapped(await worker.names());
}

/** Adds a file, or replaces it, that requests then name: `mine.yaml`. */
export async function writeFile(file: string, content: string | Uint8Array): Promise<void> {
  await worker.write(file, content);
}

export interface Watch {
  /** Aborting ends the search with the best found so far. */
  readonly signal?: AbortSignal;
  /** Best, bound and gap, several times a second. */
  readonly onProgress?: (progress: RequestProgress) => void;
}

/** Throws `EngineError`. */
export async function search(request: PageSearch, { signal, onProgress }: Watch = {}): Promise<Found> {
  const id = ++lastSearch;
  const stop = (): void => void worker.stop(id);
  signal?.addEventListener('abort', stop);
  try {
    const report = proxy((progress: RequestProgress) => onProgress?.(progress));
    return unwrapped(await worker.search(id, request, report));
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function unwrapped<T>(outcome: Outcome<T>): T {
  if ('failure' in outcome) throw new EngineError(outcome.failure);
  return outcome.value;
}
