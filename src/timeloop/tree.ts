/**
 * A walk through the values of one or more YAML files that keeps the place of each: includes lead into other files,
 * merge keys (`<<`, `<<<`) into other mappings, and every complaint points at what was written.
 */
import type { Diagnostic } from '../spec/errors.ts';
import { InputError } from '../spec/errors.ts';
import type { Details, Path, YamlDocument } from '../spec/document.ts';
import { TAG_KEY } from '../spec/document.ts';
import { evaluate } from '../spec/expression.ts';
import { didYouMean } from '../spec/suggest.ts';

/** Numbers and texts that expressions may name. */
export type Scope = Readonly<Record<string, number | string>>;

/** What one reading collects beside its result. */
export class Findings {
  readonly problems: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];
  /** Scalars that stand for an included place. */
  readonly includes = new Map<string, readonly Cursor[]>();
  readonly #lenient: boolean;

  /** @param lenient unknown keys are warnings */
  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  unknown(diagnostic: Diagnostic): void {
    if (this.#lenient) this.warnings.push(diagnostic);
    else this.problems.push(diagnostic);
  }
}

const MERGE = '<<';
const DEEP_MERGE = '<<<';
/** Merges within merges; a file that nests deeper is hostile. */
const MAX_MERGES = 16;

/** One value and where it stands. */
export class Cursor {
  readonly findings: Findings;
  readonly document: YamlDocument;
  readonly path: Path;
  readonly value: unknown;
  /** Mappings that fill in what this one lacks, at every depth. */
  readonly #deep: readonly Cursor[];
  /** Elements of an include that gathers several lists. */
  readonly #elements: readonly Cursor[] | undefined;

  private constructor(
    findings: Findings,
    document: YamlDocument,
    path: Path,
    value: unknown,
    deep: readonly Cursor[] = [],
    elements?: readonly Cursor[],
  ) {
    this.findings = findings;
    this.document = document;
    this.path = path;
    this.value = value;
    this.#deep = deep;
    this.#elements = elements;
  }

  static root(findings: Findings, document: YamlDocument): Cursor {
    return Cursor.#at(findings, document, [], document.value);
  }

  static #at(findings: Findings, document: YamlDocument, path: Path, value: unknown): Cursor {
    const included = typeof value === 'string' ? findings.includes.get(value) : undefined;
    if (!included) return new Cursor(findings, document, path, value);
    if (included.length === 1) return included[0];
    const elements = included.flatMap((list) => list.items());
    return new Cursor(findings, document, path, [], [], elements);
  }

  /** Tag of a mapping, without its `!`. */
  get tag(): string | undefined {
    const tag = isMapping(this.value) ? this.value[TAG_KEY] : undefined;
    return typeof tag === 'string' ? tag : undefined;
  }

  isMapping(): boolean {
    return isMapping(this.value);
  }

  isList(): boolean {
    return Array.isArray(this.value);
  }

  isNothing(): boolean {
    return this.value === null || this.value === undefined;
  }

  /** Keys as written, merged ones last; `word-bits` and `word_bits` are one key. */
  keys(): string[] {
    return [...this.#entries(0).keys()];
  }

  /** The value of a key, spelt with hyphens or underscores; undefined if absent or empty. */
  get(key: string): Cursor | undefined {
    const found = this.#entries(0).get(key);
    return found === undefined || found.isNothing() ? undefined : found;
  }

  /** The value of a key that must be there. */
  need(key: string, expected?: string): Cursor {
    return this.get(key) ?? this.fail(`'${key}' is missing`, { expected });
  }

  #entries(depth: number): Map<string, Cursor> {
    const entries = new Map<string, Cursor>();
    if (!isMapping(this.value)) return entries;
    if (depth > MAX_MERGES) this.fail(`merged more than ${MAX_MERGES} mappings deep`);
    const shallow: Cursor[] = [];
    const deep: Cursor[] = [...this.#deep];
    for (const [key, value] of Object.entries(this.value)) {
      const at = Cursor.#at(this.findings, this.document, [...this.path, key], value);
      if (key === MERGE) shallow.push(...at.#sources());
      else if (key === DEEP_MERGE) deep.push(...at.#sources());
      else if (key !== TAG_KEY) entries.set(plain(key), at);
    }
    for (const source of shallow) addMissing(entries, source.#entries(depth + 1));
    for (const source of deep) {
      for (const [key, value] of source.#entries(depth + 1)) {
        const own = entries.get(key);
        if (own === undefined) entries.set(key, value);
        else if (own.isMapping() && value.isMapping()) entries.set(key, own.#over(value));
      }
    }
    return entries;
  }

  #over(base: Cursor): Cursor {
    return new Cursor(this.findings, this.document, this.path, this.value, [...this.#deep, base]);
  }

  #sources(): Cursor[] {
    const sources = this.isList() ? this.items() : [this];
    for (const source of sources) if (!source.isMapping()) source.fail('only a mapping can be merged in');
    return sources;
  }

  /** Elements of a list; a single value counts as a list of one. */
  items(): Cursor[] {
    if (this.#elements) return [...this.#elements];
    if (this.isNothing()) return [];
    if (!Array.isArray(this.value)) return [this];
    return this.value.map((value, i) => Cursor.#at(this.findings, this.document, [...this.path, i], value));
  }

  list(what: string): Cursor[] {
    if (!this.isList() && !this.#elements) this.wrong(what);
    return this.items();
  }

  mapping(what: string): this {
    if (!this.isMapping()) this.wrong(what);
    return this;
  }

  /** Text, or a number as it stands. */
  text(what: string): string {
    if (typeof this.value === 'string') return this.value;
    if (typeof this.value === 'number') return String(this.value);
    return this.wrong(what);
  }

  texts(what: string): string[] {
    return this.items().map((item) => item.text(what));
  }

  /** A number or an expression over `scope`. */
  number(what: string, scope: Scope = {}): number {
    if (typeof this.value === 'number' && Number.isFinite(this.value)) return this.value;
    if (typeof this.value === 'boolean') return Number(this.value);
    if (typeof this.value !== 'string') return this.wrong(what);
    return this.#evaluate(this.value, what, scope);
  }

  integer(what: string, least: number, scope: Scope = {}): number {
    const value = this.number(what, scope);
    if (!Number.isSafeInteger(value) || value < least) this.wrong(`${what}, an integer of at least ${least}`);
    return value;
  }

  positive(what: string, scope: Scope = {}): number {
    const value = this.number(what, scope);
    if (value <= 0) this.wrong(`${what}, more than 0`);
    return value;
  }

  notNegative(what: string, scope: Scope = {}): number {
    const value = this.number(what, scope);
    if (value < 0) this.wrong(`${what}, at least 0`);
    return value;
  }

  flag(what: string): boolean {
    const word = typeof this.value === 'string' ? this.value.toLowerCase() : this.value;
    if (word === true || word === 'true' || word === 'yes' || word === 1) return true;
    if (word === false || word === 'false' || word === 'no' || word === 0) return false;
    return this.wrong(what);
  }

  #evaluate(text: string, what: string, scope: Scope): number {
    const numbers = Object.entries(scope).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    try {
      return evaluate(text, Object.fromEntries(numbers));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const { message, suggestion } = error.diagnostics[0];
      return this.fail(`${what}: ${message}`, { suggestion });
    }
  }

  /** Reports every key that is not `known`; `ignored` are known, but of no effect here. */
  expectKeys(known: readonly string[], ignored: readonly string[] = []): this {
    for (const [key, at] of this.#entries(0)) {
      if (known.includes(key) || ignored.includes(key)) continue;
      const details = { part: 'key', suggestion: didYouMean(key, known), expected: oneOf(known) } as const;
      this.findings.unknown(at.diagnostic(`unknown key '${key.slice(0, 40)}'`, details));
    }
    return this;
  }

  warn(message: string, details?: Details): void {
    this.findings.warnings.push(this.diagnostic(message, details));
  }

  diagnostic(message: string, details?: Details): Diagnostic {
    return this.document.diagnostic(this.path, message, details);
  }

  fail(message: string, details?: Details): never {
    return this.document.fail(this.path, message, details);
  }

  wrong(expected: string): never {
    return this.fail(`expected ${expected}, found ${this.document.found(this.path)}`);
  }
}

function oneOf(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : `one of ${words.join(', ')}`;
}

function addMissing(entries: Map<string, Cursor>, others: ReadonlyMap<string, Cursor>): void {
  for (const [key, value] of others) if (!entries.has(key)) entries.set(key, value);
}

/** Timeloop writes `word-bits` and `word_bits` for the same thing. */
function plain(key: string): string {
  return key.replaceAll('-', '_');
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
