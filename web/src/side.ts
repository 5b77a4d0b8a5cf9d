/** One architecture and what is found on it: the inputs of a side, its search, its result. */
import type { ReadonlySignal, Signal } from '@preact/signals';
import { computed, signal } from '@preact/signals';
import type { Diagnostic, RequestProgress } from 'dse/browser';
import type { ArchitectureInput, Found } from './engine.ts';
import { EngineError, readMachine, search } from './engine.ts';
import type { Machine, Settings } from './knobs.ts';
import { layer, layerFaults, objectiveValue, uneven } from './question.ts';

export interface Side {
  readonly id: 'a' | 'b';
  /** A shipped architecture, or the name of a file. */
  readonly name: Signal<string>;
  /** Of the file where it is not the shipped one's. */
  readonly text: Signal<string | undefined>;
  /** Values of knobs that are turned. */
  readonly settings: Signal<Settings>;
  /** As the engine takes it. */
  readonly input: ReadonlySignal<ArchitectureInput>;

  /** Of the file as last read; undefined before. */
  readonly machine: Signal<Machine | undefined>;
  /** What is wrong in the file. */
  readonly faults: Signal<readonly Diagnostic[]>;

  readonly isSearching: Signal<boolean>;
  /** Of the search under way. */
  readonly progress: Signal<RequestProgress | undefined>;
  /** Of the last search that ended; it stays while the next one runs. */
  readonly found: Signal<Found | undefined>;
  /** Why the last search found nothing; then `found` is undefined. */
  readonly failure: Signal<EngineError | undefined>;
  /** `found` answers an earlier question: the file or the layer cannot be read. */
  readonly isStale: ReadonlySignal<boolean>;

  /** Searches what is asked; a search under way gives way to it. */
  readonly run: () => Promise<void>;
  /** Ends the search with the best found so far. */
  readonly stop: () => void;
}

export function createSide(id: 'a' | 'b', first: string): Side {
  const name = signal(first);
  const text = signal<string | undefined>(undefined);
  const settings = signal<Settings>({});
  const input = computed(() => ({ name: name.value, text: text.value, settings: settings.value }));
  const machine = signal<Machine | undefined>(undefined);
  const faults = signal<readonly Diagnostic[]>([]);
  const isSearching = signal(false);
  const progress = signal<RequestProgress | undefined>(undefined);
  const found = signal<Found | undefined>(undefined);
  const failure = signal<EngineError | undefined>(undefined);
  const isStale = computed(() => faults.value.length > 0 || layerFaults.value.length > 0);
  let current: AbortController | undefined;

  async function read(isCurrent: () => boolean): Promise<void> {
    try {
      const known = await readMachine(input.value);
      if (!isCurrent()) return;
      machine.value = known;
      faults.value = [];
    } catch (error) {
      if (isCurrent()) faults.value = diagnosticsOf(error);
    }
  }

  async function find({ signal }: AbortController, isCurrent: () => boolean): Promise<void> {
    const request = {
      arch: input.value,
      layer: layer.value,
      objective: objectiveValue.value,
      uneven: uneven.value,
    };
    try {
      const onProgress = (now: RequestProgress): void => {
        if (isCurrent()) progress.value = now;
      };
      const result = await search(request, { signal, onProgress });
      if (!isCurrent()) return;
      found.value = result;
      failure.value = undefined;
    } catch (error) {
      // What is wrong in the inputs is said beside them; the last answer stays.
      if (!isCurrent() || isStale.value) return;
      failure.value = asEngineError(error);
      found.value = undefined;
    }
  }

  async function run(): Promise<void> {
    current?.abort();
    const controller = new AbortController();
    current = controller;
    const isCurrent = (): boolean => current === controller;
    isSearching.value = true;
    progress.value = undefined;
    // The engine answers in order: what is wrong in the file is known before its search fails.
    await Promise.all([read(isCurrent), find(controller, isCurrent)]);
    if (isCurrent()) isSearching.value = false;
  }

  const stop = (): void => current?.abort();
  return {
    id,
    name,
    text,
    settings,
    input,
    machine,
    faults,
    isSearching,
    progress,
    found,
    failure,
    isStale,
    run,
    stop,
  };
}

function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof EngineError && error.diagnostics.length > 0) return error.diagnostics;
  return [{ message: asEngineError(error).message }];
}

function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError({ kind: 'fault', text: String(error), diagnostics: [] });
}
