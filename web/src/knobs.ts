/** Knobs: what the sliders of a machine turn. Their values go into the architecture's file, as a sweep's `set` does. */

export interface Knob {
  /** `GLB.size`, `PE.x`, `DRAM.energy`. */
  readonly key: string;
  readonly label: string;
  readonly kind: 'size' | 'count' | 'energy';
  /** Of the values: words, copies, pJ per access. */
  readonly unit: string;
  /** What the file says. */
  readonly base: number;
  readonly wordBits?: number;
  /** What a value sets in the file: `NODE.key` and an expression in which `#` is the value. */
  readonly sets: Readonly<Record<string, string>>;
}

/** Values by key; a knob without one stands as in the file. */
export type Settings = Readonly<Record<string, number>>;

/** What the inputs need to know of a machine. */
export interface Machine {
  readonly name: string;
  readonly description: string;
  /** Of its file. */
  readonly text: string;
  /** False if the file says nothing of areas. */
  readonly hasArea: boolean;
  readonly knobs: readonly Knob[];
}

/** The value of a knob as the file would say it; `value` may be the name of a sweep's parameter. */
export function settingsOf(knob: Knob, value: number | string): Record<string, string> {
  const entries = Object.entries(knob.sets);
  return Object.fromEntries(entries.map(([path, form]) => [path, form.replace('#', String(value))]));
}

/** Steps to both sides of the file's value, four to an octave. */
export const STEPS = 16;
const PER_OCTAVE = 4;
const LEAST_MOST_COPIES = 16;

export interface Scale {
  readonly min: number;
  readonly max: number;
  /** The value at a place of the slider, and the place nearest to a value. */
  readonly value: (place: number) => number;
  readonly place: (value: number) => number;
}

/** Sizes and energies go by factors, array sides by ones. */
export function scaleOf({ kind, base }: Knob): Scale {
  if (kind === 'count') {
    return { min: 1, max: Math.max(LEAST_MOST_COPIES, 2 * base), value: (place) => place, place: (n) => n };
  }
  return {
    min: -STEPS,
    max: STEPS,
    value: (place) => (place === 0 ? base : rounded(kind, base * 2 ** (place / PER_OCTAVE))),
    place: (value) => Math.round(PER_OCTAVE * Math.log2(value / base)),
  };
}

function rounded(kind: Knob['kind'], value: number): number {
  return kind === 'size' ? Math.max(1, Math.round(value)) : Number(value.toPrecision(3));
}

/** `count` values from one to the other, spaced as the knob's scale is, each once. */
export function knobValues({ kind }: Knob, from: number, to: number, count: number): number[] {
  const last = count - 1;
  const between = (share: number): number =>
    kind === 'count' ? Math.round(from + (to - from) * share) : rounded(kind, from * (to / from) ** share);
  const value = (i: number): number => (i === 0 ? from : i === last ? to : between(i / last));
  return [...new Set(Array.from({ length: count }, (_, i) => value(i)))];
}

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** A value with its unit: `108 KB`, `24 words`, `14`, `400 pJ`. */
export function knobText({ kind, wordBits = 8 }: Knob, value: number): string {
  if (kind === 'count') return String(value);
  if (kind === 'energy') return `${NUMBER.format(value)} pJ`;
  const bytes = (value * wordBits) / 8;
  if (bytes < 1024) return value === 1 ? '1 word' : `${NUMBER.format(value)} words`;
  return bytes < 1024 ** 2 ? `${NUMBER.format(bytes / 1024)} KB` : `${NUMBER.format(bytes / 1024 ** 2)} MB`;
}
