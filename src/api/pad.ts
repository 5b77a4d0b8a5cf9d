/** `pad`: a layer's result against those of its padded neighbours, and what the better of them costs. */
import type { PaddingReport } from '../report/padding.ts';
import { goalOf, objectiveValue } from '../search/objective.ts';
import type { PadChoice, PadSubject } from '../search/pad.ts';
import { InputError } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import { macs, tensorWords } from '../workload/einsum.ts';
import { layerSelector } from '../workload/write.ts';
import type { SearchRequest } from './search.ts';

/** Most MACs that padding may add where nobody says: an eighth. */
export const DEFAULT_PAD = 0.125;

/** @throws InputError if the request asks for padding and for what it cannot be had with */
export function assertPaddable({
  pad,
  objective = 'edp',
  strategy,
  evaluations,
  patience,
}: SearchRequest): void {
  if (pad === undefined) return;
  const sampled = (strategy ?? 'exact') !== 'exact' || evaluations !== undefined || patience !== undefined;
  if (!sampled && goalOf(objective).quantities.length === 1) return;
  throw new InputError({
    message: sampled ? 'padding is for the exact search' : 'padding is for one objective, not for several',
    suggestion: sampled ? 'leave out strategy, evaluations and patience' : 'search a padded layer for them',
  });
}

interface Padded {
  readonly subject: PadSubject;
  readonly choice: PadChoice;
  /** Of the best mapping: the padded layer's, or the layer's own. */
  readonly best: { readonly energyPj: number; readonly cycles: number };
}

export function paddingReport({ subject, choice, best }: Padded): PaddingReport {
  const { einsum, objective, limit, value } = subject;
  const { einsum: padded = einsum, neighbours, searched, pruned, complete } = choice;
  const raised = einsum.dims.flatMap(({ name, bound }, d) =>
    padded.dims[d].bound > bound ? [[name, [bound, padded.dims[d].bound]] as const] : [],
  );
  return {
    bounds: Object.fromEntries(raised),
    objective,
    macs: { unpadded: macs(einsum), padded: macs(padded) },
    words: { unpadded: allWords(einsum), padded: allWords(padded) },
    objectiveUnpadded: value,
    objectivePadded: objectiveValue(objective, best.energyPj, best.cycles),
    layer: layerSelector(padded),
    limit,
    neighbours,
    searched,
    pruned,
    complete,
  };
}

function allWords(einsum: Einsum): number {
  return einsum.tensors.reduce((sum, tensor) => sum + tensorWords(einsum, tensor), 0);
}
