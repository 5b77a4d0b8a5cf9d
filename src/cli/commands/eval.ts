/** `dse eval`: the cost of one mapping, as a nest, tables and totals, or as JSON. */
import { Command } from 'commander';
import { evaluate } from '../../api/evaluate.ts';
import { resolveArchitecture, resolveLayer } from '../../api/subject.ts';
import { drawNest } from '../../mapping/draw.ts';
import { renderCost } from '../../report/eval.ts';
import { rejectionReport, withoutTyped } from '../../report/json.ts';
import { InputError } from '../../spec/errors.ts';
import { parameter } from '../flags.ts';
import { layout, print, printJson } from '../terminal.ts';

interface Options {
  readonly arch: string;
  readonly layer: string;
  readonly mapping: string;
  readonly param?: Readonly<Record<string, number>>;
  readonly json?: true;
}

export function evalCommand(): Command {
  return new Command('eval')
    .description('Prints the cost of one mapping: accesses, energy, cycles, and what limits it')
    .requiredOption('--arch <name>', 'an architecture by name (dse archs), or a YAML file')
    .requiredOption('--layer <selector>', 'a layer: resnet50.conv3_1.b, conv:M=64,C=3,..., my-net.yaml:conv1')
    .requiredOption('--mapping <file>', 'a mapping file, or the saved output of dse search --json')
    .option(
      '--param <name=value>',
      'a parameter of the network, for example batch=4; repeatable',
      parameter('--param'),
    )
    .option('--json', 'print one JSON object (schema dse.eval/1) and nothing else')
    .action((options: Options) => (options.json ? runJson(options) : run(options)));
}

function run({ param, ...request }: Options): void {
  const { typed } = evaluate({ ...request, params: param });
  const { architecture: arch, einsum, mapping, cost } = typed;
  const options = layout();
  print(options.style.bold(`${einsum.name} on ${arch.name}`));
  print(`\n${drawNest(mapping, arch, einsum)}\n`);
  print(renderCost({ arch, einsum, cost }, options));
}

/** A mapping that is refused is also one JSON object, with the reasons; the exit code is 2 all the same. */
function runJson({ param, ...request }: Options): void {
  const arch = resolveArchitecture(request.arch);
  const layer = resolveLayer(request.layer, param);
  try {
    printJson(withoutTyped(evaluate({ arch, layer, mapping: request.mapping })));
  } catch (error) {
    if (error instanceof InputError) printJson(rejectionReport(arch, layer, error.diagnostics));
    throw error;
  }
}
