/** A fingerprint of an architecture as read: equal for files that differ in nothing a cost or a rule depends on. */
import { sha256 } from '../host/sha256.ts';
import type { Architecture } from './architecture.ts';

/** `sha256:` and 64 hexadecimal digits over nodes, compute, clock and constraints; not over names of files or comments. */
export function archDigest({ nodes, compute, clockHz, constraints }: Architecture): string {
  const rules = constraints ? constraints.document.at(constraints.path) : [];
  const text = JSON.stringify({ nodes, compute, clockHz, rules }, canonical);
  return `sha256:${sha256(text)}`;
}

/** Keys in alphabetical order; JSON has no Infinity. */
function canonical(_: string, value: unknown): unknown {
  if (value === Infinity) return 'unlimited';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
