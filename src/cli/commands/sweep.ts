/** `dse sweep`: the designs of a sweep file that no other beats, each layer mapped optimally. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { sweepHtml } from '../../api/html.ts';
import { sweep, sweepDesign } from '../../api/sweep.ts';
import type { SweepOutcome, SweepRequest } from '../../api/sweep.ts';
import { nothingLeft } from '../../explore/nothing-left.ts';
import type { Shard } from '../../explore/explore.ts';
import type { SamplerName } from '../../explore/sweep.ts';
import { SAMPLER_NAMES } from '../../explore/sweep.ts';
import { count, plural, significant } from '../../report/format.ts';
import { withoutTyped } from '../../report/json.ts';
import { renderSweep, sweepCsv, sweepJsonl } from '../../report/sweep.ts';
import { InputError } from '../../spec/errors.ts';
import { choice, wholeNumber } from '../flags.ts';
import { interruptSignal } from '../interrupt.ts';
import { checkFolders, writeOutput } from '../output-file.ts';
import { sweepText } from '../progress-text.ts';
import { StatusLine } from '../status-line.ts';
import { layout, print, printJson } from '../terminal.ts';

interface Options extends SweepFiles {
  readonly strategy?: SamplerName;
  readonly designs?: number;
  readonly seed?: number;
  readonly population?: number;
  readonly log?: string | false;
  readonly resume?: true;
  readonly shard?: Shard;
  readonly threads?: number;
  readonly queue?: string;
  readonly design?: number;
  readonly json?: true;
}

/** Files that `dse merge` writes, too. */
export interface SweepFiles {
  readonly html?: string;
  readonly csv?: string;
  readonly jsonl?: string;
  readonly parquet?: string;
}

export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description('Explores the designs of a sweep file and prints the Pareto front')
    .argument('<file>', 'the sweep (schema dse.sweep/1): parameters, what they set, networks, objectives')
    .option(
      '--strategy <name>',
      `${SAMPLER_NAMES.join(', ')}: which designs (default grid)`,
      choice('--strategy', SAMPLER_NAMES),
    )
    .option(
      '--designs <n>',
      'designs at most (default: the whole grid, or 1000)',
      wholeNumber('--designs', 1),
    )
    .option('--seed <n>', 'start of the random numbers (default 1)', wholeNumber('--seed', 0, 2 ** 32 - 1))
    .option(
      '--population <n>',
      'nsga2: designs of a generation (default 32)',
      wholeNumber('--population', 4, 10_000),
    )
    .option(
      '--log <file>',
      'add every finished design to this file (default: the name of the sweep with .log.jsonl)',
    )
    .option('--no-log', 'keep no log: an interrupted sweep is then lost')
    .option('--resume', 'go on where the log ends')
    .option('--shard <i/n>', 'this part of the designs alone; join the logs with dse merge', shard)
    .option('--threads <n>', 'worker threads (default all cores)', wholeNumber('--threads', 1, 1024))
    .option(
      '--queue <address>',
      'let the workers of a queue map the designs: redis://host:port (see dse worker)',
    )
    .option(
      '--design <id>',
      "print this design's architecture file, and nothing else",
      wholeNumber('--design', 0),
    );
  return withSweepOutputs(command).action(run);
}

export function withSweepOutputs(command: Command): Command {
  return command
    .option('--html <file>', 'write a page that shows the front and every design; it needs no network')
    .option('--csv <file>', 'write every design with its parameters and metrics')
    .option('--jsonl <file>', 'the same, a JSON object a line')
    .option('--parquet <file>', 'the same as a Parquet file')
    .option('--json', 'print one JSON object (schema dse.sweep-result/1) and nothing else');
}

function shard(text: string): Shard {
  const [, index, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of) return { index, of };
  throw new InputError({
    message: `--shard: '${text}' is not valid here`,
    expected: 'I/N with I from 1 to N, such as 2/8',
  });
}

async function run(file: string, options: Options): Promise<void> {
  const { strategy: sampler, designs, seed, population, resume, threads } = options;
  const request = { sweep: file, sampler, designs, seed, population };
  const log = options.log === false ? undefined : (options.log ?? defaultLog(file, options.shard));
  if (options.design !== undefined) return print(sweepDesign({ ...request, log }, options.design).trimEnd());
  checkSweepFiles(options);
  const outcome = await explored({
    ...request,
    log,
    resume,
    shard: options.shard,
    threads,
    queue: options.queue,
  });
  await printSweep(outcome, options, log);
}

function defaultLog(file: string, part: Shard | undefined): string {
  const suffix = part ? `.${part.index}-of-${part.of}` : '';
  return `${basename(file).replace(/\.ya?ml$/, '')}${suffix}.log.jsonl`;
}

async function explored(request: SweepRequest): Promise<SweepOutcome> {
  const status = new StatusLine(process.stderr);
  const { signal, release } = interruptSignal();
  try {
    return await sweep({
      ...request,
      signal,
      onProgress: (progress) => status.update(() => sweepText(progress)),
    });
  } finally {
    status.clear();
    release();
  }
}

/** Throws `InputError` before a long sweep whose files could not be written at its end. */
export function checkSweepFiles({ html, csv, jsonl, parquet }: SweepFiles): void {
  checkFolders({ html, csv, jsonl, parquet });
}

/** What `dse merge` prints and writes, too. */
export async function printSweep(
  outcome: SweepOutcome,
  options: SweepFiles & Pick<Options, 'json'>,
  log?: string,
): Promise<void> {
  try {
    await writeFiles(outcome, options);
  } finally {
    // What was found must not be lost because a file cannot be written.
    printOutcome(outcome, options, log);
  }
}

function printOutcome(outcome: SweepOutcome, { json }: Pick<Options, 'json'>, log?: string): void {
  const { sweep: own, records } = outcome.typed;
  const isBarren = records.length === outcome.designs && outcome.front.length === 0;
  if (json) printJson(withoutTyped(outcome));
  else if (!isBarren) print(renderSweep(outcome, layout()));
  if (!json) process.stderr.write(`${effortText(outcome, log)}\n`);
  if (isBarren) throw nothingLeft(own, records);
}

async function writeFiles(outcome: SweepOutcome, { html, csv, jsonl, parquet }: SweepFiles): Promise<void> {
  const { typed, designs } = outcome;
  const found = { sweep: typed.sweep, records: typed.records, designs, points: [] };
  if (html !== undefined) writeOutput('--html', html, sweepHtml(outcome));
  if (csv !== undefined) writeOutput('--csv', csv, sweepCsv(found));
  if (jsonl !== undefined) writeOutput('--jsonl', jsonl, sweepJsonl(found));
  if (parquet === undefined) return;
  // Loaded only where it is asked for.
  const { sweepParquet } = await import('../../report/parquet.ts');
  writeOutput('--parquet', parquet, sweepParquet(found));
}

function effortText({ designs, done, front, typed }: SweepOutcome, log?: string): string {
  const { effort, records, interrupted } = typed;
  const times = (status: string): number => records.filter((record) => record.status === status).length;
  const kinds = (['mapped', 'pruned', 'excluded', 'infeasible'] as const)
    .map((status) => [status, times(status)] as const)
    .filter(([, number]) => number > 0)
    .map(([status, number]) => `${count(number)} ${status}`);
  const layers = effort.layersSearched + effort.layersReused;
  const reuse =
    layers > 0
      ? `; ${count(effort.layersSearched)} layers searched, ${count(effort.layersReused)} reused`
      : '';
  const workers = effort.threads > 0 ? ` on ${plural(effort.threads, 'thread')}` : '';
  const time = effort.seconds > 0 ? ` in ${significant(effort.seconds, 3)} s${workers}` : '';
  const rest = interrupted && log ? `\nstopped: go on with --resume (log ${log})` : '';
  return (
    `${count(done)} of ${count(designs)} designs${time}${kinds.length > 0 ? `: ${kinds.join(', ')}` : ''}${reuse}; ` +
    `${count(front.length)} on the front${rest}`
  );
}
