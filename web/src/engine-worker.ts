/** The engine's thread: all of `dse/browser` runs here, so that the page never waits. Plain data goes in and out. */
import { expose } from 'comlink';
import type {
  BestReport,
  Diagnostic,
  RequestProgress,
  RequestStep,
  SearchReport,
  SearchRequest,
} from 'dse/browser';
import {
  InfeasibleError,
  InputError,
  LimitError,
  drawArchitecture,
  listArchitectures,
  mappingToYaml,
  renderDiagnostics,
  search,
  searchReport,
  sweep,
  workloadNames,
  writeFile,
} from 'dse/browser';
import type { Explained, ShownMapping, ShownSearch, Subject, Swept } from './engine-views.ts';
import { explained, showMapping, shownSearch, swept } from './engine-views.ts';
import type { Machine } from './knobs.ts';
import type { ArchitectureInput, Converted, LayerChoice, TextFile } from './worker-inputs.ts';
import { archName, architectureFile, fromTimeloop, readLayers, readMachine } from './worker-inputs.ts';

export type PageSearch = Omit<
  SearchRequest,
  'arch' | 'layer' | 'signal' | 'onProgress' | 'onStep' | 'rules'
> & {
  readonly arch: ArchitectureInput;
  readonly layer: string;
};

/** A sweep file's content but for the architecture's name. */
export interface PageSweep {
  readonly arch: ArchitectureInput;
  readonly sweep: Readonly<Record<string, unknown>>;
}

export interface SweepProgress {
  readonly done: number;
  readonly designs: number;
  readonly front: number;
}

export interface Found {
  /** As `dse search --json` prints it. */
  readonly report: SearchReport;
  /** What was asked. */
  readonly request: PageSearch;
  /** The machine as text. */
  readonly machine: string;
  readonly shown: ShownSearch;
  /** Mapping file of each layer. */
  readonly mappings: readonly string[];
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

/** Work under way, by the page's numbers. */
const running = new Map<number, AbortController>();

const worker = {
  names: (): Promise<Outcome<Names>> =>
    guarded(() => ({ architectures: listArchitectures(), workloads: workloadNames() })),

  /** Adds a file that requests may name. */
  write: (file: string, content: string | Uint8Array): void => writeFile(file, content),

  search: (
    id: number,
    request: PageSearch,
    onProgress: (progress: RequestProgress) => void,
  ): Promise<Outcome<Found>> =>
    stoppable(id, async (signal) => {
      const arch = archName(request.arch);
      const outcome = await search({ ...request, arch, signal, onProgress });
      const { architecture, interrupted } = outcome.typed;
      return {
        report: searchReport(outcome),
        request,
        machine: drawArchitecture(architecture),
        shown: shownSearch(outcome),
        mappings: outcome.layers.map(({ typed }) =>
          mappingToYaml(typed.best.mapping, architecture, typed.einsum),
        ),
        interrupted,
      };
    }),

  /** A mapping of a front, drawn. */
  showMapping: (subject: Subject, mapping: BestReport['mapping']): Promise<Outcome<ShownMapping>> =>
    guarded(() => showMapping(subject, mapping)),

  /** Why a layer's best mapping is the best. */
  explain: (id: number, subject: Subject, onStep: (step: RequestStep) => void): Promise<Outcome<Explained>> =>
    stoppable(id, (signal) => explained(subject, signal, onStep)),

  sweep: (
    id: number,
    { arch, sweep: file }: PageSweep,
    onProgress: (progress: SweepProgress) => void,
  ): Promise<Outcome<Swept>> =>
    stoppable(id, async (signal) =>
      swept(await sweep({ sweep: { ...file, arch: archName(arch) }, signal, onProgress })),
    ),

  readMachine: (input: ArchitectureInput): Promise<Outcome<Machine>> => guarded(() => readMachine(input)),

  architectureFile: (input: ArchitectureInput): Promise<Outcome<TextFile | undefined>> =>
    guarded(() => architectureFile(input)),

  readLayers: (selector: string): Promise<Outcome<readonly LayerChoice[]>> =>
    guarded(() => readLayers(selector)),

  fromTimeloop: (files: readonly TextFile[]): Promise<Outcome<Converted>> =>
    guarded(() => fromTimeloop(files)),

  /** The work ends with what is known so far. */
  stop: (id: number): void => running.get(id)?.abort(),
};

function stoppable<T>(id: number, work: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
  const controller = new AbortController();
  running.set(id, controller);
  return guarded(() => work(controller.signal)).finally(() => running.delete(id));
}

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
