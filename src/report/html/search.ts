/** The HTML report of a search: totals, layers, energy, utilisation, roofline, and the nest of each layer. */
import type { Architecture } from '../../arch/architecture.ts';
import { computeUnits, instances, memories } from '../../arch/architecture.ts';
import { drawNest } from '../../mapping/draw.ts';
import type { Cost } from '../../model/cost.ts';
import type { Einsum } from '../../workload/einsum.ts';
import { renderExplanation } from '../explain.ts';
import { count, jouleSeconds, si, significant } from '../format.ts';
import type { Found, SearchReport } from '../json.ts';
import { LAYER_COLUMNS, layerRows, renderEffort } from '../search.ts';
import { plainStyle } from '../style.ts';
import { escapeHtml, htmlFacts, htmlPage, htmlTable } from './page.ts';

export interface SearchSubject {
  readonly report: SearchReport;
  readonly arch: Architecture;
  /** One for each layer of the report. */
  readonly found: readonly { readonly einsum: Einsum; readonly best: Found }[];
}

/** What the client draws beside the report. */
export interface SearchView {
  readonly layers: readonly LayerView[];
  readonly roof: Roof;
}

export interface LayerView {
  /** Parts of the layer's energy, outermost first; they add up to it. */
  readonly energy: readonly EnergyShare[];
  readonly nest: string;
  readonly explanation?: string;
  /** MACs per word that the outermost memory reads or writes; null if it moves none. */
  readonly macsPerWord: number | null;
  readonly macsPerCycle: number;
}

export interface EnergyShare {
  /** A memory, a network or the compute unit. */
  readonly part: string;
  /** A tensor by name and place in the Einsum, or leakage and -1; absent for networks and compute. */
  readonly tensor?: string;
  readonly tensorIndex?: number;
  readonly energyPj: number;
}

/** What the machine allows at most. */
export interface Roof {
  /** MACs per cycle if every unit works. */
  readonly macsPerCycle: number;
  /** The outermost memory, and the words per cycle it reads and writes at most; null: unlimited. */
  readonly memory: string;
  readonly wordsPerCycle: number | null;
}

export function searchPage({ report, arch, found }: SearchSubject): string {
  const view: SearchView = {
    layers: report.layers.map((layer, i) => ({
      ...layerView(arch, found[i].einsum, found[i].best),
      ...(layer.explain && { explanation: renderExplanation(layer.explain, PLAIN) }),
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

function layerView(arch: Architecture, einsum: Einsum, { mapping, cost }: Found): LayerView {
  const words = outermostWords(cost);
  return {
    energy: energyShares(arch, einsum, cost),
    nest: drawNest(mapping, arch, einsum),
    macsPerWord: words > 0 ? cost.computes / words : null,
    macsPerCycle: cost.computes / cost.cycles,
  };
}

/** Words over the outermost memory's ports, all instances. */
function outermostWords({ memories: [outermost], cycles }: Cost): number {
  const { bandwidth, utilizedInstances } = outermost;
  return (bandwidth.read + bandwidth.write) * cycles * utilizedInstances;
}

function roofOf(arch: Architecture): Roof {
  const [outermost] = memories(arch);
  const { name, bandwidth } = outermost;
  const ports = Math.min(bandwidth.shared, bandwidth.read + bandwidth.write);
  const words = ports * instances(arch, arch.nodes.indexOf(outermost));
  return {
    macsPerCycle: computeUnits(arch),
    memory: name,
    wordsPerCycle: words === Infinity ? null : words,
  };
}

function energyShares(arch: Architecture, einsum: Einsum, cost: Cost): EnergyShare[] {
  const shares: EnergyShare[] = [
    ...cost.memories.flatMap((memory) => [
      ...memory.tensors.map(({ energyPj }, t) => ({
        part: memory.name,
        tensor: einsum.tensors[t].name,
        tensorIndex: t,
        energyPj,
      })),
      { part: memory.name, tensor: 'leakage', tensorIndex: -1, energyPj: memory.leakPj },
    ]),
    ...cost.networks.map(({ name, energyPj }) => ({ part: name, energyPj })),
    { part: arch.compute.name, energyPj: cost.computeEnergyPj },
  ];
  return shares.filter(({ energyPj }) => energyPj > 0);
}

function titleOf({ arch, layers }: SearchReport): string {
  const shapes = layers.length === 1 ? layers[0].name : `${layers.length} distinct layers`;
  return `${shapes} on ${arch}`;
}

function subjectOf({ network, objective }: SearchReport): string {
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
${htmlFacts(factsOf(report, arch))}
<section><h2>Layers</h2>
${htmlTable(LAYER_COLUMNS, rows, layerButton)}
<p class="note">${escapeHtml(renderEffort(report)).replaceAll('\n', '<br>')}</p></section>
<section><h2>Energy and utilisation</h2><div id="legend"></div><div class="wide-narrow"><div id="energy"></div><div id="utilization"></div></div></section>
<section class="halves"><div><h2>Roofline</h2><div id="roofline"></div></div>
<div id="layer" aria-live="polite"></div></section>
<section id="explanation"></section>
</main>`;
}

function factsOf({ layers, total }: SearchReport, arch: Architecture): (readonly [string, string])[] {
  const macs = layers.reduce((sum, layer) => sum + layer.count * layer.einsum.macs, 0);
  return [
    ['layers', count(layers.reduce((sum, layer) => sum + layer.count, 0))],
    ['MACs', count(macs)],
    ['energy', si(total.energyPj * 1e-12, 'J')],
    ['energy per MAC', `${significant(total.energyPj / macs, 3)} pJ`],
    ['latency', `${si(total.latencySeconds, 's')} (${count(total.cycles)} cycles)`],
    ['EDP', `${jouleSeconds(total.edpJs)} J s`],
    ['compute units', count(computeUnits(arch))],
  ];
}
