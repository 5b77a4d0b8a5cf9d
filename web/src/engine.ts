/** The engine as the page sees it: promises of plain data. With its worker the only file that knows `dse/browser`. */
import { proxy, wrap } from 'comlink';
import type { BestReport, Diagnostic, RequestProgress, RequestStep } from 'dse/browser';
import type { Explained, ShownMapping, Subject, Swept } from './engine-views.ts';
import type {
  EngineWorker,
  Failure,
  Found,
  Names,
  Outcome,
  PageSearch,
  PageSweep,
  SweepProgress,
} from './engine-worker.ts';
import type { Machine } from './knobs.ts';
import type { ArchitectureInput, Converted, LayerChoice, TextFile } from './worker-inputs.ts';

export type { Explained, ShownMapping, ShownSearch, Subject, Swept } from './engine-views.ts';
export type { Found, Names, PageSearch, PageSweep, SweepProgress } from './engine-worker.ts';
export type { ArchitectureInput, Converted, LayerChoice, TextFile } from './worker-inputs.ts';

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

const thread = new Worker(new URL('./engine-worker.ts', import.meta.url), {
  type: 'module',
  name: 'dse engine',
});
const worker = wrap<EngineWorker>(thread);

/** Calls back if the engine's thread does not start or breaks: no promise is kept then. */
export function onBreakdown(tell: (reason: string) => void): void {
  thread.addEventListener('error', (event) => tell(event.message ?? ''));
}

let lastId = 0;

/** Names of what the package ships. */
export async function names(): Promise<Names> {
  return unwrapped(await worker.names());
}

/** Adds a file, or replaces it, that requests then name: `mine.yaml`. */
export async function writeFile(file: string, content: string | Uint8Array): Promise<void> {
  await worker.write(file, content);
}

/** What the inputs need to know of an architecture. Throws `EngineError` with every mistake in its text. */
export async function readMachine(input: ArchitectureInput): Promise<Machine> {
  return unwrapped(await worker.readMachine(input));
}

/** The file that a command line needs beside it; none for a shipped architecture as it is. */
export async function architectureFile(input: ArchitectureInput): Promise<TextFile | undefined> {
  return unwrapped(await worker.architectureFile(input));
}

/** The layers of a selector. Throws `EngineError`. */
export async function readLayers(selector: string): Promise<readonly LayerChoice[]> {
  return unwrapped(await worker.readLayers(selector));
}

/** Timeloop's files as ours. Throws `EngineError` with places in them. */
export async function fromTimeloop(files: readonly TextFile[]): Promise<Converted> {
  return unwrapped(await worker.fromTimeloop(files));
}

export interface Watch<Progress> {
  /** Aborting ends the work with what is known so far. */
  readonly signal?: AbortSignal;
  /** Several times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Throws `EngineError`. */
export function search(request: PageSearch, watch: Watch<RequestProgress> = {}): Promise<Found> {
  return watched(watch, (id, report) => worker.search(id, request, report));
}

/** Throws `EngineError`. */
export function sweep(request: PageSweep, watch: Watch<SweepProgress> = {}): Promise<Swept> {
  return watched(watch, (id, report) => worker.sweep(id, request, report));
}

/** Tells what each search of a changed machine asks. Throws `EngineError`. */
export function explain(subject: Subject, watch: Watch<RequestStep> = {}): Promise<Explained> {
  return watched(watch, (id, report) => worker.explain(id, subject, report));
}

/** A mapping of a front, drawn. Throws `EngineError`. */
export async function showMapping(subject: Subject, mapping: BestReport['mapping']): Promise<ShownMapping> {
  return unwrapped(await worker.showMapping(subject, mapping));
}

async function watched<T, Progress>(
  { signal, onProgress }: Watch<Progress>,
  start: (id: number, report: (progress: Progress) => void) => Promise<Outcome<T>>,
): Promise<T> {
  const id = ++lastId;
  const stop = (): void => void worker.stop(id);
  signal?.addEventListener('abort', stop);
  try {
    return unwrapped(
      await start(
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
