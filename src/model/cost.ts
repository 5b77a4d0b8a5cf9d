/** What a mapping costs: the result types of every cost model. No formulas here. */

/** Action counts of one tensor in one memory. Totals over utilised instances; `perInstance` repeats one instance's. */
export interface AccessCounts {
  readonly reads: number;
  readonly fills: number;
  readonly updates: number;
  /** Reads of stored partial sums that an update accumulates onto. */
  readonly temporalReductions: number;
  readonly addressGenerations: number;
}

export interface TensorCost extends AccessCounts {
  readonly kept: boolean;
  /** Words (elements) of one instance's tile; 0 if bypassed. */
  readonly tileWords: number;
  readonly energyPj: number;
  readonly perInstance: AccessCounts;
}

export interface MemoryCost {
  readonly name: string;
  readonly instances: number;
  readonly utilizedInstances: number;
  /** Memory words in use per instance (elements times their words), and the words tiles may use. */
  readonly usedWords: number;
  readonly usableWords: number;
  /** Words per cycle and instance that this mapping demands, over the final latency. */
  readonly bandwidth: { readonly read: number; readonly write: number };
  /** Cycles this memory needs on its own, never less than compute. */
  readonly cycles: number;
  readonly leakPj: number;
  /** Accesses, address generation, temporal reduction and leakage. */
  readonly energyPj: number;
  /** One per tensor of the Einsum, in its order. */
  readonly tensors: readonly TensorCost[];
}

export interface NetworkTensorCost {
  /** Mean number of children that share one word on its way down (or whose sums merge on its way up). */
  readonly multicast: number;
  /** Words that enter from the parent's side or leave to it, over utilised networks. */
  readonly distinct: number;
  /** Partial sums merged. */
  readonly spatialReductions: number;
  /** Links crossed: one for each child a word reaches. */
  readonly hops: number;
  readonly energyPj: number;
}

export interface NetworkCost {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly energyPj: number;
  readonly tensors: readonly NetworkTensorCost[];
}

export interface Cost {
  readonly computes: number;
  /** Multiply-accumulate units at work. */
  readonly utilizedUnits: number;
  /** Latency in cycles: the slowest of compute and memories, plus network fill and drain. */
  readonly cycles: number;
  readonly computeCycles: number;
  readonly latencySeconds: number;
  /** `computes / (units · cycles)`, 0 to 1. */
  readonly utilization: number;
  readonly energyPj: number;
  readonly computeEnergyPj: number;
  /** Energy times delay, joule-seconds. */
  readonly edpJs: number;
  readonly areaUm2: number;
  /** Outermost first. */
  readonly memories: readonly MemoryCost[];
  readonly networks: readonly NetworkCost[];
}
