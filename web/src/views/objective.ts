/** What a search minimises, in words and units. */

const NAMES = {
  edp: { name: 'EDP', unit: 'pJ·cycles' },
  energy: { name: 'energy', unit: 'pJ' },
  latency: { name: 'latency', unit: 'cycles' },
  ed2p: { name: 'ED2P', unit: 'pJ·cycles²' },
} as const;

export interface Quantity {
  readonly name: string;
  readonly unit: string;
}

/** The first quantity of an objective as reports write it: that of values and bounds. */
export function firstQuantity(objective: string): Quantity {
  const [first] = objective.replace('lex:', '').split(',');
  return first in NAMES ? NAMES[first as keyof typeof NAMES] : { name: 'weighted sum', unit: '' };
}
