/** Finds the layers a selector asks for: an inline layer, a shipped network, a workload file, or a part of either. */
import { host } from '#host';
import { readYaml } from '../spec/document.ts';
import { type Diagnostic, InputError } from '../spec/errors.ts';
import type { Variables } from '../spec/expression.ts';
import { didYouMean } from '../spec/suggest.ts';
import {
  BOUND_LIMIT,
  type LayerSource,
  type Setting,
  type Word,
  commandLineSource,
  failAt,
  readInteger,
  readSettings,
} from './layer-text.ts';
import { readOnnxNetwork } from './onnx/network.ts';
import { LAYER_KINDS, readLayer } from './shorthand.ts';
import type { Layer, Network, Workload } from './workload.ts';
import { NetworkFile, workloadNames, workloadPath } from './zoo.ts';

/** How layers are selected; `dse` prints it as help. */
export const SELECTOR_GRAMMAR = `\
resnet50                  every layer; so does resnet50.*
resnet50.conv3            the layers conv3, conv3_* and conv3.*: a name matches up to '_' or '.'
resnet50.conv3_1.b        one layer by name
resnet50.conv?_1.*        any layers: ? is one character, * any number of them
resnet50#17               the 17th layer of the network, counted from 1 as listed in its file
llama2_7b@batch=4,seq=128.prefill
                          a network with other values of its parameters
my-net.yaml  my-net.yaml:conv1  my-net.yaml#2  my-net.yaml@batch=4:conv1
                          a workload file, and parts of it
model.onnx@batch=1  model.onnx@batch=1:layer1
                          an ONNX file: its dynamic dimensions are the parameters, its nodes the layers
conv:M=64,C=3,P=112,...   one layer, written out
A file NAME.yaml in the working directory goes before the shipped network NAME.`;

export interface WorkloadOptions {
  /** Values of the network's parameters; those in the selector go before them. */
  readonly params?: Variables;
}

/**
 * The layers a selector names (grammar: `SELECTOR_GRAMMAR`), in network order.
 * Throws `InputError` for an unknown network, layer or parameter and for a file that cannot be read.
 */
export function loadWorkload(selector: string, options: WorkloadOptions = {}): Workload {
  const source = commandLineSource(selector);
  const reference = parseReference(source);
  return reference ? loadPart(source, reference, options) : inlineLayer(source, options);
}

function inlineLayer(source: LayerSource, { params = {} }: WorkloadOptions): Workload {
  const { einsum, count } = readLayer(source);
  const [parameter] = Object.keys(params);
  if (parameter !== undefined) {
    throw new InputError({ message: `a layer written out has no parameters; '${parameter}' is given` });
  }
  const { name } = einsum;
  return { name, selector: source.text, layers: [{ name, count, einsum }] };
}

/** A network or file, and the part of it. */
interface Reference {
  readonly network: Word;
  /** After '@'. */
  readonly parameters?: Word;
  /** Pattern of layer names. */
  readonly pattern?: Word;
  /** After '#'. */
  readonly index?: Word;
}

const FILE = String.raw`.*\.(?:ya?ml|onnx)(?![^.:#@])`;
const PARAMETERS = String.raw`(?:@(?<parameters>[^.:#]*))?`;
const PART = String.raw`(?:(?<separator>[.:])(?<pattern>.*)|#(?<index>.*))?`;
const FILE_REFERENCE = new RegExp(`^(?<network>${FILE})${PARAMETERS}${PART}$`, 's');
const NETWORK_REFERENCE = new RegExp(`^(?<network>[^.:#@]*)${PARAMETERS}${PART}$`, 's');
const INLINE = /^\s*(?<kind>\w+)\s*(?::|\s\S)/;

/** Undefined for a layer written out. */
function parseReference(source: LayerSource): Reference | undefined {
  const selector = source.text;
  const file = FILE_REFERENCE.exec(selector);
  if (file) return reference(file);
  const inline = INLINE.exec(selector);
  if (inline && isLayer(inline.groups!.kind)) return undefined;
  if (LAYER_KINDS.includes(selector.trim()) && !workloadPath(selector)) return undefined;
  const network = NETWORK_REFERENCE.exec(selector);
  if (network) return reference(network);
  return { network: { text: selector, start: 0 } };
}

/** A word before a colon that is no network is taken for a misspelt kind of layer. */
function isLayer(word: string): boolean {
  return LAYER_KINDS.includes(word) || workloadPath(word) === undefined;
}

function reference({ groups = {} }: RegExpExecArray): Reference {
  const network = { text: groups.network, start: 0 };
  let at = network.text.length;
  const after = (text: string | undefined): Word | undefined => {
    if (text === undefined) return undefined;
    const word = { text, start: at + 1 };
    at += 1 + text.length;
    return word;
  };
  return {
    network,
    parameters: after(groups.parameters),
    pattern: after(groups.pattern),
    index: after(groups.index),
  };
}

function loadPart(source: LayerSource, part: Reference, { params = {} }: WorkloadOptions): Workload {
  const network = readNetwork(source, part.network);
  const values = parameterValues(source, network, part.parameters, params);
  const { layers: all, notCosted } = network.contents(values);
  const layers = pick(source, network, all, part);
  const whole = layers.length === all.length;
  return { name: network.name, selector: source.text, layers, ...(whole && notCosted && { notCosted }) };
}

function readNetwork(source: LayerSource, word: Word): Network {
  if (word.text.endsWith('.onnx')) return readOnnxNetwork(word.text);
  const path = workloadPath(word.text) ?? (isFileName(word.text) ? word.text : undefined);
  if (path !== undefined) return new NetworkFile(readYaml(path));
  if (word.text === '') failAt(source, word, 'no network or layer is named', { expected: EXPECTED });
  const known = workloadNames();
  const message = host.files.exists(word.text)
    ? `'${word.text}' is not a workload file: its name does not end in .yaml or .onnx`
    : `unknown network '${word.text}'`;
  failAt(source, word, message, {
    expected: `a layer (${LAYER_KINDS.join(', ')}), a file NAME.yaml or NAME.onnx, or one of ${known.join(', ')}`,
    suggestion: didYouMean(word.text, known),
  });
}

const EXPECTED =
  'a layer such as gemm:M=8,N=8,K=8, a file NAME.yaml or NAME.onnx, or a network such as resnet50.conv3';

function isFileName(text: string): boolean {
  return /\.ya?ml$/.test(text);
}

/** Defaults, then the caller's values, then the selector's. */
function parameterValues(
  source: LayerSource,
  network: Network,
  word: Word | undefined,
  params: Variables,
): Record<string, number> {
  const values = withDefaults(network);
  for (const [name, value] of Object.entries(params)) values[name] = checkParameter(network, name, value);
  for (const { key, value } of word ? settingsOf(source, word) : []) {
    const unknown = unknownParameter(network, key.text);
    if (unknown) failAt(source, key, unknown.message, unknown);
    values[key.text] = readInteger(source, value, key.text);
  }
  return values;
}

function withDefaults({ parameters }: Network): Record<string, number> {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(given) as Record<string, number>;
}

function checkParameter(network: Network, name: string, value: number): number {
  const unknown = unknownParameter(network, name);
  if (unknown) throw new InputError(unknown);
  if (Number.isInteger(value) && value >= 1 && value < BOUND_LIMIT) return value;
  throw new InputError({ message: `${name} must be a positive integer below 2^31, found ${value}` });
}

function unknownParameter(network: Network, name: string): Diagnostic | undefined {
  if (Object.hasOwn(network.parameters, name)) return undefined;
  const known = Object.keys(network.parameters);
  return {
    message: `${network.name} has no parameter '${name}'`,
    expected: known.length > 0 ? `one of ${listed(known)}` : undefined,
    suggestion: didYouMean(name, known),
  };
}

function settingsOf(source: LayerSource, word: Word): readonly Setting[] {
  const { settings, count } = readSettings(source, word.start, word.start + word.text.length);
  if (count) failAt(source, count, `'x${count.text}' is no parameter`, { expected: 'NAME=VALUE' });
  return settings;
}

function pick(
  source: LayerSource,
  network: Network,
  layers: readonly Layer[],
  part: Reference,
): readonly Layer[] {
  if (part.index) return [pickIndex(source, network, layers, part.index)];
  if (part.pattern) return pickPattern(source, network, layers, part.pattern);
  return layers;
}

function pickIndex(source: LayerSource, network: Network, layers: readonly Layer[], word: Word): Layer {
  const index = readInteger(source, word, 'the number of a layer');
  const layer = layers[index - 1];
  if (layer) return layer;
  return failAt(source, word, `${network.name} has ${layers.length} layers, not ${index}`);
}

function pickPattern(source: LayerSource, network: Network, layers: readonly Layer[], word: Word): Layer[] {
  const exact = layers.filter(({ name }) => name === word.text);
  if (exact.length > 0) return exact;
  const wanted = globPattern(word.text);
  const found = layers.filter(({ name }) => wanted.test(name));
  return found.length > 0 ? found : failPattern(source, network, layers, word);
}

function failPattern(source: LayerSource, network: Network, layers: readonly Layer[], word: Word): never {
  const at = word.text.indexOf('@');
  if (at >= 0) failAt(source, { text: '@', start: word.start + at }, PARAMETERS_LATE);
  failAt(source, word, `${network.name} has no layer '${word.text}'`, {
    expected: `one of ${listed(stages(layers))}`,
    suggestion: nearLayers(word.text, layers),
  });
}

const PARAMETERS_LATE = 'parameters follow the network, before the layers: llama2_7b@seq=128.prefill';

/** Matches a whole name, or its beginning up to a `_` or `.`. */
function globPattern(pattern: string): RegExp {
  const body = pattern
    .replace(/[^\w*?]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${body}(?:[._].*)?$`, 's');
}

/** Layer names cut before their first `_` or `.`, each once. */
function stages(layers: readonly Layer[]): string[] {
  return [...new Set(layers.map(({ name }) => name.split(/[._]/, 1)[0]))];
}

/** Every way to cut a name before a `_` or `.`, and the whole. */
function beginnings(name: string): string[] {
  const cuts = [...name.matchAll(/[._]/g)].map(({ index }) => name.slice(0, index));
  return [...cuts, name];
}

function nearLayers(pattern: string, layers: readonly Layer[]): string | undefined {
  return didYouMean(pattern, new Set(layers.flatMap(({ name }) => beginnings(name))));
}

function listed(words: readonly string[]): string {
  return words.length <= 12 ? words.join(', ') : `${words.slice(0, 12).join(', ')}, …`;
}
