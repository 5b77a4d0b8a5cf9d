/** The words of a layer's text, each with its place, and the integers among them. Not what a kind of layer means. */
import { type Diagnostic, InputError, type SourcePosition } from '../spec/errors.ts';
import { type Variables, evaluate } from '../spec/expression.ts';
import { positionAt } from '../spec/source.ts';

/** Dimension bounds, strides and counts stay below it. */
export const BOUND_LIMIT = 2 ** 31;

/** A layer's text and where it stands: on the command line or inside a YAML file. */
export interface LayerSource {
  readonly text: string;
  /** Place of `length` characters at `start` in the text. */
  readonly locate: (start: number, length: number) => SourcePosition;
  /** What expressions in braces may name. */
  readonly variables: Variables;
}

/** A piece of the text. */
export interface Word {
  readonly text: string;
  readonly start: number;
}

/** `KEY=VALUE`. */
export interface Setting {
  readonly key: Word;
  readonly value: Word;
}

/** The text given on the command line: positions carry the file name `<layer>`. */
export function commandLineSource(text: string): LayerSource {
  const locate = (start: number, length: number): SourcePosition =>
    positionAt({ file: '<layer>', text }, start, length);
  return { text, locate, variables: {} };
}

/** Throws an `InputError` with the caret under the word. */
export function failAt(
  source: LayerSource,
  { text, start }: Word,
  message: string,
  details: Pick<Diagnostic, 'expected' | 'suggestion'> = {},
): never {
  const position = source.locate(start, Math.max(1, text.length));
  throw new InputError({ message, position, ...details });
}

const GAP = /[\s,]*/y;
const KEY = /[A-Za-z_]\w*/y;
const EQUALS = /\s*=\s*/y;
const VALUE = /(?:\{[^{}]*\}|[^\s,{}])+/y;
const COUNT = /x\d+(?!\w|\s*=)/y;
/** For messages: all up to the next separator. */
const CHUNK = /[^\s,]+/y;

export interface Settings {
  readonly settings: readonly Setting[];
  /** The `12` of `x12`. */
  readonly count?: Word;
}

/**
 * Settings from `start` to `stop`, separated by commas or spaces, and the count among them.
 * Throws `InputError` for anything else and for a key given twice.
 */
export function readSettings(source: LayerSource, start: number, stop = source.text.length): Settings {
  const settings: Setting[] = [];
  let count: Word | undefined;
  const text = source.text.slice(0, stop);
  let at = skip(GAP, text, start);
  while (at < text.length) {
    const factor = match(COUNT, text, at);
    if (factor) {
      if (count) failAt(source, factor, `the count is given twice: ${count.text} and ${factor.text}`);
      count = factor;
      at = end(factor);
    } else {
      const setting = readSetting(source, text, at);
      rejectRepeated(source, settings, setting);
      settings.push(setting);
      at = end(setting.value);
    }
    at = skip(GAP, text, at);
  }
  return { settings, count: count && { text: count.text.slice(1), start: count.start + 1 } };
}

function readSetting(source: LayerSource, text: string, at: number): Setting {
  const key = match(KEY, text, at);
  const word = match(CHUNK, text, at)!;
  if (!key) return failAt(source, word, `'${word.text}' is no setting`, { expected: 'KEY=VALUE' });
  const equals = match(EQUALS, text, end(key));
  const value = equals && match(VALUE, text, end(equals));
  if (value) return { key, value };
  const open = equals && text[end(equals)] === '{';
  const message = open ? `the brace after '${key.text}=' is not closed` : `'${key.text}' has no value`;
  return failAt(source, word, message, { expected: `${key.text}=VALUE` });
}

function rejectRepeated(source: LayerSource, settings: readonly Setting[], { key }: Setting): void {
  const first = settings.find((setting) => setting.key.text === key.text);
  if (first) failAt(source, key, `${key.text} is given twice, first as ${key.text}=${first.value.text}`);
}

/** The integer a word stands for, digits or an expression in braces: at least 1, below 2^31. */
export function readInteger(source: LayerSource, word: Word, what: string): number {
  const value = word.text.startsWith('{') ? evaluateBraces(source, word) : readNumber(source, word, what);
  const shown = word.text === String(value) ? word.text : `${word.text} = ${value}`;
  if (!Number.isInteger(value)) failAt(source, word, `${what} must be a whole number, found ${shown}`);
  if (value < 1) failAt(source, word, `${what} must be at least 1, found ${shown}`);
  if (value >= BOUND_LIMIT) failAt(source, word, `${what} must be below 2^31, found ${shown}`);
  return value;
}

function readNumber(source: LayerSource, word: Word, what: string): number {
  if (/^[-+]?\d+(\.\d+)?$/.test(word.text)) return Number(word.text);
  return failAt(source, word, `${what} must be a positive integer, found '${word.text}'`);
}

function evaluateBraces(source: LayerSource, word: Word): number {
  try {
    return evaluate(word.text.slice(1, word.text.endsWith('}') ? -1 : undefined), source.variables);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [{ message, suggestion }] = error.diagnostics;
    return failAt(source, word, message, { suggestion });
  }
}

/** The word a sticky expression matches at a place. */
export function match(pattern: RegExp, text: string, start: number): Word | undefined {
  pattern.lastIndex = start;
  const found = pattern.exec(text);
  return found ? { text: found[0], start } : undefined;
}

/** The place after everything the sticky expression matches. */
export function skip(pattern: RegExp, text: string, start: number): number {
  return start + (match(pattern, text, start)?.text.length ?? 0);
}

/** The place after a word. */
export function end({ text, start }: Word): number {
  return start + text.length;
}
