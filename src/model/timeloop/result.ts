/** What the `timeloop` semantics reports, field by field as Timeloop does. Energies in pJ, areas in µm². */

/** Arrays follow the problem's dataspaces; counts and energies are per instance unless they say otherwise. */
export interface BufferResult {
  readonly name: string;
  readonly keep: readonly boolean[];
  readonly partitionSize: readonly number[];
  readonly utilizedCapacity: readonly number[];
  readonly utilizedInstances: readonly number[];
  readonly utilizedClusters: readonly number[];
  readonly reads: readonly number[];
  readonly updates: readonly number[];
  readonly fills: readonly number[];
  readonly addressGenerations: readonly number[];
  readonly temporalReductions: readonly number[];
  /** Words per cycle, throttled. */
  readonly readBandwidth: readonly number[];
  readonly writeBandwidth: readonly number[];
  readonly sharedBandwidth: readonly number[];
  readonly energy: readonly number[];
  /** NaN where nothing is accessed. */
  readonly energyPerAccess: readonly number[];
  readonly temporalReductionEnergy: readonly number[];
  /** Per cluster. */
  readonly addressGenerationEnergy: readonly number[];
  readonly addressGenerationBits: number;
  readonly cycles: number;
  readonly slowdown: number;
  /** All instances. */
  readonly leakage: number;
  readonly totalEnergy: number;
}

export interface Ingress {
  readonly multicast: number;
  readonly scatter: number;
  readonly accesses: number;
}

/** Energies per instance of the outer level. */
export interface NetworkResult {
  /** `outer <==> inner`. */
  readonly name: string;
  readonly ingresses: readonly (readonly Ingress[])[];
  readonly fanout: readonly number[];
  readonly multicastFactor: readonly number[];
  readonly linkTransfers: readonly number[];
  readonly spatialReductions: readonly number[];
  /** Mean over the ingresses. */
  readonly hops: readonly number[];
  readonly energyPerHop: readonly number[];
  readonly energy: readonly number[];
  readonly linkTransferEnergy: readonly number[];
  readonly spatialReductionEnergy: readonly number[];
  /** All instances. */
  readonly totalEnergy: number;
}

export interface ArithmeticResult {
  readonly name: string;
  readonly utilizedInstances: number;
  readonly meanInstances: number;
  readonly computes: number;
  readonly cycles: number;
  readonly energy: number;
  /** Of one unit. */
  readonly area: number;
}

export interface TimeloopResult {
  readonly arithmetic: ArithmeticResult;
  /** Innermost first. */
  readonly buffers: readonly BufferResult[];
  /** Innermost first; `networks[l]` lies below storage level `l`. */
  readonly networks: readonly NetworkResult[];
  readonly cycles: number;
  readonly energy: number;
  /** Computes at full speed over cycles, 0 to 1. */
  readonly utilization: number;
  readonly area: number;
}
