/** The columns of a sweep's front: parameters and metrics, as tables and charts show them. */
import type { MetricName } from '../explore/sweep.ts';
import { METRICS } from '../explore/sweep.ts';
import { count, significant } from './format.ts';
import type { DesignReport, SweepReport } from './sweep.ts';
import type { Column } from './table.ts';

export function frontColumns(report: SweepReport): Column<DesignReport>[] {
  return [
    { header: 'design', align: 'right', cell: ({ id }) => count(id) },
    ...report.parameters.map((name): Column<DesignReport> => ({
      header: name,
      align: 'right',
      cell: ({ parameters }) => count(parameters[name]),
    })),
    ...shownMetrics(report).map((name): Column<DesignReport> => ({
      header: METRIC_TEXTS[name].header,
      align: 'right',
      cell: ({ metrics }) => significant(metrics[METRICS[name]] * METRIC_TEXTS[name].scale),
    })),
  ];
}

/** How a metric is shown: its name, the unit, and how many of that its own unit is. */
export interface MetricText {
  readonly header: string;
  readonly label: string;
  readonly unit: string;
  readonly scale: number;
}

export const METRIC_TEXTS: Readonly<Record<MetricName, MetricText>> = {
  energy: { header: 'uJ', label: 'energy', unit: 'uJ', scale: 1e-6 },
  latency: { header: 'ms', label: 'latency', unit: 'ms', scale: 1e3 },
  edp: { header: 'EDP Js', label: 'EDP', unit: 'J s', scale: 1 },
  ed2p: { header: 'ED2P Js2', label: 'ED2P', unit: 'J s2', scale: 1 },
  area: { header: 'mm2', label: 'area', unit: 'mm2', scale: 1e-6 },
  leakage: { header: 'leak mW', label: 'leakage', unit: 'mW', scale: 1e3 },
};

/** The objectives, and energy, latency and area where they say something. */
export function shownMetrics({ objectives, front }: SweepReport): MetricName[] {
  const names: MetricName[] = ['energy', 'latency', 'edp', 'ed2p', 'area', 'leakage'];
  const known = (name: MetricName): boolean =>
    name !== 'area' || front.some(({ metrics }) => metrics.areaUm2 > 0);
  return names.filter(
    (name) => objectives.includes(name) || (['energy', 'latency', 'area'].includes(name) && known(name)),
  );
}
