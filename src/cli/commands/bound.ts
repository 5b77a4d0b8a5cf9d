/** `dse bound`: the least traffic between a backing store and a buffer of any size, as a table, JSON and a picture. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { trafficBound } from '../../api/bound.ts';
import type { TrafficBound } from '../../api/bound.ts';
import { drawBound } from '../../report/bound-svg.ts';
import { renderBound, renderBoundSummary } from '../../report/bound.ts';
import { count } from '../../report/format.ts';
import { withoutTyped } from '../../report/json.ts';
import { InputError } from '../../spec/errors.ts';
import { parameterOption, required } from '../flags.ts';
import { StatusLine } from '../status-line.ts';
import { layout, print, printJson } from '../terminal.ts';

interface Options {
  readonly layer?: string;
  readonly arch?: string;
  readonly memory?: string;
  readonly keep?: string;
  readonly param?: Readonly<Record<string, number>>;
  readonly all?: true;
  readonly svg?: string;
  readonly json?: true;
}

export function boundCommand(): Command {
  return new Command('bound')
    .description(
      'Prints the least traffic between a backing store and a buffer, for every size of the buffer',
    )
    .option('--layer <selector>', 'required: a layer: resnet50.conv3_1.b, gemm:M=512,N=512,K=512')
    .option('--arch <name>', 'an architecture: its outermost memory is the backing store')
    .option('--memory <name>', 'with --arch: the buffer (default the first memory inside the outermost)')
    .option('--keep <tensors>', 'tensors the buffer keeps, by name or role, joined by commas')
    .addOption(parameterOption())
    .option('--all', 'print every point of the curve, not one for each doubling of the buffer')
    .option('--svg <file>', 'draw the curve as well')
    .option('--json', 'print one JSON object (schema dse.bound/1) and nothing else')
    .action(run);
}

function run(options: Options): void {
  const bound = computeBound(options);
  if (options.svg !== undefined) writePicture(options.svg, drawBound(bound));
  if (options.json) printJson(withoutTyped(bound));
  else printBound(bound, options);
}

function computeBound({ layer, arch, memory, keep, param }: Options): TrafficBound {
  if (memory !== undefined && arch === undefined) {
    throw new InputError({ message: '--memory without --arch', expected: 'the architecture of that memory' });
  }
  const status = new StatusLine(process.stderr);
  try {
    return trafficBound({
      layer: required('--layer', layer, 'a layer, such as --layer resnet50.conv3_1.b'),
      params: param,
      arch,
      memory,
      keep: keep?.split(','),
      onProgress: (done, total) => status.update(() => `${count(done)} of ${count(total)} tiles`),
    });
  } finally {
    status.clear();
  }
}

function printBound(bound: TrafficBound, { all }: Options): void {
  const options = layout();
  const machine = bound.arch === undefined ? '' : ` of ${bound.arch}`;
  const title = `${bound.layer}: least traffic between ${bound.store.name} and ${bound.buffer.name}${machine}`;
  print(`${options.style.bold(title)}\n`);
  print(`${renderBound(bound, options, all)}\n`);
  print(renderBoundSummary(bound, options));
}

function writePicture(path: string, svg: string): void {
  try {
    writeFileSync(path, svg);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InputError({ message: `--svg: cannot write '${path}': ${message}` });
  }
}
