/** Reads a mapping file, or the mapping of one layer in a search result, with the place of everything wrong in it. */
import type { Architecture } from '../arch/architecture.ts';
import { fanouts, memories, names } from '../arch/architecture.ts';
import type { Path, YamlDocument } from '../spec/document.ts';
import { check, throwAll } from '../spec/document.ts';
import type { Diagnostic, SourcePosition } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { NestEntry } from './file.ts';
import { mappingFile, searchResult } from './file.ts';
import { checkMapping } from './legality.ts';
import type { Mapping, NestItem } from './mapping.ts';

/**
 * The legal mapping a document describes: a `dse.mapping/1` file, or a `dse.search/1` result, of which the layer
 * with the Einsum's name is taken, or else the only one with its bounds.
 *
 * @throws InputError with every unknown name, malformed loop and broken rule, each with its place
 */
export function readMapping(document: YamlDocument, arch: Architecture, einsum: Einsum): Mapping {
  return readMappingAt(document, mappingPath(document, einsum), arch, einsum);
}

/** The legal mapping at a path of a document. Throws as `readMapping`. */
export function readMappingAt(
  document: YamlDocument,
  root: Path,
  arch: Architecture,
  einsum: Einsum,
): Mapping {
  const { nest } = check(document, mappingFile, root);
  const reader = new NestReader(document, arch, einsum);
  nest.forEach((entry, i) => reader.read(entry, [...root, 'nest', i]));
  if (reader.problems.length > 0) throwAll(reader.problems);
  const mapping = { nest: reader.nest };
  const violations = checkMapping(arch, einsum, mapping);
  if (violations.length === 0) return mapping;
  throwAll(
    violations.map(({ message, suggestion, item }) => {
      const position =
        item === undefined ? document.position([...root, 'nest'], 'key') : reader.places[item]();
      return { message, suggestion, position };
    }),
  );
}

/** Where in the document the mapping for the Einsum is. */
function mappingPath(document: YamlDocument, einsum: Einsum): Path {
  if (document.at(['schema']) !== 'dse.search/1') return [];
  const { layers } = check(document, searchResult);
  const named = layers.findIndex((layer) => layer.name === einsum.name);
  const index = named >= 0 ? named : onlyIndex(layers, ({ einsum: { dims } }) => hasBounds(einsum, dims));
  if (index >= 0) return ['layers', index, 'best', 'mapping'];
  const known = layers.map((layer) => layer.name);
  document.fail(['layers'], `the result has no layer '${einsum.name}', and not one layer of its shape`, {
    part: 'key',
    expected: `one of ${known.join(', ')}`,
    suggestion: didYouMean(einsum.name, known),
  });
}

/** A search names a shape by its first layer; others of that shape find it by their bounds. */
function hasBounds(einsum: Einsum, bounds: Readonly<Record<string, number>>): boolean {
  const { dims } = einsum;
  return (
    Object.keys(bounds).length === dims.length && dims.every(({ name, bound }) => bounds[name] === bound)
  );
}

/** Index of the item for which the test holds; −1 if there is none or more than one. */
function onlyIndex<T>(items: readonly T[], test: (item: T) => boolean): number {
  const first = items.findIndex(test);
  return items.findLastIndex(test) === first ? first : -1;
}

/** A loop of a text like `M=4 C=2`. */
interface LoopText {
  readonly dim: number;
  readonly factor: number;
  readonly place: () => SourcePosition;
}

/** Collects nest items, where each stands, and what is wrong with them. */
class NestReader {
  readonly nest: NestItem[] = [];
  /** Place of each nest item. */
  readonly places: (() => SourcePosition)[] = [];
  readonly problems: Diagnostic[] = [];
  readonly #document: YamlDocument;
  readonly #einsum: Einsum;
  readonly #memories: readonly string[];
  readonly #fanouts: readonly string[];

  constructor(document: YamlDocument, arch: Architecture, einsum: Einsum) {
    this.#document = document;
    this.#einsum = einsum;
    this.#memories = memories(arch).map((memory) => memory.name);
    this.#fanouts = fanouts(arch).map((array) => array.name);
  }

  read(entry: NestEntry, path: Path): void {
    if ('memory' in entry) this.#station(entry, path);
    else if ('for' in entry) this.#temporal(entry.for, [...path, 'for']);
    else this.#spatial(entry, path);
  }

  #station({ memory: name, keep }: Extract<NestEntry, { memory: string }>, path: Path): void {
    const place = (): SourcePosition => this.#document.position([...path, 'memory']);
    const memory = this.#index('memory', name, this.#memories, place);
    const tensors = keep.flatMap((word, i) => this.#tensors(word, [...path, 'keep', i]));
    this.#add({ kind: 'station', memory, tensors: tensors.toSorted((a, b) => a - b) }, place);
  }

  #tensors(word: string, path: Path): number[] {
    const { tensors } = this.#einsum;
    const found = tensors.flatMap((tensor, t) => (names([word], tensor) ? [t] : []));
    if (found.length > 0) return found;
    const known = tensors.map((tensor) => tensor.name);
    this.#unknown('tensor', word, known, () => this.#document.position(path));
    return [];
  }

  #temporal(text: string, path: Path): void {
    for (const { dim, factor, place } of this.#loops(text, path))
      this.#add({ kind: 'for', dim, factor }, place);
  }

  #spatial(entry: Extract<NestEntry, { array: string }>, path: Path): void {
    const fanout = this.#index('array', entry.array, this.#fanouts, () =>
      this.#document.position([...path, 'array']),
    );
    // Axes in the order of the file: the first is the outer one.
    const written = this.#document.at(path) as object;
    for (const axis of Object.keys(written).filter((key) => key === 'x' || key === 'y')) {
      for (const { dim, factor, place } of this.#loops(entry[axis] ?? '', [...path, axis])) {
        this.#add({ kind: 'parallel', fanout, axis, dim, factor }, place);
      }
    }
  }

  #loops(text: string, path: Path): LoopText[] {
    const words = [...text.matchAll(/([^\s,=]+)\s*=\s*([^\s,=]+)|[^\s,]+/g)];
    if (words.length === 0) this.#problem('no loops', () => this.#document.position(path), LOOP_FORM);
    return words.map((word) => {
      const place = (from = 0, length = word[0].length): SourcePosition =>
        placeWithin(this.#document.position(path), text, word.index + from, length);
      return this.#loop(word, place);
    });
  }

  #loop(
    [word, name, factor]: RegExpExecArray,
    place: (from?: number, length?: number) => SourcePosition,
  ): LoopText {
    const whole = (): SourcePosition => place();
    if (name === undefined) {
      this.#problem(`'${word}' is not a loop`, whole, LOOP_FORM);
      return { dim: -1, factor: 1, place: whole };
    }
    const dim = this.#index(
      'dimension',
      name,
      this.#einsum.dims.map((d) => d.name),
      () => place(0, name.length),
    );
    const count = /^\d+$/.test(factor) ? Number(factor) : 0;
    if (count < 1 || !Number.isSafeInteger(count)) {
      this.#problem(`a factor is a positive integer, found '${factor}'`, () =>
        place(word.length - factor.length, factor.length),
      );
    }
    return { dim, factor: count, place: whole };
  }

  #index(what: string, name: string, known: readonly string[], place: () => SourcePosition): number {
    const index = known.indexOf(name);
    if (index < 0) this.#unknown(what, name, known, place);
    return index;
  }

  #unknown(what: string, name: string, known: readonly string[], place: () => SourcePosition): void {
    const expected = known.length > 0 ? `one of ${known.join(', ')}` : undefined;
    this.#problem(`unknown ${what} '${name}'`, place, expected, didYouMean(name, known));
  }

  #problem(message: string, place: () => SourcePosition, expected?: string, suggestion?: string): void {
    this.problems.push({ message, position: place(), expected, suggestion });
  }

  #add(item: NestItem, place: () => SourcePosition): void {
    this.nest.push(item);
    this.places.push(place);
  }
}

const LOOP_FORM = 'dimension=factor, as in M=4';

/** The place of a part of a scalar's text; of the whole scalar where the source does not hold the text on one line. */
function placeWithin(scalar: SourcePosition, text: string, offset: number, length: number): SourcePosition {
  const start = scalar.text.indexOf(text, scalar.column - 1);
  // At the scalar's own column, or one further where it is quoted.
  if (start !== scalar.column - 1 && start !== scalar.column) return scalar;
  return { ...scalar, column: start + 1 + offset, length };
}
