/** What the page as a whole knows: its two sides, what is shown, and its link. Views read signals; actions change them. */
import { batch, computed, signal } from '@preact/signals';
import type { Names } from './engine.ts';
import { EngineError, names, readLayers } from './engine.ts';
import type { Linked, LinkedArchitecture } from './link.ts';
import { OBJECTIVES, layer, layerFaults, layers, objective, uneven } from './question.ts';
import type { Side } from './side.ts';
import { createSide } from './side.ts';
import { axes, sweepObjectives } from './sweeping.ts';

export const a = createSide('a', 'eyeriss');
export const b = createSide('b', 'simba');
/** The second side is shown and searched. */
export const isComparing = signal(false);
export const sides = computed<readonly Side[]>(() => (isComparing.value ? [a, b] : [a]));

/** Names of what the package ships. */
export const shipped = signal<Names>({ architectures: [], workloads: [] });
/** Name of the layer whose details are shown; the first where no layer has it. */
export const chosenLayer = signal('');
/** What of it is shown, for views to say. */
export const tab = signal('');
/** What the page has to say of itself: a broken link, files converted. */
export const notice = signal<{ readonly kind: 'error' | 'note'; readonly text: string } | undefined>(
  undefined,
);

/** Between the last key and the search that answers it. */
const SETTLE_MS = 400;
/** Between two places of a slider: a frame. */
const DRAG_MS = 16;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Searches every side now. */
export function run(): void {
  clearTimeout(timer);
  void readLayer();
  for (const side of sides.value) void side.run();
}

/** Searches once the inputs settle. */
export function settle(): void {
  clearTimeout(timer);
  timer = setTimeout(run, SETTLE_MS);
}

export function stop(): void {
  for (const side of sides.value) side.stop();
}

/** Shows and searches the second side, or no longer. */
export function compare(isWanted: boolean): void {
  isComparing.value = isWanted;
  if (isWanted) void b.run();
  else b.stop();
}

/** Turns a knob; undefined sets it back to what the file says. */
export function turn(side: Side, key: string, value: number | undefined): void {
  const { [key]: _, ...others } = side.settings.value;
  side.settings.value = value === undefined ? others : { ...others, [key]: value };
  clearTimeout(timer);
  timer = setTimeout(() => void side.run(), DRAG_MS);
}

/** Another architecture: a shipped one by its name, or a file with its text. */
export function chooseArchitecture(side: Side, name: string, text?: string): void {
  batch(() => {
    side.name.value = name;
    side.text.value = text;
    side.settings.value = {};
  });
  run();
}

let lastRead = 0;

async function readLayer(): Promise<void> {
  const read = ++lastRead;
  try {
    const found = await readLayers(layer.value);
    if (read !== lastRead) return;
    layers.value = found;
    layerFaults.value = [];
  } catch (error) {
    if (read !== lastRead || !(error instanceof EngineError)) return;
    layerFaults.value = error.diagnostics.length > 0 ? error.diagnostics : [{ message: error.message }];
  }
}

/** Everything that makes the page what it is, for its link. */
export const linked = computed<Linked>(() => ({
  version: 1,
  a: linkedArchitecture(a),
  ...(isComparing.value && { b: linkedArchitecture(b) }),
  layer: layer.value,
  ...(objective.value !== 'edp' && { objective: objective.value }),
  ...(uneven.value && { uneven: true }),
  ...(axes.value.length > 0 && { sweep: { axes: axes.value, objectives: sweepObjectives.value } }),
  ...(chosenLayer.value !== '' && { shown: chosenLayer.value }),
  ...(tab.value !== '' && { tab: tab.value }),
}));

function linkedArchitecture({ name, text, settings }: Side): LinkedArchitecture {
  const isTurned = Object.keys(settings.value).length > 0;
  return {
    name: name.value,
    ...(text.value !== undefined && { text: text.value }),
    ...(isTurned && { settings: settings.value }),
  };
}

/** The page as its link says. */
export function open(link: Linked): void {
  batch(() => {
    openSide(a, link.a);
    if (link.b) openSide(b, link.b);
    isComparing.value = link.b !== undefined;
    layer.value = link.layer;
    objective.value = OBJECTIVES.find(({ text }) => text === link.objective)?.text ?? 'edp';
    uneven.value = link.uneven ?? false;
    axes.value = link.sweep?.axes ?? [];
    if (link.sweep?.objectives.length === 2) sweepObjectives.value = link.sweep.objectives;
    chosenLayer.value = link.shown ?? '';
    tab.value = link.tab ?? '';
  });
  run();
}

function openSide(side: Side, { name, text, settings = {} }: LinkedArchitecture): void {
  side.name.value = name;
  side.text.value = text;
  side.settings.value = settings;
}

export async function loadNames(): Promise<void> {
  shipped.value = await names();
}
