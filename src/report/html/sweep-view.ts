/** What the charts of a sweep show, as plain data: every mapped design, and how the front grew. No markup. */
import { parametersOf } from '../../explore/designs.ts';
import { ParetoFront, hypervolume } from '../../explore/pareto.ts';
import type { DesignRecord, MetricName, Sweep } from '../../explore/sweep.ts';
import { METRICS, objectiveVector } from '../../explore/sweep.ts';
import type { MetricText } from '../sweep-columns.ts';
import { METRIC_TEXTS, shownMetrics } from '../sweep-columns.ts';
import type { SweepReport } from '../sweep.ts';

export interface SweepSubject {
  readonly report: SweepReport;
  readonly sweep: Sweep;
  /** In the order they were done. */
  readonly records: readonly DesignRecord[];
}

export interface SweepView {
  /** Names of what `rows` hold behind the design's number: parameters, then metrics in shown units. */
  readonly parameters: readonly string[];
  readonly metrics: readonly ShownMetric[];
  /** Places in `metrics` of what the front is drawn over. */
  readonly x: number;
  readonly y: number;
  /** Every mapped design: number, parameters, metrics. */
  readonly rows: readonly (readonly number[])[];
  readonly hypervolume: HypervolumeView;
}

export interface ShownMetric extends Pick<MetricText, 'label' | 'unit'> {
  readonly name: MetricName;
}

/** How the front grew. Pruned designs do not move it: they could not have been on it. */
export interface HypervolumeView {
  /** For each objective 1.1 times the worst mapped value, in shown units: the corner of the box. */
  readonly reference: readonly (ShownMetric & { readonly value: number })[];
  readonly points: readonly HypervolumePoint[];
}

/** Designs done so far, and the share of the box from the origin to the reference that their front dominates. */
export interface HypervolumePoint {
  readonly done: number;
  readonly share: number;
}

export function sweepView({ report, sweep, records }: SweepSubject): SweepView {
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
    hypervolume: hypervolumeView(sweep, records),
  };
}

/** Of the worst values: so that a design that is worst in one objective, or one that all designs share, still counts. */
const REFERENCE = 1.1;
/** Points of the curve at most: a volume of many objectives takes long. */
const MOST_POINTS = 200;

function hypervolumeView(sweep: Sweep, records: readonly DesignRecord[]): HypervolumeView {
  const mapped = records.flatMap((record) =>
    record.status === 'mapped' ? [objectiveVector(sweep, record.metrics)] : [],
  );
  const reference = sweep.objectives.map(
    (_, i) => REFERENCE * mapped.reduce((most, vector) => Math.max(most, vector[i]), 0) || 1,
  );
  const changes = [...growth(sweep, records)].length;
  const step = Math.ceil(changes / MOST_POINTS);
  const points: HypervolumePoint[] = [{ done: 0, share: 0 }];
  let change = 0;
  for (const { done, front } of growth(sweep, records)) {
    const isDrawn = ++change % step === 0 || change === changes;
    if (isDrawn)
      points.push({
        done,
        share: hypervolume(
          front.points.map(({ vector }) => vector),
          reference,
        ),
      });
  }
  const { share } = points[points.length - 1];
  return {
    reference: sweep.objectives.map((name, i) => {
      const { label, unit, scale } = METRIC_TEXTS[name];
      return { name, label, unit, value: reference[i] * scale };
    }),
    points: [...points, { done: records.length, share }],
  };
}

/** The front after each design that changed it. */
function* growth(
  sweep: Sweep,
  records: readonly DesignRecord[],
): Generator<{ readonly done: number; readonly front: ParetoFront }> {
  const front = new ParetoFront(sweep);
  for (const [i, record] of records.entries()) {
    if (record.status !== 'mapped' || front.beats(objectiveVector(sweep, record.metrics))) continue;
    front.offer(record, record.metrics);
    yield { done: i + 1, front };
  }
}
