/** What padding a layer gains and costs, as JSON and in a sentence. */
import type { Quantity } from '../search/objective.ts';
import { count, percent, quantityName } from './format.ts';

/** What the `padding` of a layer holds in `dse search --json`; the layer's Einsum is then the padded one. */
export interface PaddingReport {
  /** By dimension: the layer's bound and the padded one; empty if no padding is better. */
  readonly bounds: Readonly<Record<string, readonly [number, number]>>;
  /** What the values below are of. */
  readonly objective: Quantity;
  readonly macs: Change;
  /** Of all tensors together. */
  readonly words: Change;
  /** Best values, in the objective's unit. */
  readonly objectiveUnpadded: number;
  readonly objectivePadded: number;
  /** What names the padded layer: `--layer` of `dse eval`. */
  readonly layer: string;
  /** Most MACs added, as a share. */
  readonly limit: number;
  /** Padded shapes within the limit, those searched, and those a lower bound or a rule excluded. */
  readonly neighbours: number;
  readonly searched: number;
  readonly pruned: number;
  /** True if no padding within the limit is better. */
  readonly complete: boolean;
}

interface Change {
  readonly unpadded: number;
  readonly padded: number;
}

export function describePadding(name: string, padding: PaddingReport): string {
  const { objective, bounds, macs, words, objectiveUnpadded, objectivePadded, layer } = padding;
  const raised = Object.entries(bounds).map(([dim, [from, to]]) => `${dim} ${from} to ${to}`);
  if (raised.length === 0) return `${name}: no padding is better, ${effort(padding)}`;
  return (
    `${name}: padded ${raised.join(', ')}: ${more(macs)} MACs, ${more(words)} words, ` +
    `${percent(1 - objectivePadded / objectiveUnpadded)} less ${quantityName(objective)}; the best ${effort(padding)}\n` +
    `  the mapping is of --layer '${layer}'`
  );
}

function more({ unpadded, padded }: Change): string {
  return `${percent(padded / unpadded - 1)} more`;
}

function effort({ limit, neighbours, complete }: PaddingReport): string {
  const which = complete ? `all ${count(neighbours)}` : `the ${count(neighbours)} most promising`;
  return `of ${which} shapes with at most ${percent(limit)} more MACs`;
}
