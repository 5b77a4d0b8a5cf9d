/** The report of one mapping's cost: tables per memory and network, the energy split, totals and the bottleneck. */
import { computeUnits, memories } from '../arch/architecture.ts';
import type { Architecture, Memory } from '../arch/architecture.ts';
import type { Cost, MemoryCost, NetworkCost, NetworkTensorCost, TensorCost } from '../model/cost.ts';
import { macs } from '../workload/einsum.ts';
import type { Einsum } from '../workload/einsum.ts';
import {
  busiestPort,
  describeEnergyLimit,
  describeLatencyLimit,
  energyParts,
  latencyLimit,
} from './bottleneck.ts';
import type { EnergyPart } from './bottleneck.ts';
import { brief, count, jouleSeconds, microjoules, percent, si, significant } from './format.ts';
import { renderTable } from './table.ts';
import type { Column, TableOptions } from './table.ts';

export interface EvalSubject {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly cost: Cost;
}

/** Everything `dse eval` prints below the nest. */
export function renderCost(subject: EvalSubject, options: TableOptions): string {
  const sections = [
    renderMemories(subject, options),
    ...(subject.cost.networks.length > 0 ? [renderNetworks(subject, options)] : []),
    renderBreakdown(subject, options),
    renderTotals(subject, options),
  ];
  return sections.join('\n\n');
}

interface Line {
  readonly name: string;
  readonly heading: boolean;
  readonly cells: Readonly<Record<string, string>>;
}

/** One block of lines per memory: the memory itself, then each tensor it keeps. */
export function renderMemories(subject: EvalSubject, options: TableOptions): string {
  const archMemories = memories(subject.arch);
  const lines = subject.cost.memories.flatMap((memory, index) => [
    memoryLine(archMemories[index], memory, subject.cost),
    ...memory.tensors.flatMap((tensor, t) =>
      tensor.kept ? [tensorLine(subject.einsum.tensors[t].name, tensor, subject.cost)] : [],
    ),
  ]);
  const columns = [
    nameColumn('memory'),
    column('instances', 3),
    column('tile', 0),
    column('capacity', 1),
    column('reads', 0),
    column('fills', 0),
    column('updates', 0),
    column('energy uJ', 0),
    column('share', 0),
    column('read/cycle', 4),
    column('write/cycle', 4),
    column('busiest port', 2),
    column('cycles', 0),
  ];
  return renderTable(columns, lines, options, headings(options));
}

function memoryLine(memory: Memory, cost: MemoryCost, total: Cost): Line {
  const port = busiestPort(memory, cost);
  const cells = {
    instances: `${count(cost.utilizedInstances)}/${count(cost.instances)}`,
    capacity: capacity(cost),
    'energy uJ': microjoules(cost.energyPj),
    share: percent(cost.energyPj / total.energyPj),
    'read/cycle': significant(cost.bandwidth.read, 3),
    'write/cycle': significant(cost.bandwidth.write, 3),
    'busiest port': port.offered === Infinity ? 'unlimited' : `${port.port} ${percent(port.share)}`,
    cycles: count(cost.cycles),
  };
  return { name: cost.name, heading: true, cells };
}

/** Words in use of the words tiles may use, and their share. */
function capacity({ usedWords, usableWords }: MemoryCost): string {
  if (usableWords === Infinity) return count(usedWords);
  return `${count(usedWords)} of ${count(usableWords)} (${percent(usedWords / usableWords)})`;
}

function tensorLine(name: string, tensor: TensorCost, total: Cost): Line {
  const cells = {
    tile: count(tensor.tileWords),
    reads: count(tensor.reads),
    fills: count(tensor.fills),
    updates: count(tensor.updates),
    'energy uJ': microjoules(tensor.energyPj),
    share: percent(tensor.energyPj / total.energyPj),
  };
  return { name: `  ${name}`, heading: false, cells };
}

/** One block of lines per network: from, to, then each tensor that crosses it. */
export function renderNetworks(subject: EvalSubject, options: TableOptions): string {
  const lines = subject.cost.networks.flatMap((network) => [
    networkLine(network, subject.cost),
    ...network.tensors.flatMap((tensor, t) =>
      tensor.distinct > 0 ? [networkTensorLine(subject.einsum.tensors[t].name, tensor, subject.cost)] : [],
    ),
  ]);
  const columns = [
    nameColumn('network'),
    column('words', 0),
    column('multicast', 0),
    column('merged', 1),
    column('hops', 0),
    column('energy uJ', 0),
    column('share', 0),
  ];
  return renderTable(columns, lines, options, headings(options));
}

function networkLine({ name, from, to, energyPj }: NetworkCost, total: Cost): Line {
  const cells = { 'energy uJ': microjoules(energyPj), share: percent(energyPj / total.energyPj) };
  return { name: `${name}: ${from} to ${to}`, heading: true, cells };
}

function networkTensorLine(name: string, tensor: NetworkTensorCost, total: Cost): Line {
  const cells = {
    words: count(tensor.distinct),
    multicast: significant(tensor.multicast),
    merged: count(tensor.spatialReductions),
    hops: count(tensor.hops),
    'energy uJ': microjoules(tensor.energyPj),
    share: percent(tensor.energyPj / total.energyPj),
  };
  return { name: `  ${name}`, heading: false, cells };
}

const BAR_WIDTH = 32;

/** Energy per component, outermost first, with a bar for each. */
export function renderBreakdown({ arch, cost }: EvalSubject, options: TableOptions): string {
  const columns: Column<EnergyPart>[] = [
    { header: 'energy by part', align: 'left', cell: ({ name }) => name },
    { header: 'uJ', align: 'right', cell: ({ energyPj }) => microjoules(energyPj) },
    { header: 'pJ/MAC', align: 'right', cell: ({ energyPj }) => significant(energyPj / cost.computes, 3) },
    { header: 'share', align: 'right', cell: ({ share }) => percent(share) },
    {
      header: '',
      align: 'left',
      expendable: 1,
      cell: ({ share }) => '█'.repeat(Math.round(share * BAR_WIDTH)),
    },
  ];
  return renderTable(columns, energyParts(arch, cost), options);
}

/** Totals, one a line, closing with what limits latency and what dominates energy. */
export function renderTotals({ arch, einsum, cost }: EvalSubject, { style }: TableOptions): string {
  const totals: readonly (readonly [string, string])[] = [
    ['MACs', count(macs(einsum))],
    ['energy', `${microjoules(cost.energyPj)} uJ (${significant(cost.energyPj / cost.computes)} pJ/MAC)`],
    ['cycles', count(cost.cycles)],
    ['latency', `${si(cost.latencySeconds, 's')} at ${si(arch.clockHz, 'Hz', brief)}`],
    ['utilisation', `${percent(cost.utilization)} of ${count(computeUnits(arch))} units`],
    ['EDP', `${jouleSeconds(cost.edpJs)} J s`],
    ...(cost.areaUm2 > 0 ? [['area', `${significant(cost.areaUm2 * 1e-6)} mm2`] as const] : []),
    ['bottleneck', `latency: ${describeLatencyLimit(latencyLimit(arch, cost))}`],
    ['', `energy: ${describeEnergyLimit(arch, einsum, cost)}`],
  ];
  return totals.map(([name, value]) => `${style.bold(name.padEnd(11))}  ${value}`).join('\n');
}

function nameColumn(header: string): Column<Line> {
  return { header, align: 'left', cell: ({ name }) => name };
}

function column(header: string, expendable: number): Column<Line> {
  return { header, align: 'right', expendable, cell: ({ cells }) => cells[header] ?? '' };
}

function headings({ style }: TableOptions): (line: Line) => (text: string) => string {
  return ({ heading }) => (heading ? style.bold : (text) => text);
}
