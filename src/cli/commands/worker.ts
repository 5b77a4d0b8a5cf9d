/** `dse worker`: maps designs of a queue until it is told to stop. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { serveQueue } from '../../explore/queue.ts';
import { count } from '../../report/format.ts';
import { required, wholeNumber } from '../flags.ts';
import { interruptSignal } from '../interrupt.ts';
import { StatusLine } from '../status-line.ts';
import { print } from '../terminal.ts';

interface Options {
  readonly queue?: string;
  readonly threads?: number;
}

export function workerCommand(): Command {
  return new Command('worker')
    .description('Maps designs of a sweep that another machine explores (dse sweep --queue), until Ctrl-C')
    .option('--queue <address>', 'required: the queue, redis://host:port')
    .option('--threads <n>', 'designs at once (default all cores)', wholeNumber('--threads', 1, 1024))
    .action(run);
}

async function run({ queue, threads = availableParallelism() }: Options): Promise<void> {
  const url = required('--queue', queue, 'the address of a queue, such as --queue redis://localhost:6379');
  const status = new StatusLine(process.stderr);
  const { signal, release } = interruptSignal();
  try {
    const onDesign = (done: number): void => status.update(() => `${count(done)} designs`);
    const done = await serveQueue(url, { threads, signal, onDesign });
    status.clear();
    print(`${count(done)} designs`);
  } finally {
    release();
  }
}
