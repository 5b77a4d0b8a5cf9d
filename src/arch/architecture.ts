/** The hardware as the models see it: memories, fanouts and compute, outermost first, all in SI-named numbers. */
import type { ComponentRequest } from '../energy/request.ts';
import type { Path, YamlDocument } from '../spec/document.ts';
import type { Tensor } from '../workload/einsum.ts';

/** Fields of a node that the energy and area library filled in; the others are the file's own. */
export interface LibraryUse<Field extends string = string> {
  readonly request: ComponentRequest;
  readonly fields: readonly Field[];
}

/** Picojoules per action of one instance; zero where the description is silent. */
export interface MemoryEnergy {
  /** Per vector access of `blockSize` words. */
  readonly readPj: number;
  readonly fillPj: number;
  readonly updatePj: number;
  readonly leakPjPerCycle: number;
  readonly addressGenerationPj: number;
  /** Adder that accumulates an incoming partial sum onto a stored one. */
  readonly temporalReductionPj: number;
}

/** Words per cycle and instance; `Infinity` is unlimited. */
export interface Bandwidth {
  readonly read: number;
  /** Fills and updates together. */
  readonly write: number;
  /** Reads, fills and updates together. */
  readonly shared: number;
}

/** Tensors named by role (`inputs`) or by name; compared without regard to case. `all` names every tensor. */
export type TensorSelector = readonly string[];

export interface Memory {
  readonly kind: 'memory';
  readonly name: string;
  /** Words of one instance; `Infinity` is unlimited. */
  readonly words: number;
  readonly wordBits: number;
  /** Words moved by one access; the energies above are per such access. */
  readonly blockSize: number;
  /** Tiles may fill `floor(words / multipleBuffering)` words. */
  readonly multipleBuffering: number;
  /** Least share of the usable words that tiles must fill, 0 to 1. */
  readonly minUtilization: number;
  /** Always kept here. */
  readonly keep: TensorSelector;
  /** Kept or bypassed, as the mapping decides. A tensor in neither list bypasses this memory. */
  readonly mayKeep: TensorSelector;
  /** Bits of one element where they differ from `wordBits`, by lower-case role or tensor name. */
  readonly datawidthBits: Readonly<Record<string, number>>;
  readonly energy: MemoryEnergy;
  readonly bandwidth: Bandwidth;
  /** A finished or partial sum that leaves this memory is read first, and counted (MODEL: `drain_reads`). */
  readonly drainReads: boolean;
  /** The first update of an element also reads it: no first-read elision. */
  readonly rmwFirstUpdate: boolean;
  /** Idle instances do not leak. */
  readonly powerGating: boolean;
  readonly areaUm2: number;
  readonly estimates?: readonly LibraryUse<MemoryField>[];
}

export type MemoryField = 'read' | 'fill' | 'update' | 'leak' | 'area' | 'temporal_reduction';

/** A spatial array: `x · y` copies of everything inside, and the network that feeds them. */
export interface Fanout {
  readonly kind: 'array';
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Equal boxes wanted by several children are one read of the parent. */
  readonly multicast: boolean;
  /** Partial sums of equal boxes merge on the way up. */
  readonly spatialReduction: boolean;
  /** Overlapping boxes share their common words too. */
  readonly haloMulticast: boolean;
  /** Memories inside keep a tile that a temporal loop outside leaves as it is; otherwise each of its steps fetches anew. */
  readonly temporalReuse: boolean;
  /** Picojoules per word: crossing one link to a child, its router, entering the network, merging two sums. */
  readonly energy: {
    readonly hopPj: number;
    readonly routerPj: number;
    readonly ingressPj: number;
    readonly spatialReductionPj: number;
  };
  /** Cycles added once per layer. */
  readonly latency: { readonly fillCycles: number; readonly drainCycles: number };
  readonly areaUm2: number;
  readonly estimates?: readonly LibraryUse<'hop' | 'spatial_reduction'>[];
}

export interface Compute {
  readonly name: string;
  /** Picojoules per multiply-accumulate. */
  readonly energyPj: number;
  readonly leakPjPerCycle: number;
  readonly powerGating: boolean;
  readonly areaUm2: number;
  readonly estimates?: readonly LibraryUse<'energy' | 'leak' | 'area'>[];
}

export type Node = Memory | Fanout;

export interface Architecture {
  readonly name: string;
  /** Outermost first; `nodes[0]` is a memory. The compute unit lies inside the last. */
  readonly nodes: readonly Node[];
  readonly compute: Compute;
  readonly clockHz: number;
  /** Free text: technology, sources. */
  readonly description: string;
  /** What its dataflow asks of every mapping. It names dimensions, so it is read once the layer is known. */
  readonly constraints?: WrittenConstraints;
}

/** A list of constraints as it stands in a file. */
export interface WrittenConstraints {
  readonly document: YamlDocument;
  readonly path: Path;
}

export type Keeping = 'keep' | 'bypass' | 'free';

export function memories(arch: Architecture): Memory[] {
  return arch.nodes.filter((node) => node.kind === 'memory');
}

export function fanouts(arch: Architecture): Fanout[] {
  return arch.nodes.filter((node) => node.kind === 'array');
}

/** Copies of `nodes[position]` in the chip: the product of all fanouts outside it. */
export function instances(arch: Architecture, position: number): number {
  return arch.nodes
    .slice(0, position)
    .reduce((count, node) => (node.kind === 'array' ? count * node.x * node.y : count), 1);
}

/** Compute units in the chip. */
export function computeUnits(arch: Architecture): number {
  return instances(arch, arch.nodes.length);
}

/** Words tiles may occupy in one instance. */
export function usableWords(memory: Memory): number {
  return Math.floor(memory.words / memory.multipleBuffering);
}

/** Bits of one element of the tensor in this memory. */
export function elementBits(memory: Memory, tensor: Tensor): number {
  return (
    memory.datawidthBits[tensor.name.toLowerCase()] ?? memory.datawidthBits[tensor.role] ?? memory.wordBits
  );
}

/** Memory words of one element: 1 unless the tensor has its own data width here. */
export function wordsPerElement(memory: Memory, tensor: Tensor): number {
  return elementBits(memory, tensor) / memory.wordBits;
}

/** Whether a memory keeps the tensor, lets it pass, or leaves the choice to the mapping. The outermost keeps all. */
export function keeping(arch: Architecture, memory: Memory, tensor: Tensor): Keeping {
  if (arch.nodes[0] === memory || names(memory.keep, tensor)) return 'keep';
  return names(memory.mayKeep, tensor) ? 'free' : 'bypass';
}

/** True if the selector names the tensor, by name, role or `all`. */
export function names(selector: TensorSelector, tensor: Tensor): boolean {
  return selector.some((word) => {
    const lower = word.toLowerCase();
    return lower === 'all' || lower === tensor.role || lower === tensor.name.toLowerCase();
  });
}
