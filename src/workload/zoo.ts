/** Workload files: the networks shipped in `workloads/` and the user's own. Which layers are wanted is `select.ts`. */
import { host } from '#host';
import { z } from 'zod';
import { type YamlDocument, check, readYaml } from '../spec/document.ts';
import type { Variables } from '../spec/expression.ts';
import { BOUND_LIMIT, type LayerSource } from './layer-text.ts';
import { readLayer } from './shorthand.ts';
import type { Layer, Network } from './workload.ts';

export const WORKLOAD_SCHEMA = 'dse.workload/1';

const { files } = host;
const NETWORKS = files.shipped('workloads');

interface NameRule {
  readonly pattern: RegExp;
  readonly expected: string;
}

/** Selectors give a meaning to `* ? # @ :`; a name that begins with a letter keeps its place in a JavaScript object. */
const LAYER_NAME: NameRule = {
  pattern: /^[A-Za-z][\w.-]*$/,
  expected: 'a letter, then letters, digits, dots, hyphens and underscores',
};
const PARAMETER_NAME: NameRule = {
  pattern: /^[A-Za-z_]\w*$/,
  expected: 'letters, digits and underscores',
};

const positive = z
  .int()
  .min(1)
  .max(BOUND_LIMIT - 1);
const layerText = z
  .string()
  .describe('A layer in the shorthand, such as conv M=64 C=3 P=112 Q=112 R=7 S=7 stride=2');

/** The form of a workload file. */
export const workloadFile = z
  .strictObject({
    schema: z.literal(WORKLOAD_SCHEMA),
    name: z.string().min(1),
    description: z.string().optional(),
    source: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('Where the shapes come from'),
    parameters: z
      .record(z.string(), positive)
      .optional()
      .describe('Integers that {…} in layers may name, with their defaults'),
    layers: z
      .record(
        z.string(),
        z.union([layerText, z.strictObject({ layer: layerText, count: positive.optional() })]),
      )
      .describe('The layers in network order'),
  })
  .meta({ title: WORKLOAD_SCHEMA, description: 'A network: its layers by name, in network order' });

type WorkloadFile = z.infer<typeof workloadFile>;

/** The network that a workload file describes. */
export class NetworkFile implements Network {
  readonly name: string;
  readonly description: string;
  /** Papers and reference implementations the shapes come from. */
  readonly sources: readonly string[];
  /** Defaults by name. */
  readonly parameters: Variables;
  readonly #document: YamlDocument;
  readonly #file: WorkloadFile;

  /** Throws `InputError` if the document is not a workload file. */
  constructor(document: YamlDocument) {
    const file = check(document, workloadFile);
    if (Object.keys(file.layers).length === 0)
      document.fail(['layers'], 'a network needs at least one layer');
    rejectNames(document, 'parameters', Object.keys(file.parameters ?? {}), PARAMETER_NAME);
    rejectNames(document, 'layers', Object.keys(file.layers), LAYER_NAME);
    this.name = file.name;
    this.description = file.description ?? '';
    this.sources = [file.source ?? []].flat();
    this.parameters = file.parameters ?? {};
    this.#document = document;
    this.#file = file;
  }

  /** Throws `InputError` at the layer that cannot be read. */
  contents(values: Variables): { layers: Layer[] } {
    const layers = Object.entries(this.#file.layers).map(([name, entry]) => {
      if (typeof entry === 'string') return this.#layer(['layers', name], name, entry, values);
      const layer = this.#layer(['layers', name, 'layer'], name, entry.layer, values);
      if (entry.count === undefined) return layer;
      if (layer.count > 1) this.#document.fail(['layers', name, 'count'], 'the count is given twice');
      return { ...layer, count: entry.count };
    });
    return { layers };
  }

  #layer(path: readonly string[], name: string, text: string, values: Variables): Layer {
    const { einsum, count } = readLayer(layerSource(this.#document, path, text, values), name);
    return { name, count, einsum };
  }
}

function rejectNames(document: YamlDocument, part: string, names: readonly string[], rule: NameRule): void {
  const bad = names.find((name) => !rule.pattern.test(name));
  if (bad === undefined) return;
  document.fail([part, bad], `'${bad}' cannot be a name here`, { part: 'key', expected: rule.expected });
}

/** A text inside a YAML file; a word's place is exact where the file holds the text as it is, on one line. */
function layerSource(
  document: YamlDocument,
  path: readonly string[],
  text: string,
  variables: Variables,
): LayerSource {
  const whole = document.position(path);
  const quote = /["']/.test(whole.text[whole.column - 1]) ? 1 : 0;
  const column = whole.column + quote;
  const verbatim = whole.text.startsWith(text, column - 1);
  return {
    text,
    variables,
    locate: (start, length) => (verbatim ? { ...whole, column: column + start, length } : whole),
  };
}

/** One shipped network, for a list. */
export interface NetworkSummary {
  readonly name: string;
  readonly description: string;
  readonly sources: readonly string[];
  readonly parameters: Variables;
  readonly file: string;
}

/** The shipped networks in alphabetical order. */
export function listWorkloads(): NetworkSummary[] {
  return workloadNames().map((name) => {
    const file = shippedFile(name);
    const { description, sources, parameters } = new NetworkFile(readYaml(file));
    return { name, description, sources, parameters, file };
  });
}

/** Names of the shipped networks in alphabetical order. */
export function workloadNames(): string[] {
  return files
    .list(NETWORKS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}

/**
 * The file a network's name or path stands for: the path itself, `NAME.yaml` in the working directory, or the
 * shipped file, in this order; undefined if none exists.
 */
export function workloadPath(nameOrPath: string): string | undefined {
  const local = /\.ya?ml$/.test(nameOrPath) ? nameOrPath : `${nameOrPath}.yaml`;
  if (files.exists(local)) return local;
  const name = local.replace(/\.ya?ml$/, '');
  return workloadNames().includes(name) ? shippedFile(name) : undefined;
}

function shippedFile(name: string): string {
  return `${NETWORKS}${name}.yaml`;
}
