/** The energies of a machine as one vector: what any mapping costs is linear in it. */
import type { Architecture, Fanout, Memory, Node } from './architecture.ts';

type Energies<N> = N extends Node ? keyof N['energy'] : never;

/** All picojoules per action and per cycle: of the nodes in their order, then of the compute unit. */
export function energiesOf({ nodes, compute }: Architecture): number[] {
  return [...nodes.flatMap(({ energy }) => Object.values(energy)), compute.energyPj, compute.leakPjPerCycle];
}

/** Where an energy of `nodes[position]` stands in the vector. */
export function energyIndex(
  { nodes }: Architecture,
  position: number,
  name: Energies<Memory> | Energies<Fanout>,
): number {
  const before = nodes.slice(0, position).reduce((sum, { energy }) => sum + Object.keys(energy).length, 0);
  return before + Object.keys(nodes[position].energy).indexOf(name);
}

/** Where the energies of the compute unit stand. */
export function computeIndexes({ nodes }: Architecture): { energyPj: number; leakPjPerCycle: number } {
  const before = nodes.reduce((sum, { energy }) => sum + Object.keys(energy).length, 0);
  return { energyPj: before, leakPjPerCycle: before + 1 };
}

/**
 * A machine that none of these beats on any mapping, where they differ in capacities and energies alone: it has the most
 * room and the least energies of all.
 */
export function idealOf(machines: readonly Architecture[]): Architecture {
  return machines.reduce((ideal, machine) => ({
    ...ideal,
    nodes: ideal.nodes.map((node, n) => idealNode(node, machine.nodes[n])),
    compute: {
      ...ideal.compute,
      energyPj: Math.min(ideal.compute.energyPj, machine.compute.energyPj),
      leakPjPerCycle: Math.min(ideal.compute.leakPjPerCycle, machine.compute.leakPjPerCycle),
    },
  }));
}

function idealNode(a: Node, b: Node): Node {
  if (a.kind === 'memory' && b.kind === 'memory')
    return { ...a, words: Math.max(a.words, b.words), energy: least(a.energy, b.energy) };
  if (a.kind === 'array' && b.kind === 'array') return { ...a, energy: least(a.energy, b.energy) };
  throw new Error(`${a.name} and ${b.name} are of different structures`);
}

function least<T extends object>(a: T, b: T): T {
  const other = b as Record<string, number>;
  return Object.fromEntries(
    Object.entries(a).map(([name, value]) => [name, Math.min(value as number, other[name])]),
  ) as T;
}
