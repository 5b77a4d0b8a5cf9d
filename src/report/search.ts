/** The report of a search: a row per distinct layer, their total, the front if one was asked for, how it was found. */
import type { Certificate } from '../search/certificate.ts';
import { count, jouleSeconds, microjoules, percent, plural, si, significant } from './format.ts';
import type { BestReport, LayerReport, SearchReport } from './json.ts';
import { notCostedLine } from './not-costed.ts';
import { renderTable } from './table.ts';
import type { Column, TableOptions } from './table.ts';

export interface SearchRow {
  readonly name: string;
  readonly count: string;
  readonly energyPj: number;
  readonly macs: number;
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly edpJs: number;
  readonly utilization: number;
  /** Tensors that stay on chip, if any may. */
  readonly resident?: string;
  readonly status: string;
}

export const LAYER_COLUMNS: readonly Column<SearchRow>[] = [
  { header: 'layer', align: 'left', cell: ({ name }) => name },
  { header: 'count', align: 'right', cell: (row) => row.count },
  { header: 'energy uJ', align: 'right', cell: ({ energyPj }) => microjoules(energyPj) },
  { header: 'pJ/MAC', align: 'right', expendable: 2, cell: (row) => significant(row.energyPj / row.macs, 3) },
  { header: 'cycles', align: 'right', cell: ({ cycles }) => count(cycles) },
  { header: 'latency', align: 'right', expendable: 1, cell: (row) => si(row.latencySeconds, 's') },
  { header: 'utilisation', align: 'right', cell: ({ utilization }) => percent(utilization) },
  { header: 'EDP J s', align: 'right', cell: ({ edpJs }) => jouleSeconds(edpJs) },
  { header: 'status', align: 'left', cell: ({ status }) => status },
];

const RESIDENT_COLUMN: Column<SearchRow> = {
  header: 'on chip',
  align: 'left',
  cell: ({ resident = '' }) => resident,
};

/** One row per distinct layer and, for more than one layer, the total over all of them. */
export function renderLayers(report: SearchReport, computeUnits: number, options: TableOptions): string {
  const rows = layerRows(report, computeUnits);
  const columns = report.residency ? LAYER_COLUMNS.toSpliced(2, 0, RESIDENT_COLUMN) : LAYER_COLUMNS;
  const emphasis = (row: SearchRow): ((line: string) => string) =>
    rows.indexOf(row) === report.layers.length ? options.style.bold : (line) => line;
  return renderTable(columns, rows, options, emphasis);
}

/** The layers in their order; behind them, if there are several, the total. */
export function layerRows(report: SearchReport, computeUnits: number): SearchRow[] {
  const rows = report.layers.map(layerRow);
  const layers = report.layers.reduce((sum, layer) => sum + layer.count, 0);
  return layers > 1 ? [...rows, totalRow(report, layers, computeUnits)] : rows;
}

/** Names with their values: sizes and totals. */
export function searchFacts(
  { layers, total }: SearchReport,
  computeUnits: number,
): (readonly [string, string])[] {
  const macs = layers.reduce((sum, layer) => sum + layer.count * layer.einsum.macs, 0);
  return [
    ['layers', count(layers.reduce((sum, layer) => sum + layer.count, 0))],
    ['MACs', count(macs)],
    ['energy', si(total.energyPj * 1e-12, 'J')],
    ['energy per MAC', `${significant(total.energyPj / macs, 3)} pJ`],
    ['latency', `${si(total.latencySeconds, 's')} (${count(total.cycles)} cycles)`],
    ['EDP', `${jouleSeconds(total.edpJs)} J s`],
    ['compute units', count(computeUnits)],
  ];
}

function layerRow({
  name,
  count: times,
  einsum,
  best,
  certificate,
  constraints = [],
}: LayerReport): SearchRow {
  const { energyPj, cycles, latencySeconds, edpJs, utilization } = best;
  const status = statusText(certificate);
  const figures = { energyPj, cycles, latencySeconds, edpJs, utilization };
  const resident = constraints.flatMap((rule) => rule.resident ?? []).join(' ');
  return { name, count: count(times), macs: einsum.macs, status, resident, ...figures };
}

function totalRow(report: SearchReport, layers: number, computeUnits: number): SearchRow {
  const macs = report.layers.reduce((sum, layer) => sum + layer.count * layer.einsum.macs, 0);
  const utilization = macs / (computeUnits * report.total.cycles);
  return { name: 'total', count: count(layers), macs, utilization, status: '', ...report.total };
}

function statusText({ status, gap }: Certificate): string {
  if (status === 'optimal') return 'optimal';
  if (status === 'bounded' && gap !== null) return `within ${Number((gap * 100).toPrecision(2))}%`;
  return gap === null ? 'best found' : `best found, gap ${percent(gap)}`;
}

/** The mappings no other one beats in every objective. */
export function renderFront(front: readonly BestReport[], options: TableOptions): string {
  const columns: Column<BestReport>[] = [
    { header: 'energy uJ', align: 'right', cell: ({ energyPj }) => microjoules(energyPj) },
    { header: 'cycles', align: 'right', cell: ({ cycles }) => count(cycles) },
    { header: 'latency', align: 'right', expendable: 1, cell: (row) => si(row.latencySeconds, 's') },
    { header: 'utilisation', align: 'right', cell: ({ utilization }) => percent(utilization) },
    { header: 'EDP J s', align: 'right', cell: ({ edpJs }) => jouleSeconds(edpJs) },
  ];
  return renderTable(columns, front, options);
}

/** How the result came about: shapes, mappings costed, time, what was thrown out before costing. */
export function renderEffort(report: SearchReport): string {
  const layers = report.layers.reduce((sum, layer) => sum + layer.count, 0);
  const visited = sumOf(report, ({ visited: mappings }) => mappings);
  const seconds = searchSeconds(report);
  const shapes = report.layers.length;
  const kind = report.residency ? 'distinct case' : 'distinct shape';
  const subject = shapes === layers ? '' : `${plural(shapes, kind)} of `;
  const costed = `${count(visited)} ${costedNoun(report)} costed in`;
  const time = `${significant(seconds, 3)} s`;
  const threads = `on ${plural(report.threads, 'thread')}`;
  const rate = significant(seconds > 0 ? (visited / seconds) * 1e-6 : 0, 3);
  const isLastOfSeveral = report.network !== undefined || report.residency !== undefined;
  const lines = [
    `${subject}${plural(layers, 'layer')} for ${report.network?.objective ?? report.objective}: ` +
      (isLastOfSeveral
        ? `${costed} the last of several searches, ${time} in all ${threads}`
        : `${costed} ${time} ${threads} (${rate} M/s)`),
    ...prunedLine(report, visited),
    ...networkLine(report),
    ...interLayerLine(report),
    ...residencyLines(report),
    ...unsolvedLine(report),
    ...leftOutLine(report),
  ];
  return lines.join('\n');
}

function networkLine(report: SearchReport): string[] {
  const { network } = report;
  if (!network) return [];
  const { objective, status, gap } = network;
  const proof =
    status === 'optimal' ? 'no choice of mappings has less' : `at most ${percent(gap)} above the least`;
  const product = objective === 'edp' || objective === 'ed2p' ? ', energy times delay of the totals' : '';
  const beside = report.residency ? ' and of what stays on chip' : '';
  return [`${objective} of the whole network${product}: ${proof.replace('mappings', `mappings${beside}`)}`];
}

function interLayerLine({ interLayer, notCosted }: SearchReport): string[] {
  if (!interLayer) return [];
  const { memory, written, read, all, shareOfEnergy } = interLayer;
  const bytes = (amount: number): string => si(amount, 'B');
  return [
    `between layers through ${memory}: ${bytes(written.bytes)} of outputs, ${bytes(read.bytes)} of inputs, of ` +
      `${bytes(all.bytes)} with weights: ${microjoules(written.energyPj + read.energyPj)} uJ, ` +
      `${percent(shareOfEnergy)} of the energy` +
      (notCosted ? '' : ' (additions, pooling and the like are not costed)'),
  ];
}

/** What stays, and what that gains over the same search without it. */
function residencyLines({ residency, total }: SearchReport): string[] {
  if (!residency) return [];
  const { memory, activations, without } = residency;
  const stay = activations.filter(({ resident }) => resident).length;
  const { interLayer: passed } = without;
  const before = passed ? ` ${si(passed.written.bytes + passed.read.bytes, 'B')} between layers,` : '';
  const able = activations.filter(({ reason }) => reason === undefined).length;
  const change = (from: number, to: number): string => {
    const share = to / from - 1;
    return `${share > 0 ? '+' : ''}${percent(share)}`;
  };
  return [
    `in ${memory} stay the outputs of ${stay} of ${plural(activations.length, 'layer')}` +
      ` (${activations.length - able} cannot): without that${before} ${microjoules(without.energyPj)} uJ, ` +
      `${si(without.latencySeconds, 's')}, ${jouleSeconds(without.edpJs)} J s; gain: ` +
      `energy ${change(without.energyPj, total.energyPj)}, latency ` +
      `${change(without.latencySeconds, total.latencySeconds)}, EDP ${change(without.edpJs, total.edpJs)}`,
  ];
}

/** Padding and explanations make searches of their own, which the counts leave out. */
function searchSeconds({ layers, seconds }: SearchReport): number {
  const hasMore = layers.some(({ padding, explain }) => (padding ?? explain) !== undefined);
  return hasMore ? layers.reduce((sum, layer) => sum + layer.seconds, 0) : seconds;
}

/** Dominance and bounds act on partial mappings: a search that used them never saw most mappings whole. */
function costedNoun(report: SearchReport): string {
  const cuts = sumOf(report, ({ pruned }) => pruned.dominated + pruned.bound);
  return cuts > 0 ? 'partial mappings' : 'mappings';
}

function prunedLine(report: SearchReport, visited: number): string[] {
  const kinds = ['capacity', 'fanout', 'constraints', 'dominated', 'bound'] as const;
  const amounts = kinds.map((kind) => [kind, sumOf(report, ({ pruned }) => pruned[kind])] as const);
  const pruned = amounts.reduce((sum, [, amount]) => sum + amount, 0);
  if (pruned === 0) return [];
  const shares = amounts
    .filter(([, amount]) => amount > 0)
    .map(([kind, amount]) => `${kind} ${percent(amount / (visited + pruned))}`);
  return [`candidates thrown out before costing: ${shares.join(', ')}`];
}

function unsolvedLine({ unsolved }: SearchReport): string[] {
  if (unsolved.length === 0) return [];
  const names = unsolved.map(({ name }) => name).join(', ');
  return [`not in the total, no mapping found: ${names} (${unsolved[0].reason})`];
}

function leftOutLine({ notCosted = [], layers }: SearchReport): string[] {
  if (notCosted.length === 0) return [];
  return [
    notCostedLine(
      notCosted,
      layers.reduce((sum, layer) => sum + layer.count * layer.einsum.macs, 0),
    ),
  ];
}

function sumOf(report: SearchReport, value: (certificate: Certificate) => number): number {
  return report.layers.reduce((sum, { certificate }) => sum + value(certificate), 0);
}
