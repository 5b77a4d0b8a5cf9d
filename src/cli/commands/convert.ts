/** `dse convert`: Timeloop's files to ours, and ours to Timeloop's. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { evaluate } from '../../api/evaluate.ts';
import { resolveArchitecture, resolveLayer } from '../../api/subject.ts';
import { filesFromTimeloop } from '../../api/timeloop.ts';
import { readOwnConstraints } from '../../mapspace/read-constraints.ts';
import { InputError } from '../../spec/errors.ts';
import { unsaid } from '../../timeloop/unsaid.ts';
import { timeloopSearchToYaml, timeloopToYaml } from '../../timeloop/write.ts';
import { setting } from '../flags.ts';
import { print } from '../terminal.ts';
import { printWarnings } from '../timeloop.ts';

interface Options {
  readonly arch?: string;
  readonly layer?: string;
  readonly mapping?: string;
  readonly output?: string;
  readonly lenient?: true;
  readonly set?: Readonly<Record<string, string>>;
}

export function convertCommand(): Command {
  return new Command('convert')
    .description('Converts Timeloop files to dse files, or (with --arch) dse files to one Timeloop file')
    .argument('[files...]', 'Timeloop files: architecture, problem, mapping, ERT, ART, in any split')
    .option('--arch <name>', 'an architecture of dse, to be written for Timeloop')
    .option('--layer <selector>', 'with --arch: the layer')
    .option('--mapping <file>', 'with --arch and --layer: a mapping file of dse')
    .option('--lenient', "unknown keys in Timeloop's files are warnings")
    .option('--set <name=value>', 'a variable of a Jinja template; repeatable', setting('--set'))
    .option('-o, --output <path>', 'folder for dse files, or the Timeloop file; stdout if absent')
    .action((files: string[], options: Options) =>
      options.arch ? toTimeloop(options.arch, options) : fromTimeloop(files, options),
    );
}

function fromTimeloop(paths: readonly string[], { output, lenient, set }: Options): void {
  if (paths.length === 0)
    throw new InputError({ message: 'nothing to convert: name Timeloop files, or --arch' });
  const { files, layer, warnings } = filesFromTimeloop(paths, { lenient, parameters: set });
  printWarnings(warnings);
  if (output !== undefined) mkdirSync(output, { recursive: true });
  for (const [name, text] of files) {
    if (output === undefined) print(`# ${name}\n${text}`);
    else writeFileSync(join(output, name), text);
  }
  const folder = output === undefined ? '' : `${output}/`;
  const found = files.has('mapping.yaml');
  const rules = files.has('constraints.yaml') ? ` --constraints ${folder}constraints.yaml` : '';
  print(
    `# dse ${found ? 'eval' : 'search'} --arch ${folder}arch.yaml --layer '${layer}'` +
      (found ? ` --mapping ${folder}mapping.yaml` : rules),
  );
}

function toTimeloop(arch: string, { layer, mapping, output }: Options): void {
  const text = timeloopText(arch, layer, mapping);
  if (output === undefined) print(text);
  else writeFileSync(output, text);
}

function timeloopText(arch: string, layer?: string, mapping?: string): string {
  const architecture = resolveArchitecture(arch);
  const lost = unsaid(architecture);
  if (layer !== undefined && mapping !== undefined) {
    const { typed } = evaluate({ arch: architecture, layer, mapping });
    printWarnings(lost);
    return timeloopToYaml(architecture, typed.einsum, typed.mapping);
  }
  if (layer === undefined) {
    printWarnings(lost);
    return timeloopToYaml(architecture);
  }
  const einsum = resolveLayer(layer);
  const rules = readOwnConstraints(architecture, einsum);
  const { text, leftOut } = timeloopSearchToYaml(architecture, einsum, rules);
  printWarnings([...lost, ...leftOut]);
  return text;
}
