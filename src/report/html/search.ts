/** The HTML report of a search: totals, layers, energy, utilisation, roofline, and the nest of each layer. */
import type { Architecture } from '../../arch/architecture.ts';
import { computeUnits } from '../../arch/architecture.ts';
import type { Einsum } from '../../workload/einsum.ts';
import { renderExplanation } from '../explain.ts';
import type { Found, SearchReport } from '../json.ts';
import { LAYER_COLUMNS, layerRows, renderEffort, searchFacts } from '../search.ts';
import { plainStyle } from '../style.ts';
import { escapeHtml, htmlFacts, htmlPage, htmlTable } from './page.ts';
import type { SearchView } from './search-view.ts';
import { mappingDrawing, mappingView, roofOf } from './search-view.ts';

export interface SearchSubject {
  readonly report: SearchReport;
  readonly arch: Architecture;
  /** One for each layer of the report. */
  readonly found: readonly LayerFound[];
}

export interface LayerFound {
  readonly einsum: Einsum;
  readonly best: Found;
  readonly front?: readonly Found[];
}

export function searchPage({ report, arch, found }: SearchSubject): string {
  const view: SearchView = {
    layers: report.layers.map((layer, i) => ({
      ...mappingView(arch, found[i].einsum, found[i].best),
      ...(layer.explain && { explanation: renderExplanation(layer.explain, PLAIN) }),
      ...(found[i].front && {
        front: found[i].front.map((one) => mappingDrawing(arch, found[i].einsum, one)),
      }),
    })),
    roof: roofOf(arch),
  };
  return htmlPage({
    title: titleOf(report),
    body: bodyOf(report, arch),
    data: { report, view },
    client: 'search',
  });
}

const PLAIN = { style: plainStyle, width: 110 };

function titleOf({ arch, layers }: SearchReport): string {
  const shapes = layers.length === 1 ? layers[0].name : `${layers.length} distinct layers`;
  return `${shapes} on ${arch}`;
}

function subjectOf({ network, objective, layers }: SearchReport): string {
  if (layers.some(({ front }) => front)) {
    const [first] = objective.split(',');
    return `The mappings of each layer that no other one beats in ${objective.replaceAll(',', ', ')}; layers and total show those with the least ${first}`;
  }
  if (network) return `The mappings with the least ${network.objective} of the totals over all layers`;
  return `The best mapping of each layer for ${objective}`;
}

function bodyOf(report: SearchReport, arch: Architecture): string {
  const rows = layerRows(report, computeUnits(arch));
  const layerButton = (text: string, index: number): string =>
    index < report.layers.length
      ? `<button type="button" data-layer="${index}">${escapeHtml(text)}</button>`
      : `<strong>${escapeHtml(text)}</strong>`;
  return `<header><h1>${escapeHtml(titleOf(report))}</h1>
<p>${escapeHtml(subjectOf(report))}. dse ${escapeHtml(report.version)}</p></header>
<main>
${htmlFacts(searchFacts(report, computeUnits(arch)))}
<section><h2>Layers</h2>
${htmlTable(LAYER_COLUMNS, rows, 'layers', layerButton)}
<p class="note">${escapeHtml(renderEffort(report)).replaceAll('\n', '<br>')}</p></section>
<section><h2>Energy and utilisation</h2><div id="legend"></div><div class="wide-narrow"><div id="energy"></div><div id="utilization"></div></div></section>
<section class="halves"><div><div id="pareto"></div><h2>Roofline</h2><div id="roofline"></div></div>
<div id="layer" aria-live="polite"></div></section>
<section id="machine" class="scroll" tabindex="0" aria-label="the machine with the mapping"></section>
<section id="explanation"></section>
</main>`;
}
