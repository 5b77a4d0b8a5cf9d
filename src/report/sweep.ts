/** The report of a sweep: the JSON contract `dse.sweep-result/1`, a table of the front, CSV. */
import { parametersOf } from '../explore/designs.ts';
import type { FrontPoint } from '../explore/pareto.ts';
import { METRICS, type DesignRecord, type MetricName, type Metrics, type Sweep } from '../explore/sweep.ts';
import { packageVersion } from '../version.ts';
import { count, significant } from './format.ts';
import { renderTable } from './table.ts';
import type { Column, TableOptions } from './table.ts';

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
  const columns: Column<DesignReport>[] = [
    { header: 'design', align: 'right', cell: ({ id }) => count(id) },
    ...report.parameters.map((name): Column<DesignReport> => ({
      header: name,
      align: 'right',
      cell: ({ parameters }) => significant(parameters[name], 6),
    })),
    ...shownMetrics(report).map((name): Column<DesignReport> => ({
      header: HEADERS[name].title,
      align: 'right',
      cell: ({ metrics }) => significant(metrics[METRICS[name]] * HEADERS[name].scale),
    })),
  ];
  return renderTable(columns, report.front, options);
}

const HEADERS: Readonly<Record<MetricName, { readonly title: string; readonly scale: number }>> = {
  energy: { title: 'uJ', scale: 1e-6 },
  latency: { title: 'ms', scale: 1e3 },
  edp: { title: 'EDP Js', scale: 1 },
  ed2p: { title: 'ED2P Js2', scale: 1 },
  area: { title: 'mm2', scale: 1e-6 },
};

/** The objectives, and energy, latency and area where they say something. */
function shownMetrics({ objectives, front }: SweepReport): MetricName[] {
  const names: MetricName[] = ['energy', 'latency', 'edp', 'ed2p', 'area'];
  const known = (name: MetricName): boolean =>
    name !== 'area' || front.some(({ metrics }) => metrics.areaUm2 > 0);
  return names.filter(
    (name) => objectives.includes(name) || (name !== 'ed2p' && name !== 'edp' && known(name)),
  );
}

/** Every design that is done, one a line; metrics of those that were mapped. */
export function sweepCsv({ sweep, records }: SweepFound): string {
  const names = [...sweep.axes, ...sweep.derived].map(({ name }) => name);
  const metrics = ['energyPj', 'cycles', 'latencySeconds', 'edpJs', 'ed2pJs2', 'areaUm2'] as const;
  const lines = records
    .toSorted((a, b) => a.id - b.id)
    .map((record) => {
      const parameters = parametersOf(sweep, record.digits);
      const values = metrics.map((name) => (record.status === 'mapped' ? record.metrics[name] : ''));
      return [record.id, record.status, ...names.map((name) => parameters[name]), ...values].join();
    });
  return `${[['id', 'status', ...names, ...metrics].join(), ...lines].join('\n')}\n`;
}
