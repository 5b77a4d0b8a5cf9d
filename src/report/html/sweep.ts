/** The HTML report of a sweep: the Pareto front among all mapped designs, hypervolume, parallel coordinates. */
import { parametersOf } from '../../explore/designs.ts';
import { ParetoFront, hypervolume } from '../../explore/pareto.ts';
import type { DesignRecord, MetricName, Sweep } from '../../explore/sweep.ts';
import { METRICS, METRIC_NAMES, objectiveVector } from '../../explore/sweep.ts';
import { count } from '../format.ts';
import type { MetricText, SweepReport } from '../sweep.ts';
import { METRIC_TEXTS, frontColumns, shownMetrics } from '../sweep.ts';
import { escapeHtml, htmlFacts, htmlPage, htmlTable } from './page.ts';

export interface SweepSubject {
  readonly report: SweepReport;
  readonly sweep: Sweep;
  /** In the order they were done. */
  readonly records: readonly DesignRecord[];
}

/** What the client draws beside the report. */
export interface SweepView {
  /** Names of what `rows` hold behind the design's number: parameters, then metrics in shown units. */
  readonly parameters: readonly string[];
  readonly metrics: readonly ShownMetric[];
  /** Places in `metrics` of what the front is drawn over. */
  readonly x: number;
  readonly y: number;
  /** Every mapped design: number, parameters, metrics. */
  readonly rows: readonly (readonly number[])[];
  readonly hypervolume: readonly HypervolumePoint[];
}

export interface ShownMetric extends Pick<MetricText, 'label' | 'unit'> {
  readonly name: MetricName;
}

/** Designs done so far, and the share of the box from the origin to 1.1 times the worst values that their front dominates. */
export interface HypervolumePoint {
  readonly done: number;
  readonly share: number;
}

export function sweepPage({ report, sweep, records }: SweepSubject): string {
  const view = viewOf({ report, sweep, records });
  const title = `${report.name}: ${report.objectives.map((name) => labelOf(name)).join(', ')}`;
  return htmlPage({
    title,
    body: bodyOf(report, records, view, title),
    data: { report, view },
    client: 'sweep',
  });
}

function viewOf({ report, sweep, records }: SweepSubject): SweepView {
  const names = shownMetrics(report);
  const [first, second = names.find((name) => name !== first) ?? first] = sweep.objectives;
  return {
    parameters: report.parameters,
    metrics: names.map((name) => ({ name, label: METRIC_TEXTS[name].label, unit: METRIC_TEXTS[name].unit })),
    x: names.indexOf(first),
    y: names.indexOf(second),
    rows: records.flatMap((record) => {
      if (record.status !== 'mapped') return [];
      const parameters = parametersOf(sweep, record.digits);
      const metrics = names.map((name) => record.metrics[METRICS[name]] * METRIC_TEXTS[name].scale);
      return [[record.id, ...report.parameters.map((name) => parameters[name]), ...metrics]];
    }),
    hypervolume: hypervolumes(sweep, records),
  };
}

/** Of the worst values: so that a design that is worst in one objective, or one that all designs share, still counts. */
const REFERENCE = 1.1;

/** A point for each design that raised it, and one for the last design. */
function hypervolumes(sweep: Sweep, records: readonly DesignRecord[]): HypervolumePoint[] {
  const vectors = records.map((record) =>
    record.status === 'mapped' ? objectiveVector(sweep, record.metrics) : undefined,
  );
  const reference = sweep.objectives.map(
    (_, i) => REFERENCE * vectors.reduce((most, vector) => Math.max(most, vector?.[i] ?? 0), 0),
  );
  const front = new ParetoFront(sweep);
  const points: HypervolumePoint[] = [];
  let share = 0;
  for (const [i, record] of records.entries()) {
    const vector = vectors[i];
    if (record.status === 'mapped' && vector && !front.beats(vector)) {
      front.offer(record, record.metrics);
      const raised = hypervolume(
        front.points.map((point) => point.vector),
        reference,
      );
      if (raised > share) points.push({ done: i + 1, share: raised });
      share = Math.max(share, raised);
    }
  }
  return [{ done: 0, share: 0 }, ...points, { done: records.length, share }];
}

function labelOf(name: string): string {
  const known = METRIC_NAMES.find((metric) => metric === name);
  return known ? METRIC_TEXTS[known].label : name;
}

function bodyOf(
  report: SweepReport,
  records: readonly DesignRecord[],
  { metrics, x, y }: SweepView,
  title: string,
): string {
  const designButton = (text: string, index: number): string =>
    `<button type="button" data-design="${report.front[index].id}">${escapeHtml(text)}</button>`;
  const axes = x === y ? metrics[x].label : `${metrics[y].label} over ${metrics[x].label}`;
  return `<header><h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(report.networks.join(', '))}, every layer of every design mapped for ${escapeHtml(report.mapping)}. dse ${escapeHtml(report.version)}</p></header>
<main>
${htmlFacts(factsOf(report, records))}
<section><h2>Pareto front: ${escapeHtml(axes)}</h2><div class="wide-narrow">
<div id="front"></div><aside id="design" aria-live="polite"></aside></div></section>
<section><h2>Parameters and metrics</h2><div id="parallel"></div></section>
<section><h2>Hypervolume</h2><div id="hypervolume"></div></section>
<section><h2>Designs on the front</h2>
${htmlTable(frontColumns(report), report.front, designButton)}</section>
</main>`;
}

function factsOf(report: SweepReport, records: readonly DesignRecord[]): (readonly [string, string])[] {
  const kinds = (['mapped', 'pruned', 'excluded', 'infeasible'] as const).map(
    (status) => [status, records.filter((record) => record.status === status).length] as const,
  );
  return [
    ['designs', count(report.designs)],
    ['done', count(report.done)],
    ...kinds.flatMap(([status, number]) => (number > 0 ? [[status, count(number)] as const] : [])),
    ['on the front', count(report.front.length)],
  ];
}
