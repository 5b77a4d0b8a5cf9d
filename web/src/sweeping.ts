/** The small sweep of architecture A: its question, its run, its result. */
import { computed, signal } from '@preact/signals';
import type { EngineError, SweepProgress, Swept } from './engine.ts';
import { EngineError as Failed, sweep } from './engine.ts';
import type { Knob, Settings } from './knobs.ts';
import { knobValues, settingsOf } from './knobs.ts';
import type { Side } from './side.ts';

export interface SweepAxis {
  /** Key of a knob. */
  readonly knob: string;
  readonly from: number;
  readonly to: number;
  /** Values, both ends included. */
  readonly count: number;
}

/** Most designs of a sweep in the page. */
export const MOST_DESIGNS = 400;

/** One or two parameters. */
export const axes = signal<readonly SweepAxis[]>([]);
/** Two of energy, latency, edp, ed2p, area. */
export const sweepObjectives = signal<readonly string[]>(['energy', 'latency']);
export const sweepProgress = signal<SweepProgress | undefined>(undefined);
export const swept = signal<SweepResult | undefined>(undefined);
export const sweepFailure = signal<EngineError | undefined>(undefined);
export const isSweeping = signal(false);

export interface SweepResult extends Swept {
  /** The knob of each parameter, by the parameter's name. */
  readonly knobs: Readonly<Record<string, Knob>>;
}

let current: AbortController | undefined;

export const designs = computed(() => axes.value.reduce((product, { count }) => product * count, 1));

/** Sweeps what is asked; a sweep under way gives way to it. */
export async function runSweep(side: Side, layer: string, mapping: string): Promise<void> {
  current?.abort();
  const controller = new AbortController();
  current = controller;
  const isCurrent = (): boolean => current === controller;
  const knobs = knobsOf(side);
  const file = sweepFile(layer, mapping, knobs);
  isSweeping.value = true;
  sweepProgress.value = undefined;
  sweepFailure.value = undefined;
  try {
    const onProgress = (now: SweepProgress): void => {
      if (isCurrent()) sweepProgress.value = now;
    };
    const arch = { ...side.input.value, settings: without(side.settings.value) };
    const result = await sweep({ arch, sweep: file }, { signal: controller.signal, onProgress });
    if (isCurrent()) swept.value = { ...result, knobs };
  } catch (error) {
    if (isCurrent()) {
      swept.value = undefined;
      sweepFailure.value =
        error instanceof Failed ? error : new Failed({ kind: 'fault', text: String(error), diagnostics: [] });
    }
  } finally {
    if (isCurrent()) isSweeping.value = false;
  }
}

/** Ends the sweep with the designs done so far. */
export function stopSweep(): void {
  current?.abort();
}

/** By the name of their parameter. */
function knobsOf(side: Side): Record<string, Knob> {
  const known = side.machine.value?.knobs ?? [];
  return Object.fromEntries(
    axes.value.flatMap(({ knob }) => {
      const found = known.find(({ key }) => key === knob);
      return found ? [[parameterName(knob), found]] : [];
    }),
  );
}

/** What a `dse.sweep/1` file would say but for the architecture. */
export function sweepFile(
  network: string,
  mapping: string,
  knobs: Readonly<Record<string, Knob>>,
): Record<string, unknown> {
  const chosen = axes.value.filter(({ knob }) => parameterName(knob) in knobs);
  const parameters = chosen.map(({ knob, from, to, count }) => {
    const name = parameterName(knob);
    return [name, knobValues(knobs[name], from, to, count)];
  });
  const set = Object.entries(knobs).flatMap(([name, knob]) => Object.entries(settingsOf(knob, name)));
  return {
    schema: 'dse.sweep/1',
    name: network,
    network,
    parameters: Object.fromEntries(parameters),
    set: Object.fromEntries(set),
    mapping,
    objectives: sweepObjectives.value,
  };
}

/** A sweep's parameters are letters, digits and `_`. */
function parameterName(key: string): string {
  return key.replaceAll(/\W/g, '_');
}

/** What the axes vary is theirs. */
function without(settings: Settings): Settings {
  const varied = axes.value.map(({ knob }) => knob);
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !varied.includes(key)));
}
