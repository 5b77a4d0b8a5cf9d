/** Costs many factor vectors of one structure at once: what a search asks of the kernel, or of the reference model. */
import type { Structure } from './structure.ts';

export interface BatchEvaluator {
  /** Most lanes (factor vectors) of one call. */
  readonly batch: number;
  /** The candidates, slot by slot: `factors[slot * batch + lane]`, slots in the structure's order. */
  readonly factors: Float64Array;
  /** Picojoules of each lane; `Infinity` where a tile or a fanout overflows. */
  readonly energyPj: Float64Array;
  /** Cycles of each lane; meaningless where the energy is infinite. */
  readonly cycles: Float64Array;
  /** Fixes stations and loop order of the following batches. */
  setStructure(structure: Structure): void;
  /** Costs lanes `0 … count − 1` of `factors`. */
  evaluate(count: number): void;
}
