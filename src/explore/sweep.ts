/** What a sweep is: designs that differ in parameters, the networks they run, and what is best. How it is written: read-sweep.ts. */
import type { Path, YamlDocument } from '../spec/document.ts';
import type { SourcePosition } from '../spec/errors.ts';
import type { Source } from '../spec/source.ts';
import type { ObjectiveName } from '../search/objective.ts';
import type { DistinctLayer } from '../workload/workload.ts';

/** Totals over all layers, in pJ, cycles, seconds, J·s, J·s² and µm². Smaller is better. */
export interface Metrics {
  readonly energyPj: number;
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly edpJs: number;
  readonly ed2pJs2: number;
  readonly areaUm2: number;
}

/** Names of metrics in sweep files and on the command line. */
export const METRICS = {
  energy: 'energyPj',
  latency: 'latencySeconds',
  edp: 'edpJs',
  ed2p: 'ed2pJs2',
  area: 'areaUm2',
} as const satisfies Record<string, keyof Metrics>;
export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** A parameter with its values, in the order of the file. */
export interface Axis {
  readonly name: string;
  readonly values: readonly number[];
}

export interface Expression {
  readonly text: string;
  readonly position: SourcePosition;
}

/** A parameter that others determine. */
export interface Derived extends Expression {
  readonly name: string;
}

/** A value written into the architecture's file; what it says may name parameters. */
export interface Setting {
  readonly path: Path;
  readonly value: string | number;
  readonly position: SourcePosition;
}

/** A condition; lengths and other quantities in it are in base units already. */
export interface Rule extends Expression {
  readonly needs: 'parameters' | 'area' | 'mapping';
}

export type SamplerName = 'grid' | 'random' | 'sobol' | 'nsga2';
export const SAMPLER_NAMES: readonly SamplerName[] = ['grid', 'random', 'sobol', 'nsga2'];

/** Which designs of the grid are explored. */
export interface Sampling {
  readonly sampler: SamplerName;
  /** Designs at most; Infinity for the whole grid. */
  readonly designs: number;
  readonly seed: number;
  /** Designs of one generation; nsga2 alone. */
  readonly population: number;
}

export interface Network {
  readonly name: string;
  readonly layers: readonly DistinctLayer[];
}

/** Everything a sweep depends on, as plain data: what crosses to workers and what its digest covers. */
export interface SweepSources {
  readonly sweep: Source;
  readonly arch: Source;
  readonly networks: readonly Network[];
  readonly sampling: Sampling;
}

export interface Sweep {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly derived: readonly Derived[];
  readonly architecture: YamlDocument;
  readonly settings: readonly Setting[];
  readonly rules: readonly Rule[];
  readonly networks: readonly Network[];
  /** What each layer's mapping minimises. */
  readonly mapping: ObjectiveName;
  /** What the front trades off. */
  readonly objectives: readonly MetricName[];
  readonly sampling: Sampling;
}

/** A point of the grid: for each axis the index of its value. */
export type Digits = readonly number[];

export interface Design {
  /** Place in the order of the sampler, from 0. */
  readonly id: number;
  readonly digits: Digits;
}

/** What is known of a design. */
export type DesignRecord = {
  readonly id: number;
  readonly digits: Digits;
} & (
  | { readonly status: 'mapped'; readonly metrics: Metrics }
  /** Some rule forbids it. */
  | { readonly status: 'excluded' }
  /** A design on the front beats its lower bounds. */
  | { readonly status: 'pruned' }
  /** Some layer has no legal mapping. */
  | { readonly status: 'infeasible'; readonly reason: string }
);

/** Number of designs in the grid. */
export function gridSize({ axes }: Pick<Sweep, 'axes'>): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}

export function objectiveVector({ objectives }: Pick<Sweep, 'objectives'>, metrics: Metrics): number[] {
  return objectives.map((name) => metrics[METRICS[name]]);
}
