/** Reads one layer written as a line of text, on the command line or in a workload file: grammar and kinds. */
import { didYouMean } from '../spec/suggest.ts';
import { type TensorPattern, assemble, checkSize } from './assemble.ts';
import type { Einsum } from './einsum.ts';
import { readFreeEinsum } from './free-einsum.ts';
import {
  type LayerSource,
  type Setting,
  type Word,
  commandLineSource,
  end,
  failAt,
  match,
  readInteger,
  readSettings,
  skip,
} from './layer-text.ts';

/** The grammar of a layer's text; `dse` prints it as help. */
export const LAYER_GRAMMAR = `\
KIND:KEY=VALUE,KEY=VALUE,...     commas or spaces between settings; a space may stand for the colon
VALUE is an integer from 1 to 2^31-1, or an expression in braces: M={batch*seq}

conv    M C P Q R S [N=1] [G=1] [stride=1] [dilation=1] [groups]
        N batch, M output and C input channels, PxQ output, RxS filter.
        P pairs with R, Q with S; stride=2x1 strides P by 2 and Q by 1, likewise dilation.
        G groups: M and C count the channels of one group. With groups=2 they count all channels.
          Outputs[n,g,m,p,q] += Inputs[n,g,c,stride*p+dilation*r,stride*q+dilation*s] * Weights[g,m,c,r,s]
dwconv  G P Q R S [N=1] [M=1] [stride=1] [dilation=1]
        depthwise: conv with G channels, C=1 input and M outputs for each
gemm    M N K                    Z[m,n] += A[m,k] * B[k,n]
bgemm   B M N K                  Z[b,m,n] += A[b,m,k] * B[b,k,n]
qk      H M N E [B=1] [G=1]      QK[b,h,g,m,n] += Q[b,h,g,m,e] * K[b,h,n,e]
av      H M N E [B=1] [G=1]      AV[b,h,g,m,e] += A[b,h,g,m,n] * V[b,h,n,e]
        attention: B sequences, H key/value heads with G query heads each, M query and N key positions,
        E head size
einsum  O[m,p] += I[m,2p+r] * W[r] | m=4,p=8,r=3
        any dimensions and linear indices; the first operand has role inputs, the second weights

G is left out where it is 1. A trailing x12 counts a layer that occurs 12 times in its network.`;

/** A layer and how often its network runs it. */
export interface LayerLine {
  readonly einsum: Einsum;
  readonly count: number;
}

interface DimRule {
  readonly name: string;
  /** Bound where the text gives none. */
  readonly default?: number;
  /** The text may not give it; the reason. */
  readonly fixed?: string;
}

/** Coefficients of a window's index along P and R, and along Q and S. */
interface Window {
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

interface Kind {
  readonly dims: readonly DimRule[];
  /** Settings beside the dimensions. */
  readonly options: readonly string[];
  readonly tensors: (window: Window) => readonly TensorPattern[];
}

const convTensors = ({ stride, dilation }: Window): TensorPattern[] => [
  { name: 'Weights', role: 'weights', indices: ['G', 'M', 'C', 'R', 'S'] },
  {
    name: 'Inputs',
    role: 'inputs',
    indices: [
      'N',
      'G',
      'C',
      [
        ['P', stride[0]],
        ['R', dilation[0]],
      ],
      [
        ['Q', stride[1]],
        ['S', dilation[1]],
      ],
    ],
  },
  { name: 'Outputs', role: 'outputs', indices: ['N', 'G', 'M', 'P', 'Q'] },
];

const gemmTensors = (): TensorPattern[] => [
  { name: 'A', role: 'inputs', indices: ['B', 'M', 'K'] },
  { name: 'B', role: 'weights', indices: ['B', 'K', 'N'] },
  { name: 'Z', role: 'outputs', indices: ['B', 'M', 'N'] },
];

const KINDS: Readonly<Record<string, Kind>> = {
  conv: {
    dims: dimRules('N=1 G=1 M C P Q R S'),
    options: ['stride', 'dilation', 'groups'],
    tensors: convTensors,
  },
  dwconv: {
    dims: [
      ...dimRules('N=1 G M=1'),
      { name: 'C', default: 1, fixed: 'a dwconv has one input channel per group: give the channels as G' },
      ...dimRules('P Q R S'),
    ],
    options: ['stride', 'dilation'],
    tensors: convTensors,
  },
  gemm: { dims: dimRules('M N K'), options: [], tensors: gemmTensors },
  bgemm: { dims: dimRules('B M N K'), options: [], tensors: gemmTensors },
  qk: {
    dims: dimRules('B=1 H G=1 M N E'),
    options: [],
    tensors: () => [
      { name: 'Q', role: 'inputs', indices: ['B', 'H', 'G', 'M', 'E'] },
      { name: 'K', role: 'weights', indices: ['B', 'H', 'N', 'E'] },
      { name: 'QK', role: 'outputs', indices: ['B', 'H', 'G', 'M', 'N'] },
    ],
  },
  av: {
    dims: dimRules('B=1 H G=1 M N E'),
    options: [],
    tensors: () => [
      { name: 'A', role: 'inputs', indices: ['B', 'H', 'G', 'M', 'N'] },
      { name: 'V', role: 'weights', indices: ['B', 'H', 'N', 'E'] },
      { name: 'AV', role: 'outputs', indices: ['B', 'H', 'G', 'M', 'E'] },
    ],
  },
};

/** Characters of a layer's text: twenty times the longest sensible one. */
const MAX_LENGTH = 4096;

/** Every kind of layer by name. */
export const LAYER_KINDS: readonly string[] = [...Object.keys(KINDS), 'einsum'];

function dimRules(text: string): DimRule[] {
  return text.split(' ').map((rule) => {
    const [name, value] = rule.split('=');
    return value === undefined ? { name } : { name, default: Number(value) };
  });
}

/**
 * The layer a text on the command line describes, such as `conv:N=1,M=64,C=3,P=112,Q=112,R=7,S=7,stride=2`
 * (grammar: `LAYER_GRAMMAR`). Throws `InputError` with file name `<layer>`.
 */
export function parseLayer(text: string): Einsum {
  return readLayer(commandLineSource(text)).einsum;
}

/** The layer and its count; `name` is the Einsum's name, by default its kind. Throws `InputError`. */
export function readLayer(source: LayerSource, name?: string): LayerLine {
  if (source.text.length > MAX_LENGTH) {
    const start = { text: source.text.slice(0, 20), start: 0 };
    failAt(source, start, `the layer is ${source.text.length} characters long; the limit is ${MAX_LENGTH}`);
  }
  const kind = readKind(source);
  const { einsum, count } =
    kind.text === 'einsum'
      ? readEinsum(source, name ?? kind.text, bodyStart(source, kind))
      : readKnown(source, name ?? kind.text, kind);
  checkSize(source, einsum);
  return { einsum, count: count ? readInteger(source, count, 'the count') : 1 };
}

const SPACE = /\s*/y;
const KIND_NAME = /[A-Za-z_]\w*/y;
const COLON = /\s*:?\s*/y;
const ANY_WORD = /\S*/y;

function readKind(source: LayerSource): Word {
  const start = skip(SPACE, source.text, 0);
  const word = match(KIND_NAME, source.text, start) ?? match(ANY_WORD, source.text, start)!;
  if (LAYER_KINDS.includes(word.text)) return word;
  return failAt(source, word, word.text ? `unknown kind of layer '${word.text}'` : 'the layer is empty', {
    expected: `one of ${LAYER_KINDS.join(', ')}`,
    suggestion: didYouMean(word.text, LAYER_KINDS),
  });
}

function bodyStart(source: LayerSource, kind: Word): number {
  return skip(COLON, source.text, end(kind));
}

interface Reading {
  readonly einsum: Einsum;
  readonly count?: Word;
}

function readEinsum(source: LayerSource, name: string, start: number): Reading {
  const bar = source.text.indexOf('|', start);
  if (bar < 0) {
    const last = { text: '', start: source.text.trimEnd().length };
    failAt(source, last, 'the Einsum has no bounds', { expected: "'|' and the bounds: | m=4,p=8,r=3" });
  }
  const { settings, count } = readSettings(source, bar + 1);
  return { einsum: readFreeEinsum(source, name, start, bar, settings), count };
}

function readKnown(source: LayerSource, name: string, kindWord: Word): Reading {
  const kind = KINDS[kindWord.text];
  const { settings, count } = readSettings(source, bodyStart(source, kindWord));
  settings.forEach((setting) => rejectUnknown(source, kindWord.text, setting));
  const values = new Map(settings.map(({ key, value }) => [key.text, value]));
  const window = {
    stride: readPair(source, 'stride', values.get('stride')),
    dilation: readPair(source, 'dilation', values.get('dilation')),
  };
  const bounds = splitGroups(source, readBounds(source, kindWord, values), values);
  if (bounds.get('G') === 1) bounds.delete('G');
  return { einsum: assemble(name, bounds, kind.tensors(window)), count };
}

function rejectUnknown(source: LayerSource, kindName: string, { key }: Setting): void {
  const { dims, options } = KINDS[kindName];
  const rule = dims.find(({ name }) => name === key.text);
  if (rule?.fixed) failAt(source, key, `${key.text} cannot be set`, { suggestion: rule.fixed });
  if (rule || options.includes(key.text)) return;
  const known = [...dims.filter(({ fixed }) => !fixed).map((dim) => dim.name), ...options];
  failAt(source, key, `a ${kindName} has no '${key.text}'`, {
    expected: `one of ${known.join(', ')}`,
    suggestion: didYouMean(key.text, known),
  });
}

function readBounds(
  source: LayerSource,
  kindWord: Word,
  values: ReadonlyMap<string, Word>,
): Map<string, number> {
  const { dims } = KINDS[kindWord.text];
  const missing = dims.filter((rule) => rule.default === undefined && !values.has(rule.name));
  if (missing.length > 0) {
    const wanted = missing.map(({ name }) => `${name}=`).join(', ');
    failAt(source, kindWord, `this ${kindWord.text} has no bound for ${wanted}`);
  }
  return new Map(
    dims.map((rule) => {
      const value = values.get(rule.name);
      return [rule.name, value ? readInteger(source, value, rule.name) : rule.default!];
    }),
  );
}

/** `groups=g` counts the channels of all groups in M and C; the Einsum's bounds are those of one group. */
function splitGroups(
  source: LayerSource,
  bounds: Map<string, number>,
  values: ReadonlyMap<string, Word>,
): Map<string, number> {
  const word = values.get('groups');
  if (!word) return bounds;
  const groups = readInteger(source, word, 'groups');
  if (values.has('G')) {
    failAt(source, word, 'G and groups are both given', {
      suggestion: 'G=: M and C count the channels of one group; groups=: of all groups',
    });
  }
  for (const dim of ['M', 'C']) {
    const channels = bounds.get(dim)!;
    if (channels % groups !== 0)
      failAt(source, word, `${dim}=${channels} does not split into ${groups} groups`);
    bounds.set(dim, channels / groups);
  }
  return bounds.set('G', groups);
}

const ONE_OR_TWO = /^(\{[^{}]*\}|[^{}x]+)(?:x(\{[^{}]*\}|[^{}x]+))?$/;

/** `2` or `2x1`. */
function readPair(source: LayerSource, what: string, word: Word | undefined): readonly [number, number] {
  if (!word) return [1, 1];
  const parts = ONE_OR_TWO.exec(word.text);
  if (!parts) return failAt(source, word, `${what} '${word.text}' is neither one integer nor two, as in 2x1`);
  const first = readInteger(source, { text: parts[1], start: word.start }, what);
  if (parts[2] === undefined) return [first, first];
  const second = { text: parts[2], start: word.start + parts[1].length + 1 };
  return [first, readInteger(source, second, what)];
}
