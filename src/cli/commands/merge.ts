/** `dse merge`: the front of a sweep whose shards ran on several machines. */
import { Command } from 'commander';
import { mergeSweeps } from '../../api/sweep.ts';
import { checkSweepFiles, printSweep, withSweepOutputs } from './sweep.ts';
import type { SweepFiles } from './sweep.ts';

interface Options extends SweepFiles {
  readonly json?: true;
}

export function mergeCommand(): Command {
  const command = new Command('merge')
    .description('Joins the logs of one sweep, as dse sweep --shard wrote them, and prints the Pareto front')
    .argument('<logs...>', 'log files of the same sweep');
  return withSweepOutputs(command).action(async (logs: string[], options: Options) => {
    checkSweepFiles(options);
    await printSweep(mergeSweeps(logs), options);
  });
}
