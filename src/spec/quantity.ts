/** Numbers with units: `108 KB`, `200 * mac pJ`, `25.6 GB/s`. Which kind a key wants is said by the caller. */
import { InputError } from './errors.ts';
import { type Variables, evaluatePrefix } from './expression.ts';
import { didYouMean } from './suggest.ts';

/** A value in a base unit. Kinds with several bases leave the choice to the reader, who knows clock and word. */
export interface Quantity<Base extends string = string> {
  readonly value: number;
  readonly base: Base;
}

interface Unit {
  readonly base: string;
  readonly factor: number;
}

interface KindOfQuantity {
  /** With its article, for messages. */
  readonly name: string;
  /** Units that messages name; the table may hold more spellings. */
  readonly examples: string;
  readonly units: Readonly<Record<string, Unit>>;
  /** Zero is meaningless (a size, a clock) rather than free (an energy). */
  readonly positive: boolean;
}

/** Capacities are binary: 1 KB = 1024 B. */
const KILOBYTE_BITS = 1024 * 8;

/** Rates are decimal, as data sheets give them: 1 GB/s = 10^9 B/s. */
const KINDS = {
  size: {
    name: 'a size',
    examples: 'B, KB, MB, GB, bit, words',
    positive: true,
    units: {
      ...units('bits', { bit: 1, bits: 1, B: 8, KB: KILOBYTE_BITS, MB: KILOBYTE_BITS * 2 ** 10 }),
      ...units('bits', { GB: KILOBYTE_BITS * 2 ** 20, TB: KILOBYTE_BITS * 2 ** 30 }),
      ...units('words', { word: 1, words: 1 }),
    },
  },
  width: {
    name: 'a width',
    examples: 'bit, B',
    positive: true,
    units: units('bits', { bit: 1, bits: 1, B: 8 }),
  },
  block: {
    name: 'a block',
    examples: 'words, bit, B',
    positive: true,
    units: { ...units('words', { word: 1, words: 1 }), ...units('bits', { bit: 1, bits: 1, B: 8 }) },
  },
  frequency: {
    name: 'a frequency',
    examples: 'Hz, kHz, MHz, GHz',
    positive: true,
    units: units('hertz', { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 }),
  },
  energy: {
    name: 'an energy',
    examples: 'fJ, pJ, nJ',
    positive: false,
    units: units('picojoules', { fJ: 1e-3, pJ: 1, nJ: 1e3 }),
  },
  wireEnergy: {
    name: 'a wire energy',
    examples: 'fJ/bit/mm, pJ/bit/mm',
    positive: false,
    units: units('picojoules per bit and millimetre', { 'fJ/bit/mm': 1e-3, 'pJ/bit/mm': 1 }),
  },
  leak: {
    name: 'a leakage',
    examples: 'pJ/cycle, nW, uW, mW, W',
    positive: false,
    units: {
      ...units('picojoules per cycle', { 'fJ/cycle': 1e-3, 'pJ/cycle': 1 }),
      ...units('watts', { nW: 1e-9, uW: 1e-6, mW: 1e-3, W: 1 }),
    },
  },
  bandwidth: {
    name: 'a bandwidth',
    examples: 'words/cycle, bit/cycle, B/cycle, MB/s, GB/s, TB/s',
    positive: true,
    units: {
      ...units('words per cycle', { 'word/cycle': 1, 'words/cycle': 1 }),
      ...units('bits per cycle', { 'bit/cycle': 1, 'bits/cycle': 1, 'B/cycle': 8 }),
      ...units('bits per second', { 'B/s': 8, 'KB/s': 8e3, 'MB/s': 8e6, 'GB/s': 8e9, 'TB/s': 8e12 }),
    },
  },
  area: {
    name: 'an area',
    examples: 'um2, mm2',
    positive: false,
    units: units('square micrometres', { um2: 1, mm2: 1e6 }),
  },
  length: {
    name: 'a length',
    examples: 'um, mm',
    positive: false,
    units: units('millimetres', { um: 1e-3, mm: 1 }),
  },
  technology: {
    name: 'a technology',
    examples: 'nm',
    positive: true,
    units: units('nanometres', { nm: 1 }),
  },
  cycles: {
    name: 'a latency',
    examples: 'cycles',
    positive: false,
    units: units('cycles', { cycle: 1, cycles: 1 }),
  },
} as const satisfies Record<string, KindOfQuantity>;

export type Kind = keyof typeof KINDS;

/**
 * Reads an expression followed by a unit of the kind; a value of another unit, below zero or not finite throws
 * `InputError` without a position.
 */
export function parseQuantity(input: string | number, kind: Kind, variables: Variables = {}): Quantity {
  const { name, units: table, positive }: KindOfQuantity = KINDS[kind];
  const text = String(input).trim();
  const { value, end } = parseValue(text, `expected ${kindName(kind)}`, variables);
  const symbol = text
    .slice(end)
    .trim()
    .replace(/\s*\/\s*/g, '/');
  if (!Object.hasOwn(table, symbol)) {
    const found = symbol === '' ? `no unit in '${clip(text)}'` : `'${clip(symbol)}'`;
    throw new InputError({
      message: `expected ${kindName(kind)}, found ${found}`,
      suggestion: didYouMean(symbol, Object.keys(table)),
    });
  }
  if (value < 0 || (positive && value === 0)) {
    const message = `${name} must ${positive ? 'be more than zero' : 'not be negative'}, found '${clip(text)}'`;
    throw new InputError({ message });
  }
  const { base, factor } = table[symbol];
  return { base, value: value * factor };
}

/** What a kind is called, with its units: `a size (B, KB, MB, GB, bit, words)`. */
export function kindName(kind: Kind): string {
  return `${KINDS[kind].name} (${KINDS[kind].examples})`;
}

function parseValue(text: string, expectation: string, variables: Variables): { value: number; end: number } {
  try {
    return evaluatePrefix(text, variables);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, suggestion } = error.diagnostics[0];
    throw new InputError({ message: `${expectation}: ${message}`, suggestion });
  }
}

function units(base: string, factors: Readonly<Record<string, number>>): Record<string, Unit> {
  return Object.fromEntries(Object.entries(factors).map(([symbol, factor]) => [symbol, { base, factor }]));
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
