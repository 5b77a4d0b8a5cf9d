/** What is asked of every architecture alike: layers, objective, options. */
import { computed, signal } from '@preact/signals';
import type { Diagnostic, Objective } from 'dse/browser';
import type { LayerChoice } from './engine.ts';

export interface ObjectiveChoice {
  /** As `--objective` takes it. */
  readonly text: string;
  readonly label: string;
  readonly value: Objective;
}

export const OBJECTIVES: readonly ObjectiveChoice[] = [
  { text: 'edp', label: 'energy × delay', value: 'edp' },
  { text: 'energy', label: 'energy', value: 'energy' },
  { text: 'latency', label: 'latency', value: 'latency' },
  { text: 'ed2p', label: 'energy × delay²', value: 'ed2p' },
  { text: 'energy,latency', label: 'energy and latency: the front', value: ['energy', 'latency'] },
  {
    text: 'lex:latency,energy',
    label: 'least energy of the fastest',
    value: { lexicographic: ['latency', 'energy'] },
  },
  {
    text: 'lex:energy,latency',
    label: 'fastest of the least energy',
    value: { lexicographic: ['energy', 'latency'] },
  },
];

/** Selector or shorthand, as `--layer` takes it. */
export const layer = signal('resnet50.conv3');
/** Text of one of `OBJECTIVES`. */
export const objective = signal('edp');
export const uneven = signal(false);

/** The layers that `layer` selects, as last read. */
export const layers = signal<readonly LayerChoice[]>([]);
/** What is wrong with `layer`. */
export const layerFaults = signal<readonly Diagnostic[]>([]);

export const objectiveValue = computed(
  () => (OBJECTIVES.find(({ text }) => text === objective.value) ?? OBJECTIVES[0]).value,
);
