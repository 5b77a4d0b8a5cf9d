/** A certificate in sentences: what was proved, of how many mappings, and how. */
import { count, percent, significant } from '../../../src/report/format.ts';
import type { Certificate, LayerReport } from 'dse/browser';
import type { Quantity } from './objective.ts';

/** Digits from which a count is written as a power of ten. */
const LONG = 12;

export function certificateSentences(
  { certificate, front }: Pick<LayerReport, 'certificate' | 'front'>,
  { name, unit }: Quantity,
): string[] {
  const { status, lowerBound, gap, mapspaceSize, visited, pruned } = certificate;
  const space = `the ${long(mapspaceSize)} mappings of this mapspace`;
  const bound = lowerBound === null ? '' : ` (the lower bound is ${significant(lowerBound)} ${unit})`;
  const cut = Object.values(pruned).reduce((sum, amount) => sum + amount, 0);
  return [
    proof(status, { space, bound, name, gap, isFront: front !== undefined }),
    `${count(visited)} ${pruned.dominated + pruned.bound > 0 ? 'partial mappings' : 'mappings'} were costed` +
      `${cut > 0 ? `; ${percent(cut / (visited + cut))} of all candidates were thrown out before: ${reasons(pruned, cut)}` : ''}.`,
  ];
}

interface Proof {
  readonly space: string;
  readonly bound: string;
  readonly name: string;
  readonly gap: number | null;
  readonly isFront: boolean;
}

function proof(status: Certificate['status'], { space, bound, name, gap, isFront }: Proof): string {
  if (status === 'optimal') {
    return isFront
      ? `Proved: of ${space} none beats one of these in every quantity.`
      : `Proved optimal: none of ${space} has less ${name}${bound}.`;
  }
  if (status === 'bounded' && gap !== null) {
    return `Proved within ${percent(gap)}: none of ${space} has ${name} below the lower bound${bound}.`;
  }
  return gap === null
    ? `The best found, not proved: nothing is known of the rest of ${space}.`
    : `The best found, not proved: of ${space} none is below the lower bound, ${percent(gap)} away${bound}.`;
}

function reasons(pruned: Certificate['pruned'], all: number): string {
  return Object.entries(pruned)
    .filter(([, amount]) => amount > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, amount]) => `${reason} ${percent(amount / all)}`)
    .join(', ');
}

function long(digits: string): string {
  return digits.length > LONG ? significant(Number(digits), 3) : count(Number(digits));
}
