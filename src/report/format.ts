/** Numbers as people read them: significant digits, thousands, SI prefixes, shares. Rounds for the eye only. */

import type { Quantity } from '../search/objective.ts';

/** At most `digits` significant digits; exponent form below 1e-4 and from 1e7 on. */
export function significant(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return value === Infinity ? 'unlimited' : String(value);
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude < 1e-4 || magnitude >= 1e7) return value.toExponential(digits - 1);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(magnitude)));
  return grouped(value.toFixed(Math.min(decimals, 8)));
}

/** At most four significant digits without trailing zeros: 4, 0.25, 12.8. For numbers a person wrote. */
export function brief(value: number): string {
  return Number.isFinite(value) ? grouped(String(Number(value.toPrecision(4)))) : 'unlimited';
}

/** A whole number with thousands separated by commas; `unlimited` for Infinity. */
export function count(value: number): string {
  return Number.isInteger(value) ? grouped(String(value)) : significant(value, 6);
}

/** An amount with its noun: `1 thread`, `2 threads`. */
export function plural(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A share of one as a percentage: `12.3%`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(1)}%` : '-';
}

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'u'],
  [1e-9, 'n'],
  [1e-12, 'p'],
];

/** The value with the SI prefix that leaves 1 to 999 before the point: `si(0.00213, 's')` is `2.130 ms`. */
export function si(value: number, unit: string, digits: (scaled: number) => string = significant): string {
  if (value === 0 || !Number.isFinite(value)) return `${digits(value)} ${unit}`;
  const [scale, prefix] = PREFIXES.find(([limit]) => Math.abs(value) >= limit) ?? [1e-12, 'p'];
  return `${digits(value / scale)} ${prefix}${unit}`;
}

/** Three digits and an SI prefix: `664k`. */
export function compact(value: number): string {
  return si(value, '', (scaled) => String(Number(scaled.toPrecision(3)))).replace(' ', '');
}

/** Picojoules as microjoules, without the unit: what a table column headed `energy uJ` holds. */
export function microjoules(pj: number): string {
  return significant(pj * 1e-6);
}

/** Joule-seconds in exponent form. */
export function jouleSeconds(value: number): string {
  return value === 0 ? '0' : value.toExponential(3);
}

const QUANTITIES = { edp: 'EDP', energy: 'energy', latency: 'latency', ed2p: 'ED2P' } as const;

/** What a search minimised, in a sentence. */
export function quantityName(quantity: Quantity): string {
  return typeof quantity === 'string' ? QUANTITIES[quantity] : 'weighted sum';
}

function grouped(digits: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(digits)) return digits === 'Infinity' ? 'unlimited' : digits;
  const [whole, fraction] = digits.split('.');
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? commas : `${commas}.${fraction}`;
}
