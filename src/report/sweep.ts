/** The report of a sweep: the JSON contract `dse.sweep-result/1`, a table of the front, CSV. */
import { parametersOf } from '../explore/designs.ts';
import type { FrontPoint } from '../explore/pareto.ts';
import type { DesignRecord, Metrics, Sweep } from '../explore/sweep.ts';
import { packageVersion } from '../version.ts';
import { frontColumns } from './sweep-columns.ts';
import { renderTable } from './table.ts';
import type { TableOptions } from './table.ts';

/**
 * What `dse sweep --json` and `dse merge --json` print; schema in `schemas/dse.sweep-result-1.schema.json`. It depends on
 * the sweep alone: not on threads, shards, interruptions or what was pruned.
 */
export interface SweepReport {
  readonly schema: 'dse.sweep-result/1';
  readonly name: string;
  /** Names of the networks whose totals are added. */
  readonly networks: readonly string[];
  /** What each layer's mapping minimises. */
  readonly mapping: string;
  readonly objectives: readonly string[];
  /** Names, the derived ones last. */
  readonly parameters: readonly string[];
  /** Designs of the sweep, and how many of them are done; fewer if it was interrupted or is a shard. */
  readonly designs: number;
  readonly done: number;
  /** All designs that no other beats, by the first objective. */
  readonly front: readonly DesignReport[];
  readonly version: string;
}

export interface DesignReport {
  /** As `dse sweep --design` takes it. */
  readonly id: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly metrics: Metrics;
}

export interface SweepFound {
  readonly sweep: Sweep;
  readonly designs: number;
  readonly records: readonly DesignRecord[];
  readonly points: readonly FrontPoint[];
}

export function sweepReport({ sweep, designs, records, points }: SweepFound): SweepReport {
  return {
    schema: 'dse.sweep-result/1',
    name: sweep.name,
    networks: sweep.networks.map(({ name }) => name),
    mapping: sweep.mapping,
    objectives: sweep.objectives,
    parameters: [...sweep.axes, ...sweep.derived].map(({ name }) => name),
    designs,
    done: records.length,
    front: points.map(({ id, digits, metrics }) => ({
      id,
      parameters: parametersOf(sweep, digits),
      metrics,
    })),
    version: packageVersion(),
  };
}

/** The front, one design a row. */
export function renderSweep(report: SweepReport, options: TableOptions): string {
  return renderTable(frontColumns(report), report.front, options);
}

/** Every design that is done, in the order of their numbers: columns of values, null where a design was not mapped. */
export interface SweepTable {
  readonly id: readonly number[];
  readonly status: readonly string[];
  /** Parameters, the derived ones last, then metrics. */
  readonly figures: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

const TABLE_METRICS = [
  'energyPj',
  'cycles',
  'latencySeconds',
  'edpJs',
  'ed2pJs2',
  'areaUm2',
  'leakageW',
] as const;

export function sweepTable({ sweep, records }: SweepFound): SweepTable {
  const sorted = records.toSorted((a, b) => a.id - b.id);
  const parameters = sorted.map(({ digits }) => parametersOf(sweep, digits));
  const names = [...sweep.axes, ...sweep.derived].map(({ name }) => name);
  return {
    id: sorted.map(({ id }) => id),
    status: sorted.map(({ status }) => status),
    figures: [
      ...names.map((name) => ({ name, values: parameters.map((own) => own[name]) })),
      ...TABLE_METRICS.map((name) => ({
        name,
        values: sorted.map((record) => (record.status === 'mapped' ? record.metrics[name] : null)),
      })),
    ],
  };
}

/** A line for the names, one for each design. */
export function sweepCsv(found: SweepFound): string {
  const { id, status, figures } = sweepTable(found);
  const lines = id.map((own, i) => [own, status[i], ...figures.map(({ values }) => values[i] ?? '')].join());
  return `${[['id', 'status', ...figures.map(({ name }) => name)].join(), ...lines].join('\n')}\n`;
}

/** A JSON object for each design, one a line. */
export function sweepJsonl(found: SweepFound): string {
  const { id, status, figures } = sweepTable(found);
  const lines = id.map((own, i) => {
    const values = figures.map(({ name, values: column }) => [name, column[i]]);
    return `${JSON.stringify({ id: own, status: status[i], ...Object.fromEntries(values) })}\n`;
  });
  return lines.join('');
}
