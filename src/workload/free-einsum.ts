/** Reads a free Einsum, `O[m,p] += I[m,2p+r] * W[r] | m=4 p=8 r=3`: any dimensions, any linear index expressions. */
import { didYouMean } from '../spec/suggest.ts';
import { type Addend, type TensorPattern, assemble } from './assemble.ts';
import type { Einsum, Role } from './einsum.ts';
import {
  type LayerSource,
  type Setting,
  type Word,
  end,
  failAt,
  match,
  readInteger,
  skip,
} from './layer-text.ts';

/** A tensor with its index expressions, as written. */
interface Reference {
  readonly name: Word;
  readonly indices: readonly (readonly Addend[])[];
}

/**
 * The Einsum that `source.text` states between `start` and the `|` at `bar`, over the bounds given after the bar.
 * The first operand has role `inputs`, the second `weights`, further ones `inputs`.
 * Throws `InputError` for bad syntax, an index that names no dimension and a dimension that indexes nothing.
 */
export function readFreeEinsum(
  source: LayerSource,
  name: string,
  start: number,
  bar: number,
  settings: readonly Setting[],
): Einsum {
  const bounds = new Map(settings.map(({ key, value }) => [key.text, readInteger(source, value, key.text)]));
  const reader = new EinsumReader(source, start, bar, [...bounds.keys()]);
  const [output, ...operands] = reader.read();
  rejectUnused(source, settings, [output, ...operands]);
  const patterns = [
    ...operands.map((operand, i) => pattern(operand, operandRole(i))),
    pattern(output, 'outputs'),
  ];
  rejectClashes(source, [...operands, output], patterns);
  return assemble(name, bounds, patterns);
}

function operandRole(position: number): Role {
  return position === 1 ? 'weights' : 'inputs';
}

function pattern({ name, indices }: Reference, role: Role): TensorPattern {
  return { name: name.text, role, indices };
}

function rejectUnused(
  source: LayerSource,
  settings: readonly Setting[],
  references: readonly Reference[],
): void {
  const used = new Set(references.flatMap(({ indices }) => indices.flat().map(([dim]) => dim)));
  const unused = settings.find(({ key }) => !used.has(key.text));
  if (unused)
    failAt(source, unused.key, `dimension ${unused.key.text} indexes no tensor`, { suggestion: REPEAT });
}

const REPEAT = 'leave it out; a layer that runs several times takes a count: x12';

/** Mappings and architectures pick tensors by name or role without regard to case, so a word must pick one meaning. */
function rejectClashes(
  source: LayerSource,
  references: readonly Reference[],
  patterns: readonly TensorPattern[],
): void {
  const seen = new Map<string, string>();
  references.forEach(({ name }, i) => {
    const word = name.text.toLowerCase();
    const earlier = seen.get(word);
    if (earlier !== undefined)
      failAt(source, name, `two tensors are called ${earlier}`, { suggestion: RENAME });
    if (RESERVED.has(word) && word !== patterns[i].role) {
      failAt(source, name, `${name.text} cannot name this tensor, which has the role '${patterns[i].role}'`);
    }
    seen.set(word, name.text);
  });
}

const RENAME = 'names are compared without regard to case; give each use its own name';
const RESERVED = new Set(['inputs', 'weights', 'outputs', 'all']);

const SPACE = /\s*/y;
const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /\d+(?:\.\d+)?/y;
const ASSIGN = /\+?=/y;
const SIGN = /[+-]/y;
const STAR = /\*/y;
const OPEN = /\[/y;
const CLOSE = /\]/y;
const COMMA = /,/y;
const ANYTHING = /[A-Za-z_0-9.]+|\S/y;

/** Recursive descent over the part before the bar. */
class EinsumReader {
  readonly #source: LayerSource;
  readonly #text: string;
  readonly #dims: readonly string[];
  #at: number;

  constructor(source: LayerSource, start: number, bar: number, dims: readonly string[]) {
    this.#source = source;
    this.#text = source.text.slice(0, bar);
    this.#dims = dims;
    this.#at = start;
  }

  /** The output, then the operands. */
  read(): Reference[] {
    const references = [this.#reference('the output, such as O[m,n]')];
    this.#need(ASSIGN, "'+='");
    do references.push(this.#reference('an operand, such as A[m,k]'));
    while (this.#take(STAR));
    if (this.#rest().text !== '') this.#unexpected("'*' and another operand, or '|' and the bounds");
    return references;
  }

  #reference(expected: string): Reference {
    const name = this.#need(NAME, expected);
    this.#need(OPEN, `'[' after ${name.text}`);
    const indices: Addend[][] = [];
    if (this.#take(CLOSE)) return { name, indices };
    do indices.push(this.#index(name.text));
    while (this.#take(COMMA));
    this.#need(CLOSE, "',' or ']'");
    return { name, indices };
  }

  /** A sum of terms; terms of one dimension are added up. */
  #index(tensor: string): Addend[] {
    const start = this.#rest().start;
    const sum = new Map<string, number>();
    let sign = this.#take(SIGN)?.text;
    do {
      const [dim, coefficient] = this.#term(tensor, sign === '-' ? -1 : 1);
      sum.set(dim, (sum.get(dim) ?? 0) + coefficient);
      sign = this.#take(SIGN)?.text;
    } while (sign);
    const whole = { text: this.#text.slice(start, this.#at).trimEnd(), start };
    const cancelled = [...sum].find(([, coefficient]) => coefficient === 0);
    if (cancelled) failAt(this.#source, whole, `${cancelled[0]} cancels out of index '${whole.text}'`);
    return [...sum];
  }

  #term(tensor: string, sign: 1 | -1): Addend {
    const number = this.#take(NUMBER);
    if (number) this.#take(STAR);
    const dim = this.#take(NAME);
    if (number && !dim) this.#constant(number);
    if (!dim) this.#unexpected(`an index of ${tensor}: a dimension, or a sum such as 2p+r`);
    if (!this.#dims.includes(dim.text)) this.#unknown(dim, tensor);
    const factor = number ? readInteger(this.#source, number, `the coefficient of ${dim.text}`) : 1;
    return [dim.text, sign * factor];
  }

  #constant(number: Word): never {
    failAt(this.#source, number, `constant ${number.text} in an index`, {
      suggestion: 'leave it out: an offset or padding moves the tensor and changes no count',
    });
  }

  #unknown(dim: Word, tensor: string): never {
    failAt(this.#source, dim, `index '${dim.text}' of ${tensor} names no dimension`, {
      expected: this.#dims.length > 0 ? `one of ${this.#dims.join(', ')}` : undefined,
      suggestion: didYouMean(dim.text, this.#dims) ?? `give its bound after the bar: ${dim.text}=…`,
    });
  }

  #take(pattern: RegExp): Word | undefined {
    this.#at = skip(SPACE, this.#text, this.#at);
    const word = match(pattern, this.#text, this.#at);
    if (word) this.#at = end(word);
    return word;
  }

  #need(pattern: RegExp, expected: string): Word {
    return this.#take(pattern) ?? this.#unexpected(expected);
  }

  /** The next word, empty at the end. */
  #rest(): Word {
    this.#at = skip(SPACE, this.#text, this.#at);
    return match(ANYTHING, this.#text, this.#at) ?? { text: '', start: this.#at };
  }

  #unexpected(expected: string): never {
    const found = this.#rest();
    failAt(this.#source, found, found.text ? `unexpected '${found.text}'` : 'the Einsum ends too early', {
      expected,
    });
  }
}
