/** A cost model's counts in the walker's shape, so that one `toEqual` compares all of them. */
import type { AccessCounts, Cost, NetworkTensorCost, TensorCost } from '../../src/model/cost.ts';
import type { Walk, WalkedCounts, WalkedNetwork, WalkedTensor } from './walker.ts';

/** Everything in a cost that a walk counts too; energies and bandwidths are left out. */
export function countsOf(cost: Cost): Walk {
  return {
    computes: cost.computes,
    utilizedUnits: cost.utilizedUnits,
    computeCycles: cost.computeCycles,
    memories: cost.memories.map(({ tensors, utilizedInstances }) =>
      tensors.map((tensor) => tensorCounts(tensor, utilizedInstances)),
    ),
    networks: cost.networks.map(({ tensors }) => tensors.map(networkCounts)),
  };
}

function tensorCounts(tensor: TensorCost, utilizedInstances: number): WalkedTensor {
  return {
    kept: tensor.kept,
    tileWords: tensor.tileWords,
    utilizedInstances,
    ...accesses(tensor),
    perInstance: accesses(tensor.perInstance),
  };
}

function accesses(counts: AccessCounts): WalkedCounts {
  const { reads, fills, updates, temporalReductions, addressGenerations } = counts;
  return { reads, fills, updates, temporalReductions, addressGenerations };
}

function networkCounts({ distinct, spatialReductions, hops }: NetworkTensorCost): WalkedNetwork {
  return { distinct, spatialReductions, hops };
}
