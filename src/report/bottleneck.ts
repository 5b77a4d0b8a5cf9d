/** What limits a mapping: the slowest part of its latency and the largest part of its energy. */
import { computeUnits, memories } from '../arch/architecture.ts';
import type { Architecture, Memory } from '../arch/architecture.ts';
import type { Cost, MemoryCost } from '../model/cost.ts';
import type { Einsum } from '../workload/einsum.ts';
import { brief, percent } from './format.ts';

/** A memory's port: its bandwidth offered and demanded in words per cycle and instance. */
export interface PortLoad {
  readonly port: 'read' | 'write' | 'shared';
  readonly demanded: number;
  readonly offered: number;
  /** `demanded / offered`, 0 for an unlimited port. */
  readonly share: number;
}

export type LatencyLimit =
  | { readonly kind: 'compute'; readonly busyUnits: number; readonly units: number }
  | { readonly kind: 'memory'; readonly memory: string; readonly load: PortLoad }
  | { readonly kind: 'network'; readonly cycles: number };

/** The port of one memory that is closest to its limit. */
export function busiestPort(memory: Memory, cost: MemoryCost): PortLoad {
  const { read, write } = cost.bandwidth;
  const loads = [
    load('read', read, memory.bandwidth.read),
    load('write', write, memory.bandwidth.write),
    load('shared', read + write, memory.bandwidth.shared),
  ];
  return loads.reduce((most, next) => (next.share > most.share ? next : most));
}

/** The part whose cycles are the latency: compute, a memory's port, or filling and draining the networks. */
export function latencyLimit(arch: Architecture, cost: Cost): LatencyLimit {
  const slowest = cost.memories.reduce((most, memory) => Math.max(most, memory.cycles), cost.computeCycles);
  const networkCycles = cost.cycles - slowest;
  if (networkCycles > slowest) return { kind: 'network', cycles: networkCycles };
  if (slowest <= cost.computeCycles) {
    return { kind: 'compute', busyUnits: cost.utilizedUnits, units: computeUnits(arch) };
  }
  const index = cost.memories.findIndex((memory) => memory.cycles === slowest);
  const memory = cost.memories[index];
  return { kind: 'memory', memory: memory.name, load: busiestPort(memories(arch)[index], memory) };
}

/** One sentence for a person. */
export function describeLatencyLimit(limit: LatencyLimit): string {
  switch (limit.kind) {
    case 'compute': {
      const idle = limit.units - limit.busyUnits;
      const rest = idle > 0 ? `; the mapping leaves ${idle} idle` : '';
      return `compute (${limit.busyUnits} of ${limit.units} units at work${rest})`;
    }
    case 'memory': {
      const { port, demanded, offered } = limit.load;
      const wish = `${brief(demanded)} of ${brief(offered)} words/cycle`;
      return `${limit.memory}, its ${port} bandwidth (${wish} and instance)`;
    }
    case 'network':
      return `filling and draining the networks (${limit.cycles} cycles)`;
  }
}

export interface EnergyPart {
  readonly kind: 'memory' | 'network' | 'compute';
  readonly name: string;
  readonly energyPj: number;
  /** Of the total, 0 to 1. */
  readonly share: number;
}

/** Every memory and network, outermost first, then compute; their energies add up to the total. */
export function energyParts(arch: Architecture, cost: Cost): EnergyPart[] {
  const share = (energyPj: number): number => (cost.energyPj === 0 ? 0 : energyPj / cost.energyPj);
  const part = (kind: EnergyPart['kind'], name: string, energyPj: number): EnergyPart => ({
    kind,
    name,
    energyPj,
    share: share(energyPj),
  });
  return [
    ...cost.memories.map(({ name, energyPj }) => part('memory', name, energyPj)),
    ...cost.networks.map(({ name, energyPj }) => part('network', name, energyPj)),
    part('compute', arch.compute.name, cost.computeEnergyPj),
  ];
}

/** One sentence: the largest part of the energy and, if it is a memory, the tensor behind it. */
export function describeEnergyLimit(arch: Architecture, einsum: Einsum, cost: Cost): string {
  const largest = energyParts(arch, cost).reduce((most, next) =>
    next.energyPj > most.energyPj ? next : most,
  );
  const place = largest.kind === 'network' ? `network ${largest.name}` : largest.name;
  const memory =
    largest.kind === 'memory' ? cost.memories.find(({ name }) => name === largest.name) : undefined;
  return `${place} (${percent(largest.share)} of the energy${memory ? leadingTensor(einsum, memory) : ''})`;
}

function leadingTensor(einsum: Einsum, memory: MemoryCost): string {
  const energies = memory.tensors.map((tensor) => tensor.energyPj);
  const most = Math.max(...energies, memory.leakPj);
  if (memory.energyPj === 0) return '';
  const name = memory.leakPj === most ? 'leakage' : einsum.tensors[energies.indexOf(most)].name;
  const share = percent(most / memory.energyPj);
  return `, ${share === '100.0%' ? 'all' : share} of it ${name}`;
}

function load(port: PortLoad['port'], demanded: number, offered: number): PortLoad {
  return { port, demanded, offered, share: offered === Infinity ? 0 : demanded / offered };
}
