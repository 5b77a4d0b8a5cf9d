/** A YAML file with the place of everything in it. What the keys mean is the business of the rooms that read it. */
import {
  type CST,
  Composer,
  type Document,
  Lexer,
  type Node,
  type Pair,
  type ParsedNode,
  Parser,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
} from 'yaml';
import type { z } from 'zod';
import { type Diagnostic, InputError, type SourcePosition } from './errors.ts';
import { issueDiagnostics, knownKeys } from './issues.ts';
import { type Source, positionAt, readSource } from './source.ts';

export { MAX_FILE_BYTES, type Source, readSource } from './source.ts';

/** Nodes after every alias is expanded; a YAML bomb passes it at once, a real file never. */
const MAX_NODES = 200_000;
const MAX_DEPTH = 64;
/** Diagnostics reported at once. */
const MAX_DIAGNOSTICS = 20;
const MAX_ISSUES = 200;

export type Path = readonly PropertyKey[];
/** What a file may use beside plain YAML. */
export interface YamlDialect {
  /** Tags a mapping or an empty value may carry; kept as the entry `TAG_KEY` of the value. */
  readonly tags?: readonly string[];
  /** Merge keys (`<<`, `<<<`) stay in the value as entries; the reader applies them. */
  readonly mergeKeys?: boolean;
}

/** Entry of a value that holds its tag, without the `!`. */
export const TAG_KEY = '!';

/** Details of a diagnostic beside its message. */
export type Details = Pick<Diagnostic, 'expected' | 'suggestion'> & { readonly part?: 'key' | 'value' };

/** Parses a file. Throws `InputError` if it cannot be read or is not one plain YAML document. */
export function readYaml(path: string): YamlDocument {
  const { file, text } = readSource(path);
  return parseYaml(text, file);
}

/** Parses YAML text; `file` is the name that positions carry. Throws `InputError` with every syntax error. */
export function parseYaml(text: string, file: string, dialect: YamlDialect = {}): YamlDocument {
  const source = { file, text };
  const document = parseNodes(source);
  const problems = [...document.errors, ...document.warnings].filter(
    (problem) => !isKnownTag(problem, dialect),
  );
  if (problems.length > 0) throwSyntax(source, problems);
  const reader = new NodeReader(source, dialect);
  const value = reader.read(document.contents);
  if (reader.problems.length > 0) throwAll(reader.problems);
  return new YamlDocument(source, value, document.contents, reader.targets);
}

/** A value at a path, and where that stands if not in the document's own file. */
export interface Change {
  readonly path: Path;
  readonly value: unknown;
  readonly position?: SourcePosition;
}

/** The parsed value and the way back from a path in it to the place in the file. */
export class YamlDocument {
  readonly file: string;
  readonly text: string;
  /** Plain objects, arrays, strings, numbers, booleans and null; shared where the file uses aliases. */
  readonly value: unknown;
  readonly #root: ParsedNode | null;
  readonly #targets: ReadonlyMap<Node, Node>;
  /** Values that another file gave, the latest last. */
  readonly #given: readonly Change[];

  constructor(
    source: Source,
    value: unknown,
    root: ParsedNode | null,
    targets: ReadonlyMap<Node, Node>,
    given: readonly Change[] = [],
  ) {
    this.file = source.file;
    this.text = source.text;
    this.value = value;
    this.#root = root;
    this.#targets = targets;
    this.#given = given;
  }

  /**
   * Where a value (or the key that names it) stands. A path that leads beyond what the file holds gives the place
   * of the last part that exists; one that `with` changed, the place it came from.
   */
  position(path: Path, part: 'key' | 'value' = 'value'): SourcePosition {
    const given = this.#given.findLast((change) => change.path.every((step, i) => step === path[i]));
    if (given?.position) return given.position;
    const { key, value } = this.#find(path);
    const [start, end] = span(value) ?? [0, 1];
    // An empty value has no text of its own: point at its key.
    const place = (part === 'key' || start === end) && key ? (span(key) ?? [start, end]) : [start, end];
    return positionAt(this, place[0], place[1] - place[0]);
  }

  /** The value at a path, undefined if the file has none. */
  at(path: Path): unknown {
    return path.reduce<unknown>(
      (value, step) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, step)
          ? (value as Record<PropertyKey, unknown>)[step]
          : undefined,
      this.value,
    );
  }

  /** What stands at a path, in words, for "found …" in a message. */
  found(path: Path): string {
    const value = this.at(path);
    if (value === null || value === undefined) return 'nothing';
    if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
    if (typeof value === 'object') return 'a mapping';
    const node = this.#find(path).value;
    return `'${clip(isScalar(node) && node.source !== undefined ? node.source : String(value))}'`;
  }

  diagnostic(path: Path, message: string, { part, ...details }: Details = {}): Diagnostic {
    return { message, position: this.position(path, part), ...details };
  }

  /** Throws an `InputError` about the value (or key) at the path. */
  fail(path: Path, message: string, details?: Details): never {
    throw new InputError(this.diagnostic(path, message, details));
  }

  /** The file with other values at some places, new or old; what has no position of its own is where the file has it. */
  with(changes: readonly Change[]): YamlDocument {
    const value = changes.reduce((all, change) => replaceAt(all, change.path, change.value), this.value);
    return new YamlDocument(this, value, this.#root, this.#targets, [...this.#given, ...changes]);
  }

  #find(path: Path): { key?: Node; value: Node | null } {
    let key: Node | undefined;
    let value: Node | null = this.#root;
    for (const step of path) {
      const next = child(this.#resolve(value), step);
      if (next === undefined) break;
      ({ key = key, value } = next);
    }
    return { key, value: this.#resolve(value) };
  }

  #resolve(node: Node | null): Node | null {
    return (node && this.#targets.get(node)) ?? node;
  }
}

/** A copy that shares what the path does not lead through. */
function replaceAt(whole: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  const entries = typeof whole === 'object' && whole !== null ? whole : {};
  const changed = replaceAt((entries as Record<PropertyKey, unknown>)[step], rest, value);
  if (Array.isArray(whole)) return whole.with(step as number, changed);
  return { ...entries, [step]: changed };
}

/**
 * The value at the path, read by a zod schema. Throws one `InputError` with every issue, in file order; an unknown
 * key comes with the nearest known one.
 */
export function check<T>(document: YamlDocument, schema: z.ZodType<T>, path: Path = []): T {
  const result = validate(document, schema, path);
  if (!result.success) throwAll(result.diagnostics);
  return result.value;
}

export type Validation<T> =
  | { readonly success: true; readonly value: T }
  | { readonly success: false; readonly diagnostics: Diagnostic[] };

/** `check` for a caller that has more to say about the file before it throws (with `throwAll`). */
export function validate<T>(document: YamlDocument, schema: z.ZodType<T>, path: Path = []): Validation<T> {
  const result = schema.safeParse(document.at(path), { error: knownKeys });
  if (result.success) return { success: true, value: result.data };
  // The cut bounds the work on a hostile file; no person reads past it.
  const issues = result.error.issues.slice(0, MAX_ISSUES);
  const diagnostics = issues.flatMap((issue) => issueDiagnostics(document, issue, path));
  return { success: false, diagnostics };
}

/** Throws an `InputError` with the diagnostics in file order, the first twenty of them. */
export function throwAll(diagnostics: readonly Diagnostic[]): never {
  const sorted = diagnostics.toSorted((a, b) => fileOrder(a.position, b.position));
  const rest = sorted.length - MAX_DIAGNOSTICS;
  if (rest <= 0) throw new InputError(sorted);
  throw new InputError([...sorted.slice(0, MAX_DIAGNOSTICS), { message: `and ${rest} more problems` }]);
}

function fileOrder(a: SourcePosition | undefined, b: SourcePosition | undefined): number {
  if (!a || !b) return Number(!a) - Number(!b);
  return a.line - b.line || a.column - b.column;
}

function parseNodes(source: Source): Document.Parsed {
  // Duplicate keys are found by NodeReader: the parser's own test takes quadratic time.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false });
  const [document, second] = composer.compose(tokens(source), true, source.text.length);
  if (second) {
    const message = "a second document starts here ('---'); a file holds one";
    throw new InputError({ message, position: positionAt(source, second.range[0], 3) });
  }
  return document as Document.Parsed;
}

/** The syntax tree, given up before it is deep enough to exhaust the composer's call stack. */
function* tokens(source: Source): Generator<CST.Token, void> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(source.text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH) {
      const message = `nested more than ${MAX_DEPTH} levels deep`;
      throw new InputError({ message, position: positionAt(source, parser.offset, 1) });
    }
  }
  yield* parser.end();
}

function isKnownTag({ code, message }: Document.Parsed['warnings'][number], { tags }: YamlDialect): boolean {
  return code === 'TAG_RESOLVE_FAILED' && (tags ?? []).some((tag) => message.endsWith(` !${tag}`));
}

/** Of several complaints about one place, as about every open bracket at the end of a cut file, the last: it is shortest. */
function throwSyntax(source: Source, all: Document.Parsed['warnings']): never {
  const problems = all.filter(({ pos }, i) => all.findLastIndex((other) => other.pos[0] === pos[0]) === i);
  throwAll(
    problems.slice(0, MAX_DIAGNOSTICS).map(({ code, message, pos: [start, end] }) => ({
      message: code === 'TAG_RESOLVE_FAILED' ? "tags ('!…') are not supported" : lowerFirst(message),
      position: positionAt(source, start, end - start),
    })),
  );
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Turns nodes into plain values in document order, resolving aliases and counting what they expand to. */
class NodeReader {
  readonly problems: Diagnostic[] = [];
  /** Alias → the node it stands for. */
  readonly targets = new Map<Node, Node>();
  readonly #source: Source;
  readonly #dialect: YamlDialect;
  readonly #anchors = new Map<string, Node>();
  /** Finished nodes that an alias may name: their value and expanded size. */
  readonly #finished = new Map<Node, { value: unknown; size: number }>();
  #size = 0;

  constructor(source: Source, dialect: YamlDialect) {
    this.#source = source;
    this.#dialect = dialect;
  }

  read(node: Node | null): unknown {
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node, node.source);
    const before = this.#size;
    this.#count(node, 1);
    const anchor = (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor;
    if (anchor) this.#anchors.set(anchor, node);
    const value = this.#content(node);
    if (anchor) this.#finished.set(node, { value, size: this.#size - before });
    return value;
  }

  #content(node: Node): unknown {
    const tag = this.#tag(node);
    if (isScalar(node)) return tag === undefined ? node.value : { [TAG_KEY]: tag };
    if (isSeq<Node>(node)) return node.items.map((item) => this.read(item));
    if (!isMap<Node, Node | null>(node)) return null;
    const firstUse = new Map<string, Node>();
    const entries = node.items.map((pair): [string, unknown] => {
      const key = this.#key(pair, firstUse);
      return [key, this.read(pair.value)];
    });
    if (tag !== undefined) entries.unshift([TAG_KEY, tag]);
    // fromEntries makes `__proto__` an ordinary key.
    return Object.fromEntries(entries);
  }

  #tag(node: Node): string | undefined {
    const { tags = [] } = this.#dialect;
    return isScalar(node) || isMap(node) ? tags.find((tag) => node.tag === `!${tag}`) : undefined;
  }

  #key({ key: node }: Pair<Node, Node | null>, firstUse: Map<string, Node>): string {
    const key = keyText(node);
    if (key === undefined) this.#problem(node, 'a key must be a plain word');
    else if (key === '<<' && !this.#dialect.mergeKeys)
      this.#problem(node, "merge keys ('<<') are not supported: write the keys out");
    else if (firstUse.has(key)) {
      const line = this.#position(firstUse.get(key) ?? null).line;
      this.#problem(node, `'${clip(key)}' appears twice, first on line ${line}`);
    } else firstUse.set(key, node);
    return key ?? '';
  }

  #alias(node: Node, name: string): unknown {
    const target = this.#anchors.get(name);
    const finished = target && this.#finished.get(target);
    if (!target) this.#problem(node, `no anchor '&${clip(name)}' comes before this alias`);
    else if (!finished)
      this.#problem(node, `'*${clip(name)}' is part of itself: the hierarchy would be cyclic`);
    else {
      this.targets.set(node, target);
      this.#count(node, finished.size);
      return finished.value;
    }
    return null;
  }

  #count(node: Node, nodes: number): void {
    this.#size += nodes;
    if (this.#size > MAX_NODES) this.#stop(node, `the file expands to more than ${MAX_NODES} values`);
  }

  #problem(node: Node | null, message: string): void {
    this.problems.push({ message, position: this.#position(node) });
    if (this.problems.length === MAX_DIAGNOSTICS) throwAll(this.problems);
  }

  #stop(node: Node, message: string): never {
    throw new InputError({ message, position: this.#position(node) });
  }

  #position(node: Node | null): SourcePosition {
    const [start, end] = span(node) ?? [0, 1];
    return positionAt(this.#source, start, end - start);
  }
}

function child(node: Node | null, step: PropertyKey): { key?: Node; value: Node | null } | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(step)];
    return item && { value: item };
  }
  if (!isMap<Node, Node | null>(node)) return undefined;
  const pair = node.items.find(({ key }) => keyText(key) === step);
  return pair && { key: pair.key, value: pair.value };
}

function keyText(node: Node | null): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** Offsets of a node's own text: start, and end without trailing space or comment. */
function span(node: Node | null): readonly [number, number] | undefined {
  return isNode(node) && node.range ? [node.range[0], node.range[1]] : undefined;
}

function clip(text: string): string {
  const line = text.split('\n', 1)[0];
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
