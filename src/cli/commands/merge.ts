/** `dse merge`: the front of a sweep whose shards ran on several machines. */
import { Command } from 'commander';
import { mergeSweeps } from '../../api/sweep.ts';
import { printSweep } from './sweep.ts';

interface Options {
  readonly csv?: string;
  readonly json?: true;
}

export function mergeCommand(): Command {
  return new Command('merge')
    .description('Joins the logs of one sweep, as dse sweep --shard wrote them, and prints the Pareto front')
    .argument('<logs...>', 'log files of the same sweep')
    .option('--csv <file>', 'write every design with its parameters and metrics')
    .option('--json', 'print one JSON object (schema dse.sweep-result/1) and nothing else')
    .action((logs: string[], options: Options) => printSweep(mergeSweeps(logs), options));
}
