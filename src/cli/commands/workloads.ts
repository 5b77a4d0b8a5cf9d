/** `dse workloads`: the shipped networks, or the layers of a selection with their shapes. */
import { Command } from 'commander';
import { count, si } from '../../report/format.ts';
import { einsumReport } from '../../report/json.ts';
import { renderTable } from '../../report/table.ts';
import { renderNotCosted } from '../../report/not-costed.ts';
import type { Column } from '../../report/table.ts';
import { distinctLayers } from '../../workload/distinct.ts';
import { macs, tensorWords } from '../../workload/einsum.ts';
import type { Einsum } from '../../workload/einsum.ts';
import { SELECTOR_GRAMMAR, loadWorkload } from '../../workload/select.ts';
import { LAYER_GRAMMAR } from '../../workload/shorthand.ts';
import type { Layer, Workload } from '../../workload/workload.ts';
import { listWorkloads } from '../../workload/zoo.ts';
import type { NetworkSummary } from '../../workload/zoo.ts';
import { parameterOption } from '../flags.ts';
import { layout, print } from '../terminal.ts';

interface Options {
  readonly param?: Readonly<Record<string, number>>;
  readonly distinct?: true;
}

export function workloadsCommand(): Command {
  return new Command('workloads')
    .description('Lists the networks that come with dse, or the layers of a selection with their shapes')
    .argument('[selector]', 'a network or a part of one: resnet50, resnet50.conv3, my-net.yaml, model.onnx')
    .addOption(parameterOption())
    .option('--distinct', 'merge layers of equal shape')
    .addHelpText('after', `\nSelectors:\n${SELECTOR_GRAMMAR}\n\nLayers:\n${LAYER_GRAMMAR}`)
    .action((selector: string | undefined, options: Options) => {
      if (selector === undefined) printNetworks();
      else printLayers(loadWorkload(selector, { params: options.param }), options);
    });
}

function printNetworks(): void {
  const columns: Column<NetworkSummary>[] = [
    { header: 'network', align: 'left', cell: ({ name }) => name },
    { header: 'parameters', align: 'left', cell: ({ parameters }) => parameterText(parameters) },
    { header: 'description', align: 'left', prose: true, cell: ({ description }) => description },
  ];
  print(renderTable(columns, listWorkloads(), layout()));
}

function parameterText(parameters: Readonly<Record<string, number>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function printLayers(workload: Workload, { distinct }: Options): void {
  const layers: readonly Layer[] = distinct ? distinctLayers(workload) : workload.layers;
  const columns: Column<Layer>[] = [
    { header: 'layer', align: 'left', cell: ({ name }) => name },
    { header: 'count', align: 'right', cell: (layer) => count(layer.count) },
    { header: 'MACs', align: 'right', cell: ({ einsum }) => count(macs(einsum)) },
    { header: 'weights', align: 'right', expendable: 1, cell: (layer) => words(layer, 'weights') },
    { header: 'inputs', align: 'right', expendable: 2, cell: (layer) => words(layer, 'inputs') },
    { header: 'outputs', align: 'right', expendable: 3, cell: (layer) => words(layer, 'outputs') },
    { header: 'dimensions', align: 'left', prose: true, cell: ({ einsum }) => shape(einsum) },
  ];
  print(renderTable(columns, layers, layout()));
  print(summary(layers));
  if (workload.notCosted?.length) {
    print(`\n${renderNotCosted(workload.notCosted, totalMacs(layers), layout())}`);
  }
}

/** Words of all tensors of one role. */
function words({ einsum }: Layer, role: 'weights' | 'inputs' | 'outputs'): string {
  const named = einsum.tensors.filter((tensor) => tensor.role === role);
  return count(named.reduce((sum, tensor) => sum + tensorWords(einsum, tensor), 0));
}

/** Bounds, then the indices that are not plain sums of dimensions: `P=28 R=3 (2P+R)` has stride 2. */
function shape(einsum: Einsum): string {
  const { dims, tensors } = einsumReport(einsum);
  const bounds = Object.entries(dims).map(([name, bound]) => `${name}=${bound}`);
  const indices = Object.values(tensors).flatMap(({ ranks }) => ranks.filter((rank) => /[-\d]/.test(rank)));
  const scaled = indices.length > 0 ? ` (${[...new Set(indices)].join(', ')})` : '';
  return `${bounds.join(' ')}${scaled}`;
}

function totalMacs(layers: readonly Layer[]): number {
  return layers.reduce((sum, { einsum, count: times }) => sum + times * macs(einsum), 0);
}

function summary(layers: readonly Layer[]): string {
  const runs = layers.reduce((sum, layer) => sum + layer.count, 0);
  const total = totalMacs(layers);
  return `${count(runs)} layer${runs === 1 ? '' : 's'}, ${total < 1e6 ? `${count(total)} MACs` : si(total, 'MAC')}`;
}
