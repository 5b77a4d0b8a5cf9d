/** Reads sweep files (`dse.sweep/1`): parameters, what they set in the architecture, rules, networks, objectives. */
import { host } from '#host';
import { z } from 'zod';
import { architectureSource } from '../arch/load.ts';
import { sha256 } from '../host/sha256.ts';
import { OBJECTIVE_NAMES } from '../search/objective.ts';
import type { Path, YamlDocument } from '../spec/document.ts';
import { check, parseYaml, readSource } from '../spec/document.ts';
import { InputError } from '../spec/errors.ts';
import { evaluate } from '../spec/expression.ts';
import { didYouMean } from '../spec/suggest.ts';
import { distinctLayers } from '../workload/distinct.ts';
import { loadWorkload } from '../workload/select.ts';
import { inBaseUnits, metricsNamed } from './rules.ts';
import type {
  Axis,
  Derived,
  MetricName,
  Network,
  Rule,
  Sampling,
  Setting,
  Sweep,
  SweepSources,
} from './sweep.ts';
import { METRIC_NAMES, SAMPLER_NAMES } from './sweep.ts';

/** Values of one axis; more are a mistake. */
const MAX_VALUES = 100_000;
const POPULATION = 32;
const SAMPLES = 1000;

const number = z.union([z.number(), z.string()]);
const rangeSchema = z.strictObject({
  from: number,
  to: number,
  step: number.optional(),
  factor: number.optional(),
  count: number.optional(),
});
const parameterSchema = z.union([z.array(number).min(1), rangeSchema, z.string(), z.number()]);
const networkSchema = z.union([z.string(), z.array(z.string()).min(1)]);

export const sweepSchema = z.strictObject({
  schema: z.literal('dse.sweep/1'),
  name: z.string().describe('Title of reports.'),
  arch: z.string().describe('An architecture by name, or a file beside this one.'),
  network: networkSchema.describe('Layers as --layer takes them; of several the totals are added.'),
  params: z.record(z.string(), z.number()).optional().describe('Parameters of the networks, such as batch.'),
  parameters: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'letters, digits and _'), parameterSchema)
    .describe(
      'Values: a list; {from, to, step}, {from, to, factor} or {from, to, count}; or an expression over others.',
    ),
  set: z
    .record(z.string(), number)
    .optional()
    .describe(
      'NODE.key: value in the architecture, as its file would say it; parameters are variables there.',
    ),
  constraints: z
    .array(z.string())
    .optional()
    .describe('Conditions such as area <= 12 mm2 or rows * columns <= 256.'),
  mapping: z
    .enum(OBJECTIVE_NAMES as ['edp'])
    .optional()
    .describe("What each layer's mapping minimises; default edp."),
  objectives: z
    .array(z.enum(METRIC_NAMES as ['edp']))
    .min(1)
    .optional()
    .describe('Default edp and area.'),
  search: z
    .strictObject({
      strategy: z.enum(SAMPLER_NAMES as ['grid']).optional(),
      designs: z.int().min(1).optional(),
      seed: z.int().min(0).optional(),
      population: z.int().min(4).optional(),
    })
    .optional(),
});

type SweepFile = z.output<typeof sweepSchema>;

/** Replaces what the file says under `search`. */
export type SamplingOptions = Partial<Sampling>;

/**
 * Everything the sweep of a file depends on.
 *
 * @throws InputError for what is wrong in it, in the architecture or the networks
 */
export function loadSweep(path: string, options: SamplingOptions = {}): SweepSources {
  const source = readSource(path);
  return sweepSources(source, host.files.dirname(path), options);
}

/** The same for a text; files it names are relative to `folder`. */
export function sweepSources(
  source: SweepSources['sweep'],
  folder: string,
  options: SamplingOptions = {},
): SweepSources {
  const document = parseYaml(source.text, source.file);
  const file = check(document, sweepSchema);
  const arch = at(document, ['arch'], () => architectureSource(beside(folder, file.arch)));
  const selectors = [file.network].flat();
  const networks = selectors.map((selector, i): Network => {
    const path = typeof file.network === 'string' ? ['network'] : ['network', i];
    const workload = at(document, path, () =>
      loadWorkload(beside(folder, selector), { params: file.params }),
    );
    return { name: workload.name, layers: distinctLayers(workload) };
  });
  const sources = { sweep: source, arch, networks, sampling: samplingOf(file, options) };
  parseSweep(sources);
  return sources;
}

/** A file beside the sweep's wins over a name. */
function beside(folder: string, name: string): string {
  const { isAbsolute, join, exists } = host.files;
  const path = join(folder, name);
  return !isAbsolute(name) && folder !== '.' && exists(path) ? path : name;
}

/** Runs a reader of what a name or a file says; complaints that are not about a file get the place of the name. */
function at<T>(document: YamlDocument, path: Path, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [first] = error.diagnostics;
    if (first.position && !first.position.file.startsWith('<')) throw error;
    throw new InputError({ ...first, position: document.position(path) });
  }
}

/** Equal for sweeps that must give the same designs and the same results. */
export function sweepDigest(sources: SweepSources): string {
  const { sweep, arch, networks, sampling } = sources;
  const content = JSON.stringify([sweep.text, arch.text, networks, sampling]);
  return sha256(content).slice(0, 32);
}

/** The sweep of its sources. Throws `InputError` with a place in the sweep's file. */
export function parseSweep({ sweep, arch, networks, sampling }: SweepSources): Sweep {
  const document = parseYaml(sweep.text, sweep.file);
  const file = check(document, sweepSchema);
  const architecture = parseYaml(arch.text, arch.file);
  const { axes, derived } = readParameters(document, file);
  const names = [...axes, ...derived].map(({ name }) => name);
  return {
    name: file.name,
    axes,
    derived,
    architecture,
    settings: Object.entries(file.set ?? {}).map(([key, value]) => ({
      path: settingPath(document, architecture, key),
      value,
      position: document.position(['set', key]),
    })),
    rules: (file.constraints ?? []).map((text, i) => readRule(document, ['constraints', i], text, names)),
    networks,
    mapping: file.mapping ?? 'edp',
    objectives: [...new Set<MetricName>(file.objectives ?? ['edp', 'area'])],
    sampling,
  };
}

function samplingOf({ search = {} }: SweepFile, options: SamplingOptions): Sampling {
  const sampler = options.sampler ?? search.strategy ?? 'grid';
  return {
    sampler,
    designs: options.designs ?? search.designs ?? (sampler === 'grid' ? Number.MAX_SAFE_INTEGER : SAMPLES),
    seed: options.seed ?? search.seed ?? 1,
    population: options.population ?? search.population ?? POPULATION,
  };
}

function readParameters(
  document: YamlDocument,
  file: SweepFile,
): { axes: readonly Axis[]; derived: readonly Derived[] } {
  const axes: Axis[] = [];
  const derived: Derived[] = [];
  for (const [name, given] of Object.entries(file.parameters)) {
    const path = ['parameters', name];
    if (METRIC_NAMES.includes(name as MetricName) || name === 'cycles') {
      document.fail(path, `'${name}' is a metric`, {
        part: 'key',
        expected: 'another name for the parameter',
      });
    }
    if (typeof given === 'string') {
      const known = [...axes, ...derived].map((parameter) => parameter.name);
      expectNames(document, path, given, known);
      derived.push({ name, text: given, position: document.position(path) });
    } else axes.push({ name, values: valuesOf(document, path, given) });
  }
  if (axes.length === 0) document.fail(['parameters'], 'no parameter has more than one value');
  return { axes, derived };
}

type GivenParameter = number | readonly (number | string)[] | z.output<typeof rangeSchema>;

function valuesOf(document: YamlDocument, path: Path, given: GivenParameter): readonly number[] {
  if (typeof given === 'number') return [given];
  if ('from' in given) return rangeValues(document, path, given);
  const values = given.map((value, i) => numberOf(document, [...path, i], value));
  const twice = values.findIndex((value, i) => values.indexOf(value) !== i);
  if (twice >= 0) document.fail([...path, twice], `the value ${values[twice]} stands twice`);
  return values;
}

function numberOf(document: YamlDocument, path: Path, value: number | string): number {
  if (typeof value === 'number') return value;
  return at(document, path, () => evaluate(value));
}

/** Both ends included where the steps reach them. */
function rangeValues(
  document: YamlDocument,
  path: Path,
  range: z.output<typeof rangeSchema>,
): readonly number[] {
  const value = (key: 'from' | 'to' | 'step' | 'factor' | 'count'): number =>
    numberOf(document, [...path, key], range[key] ?? 0);
  const [from, to] = [value('from'), value('to')];
  const ways = (['step', 'factor', 'count'] as const).filter((key) => range[key] !== undefined);
  if (ways.length !== 1) {
    document.fail(path, `a range has ${ways.length === 0 ? 'no steps' : `both ${ways.join(' and ')}`}`, {
      expected: 'one of step (added), factor (multiplied) and count (of values, evenly spaced)',
    });
  }
  if (from > to) document.fail(path, `the range goes from ${from} down to ${to}`, { expected: 'from <= to' });
  const by = value(ways[0]);
  const complain = (expected: string): never =>
    document.fail([...path, ways[0]], `the ${ways[0]} is ${by}`, { expected });
  if (ways[0] === 'step' && !(by > 0)) complain('more than 0');
  if (ways[0] === 'factor' && !(by > 1)) complain('more than 1');
  if (ways[0] === 'factor' && !(from > 0))
    document.fail([...path, 'from'], 'a geometric range starts above 0');
  if (ways[0] === 'count' && !(Number.isInteger(by) && by >= 1)) complain('a whole number from 1');
  const reach = 1 + 1e-12;
  const values: number[] = [];
  const next = (i: number): number => {
    if (ways[0] === 'step') return from + i * by;
    if (ways[0] === 'factor') return from * by ** i;
    return by === 1 ? from : from + (i * (to - from)) / (by - 1);
  };
  const last = ways[0] === 'count' ? by : MAX_VALUES + 1;
  for (let i = 0; i < last && next(i) <= to * (to > 0 ? reach : 1 / reach); i++) {
    if (i === MAX_VALUES) document.fail(path, `the range has more than ${MAX_VALUES} values`);
    values.push(Number(next(i).toPrecision(12)));
  }
  return values;
}

const WORD = /(?<![\w.])[A-Za-z_]\w*/g;
const FUNCTIONS = new Set(
  'if else and or not True False min max ceil floor round log log2 log10 exp sqrt pow abs int float'.split(
    ' ',
  ),
);

function expectNames(document: YamlDocument, path: Path, text: string, known: readonly string[]): void {
  for (const [word] of text.matchAll(WORD)) {
    if (known.includes(word) || FUNCTIONS.has(word)) continue;
    document.fail(path, `unknown parameter '${word}'`, {
      expected: `one of ${known.join(', ')}`,
      suggestion: didYouMean(word, known),
    });
  }
}

function readRule(document: YamlDocument, path: Path, text: string, names: readonly string[]): Rule {
  const position = document.position(path);
  const base = at(document, path, () => inBaseUnits(text));
  const metrics = metricsNamed(base);
  expectNames(document, path, base, [...names, ...METRIC_NAMES, 'cycles']);
  if (metrics.some((name) => name !== 'cycles') && base === text) {
    document.fail(path, `'${text}' compares ${metrics.join(', ')} with a number that has no unit`, {
      expected: 'a unit, as in area <= 12 mm2 or latency <= 5 ms',
    });
  }
  const ofMapping = metrics.some((name) => name !== 'area');
  return { text: base, position, needs: ofMapping ? 'mapping' : metrics.length > 0 ? 'area' : 'parameters' };
}

/** `GLB.energy.read`, `PE.x`, `clock`, `variables.mac`: where in the architecture's file that stands. */
function settingPath(document: YamlDocument, architecture: YamlDocument, key: string): Path {
  const [first, ...rest] = key.split('.');
  if (rest.length === 0 || first === 'variables') return [first, ...rest];
  const entries = architecture.at(['hierarchy']);
  const names = (Array.isArray(entries) ? entries : []).map((entry: unknown) => nodeName(entry));
  const index = names.findIndex((name) => name?.toLowerCase() === first.toLowerCase());
  if (index >= 0) return ['hierarchy', index, ...rest];
  const known = names.filter((name) => name !== undefined);
  return document.fail(['set', key], `the architecture has no '${first}'`, {
    part: 'key',
    expected: `one of ${known.join(', ')}, and a key of it, such as ${known[0] ?? 'GLB'}.size`,
    suggestion: didYouMean(first, known),
  });
}

function nodeName(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { memory, array, compute } = entry as Record<string, unknown>;
  return [memory, array, compute].find((name) => typeof name === 'string');
}

export type { Setting };
