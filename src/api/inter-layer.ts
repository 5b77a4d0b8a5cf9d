/** What goes between layers through the outermost memory, added up over the layers of a search. */
import type { Memory } from '../arch/architecture.ts';
import { elementBits, wordsPerElement } from '../arch/architecture.ts';
import type { InterLayerReport, TrafficReport } from '../report/json.ts';
import { outputIndex } from '../workload/einsum.ts';
import type { Workload } from '../workload/workload.ts';
import type { SearchOutcome } from './search.ts';

/**
 * Words written by layers and read by them at the outermost memory: outputs and inputs, and what a graph knows to be
 * another layer's outputs. Undefined for a single layer.
 */
export function interLayerReport(
  { layers: all, activations = [] }: Workload,
  { layers, total, typed }: Pick<SearchOutcome, 'layers' | 'total' | 'typed'>,
): InterLayerReport | undefined {
  if (layers.reduce((sum, { count }) => sum + count, 0) < 2) return undefined;
  const [outermost] = typed.architecture.nodes as readonly [Memory];
  const read = new Set(
    activations.flatMap(({ uses }) => uses.map(({ layer, tensor }) => `${all[layer].name} ${tensor}`)),
  );
  const [written, taken, partial, whole] = [emptyTally(), emptyTally(), emptyTally(), emptyTally()];
  for (const { count, name, typed: layer } of layers) {
    const { einsum, best } = layer;
    best.cost.memories[0].tensors.forEach((cost, t) => {
      const tensor = einsum.tensors[t];
      const { updates, reads, fills } = cost;
      const bits = elementBits(outermost, tensor);
      const add = (tally: Tally, elements: number): void => {
        tally.words += count * elements * wordsPerElement(outermost, tensor);
        tally.bytes += (count * elements * bits) / 8;
        tally.energyPj += count * cost.energyPj;
      };
      add(whole, updates + reads + fills);
      if (t === outputIndex(einsum)) {
        add(written, updates + reads);
        add(partial, reads);
      } else if (tensor.role === 'inputs' || read.has(`${name} ${t}`)) add(taken, reads);
    });
  }
  return {
    memory: outermost.name,
    written,
    partialSumWords: partial.words,
    read: taken,
    all: whole,
    shareOfEnergy: (written.energyPj + taken.energyPj) / total.energyPj,
  };
}

type Tally = { -readonly [K in keyof TrafficReport]: TrafficReport[K] };

function emptyTally(): Tally {
  return { words: 0, bytes: 0, energyPj: 0 };
}
