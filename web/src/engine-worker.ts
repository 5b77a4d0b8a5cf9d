/** The engine's thread: all of `dse/browser` runs here, so that the page never waits. Plain data goes in and out. */
import { expose } from 'comlink';
import type { Diagnostic, RequestProgress, SearchReport, SearchRequest } from 'dse/browser';
import {
  InfeasibleError,
  InputError,
  LimitError,
  drawArchitecture,
  drawNest,
  listArchitectures,
  listWorkloads,
  renderDiagnostics,
  search,
  searchReport,
  writeFile,
} from 'dse/browser';

export type PageSearch = Omit<
  SearchRequest,
  'arch' | 'layer' | 'signal' | 'onProgress' | 'onStep' | 'rules'
> & {
  readonly arch: string;
  readonly layer: string;
};

export interface Found {
  /** As `dse search --json` prints it. */
  readonly report: SearchReport;
  /** Text drawings: of the machine, and of each layer's loop nest. */
  readonly machine: string;
  readonly nests: readonly string[];
  /** Stopped before it was proved or spent. */
  readonly interrupted: boolean;
}

export interface Names {
  readonly architectures: readonly string[];
  readonly workloads: readonly string[];
}

/** What went wrong, as data: errors lose their classes between threads. */
export interface Failure {
  readonly kind: 'input' | 'infeasible' | 'limit' | 'fault';
  /** Several lines, with the place and a caret where there is one. */
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

export type Outcome<T> = { readonly value: T } | { readonly failure: Failure };

/** Searches under way, by the page's numbers. */
const running = new Map<number, AbortController>();

const worker = {
  names: (): Promise<Outcome<Names>> =>
    guarded(() => ({
      architectures: listArchitectures(),
      workloads: listWorkloads().map(({ name }) => name),
    })),

  /** Adds a file that requests may name. */
  write: (file: string, content: string | Uint8Array): void => writeFile(file, content),

  search: (
    id: number,
    request: PageSearch,
    onProgress: (progress: RequestProgress) => void,
  ): Promise<Outcome<Found>> =>
    guarded(async () => {
      const controller = new AbortController();
      running.set(id, controller);
      try {
        const outcome = await search({ ...request, signal: controller.signal, onProgress });
        const { architecture, interrupted } = outcome.typed;
        return {
          report: searchReport(outcome),
          machine: drawArchitecture(architecture),
          nests: outcome.layers.map(({ typed }) => drawNest(typed.best.mapping, architecture, typed.einsum)),
          interrupted,
        };
      } finally {
        running.delete(id);
      }
    }),

  /** The search ends with the best found so far. */
  stop: (id: number): void => running.get(id)?.abort(),
};

async function guarded<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof InputError) {
    const kind = error instanceof InfeasibleError ? 'infeasible' : 'input';
    return { kind, text: renderDiagnostics(error, { color: false }), diagnostics: error.diagnostics };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof LimitError ? 'limit' : 'fault', text, diagnostics: [] };
}

export type EngineWorker = typeof worker;

expose(worker);
