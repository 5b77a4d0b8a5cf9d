/** `dse eval`: the cost of one mapping, as a nest, tables and totals, or as JSON. */
import { Command } from 'commander';
import { evaluate } from '../../api/evaluate.ts';
import type { EvaluateRequest } from '../../api/evaluate.ts';
import { resolveArchitecture, resolveLayer } from '../../api/subject.ts';
import type { TimeloopEvaluation } from '../../api/timeloop.ts';
import { evaluateAsTimeloop, evaluateTimeloopFiles, loadTimeloop } from '../../api/timeloop.ts';
import { drawNest } from '../../mapping/draw.ts';
import { renderCost } from '../../report/eval.ts';
import { rejectionReport, withoutTyped } from '../../report/json.ts';
import { renderTimeloop } from '../../report/timeloop.ts';
import { InputError } from '../../spec/errors.ts';
import { choice, parameterOption, setting } from '../flags.ts';
import { layout, print, printJson } from '../terminal.ts';
import { printWarnings } from '../timeloop.ts';

interface Options {
  readonly arch?: string;
  readonly layer?: string;
  readonly mapping?: string;
  readonly param?: Readonly<Record<string, number>>;
  readonly semantics: 'dse' | 'timeloop';
  readonly lenient?: true;
  readonly set?: Readonly<Record<string, string>>;
  readonly json?: true;
}

export function evalCommand(): Command {
  return new Command('eval')
    .description('Prints the cost of one mapping: accesses, energy, cycles, and what limits it')
    .argument(
      '[files...]',
      "Timeloop's files instead of the three options: architecture, problem, mapping, ERT, ART",
    )
    .option('--arch <name>', 'an architecture by name (dse archs), or a YAML file')
    .option(
      '--layer <selector>',
      'a layer: resnet50.conv3_1.b, conv:M=64,C=3,..., my-net.yaml:conv1, model.onnx:conv1',
    )
    .option('--mapping <file>', 'a mapping file, or the saved output of dse search --json')
    .addOption(parameterOption())
    .option(
      '--semantics <name>',
      'dse: what the hardware would move; timeloop: what Timeloop reports',
      choice('--semantics', ['dse', 'timeloop']),
      'dse',
    )
    .option('--lenient', "unknown keys in Timeloop's files are warnings")
    .option('--set <name=value>', 'a variable of a Jinja template; repeatable', setting('--set'))
    .option('--json', 'print one JSON object (schema dse.eval/1) and nothing else')
    .action((files: string[], options: Options) => {
      if (options.semantics === 'timeloop') runTimeloop(files, options);
      else if (options.json) runJson(request(files, options));
      else run(request(files, options));
    });
}

/** The machine, layer and mapping: named by options, or read from Timeloop's files. */
function request(
  files: readonly string[],
  { arch, layer, mapping, param, lenient, set }: Options,
): EvaluateRequest {
  if (files.length > 0) {
    if (arch ?? layer ?? mapping) {
      throw new InputError({ message: 'give Timeloop files, or --arch, --layer and --mapping, not both' });
    }
    const converted = loadTimeloop(files, { lenient, parameters: set });
    printWarnings(converted.warnings);
    if (!converted.mapping) throw new InputError({ message: `no 'mapping:' section in ${files.join(', ')}` });
    return { arch: converted.architecture, layer: converted.einsum, mapping: converted.mapping };
  }
  const missing = Object.entries({ arch, layer, mapping }).find(([, value]) => value === undefined);
  if (missing) {
    throw new InputError({
      message: `required option '--${missing[0]}' not specified`,
      suggestion: "name all of --arch, --layer and --mapping, or Timeloop's files",
    });
  }
  return { arch: arch as string, layer: layer as string, mapping: mapping as string, params: param };
}

function run(subject: EvaluateRequest): void {
  const { typed } = evaluate(subject);
  const { architecture: arch, einsum, mapping, cost } = typed;
  const options = layout();
  print(options.style.bold(`${einsum.name} on ${arch.name}`));
  print(`\n${drawNest(mapping, arch, einsum)}\n`);
  print(renderCost({ arch, einsum, cost }, options));
}

/** A mapping that is refused is also one JSON object, with the reasons; the exit code is 2 all the same. */
function runJson(subject: EvaluateRequest): void {
  const arch = resolveArchitecture(subject.arch);
  const layer = resolveLayer(subject.layer, subject.params);
  try {
    printJson(withoutTyped(evaluate({ arch, layer, mapping: subject.mapping })));
  } catch (error) {
    if (error instanceof InputError) printJson(rejectionReport(arch, layer, error.diagnostics));
    throw error;
  }
}

function runTimeloop(files: readonly string[], options: Options): void {
  const { problem, result, warnings } = timeloopEvaluation(files, options);
  printWarnings(warnings);
  if (options.json)
    printJson({ schema: 'dse.timeloop-eval/1', semantics: 'timeloop', layer: problem.name, ...result });
  else print(renderTimeloop(problem, result, layout()));
}

function timeloopEvaluation(files: readonly string[], options: Options): TimeloopEvaluation {
  const { lenient, set } = options;
  if (files.length > 0) return evaluateTimeloopFiles(files, { lenient, parameters: set });
  const { typed } = evaluate(request(files, options));
  return evaluateAsTimeloop(typed.architecture, typed.einsum, typed.mapping);
}
