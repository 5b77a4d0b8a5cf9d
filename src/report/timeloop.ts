/** The report of a mapping under the timeloop semantics: its counts as Timeloop names them, per level and network. */
import type { BufferResult, NetworkResult, TimeloopResult } from '../model/timeloop/result.ts';
import type { Problem } from '../timeloop/spec.ts';
import { count, microjoules, percent, significant } from './format.ts';
import type { Column, TableOptions } from './table.ts';
import { renderTable } from './table.ts';

interface Line {
  readonly heading: boolean;
  readonly cells: readonly string[];
}

export function renderTimeloop(problem: Problem, result: TimeloopResult, options: TableOptions): string {
  return [levels(problem, result, options), networks(problem, result, options), totals(result)].join('\n\n');
}

const LEVEL_HEADERS = [
  'level',
  'instances',
  'tile',
  'reads',
  'fills',
  'updates',
  'energy uJ',
  'cycles',
  'slowdown',
];

/** Counts per instance, energies of all. */
function levels(problem: Problem, { buffers }: TimeloopResult, options: TableOptions): string {
  const lines = buffers
    .toReversed()
    .flatMap((buffer) => [
      heading([
        buffer.name,
        count(buffer.utilizedInstances[0] ?? 0),
        '',
        '',
        '',
        '',
        microjoules(buffer.totalEnergy),
        count(buffer.cycles),
        significant(buffer.slowdown),
      ]),
      ...problem.dataspaces.flatMap(({ name }, d) =>
        buffer.keep[d] ? [dataspaceLine(name, buffer, d)] : [],
      ),
    ]);
  return table(LEVEL_HEADERS, lines, options);
}

function dataspaceLine(name: string, buffer: BufferResult, d: number): Line {
  const energy = buffer.energy[d] * buffer.utilizedInstances[d];
  const counts = [buffer.utilizedCapacity[d], buffer.reads[d], buffer.fills[d], buffer.updates[d]].map(count);
  return { heading: false, cells: [`  ${name}`, '', ...counts, microjoules(energy), '', ''] };
}

const NETWORK_HEADERS = [
  'network',
  'fanout',
  'multicast',
  'ingresses',
  'hops',
  'link transfers',
  'reductions',
  'energy uJ',
];

function networks(problem: Problem, result: TimeloopResult, options: TableOptions): string {
  const lines = result.networks
    .toReversed()
    .flatMap((network) => [
      heading([network.name, '', '', '', '', '', '', microjoules(network.totalEnergy)]),
      ...problem.dataspaces.flatMap(({ name }, d) =>
        network.ingresses[d].length > 0 ? [networkLine(name, network, d)] : [],
      ),
    ]);
  return table(NETWORK_HEADERS, lines, options);
}

function networkLine(name: string, network: NetworkResult, d: number): Line {
  const ingresses = network.ingresses[d].reduce((sum, { accesses }) => sum + accesses, 0);
  const counts = [network.fanout[d], network.multicastFactor[d], ingresses].map(count);
  const sums = [network.linkTransfers[d], network.spatialReductions[d]].map(count);
  return { heading: false, cells: [`  ${name}`, ...counts, significant(network.hops[d]), ...sums, ''] };
}

function heading(cells: readonly string[]): Line {
  return { heading: true, cells };
}

function table(headers: readonly string[], lines: readonly Line[], options: TableOptions): string {
  const columns = headers.map((header, i): Column<Line> => ({
    header,
    align: i === 0 ? 'left' : 'right',
    cell: ({ cells }) => cells[i],
  }));
  return renderTable(columns, lines, options, (line) => (line.heading ? options.style.bold : (text) => text));
}

function totals({ arithmetic, cycles, energy, utilization }: TimeloopResult): string {
  return [
    `computes     ${count(arithmetic.computes)}`,
    `energy       ${microjoules(energy)} uJ (${significant(energy / arithmetic.computes)} pJ per compute)`,
    `cycles       ${count(cycles)}`,
    `utilisation  ${percent(utilization)}`,
    "counts are Timeloop's, per instance; 'dse eval' without --semantics says what the hardware would move",
  ].join('\n');
}
