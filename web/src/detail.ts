/** What of a side's result is looked at: a layer, a mapping of its front, why it is the best. */
import type { ReadonlySignal } from '@preact/signals';
import { computed, signal } from '@preact/signals';
import type { RequestStep } from 'dse/browser';
import type { EngineError, Explained, Found, ShownMapping } from './engine.ts';
import { explain, showMapping } from './engine.ts';
import type { Side } from './side.ts';
import { chosenLayer } from './state.ts';

export type Explaining =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly step?: RequestStep }
  | { readonly state: 'done'; readonly explained: Explained }
  | { readonly state: 'failed'; readonly message: string };

export interface Detail {
  /** Place of the layer in the report. */
  readonly layer: ReadonlySignal<number>;
  /** Place of the mapping on the layer's front; -1 without one. */
  readonly mapping: ReadonlySignal<number>;
  /** That mapping, or the last one shown while it is drawn. */
  readonly shown: ReadonlySignal<ShownMapping | undefined>;
  readonly failure: ReadonlySignal<string>;
  readonly explaining: ReadonlySignal<Explaining>;
  readonly chooseMapping: (mapping: number) => Promise<void>;
  /** Asks why the layer's best mapping is the best. */
  readonly explain: () => Promise<void>;
  /** Ends the explanation with what is known. */
  readonly stop: () => void;
}

/** What was chosen or asked of one layer of one result: another result makes it void. */
interface About<T> {
  readonly found: Found;
  readonly layer: number;
  readonly value: T;
}

export function createDetail({ found }: Side): Detail {
  const layer = computed(() => {
    const names = found.value?.report.layers.map(({ name }) => name) ?? [];
    return Math.max(0, names.indexOf(chosenLayer.value));
  });
  const chosen = signal<About<{ readonly mapping: number; readonly shown?: ShownMapping }> | undefined>(
    undefined,
  );
  const failure = signal('');
  const answer = signal<About<Explaining> | undefined>(undefined);
  const own = <T>(about: About<T> | undefined): T | undefined =>
    about && about.found === found.value && about.layer === layer.value ? about.value : undefined;

  const mapping = computed(() => {
    const { best, front = [] } = found.value?.report.layers[layer.value] ?? {};
    const isBest = (other: typeof best): boolean =>
      other?.energyPj === best?.energyPj && other?.cycles === best?.cycles;
    return own(chosen.value)?.mapping ?? front.findIndex(isBest);
  });
  const shown = computed(() => own(chosen.value)?.shown ?? found.value?.shown.layers[layer.value]);
  const explaining = computed((): Explaining => {
    const asked = own(answer.value);
    if (asked) return asked;
    const made = found.value?.report.layers[layer.value]?.explain;
    return made ? { state: 'done', explained: { report: made, interrupted: false } } : { state: 'none' };
  });
  let current: AbortController | undefined;

  return {
    layer,
    mapping,
    shown,
    failure,
    explaining,
    async chooseMapping(next) {
      const of = found.value;
      if (!of) return;
      const about = { found: of, layer: layer.value };
      const { name, front = [] } = of.report.layers[about.layer];
      chosen.value = { ...about, value: { mapping: next, shown: shown.value } };
      try {
        const drawn = await showMapping({ request: of.request, layer: name }, front[next].mapping);
        failure.value = '';
        if (own(chosen.value)?.mapping === next)
          chosen.value = { ...about, value: { mapping: next, shown: drawn } };
      } catch (error) {
        failure.value = (error as EngineError).message;
      }
    },
    async explain() {
      const of = found.value;
      if (!of) return;
      current?.abort();
      const controller = new AbortController();
      current = controller;
      const about = { found: of, layer: layer.value };
      const say = (value: Explaining): void => {
        if (current === controller) answer.value = { ...about, value };
      };
      say({ state: 'running' });
      try {
        const subject = { request: of.request, layer: of.report.layers[about.layer].name };
        const onProgress = (step: RequestStep): void => say({ state: 'running', step });
        say({ state: 'done', explained: await explain(subject, { signal: controller.signal, onProgress }) });
      } catch (error) {
        say({ state: 'failed', message: (error as EngineError).message });
      }
    },
    stop: () => current?.abort(),
  };
}
