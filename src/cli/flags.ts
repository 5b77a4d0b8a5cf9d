/** Values of command-line flags: text to numbers and choices, with messages that name the flag. */
import { Option } from 'commander';
import type { Objective, Weights } from '../search/objective.ts';
import { OBJECTIVE_NAMES } from '../search/objective.ts';
import { InputError } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';

type Parser<T> = (text: string) => T;

/** One of the words. */
export function choice<T extends string>(flag: string, words: readonly T[]): Parser<T> {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw refusal(flag, text, `one of ${words.join(', ')}`, didYouMean(text, words));
  };
}

/** One of the words, or several joined by commas; each once. */
export function choices<T extends string>(flag: string, words: readonly T[]): Parser<readonly T[]> {
  const parse = choice(flag, words);
  return (text) => [...new Set(text.split(',').map(parse))];
}

/** Names joined by commas for their front, `lex:` and names in order, or `weighted:energy=1,latency=250`. */
export function objective(flag: string): Parser<Objective> {
  const names = choices(flag, OBJECTIVE_NAMES);
  return (text) => {
    if (text.startsWith('lex:')) return { lexicographic: names(text.slice('lex:'.length)) };
    if (text.startsWith('weighted:')) return { weights: weights(flag, text) };
    const list = names(text);
    // A single name has one best mapping, a list a front.
    return list.length === 1 ? list[0] : list;
  };
}

function weights(flag: string, text: string): Weights {
  const parts = text.slice('weighted:'.length).split(',');
  const pairs = parts.map((part) => /^(energy|latency)=(\d*\.?\d+(?:e[+-]?\d+)?)$/i.exec(part));
  const found = pairs.flatMap((pair) => (pair ? [[pair[1], Number(pair[2])] as const] : []));
  const isSound = found.length === parts.length && new Set(found.map(([name]) => name)).size === found.length;
  if (isSound && found.some(([, weight]) => weight > 0)) return Object.fromEntries(found);
  throw refusal(flag, text, 'weights of pJ and cycles, not all 0, for example weighted:energy=1,latency=250');
}

/** A share, as `1%` or `0.01`; a bare number is below 1, so that nobody means percent by it. */
export function share(flag: string): Parser<number> {
  return (text) => {
    const [, digits, percent] = /^(\d*\.?\d+(?:e[+-]?\d+)?)(%?)$/i.exec(text) ?? [];
    const value = percent ? Number(digits) / 100 : Number(digits);
    if (value >= 0 && value < (percent ? Infinity : 1)) return value;
    throw refusal(flag, text, 'a share, for example 1% or 0.01');
  };
}

/** A whole number from `least` up to `most`. */
export function wholeNumber(flag: string, least: number, most = Number.MAX_SAFE_INTEGER): Parser<number> {
  return (text) => {
    const value = /^\d+(e\d+)?$/i.test(text.replaceAll('_', ''))
      ? Number(text.replaceAll('_', ''))
      : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw refusal(flag, text, `a whole number ${range}`);
  };
}

/** Seconds, more than zero. */
export function seconds(flag: string): Parser<number> {
  return (text) => {
    const value = /^\d*\.?\d+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (value > 0 && Number.isFinite(value)) return value;
    throw refusal(flag, text, 'seconds, more than 0');
  };
}

/** Parameters of a network, and with the same meaning the dynamic dimensions of an ONNX file. */
export function parameterOption(): Option {
  return new Option(
    '--dim, --param <name=value>',
    'a parameter of the network, or a dynamic dimension of an ONNX file, for example batch=4; repeatable',
  ).argParser(parameter('--dim, --param'));
}

/** `name=number`, collected over repeated flags. ONNX sets no bounds to the names of dimensions. */
export function parameter(
  flag: string,
): (text: string, before?: Readonly<Record<string, number>>) => Readonly<Record<string, number>> {
  return (text, before = {}) => {
    const match = /^([^=\s][^=]*)=(\d+)$/.exec(text);
    if (match) return { ...before, [match[1]]: Number(match[2]) };
    throw refusal(flag, text, 'NAME=NUMBER, for example batch=4');
  };
}

/** `name=text`, collected over repeated flags. */
export function setting(
  flag: string,
): (text: string, before?: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  return (text, before = {}) => {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
    if (match) return { ...before, [match[1]]: match[2] };
    throw refusal(flag, text, 'NAME=TEXT, for example architecture=eyeriss_like');
  };
}

/** The flag's value; commander's own check would come before that for misspelt flags, and hide them. */
export function required(flag: string, value: string | undefined, expected: string): string {
  if (value !== undefined) return value;
  throw new InputError({ message: `required option '${flag}' not specified`, expected });
}

function refusal(flag: string, text: string, expected: string, suggestion?: string): InputError {
  return new InputError({ message: `${flag}: '${text}' is not valid here`, expected, suggestion });
}
