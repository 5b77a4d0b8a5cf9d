/** The HTML report of a sweep: the Pareto front among all mapped designs, hypervolume, parallel coordinates. */
import type { DesignRecord } from '../../explore/sweep.ts';
import { METRIC_NAMES } from '../../explore/sweep.ts';
import { count } from '../format.ts';
import type { SweepReport } from '../sweep.ts';
import { METRIC_TEXTS, frontColumns } from '../sweep-columns.ts';
import { escapeHtml, htmlFacts, htmlPage, htmlTable } from './page.ts';
import type { SweepSubject, SweepView } from './sweep-view.ts';
import { sweepView } from './sweep-view.ts';

export function sweepPage({ report, sweep, records }: SweepSubject): string {
  const view = sweepView({ report, sweep, records });
  const title = `${report.name}: ${report.objectives.map((name) => labelOf(name)).join(', ')}`;
  return htmlPage({
    title,
    body: bodyOf(report, records, view, title),
    data: { report, view },
    client: 'sweep',
  });
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
${htmlTable(frontColumns(report), report.front, 'designs on the front', designButton)}</section>
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
