/** Reads constraints: an architecture's `constraints:` section or a constraints file. Contradictions are the mapspace's business. */
import { z } from 'zod';
import type { Architecture } from '../arch/architecture.ts';
import { names } from '../arch/architecture.ts';
import type { Path, YamlDocument } from '../spec/document.ts';
import { check, readYaml, throwAll } from '../spec/document.ts';
import type { Diagnostic, SourcePosition } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import type { Einsum } from '../workload/einsum.ts';
import { isRelevant } from '../workload/einsum.ts';
import type { Constraints, Rule } from './constraints.ts';

/** A list, or its words in one text: `[C, M]`, `C M`, `C, M`. */
const words = z.union([z.string(), z.array(z.string())]);

const entrySchema = z.strictObject({
  target: z.string(),
  factors: words.optional(),
  order: words.optional(),
  keep: words.optional(),
  bypass: words.optional(),
  resident: words.optional(),
  reserve: z.number().gt(0).optional(),
  x: words.optional(),
  y: words.optional(),
  min_utilization: z.number().gt(0).lte(1).optional(),
});

const listSchema = z.array(entrySchema);
const fileSchema = z.strictObject({ schema: z.literal('dse.constraints/1'), constraints: listSchema });

type Entry = z.infer<typeof entrySchema>;

export interface ConstraintsSource {
  /** Where in the document the list stands. */
  readonly path: Path;
  /** An architecture's own list serves several kinds of layer: dimensions a layer lacks are skipped. */
  readonly ofArchitecture: boolean;
}

/**
 * The rules of a list of constraints, for one architecture and layer.
 *
 * @throws InputError with every unknown target, dimension, tensor or key, each with its position
 */
export function readConstraints(
  document: YamlDocument,
  arch: Architecture,
  einsum: Einsum,
  source: ConstraintsSource,
): Constraints {
  const entries = check(document, listSchema, source.path);
  const reader = new Reader(document, arch, einsum, source.ofArchitecture);
  entries.forEach((entry, index) => reader.read(entry, [...source.path, index]));
  if (reader.problems.length > 0) throwAll(reader.problems);
  return reader.rules;
}

/** The rules an architecture's own file has for a layer; none for an architecture that states none. */
export function readOwnConstraints(arch: Architecture, einsum: Einsum): Constraints {
  if (!arch.constraints) return [];
  const { document, path } = arch.constraints;
  return readConstraints(document, arch, einsum, { path, ofArchitecture: true });
}

/**
 * Rules of a constraints file: a list, or `{schema: dse.constraints/1, constraints: [...]}`.
 *
 * @throws InputError if the file cannot be read, or as `readConstraints`
 */
export function loadConstraints(file: string, arch: Architecture, einsum: Einsum): Constraints {
  const document = readYaml(file);
  if (Array.isArray(document.value)) {
    return readConstraints(document, arch, einsum, { path: [], ofArchitecture: false });
  }
  check(document, fileSchema);
  return readConstraints(document, arch, einsum, { path: ['constraints'], ofArchitecture: false });
}

/** A word of a list, and where it stands. */
interface Word {
  readonly text: string;
  readonly position: SourcePosition;
}

type ListKey = 'factors' | 'order' | 'keep' | 'bypass' | 'resident' | 'x' | 'y';

const KEYS_OF = {
  memory: ['factors', 'order', 'keep', 'bypass', 'resident', 'reserve'],
  array: ['factors', 'x', 'y', 'min_utilization'],
  'compute unit': ['min_utilization'],
} as const;

class Reader {
  readonly rules: Rule[] = [];
  readonly problems: Diagnostic[] = [];
  readonly #document: YamlDocument;
  readonly #arch: Architecture;
  readonly #einsum: Einsum;
  readonly #ofArchitecture: boolean;

  constructor(document: YamlDocument, arch: Architecture, einsum: Einsum, ofArchitecture: boolean) {
    this.#document = document;
    this.#arch = arch;
    this.#einsum = einsum;
    this.#ofArchitecture = ofArchitecture;
  }

  read(entry: Entry, path: Path): void {
    const node = this.#node(entry.target, path);
    if (node === undefined || !this.#fitsTarget(entry, node, path)) return;
    for (const word of this.#words(entry, 'factors', path)) this.#factor(node, word);
    this.#order(entry, node, path);
    for (const word of this.#words(entry, 'keep', path)) this.#keep(node, word, true);
    for (const word of this.#words(entry, 'bypass', path)) this.#keep(node, word, false);
    for (const word of this.#words(entry, 'resident', path)) {
      const { position } = word;
      for (const tensor of this.#tensors(word)) this.rules.push({ kind: 'resident', node, tensor, position });
    }
    if (entry.reserve !== undefined) {
      const position = this.#document.position([...path, 'reserve']);
      this.rules.push({ kind: 'reserve', node, words: entry.reserve, position });
    }
    this.#axis(entry, node, 'x', path);
    this.#axis(entry, node, 'y', path);
    if (entry.min_utilization === undefined) return;
    const position = this.#document.position([...path, 'min_utilization']);
    this.rules.push({ kind: 'utilization', node, share: entry.min_utilization, position });
  }

  #node(target: string, path: Path): number | undefined {
    const known = [...this.#arch.nodes.map((node) => node.name), this.#arch.compute.name];
    const node = known.indexOf(target);
    if (node >= 0) return node;
    this.#problem(
      this.#document.position([...path, 'target']),
      `${this.#arch.name} has no '${target}'`,
      known,
    );
    return undefined;
  }

  #fitsTarget(entry: Entry, node: number, path: Path): boolean {
    const kind = this.#arch.nodes[node]?.kind ?? 'compute unit';
    const allowed: readonly string[] = KEYS_OF[kind];
    const wrong = Object.keys(entry).filter((key) => key !== 'target' && !allowed.includes(key));
    for (const key of wrong) {
      const message = `'${key}' does not apply to ${entry.target}, which is ${kind === 'array' ? 'an' : 'a'} ${kind}`;
      const position = this.#document.position([...path, key], 'key');
      this.problems.push({ message, position, expected: `one of ${allowed.join(', ')}` });
    }
    return wrong.length === 0;
  }

  /** The words under a key, each with its own place where it stands on the value's first line. */
  #words(entry: Entry, key: ListKey, path: Path): Word[] {
    const value = entry[key];
    if (value === undefined) return [];
    if (typeof value === 'string') return split(value, this.#document.position([...path, key]));
    return value.flatMap((item, index) => split(item, this.#document.position([...path, key, index])));
  }

  #factor(node: number, word: Word): void {
    const [, name, relation, digits] = /^(\w+)(<=|>=|=)(\d+)$/.exec(word.text) ?? [];
    const value = Number(digits);
    if (name === undefined || value < 1 || value >= 2 ** 31) {
      const expected = "a dimension, '=', '<=' or '>=', and an integer from 1, such as C=16";
      this.problems.push({ message: `'${word.text}' is not a factor`, position: word.position, expected });
      return;
    }
    const dim = this.#dim(
      { text: name, position: { ...word.position, length: name.length } },
      this.#ofArchitecture,
    );
    if (dim === undefined) return;
    const least = relation === '<=' ? 1 : value;
    const most = relation === '>=' ? this.#einsum.dims[dim].bound : value;
    this.rules.push({ kind: 'factor', node, dim, least, most, position: word.position });
  }

  #order(entry: Entry, node: number, path: Path): void {
    if (entry.order === undefined) return;
    const listed = this.#words(entry, 'order', path);
    const sequence = listed.flatMap((word): (number | '*')[] => {
      const item = word.text === '*' ? '*' : this.#dim(word, this.#ofArchitecture);
      return item === undefined ? [] : [item];
    });
    const repeated = listed.find((word, i) => listed.slice(0, i).some((other) => other.text === word.text));
    if (repeated) this.#problem(repeated.position, `'${repeated.text}' stands twice in the order`);
    const position = this.#document.position([...path, 'order']);
    this.rules.push({ kind: 'order', node, sequence, position });
  }

  #keep(node: number, word: Word, kept: boolean): void {
    for (const tensor of this.#tensors(word)) {
      this.rules.push({ kind: 'keep', node, tensor, kept, position: word.position });
    }
  }

  #tensors(word: Word): number[] {
    const { tensors } = this.#einsum;
    const found = tensors.flatMap((tensor, t) => (names([word.text], tensor) ? [t] : []));
    if (found.length === 0) {
      const known = [...tensors.map((tensor) => tensor.name), 'inputs', 'weights', 'outputs', 'all'];
      this.#problem(word.position, `${this.#einsum.name} has no tensor '${word.text}'`, known);
    }
    return found;
  }

  #axis(entry: Entry, node: number, axis: 'x' | 'y', path: Path): void {
    if (entry[axis] === undefined) return;
    const dims = this.#words(entry, axis, path).flatMap((word) => this.#axisDims(word));
    this.rules.push({ kind: 'axis', node, axis, dims, position: this.#document.position([...path, axis]) });
  }

  /** A dimension by name, or by roles joined with '&': those that index tensors of exactly these roles. */
  #axisDims(word: Word): number[] {
    const { dims, tensors } = this.#einsum;
    const roles = word.text.split('&');
    if (!roles.every((role) => ROLES.includes(role))) {
      return [this.#dim(word, this.#ofArchitecture)].filter((dim) => dim !== undefined);
    }
    return dims.flatMap((_, dim) => {
      const indexing = tensors.filter((tensor) => isRelevant(tensor, dim)).map((tensor) => tensor.role);
      const exactly =
        new Set(indexing).size === roles.length && roles.every((role) => indexing.some((r) => r === role));
      return exactly ? [dim] : [];
    });
  }

  #dim(word: Word, mayLack: boolean): number | undefined {
    const known = this.#einsum.dims.map((dim) => dim.name);
    const dim = known.indexOf(word.text);
    if (dim >= 0) return dim;
    if (!mayLack) this.#problem(word.position, `${this.#einsum.name} has no dimension '${word.text}'`, known);
    return undefined;
  }

  #problem(position: SourcePosition, message: string, known?: readonly string[]): void {
    const expected = known && `one of ${[...new Set(known)].join(', ')}`;
    const found = position.text.slice(position.column - 1, position.column - 1 + position.length);
    this.problems.push({ message, position, expected, suggestion: known && didYouMean(found, known) });
  }
}

const ROLES: readonly string[] = ['inputs', 'weights', 'outputs'];

/** Words between spaces and commas; spaces around a relation belong to the word. */
function split(text: string, place: SourcePosition): Word[] {
  const matches = text.matchAll(/[^\s,<>=]+(?:\s*[<>=]+\s*[^\s,<>=]*)?|[<>=]+\s*[^\s,]*/g);
  return [...matches].map((match) => ({
    text: match[0].replace(/\s+/g, ''),
    position: within(place, match[0], match.index),
  }));
}

/** The place of a word at `offset` inside a value, if the word stands on the value's first line. */
function within(place: SourcePosition, word: string, offset: number): SourcePosition {
  const at = place.text.indexOf(word, place.column - 1 + offset);
  const inside = at >= 0 && at + word.length <= place.column - 1 + place.length;
  return inside ? { ...place, column: at + 1, length: word.length } : place;
}
