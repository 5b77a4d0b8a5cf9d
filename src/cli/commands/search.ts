/** `dse search`: the best mapping of every selected layer, as a table and nests, or as JSON. */
import { Command } from 'commander';
import { searchHtml } from '../../api/html.ts';
import { DEFAULT_PAD } from '../../api/pad.ts';
import { search, searchReport } from '../../api/search.ts';
import type { LayerOutcome, SearchOutcome, SearchRequest } from '../../api/search.ts';
import { computeUnits } from '../../arch/architecture.ts';
import { drawNest } from '../../mapping/draw.ts';
import { mappingToYaml } from '../../mapping/write.ts';
import { renderExplanation } from '../../report/explain.ts';
import { renderCost } from '../../report/eval.ts';
import { describePadding } from '../../report/padding.ts';
import { renderEffort, renderFront, renderLayers } from '../../report/search.ts';
import type { TableOptions } from '../../report/table.ts';
import { OBJECTIVE_NAMES } from '../../search/objective.ts';
import type { Objective } from '../../search/objective.ts';
import { DEFAULT_EVALUATIONS } from '../../search/search.ts';
import { STRATEGY_NAMES } from '../../search/strategies.ts';
import type { StrategyName } from '../../search/strategy.ts';
import { InputError } from '../../spec/errors.ts';
import {
  choice,
  objective,
  parameterOption,
  required,
  seconds,
  setting,
  share,
  wholeNumber,
} from '../flags.ts';
import { interruptSignal } from '../interrupt.ts';
import { progressText, stepText } from '../progress-text.ts';
import { MappingFiles } from '../mapping-files.ts';
import type { MappingWriter } from '../mapping-files.ts';
import { checkFolders, writeOutput } from '../output-file.ts';
import { StatusLine } from '../status-line.ts';
import { layout, print, printJson } from '../terminal.ts';

interface Options {
  readonly arch?: string;
  readonly layer?: string;
  readonly network?: string;
  readonly param?: Readonly<Record<string, number>>;
  readonly constraints?: string;
  readonly objective?: Objective;
  readonly strategy?: StrategyName;
  readonly uneven?: true;
  readonly evaluations?: number;
  readonly gap?: number;
  readonly time?: number;
  readonly patience?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly output?: string;
  readonly html?: string;
  readonly nests?: true;
  readonly explain?: true;
  readonly pad?: number | true;
  readonly lenient?: true;
  readonly set?: Readonly<Record<string, string>>;
  readonly json?: true;
}

export function searchCommand(): Command {
  return new Command('search')
    .description('Finds the best mapping of a layer, or of every distinct layer of a selection')
    .argument(
      '[files...]',
      "Timeloop's files instead of --arch and --layer: architecture, problem, mapper, constraints, ERT, ART",
    )
    .option('--arch <name>', 'an architecture by name (dse archs), or a YAML file')
    .option(
      '--layer <selector>',
      'layers: resnet50.conv3, resnet50.*, conv:M=64,C=3,..., my-net.yaml, model.onnx',
    )
    .option(
      '--network <selector>',
      'the same, for a whole network: the objective is that of the totals over all layers',
    )
    .addOption(parameterOption())
    .option('--constraints <file>', "constraints beside the architecture's own")
    .option(
      '--objective <names>',
      `${OBJECTIVE_NAMES.join(', ')} (default edp); several joined by commas for their front; lex:latency,energy for ` +
        'the least energy among the fastest; weighted:energy=1,latency=250 for a sum of pJ and cycles',
      objective('--objective'),
    )
    .option(
      '--strategy <name>',
      `${STRATEGY_NAMES.join(', ')} (default exact, or anneal with --evaluations or --patience)`,
      choice('--strategy', STRATEGY_NAMES),
    )
    .option('--uneven', 'let the tensors of one memory lie at different depths of its loops (exact only)')
    .option(
      '--evaluations <n>',
      `mappings to cost for each distinct layer (default ${DEFAULT_EVALUATIONS}, none with --time or --patience)`,
      wholeNumber('--evaluations', 1),
    )
    .option('--gap <share>', 'stop once the result is proved within this of the optimum: 1%', share('--gap'))
    .option('--time <seconds>', 'stop after this time, all layers together', seconds('--time'))
    .option(
      '--patience <n>',
      'end a layer after this many mappings without improvement',
      wholeNumber('--patience', 1),
    )
    .option('--seed <n>', 'start of the random numbers (default 1)', wholeNumber('--seed', 0, 2 ** 32 - 1))
    .option(
      '--threads <n>',
      'most worker threads (default all cores); the result does not depend on it',
      wholeNumber('--threads', 1, 1024),
    )
    .option(
      '-o, --output <path>',
      "write the best mapping to a YAML file (for Timeloop's files: in their form); for several layers, to a folder of files",
    )
    .option('--html <file>', 'write a page that shows the result; it needs no network')
    .option('--lenient', "unknown keys in Timeloop's files are warnings")
    .option('--set <name=value>', 'a variable of a Jinja template; repeatable', setting('--set'))
    .option('--nests', 'draw the nest and the tables of every layer, not only of a single one')
    .option(
      '--explain',
      'say of each layer why its mapping is the best, and what a larger machine would gain',
    )
    .option(
      '--pad [share]',
      `also search padded shapes with at most this much more MACs (default ${100 * DEFAULT_PAD}%)`,
      share('--pad'),
    )
    .option('--json', 'print one JSON object (schema dse.search/1) and nothing else')
    .action(run);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const { request, toYaml } = paths.length > 0 ? await timeloopFiles(paths, options) : ownSubject(options);
  const files = options.output === undefined ? undefined : new MappingFiles(options.output, toYaml);
  checkFolders({ html: options.html });
  const outcome = await runSearch(request, options);
  try {
    files?.write(outcome);
    if (options.html !== undefined) writeOutput('--html', options.html, searchHtml(outcome));
  } finally {
    // What was found must not be lost because a file cannot be written.
    if (options.json) printJson(searchReport(outcome));
    else print(renderOutcome(outcome, options, layout()));
  }
}

async function runSearch(subject: SearchRequest, options: Options): Promise<SearchOutcome> {
  const { constraints, strategy, uneven, evaluations, patience, seed, threads, gap } = options;
  const status = new StatusLine(process.stderr);
  const { signal, release } = interruptSignal();
  try {
    return await search({
      constraints,
      strategy,
      uneven,
      evaluations,
      patience,
      seed,
      gap,
      timeSeconds: options.time,
      ...subject,
      threads: threads ?? subject.threads,
      objective: options.objective ?? subject.objective,
      signal,
      explain: options.explain,
      pad: options.pad === true ? DEFAULT_PAD : options.pad,
      onProgress: (progress) => status.update(() => progressText(progress)),
      onStep: (step) => status.update(() => stepText(step)),
    });
  } finally {
    status.clear();
    release();
  }
}

function ownSubject({ arch, layer, network, param }: Options): Subject {
  if (layer !== undefined && network !== undefined) {
    throw new InputError({ message: 'give --layer or --network, not both' });
  }
  const request: SearchRequest = {
    arch: required('--arch', arch, 'an architecture, such as --arch eyeriss'),
    layer: network ?? required('--layer', layer, 'layers, such as --layer resnet50.conv3'),
    over: network === undefined ? 'layers' : 'network',
    params: param,
  };
  return { request, toYaml: (machine, einsum, mapping) => mappingToYaml(mapping, machine, einsum) };
}

/** The layers to search, and the form that their mappings are written in. */
interface Subject {
  readonly request: SearchRequest;
  readonly toYaml: MappingWriter;
}

async function timeloopFiles(paths: readonly string[], options: Options): Promise<Subject> {
  if (options.arch ?? options.layer ?? options.network) {
    throw new InputError({ message: 'give Timeloop files, or --arch and --layer, not both' });
  }
  const { timeloopMappingToYaml, timeloopSubject } = await import('../timeloop-search.ts');
  return { request: timeloopSubject(paths, options), toYaml: timeloopMappingToYaml };
}

function renderOutcome(outcome: SearchOutcome, { nests }: Options, options: TableOptions): string {
  const { architecture, interrupted } = outcome.typed;
  const detailed = nests || outcome.layers.length === 1 ? outcome.layers : [];
  const fronts = outcome.layers.flatMap(({ name, front }) =>
    front ? [`${options.style.bold(`front of ${name}`)}\n${renderFront(front, options)}`] : [],
  );
  const paddings = outcome.layers.flatMap(({ name, padding }) =>
    padding ? [describePadding(name, padding)] : [],
  );
  return [
    renderLayers(outcome, computeUnits(architecture), options),
    ...(paddings.length > 0 ? [paddings.join('\n')] : []),
    ...fronts,
    ...detailed.map((layer) => renderLayer(outcome, layer, options)),
    ...outcome.layers.flatMap(({ name, explain }) =>
      explain
        ? [
            `${options.style.bold(`why: ${name} on ${architecture.name}`)}\n\n${renderExplanation(explain, options)}`,
          ]
        : [],
    ),
    `${interrupted ? 'stopped: the best found so far\n' : ''}${renderEffort(outcome)}`,
  ].join('\n\n');
}

function renderLayer({ typed }: SearchOutcome, layer: LayerOutcome, options: TableOptions): string {
  const arch = typed.architecture;
  const { einsum, best } = layer.typed;
  const title = options.style.bold(`${layer.name} on ${arch.name}`);
  const tables = renderCost({ arch, einsum, cost: best.cost }, options);
  return [title, drawNest(best.mapping, arch, einsum), tables].join('\n\n');
}
