/** The page's question as text for an address: JSON, deflated, in base64url. Signals and actions are state.ts's. */
import type { Settings } from './knobs.ts';

export interface LinkedArchitecture {
  readonly name: string;
  /** Where it differs from the shipped one. */
  readonly text?: string;
  readonly settings?: Settings;
}

export interface LinkedSweepAxis {
  readonly knob: string;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface LinkedSweep {
  readonly axes: readonly LinkedSweepAxis[];
  readonly objectives: readonly string[];
}

/** Everything that makes one question; what is at its default is absent. */
export interface Linked {
  readonly version: 1;
  readonly a: LinkedArchitecture;
  /** Compared with it. */
  readonly b?: LinkedArchitecture;
  readonly layer: string;
  readonly objective?: string;
  readonly uneven?: boolean;
  readonly sweep?: LinkedSweep;
  /** What is shown: the chosen layer and the chosen tab. */
  readonly shown?: string;
  readonly tab?: string;
}

/** What a sweep of the page may trade off, and the most values of one of its parameters. */
export const SWEEP_METRICS = ['energy', 'latency', 'edp', 'ed2p', 'area'] as const;
export const MOST_VALUES = 50;

/** Characters of a link that are read; a pasted novel is not. */
const MOST_CHARACTERS = 200_000;
const MOST_BYTES = 2_000_000;

export async function toFragment(linked: Linked): Promise<string> {
  const bytes = await through(
    new TextEncoder().encode(JSON.stringify(linked)),
    new CompressionStream('deflate-raw'),
  );
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Undefined if the text is no link of this page: cut, changed, or from somewhere else. */
export async function fromFragment(fragment: string): Promise<Linked | undefined> {
  if (fragment.length > MOST_CHARACTERS) return undefined;
  try {
    const binary = atob(fragment.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const text = new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw')));
    const value: unknown = JSON.parse(text);
    return isLinked(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter();
  // What goes wrong here comes out of the reader, too.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > MOST_BYTES) throw new Error('the link unpacks to too much');
    parts.push(part.value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isPlain(value) && Object.entries(checks).every(([key, check]) => check(value[key]));

const isSettings: Check = (value) => isPlain(value) && Object.values(value).every(isNumber);
const isArchitecture = shape({ name: isText, text: optional(isText), settings: optional(isSettings) });
const isCount: Check = (value) =>
  Number.isInteger(value) && isNumber(value) && (value as number) <= MOST_VALUES;
const isAxis = shape({ knob: isText, from: isNumber, to: isNumber, count: isCount });
const isMetric: Check = (value) => SWEEP_METRICS.some((name) => name === value);
const isQuestion = shape({
  version: (value) => value === 1,
  a: isArchitecture,
  b: optional(isArchitecture),
  layer: isText,
  objective: optional(isText),
  uneven: optional(isFlag),
  sweep: optional(shape({ axes: listOf(isAxis), objectives: listOf(isMetric) })),
  shown: optional(isText),
  tab: optional(isText),
});

function isLinked(value: unknown): value is Linked {
  return isQuestion(value);
}
