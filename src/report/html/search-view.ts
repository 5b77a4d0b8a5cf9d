/** What the page of a search shows, as plain data: energy, roofline, nests and pictures of its layers. */
import type { Architecture } from '../../arch/architecture.ts';
import { computeUnits, instances, memories } from '../../arch/architecture.ts';
import type { NestBlock } from '../../mapping/draw.ts';
import { nestBlocks } from '../../mapping/draw.ts';
import type { Cost } from '../../model/cost.ts';
import type { Einsum } from '../../workload/einsum.ts';
import type { Found } from '../json.ts';
import { drawMachine } from '../machine-svg.ts';

export interface SearchView {
  readonly layers: readonly LayerView[];
  readonly roof: Roof;
}

/** A layer with its best mapping. */
export interface LayerView extends MappingView {
  /** Why the mapping is the best, in words. */
  readonly explanation?: string;
  /** If a front was asked for: its mappings, as the report lists them. */
  readonly front?: readonly MappingDrawing[];
}

export interface MappingDrawing {
  readonly nest: NestView;
  /** An SVG document: the mapping on its machine. */
  readonly picture: string;
}

export interface MappingView extends MappingDrawing {
  /** Parts of the layer's energy, outermost first; they add up to it. */
  readonly energy: readonly EnergyShare[];
  /** MACs per word that the outermost memory reads or writes; null if it moves none. */
  readonly macsPerWord: number | null;
  readonly macsPerCycle: number;
}

export interface EnergyShare {
  /** A memory, a network or the compute unit. */
  readonly part: string;
  /** A tensor by name and place in the Einsum, or leakage and -1; absent for networks and compute. */
  readonly tensor?: string;
  readonly tensorIndex?: number;
  readonly energyPj: number;
}

export interface NestView {
  /** Outermost first. */
  readonly blocks: readonly NestBlockView[];
  /** Name of the compute unit, innermost. */
  readonly compute: string;
}

export interface NestBlockView extends NestBlock {
  /** Words of one instance of the memory that all its tiles take, and that they may take; null: unlimited. */
  readonly usedWords: number;
  readonly usableWords: number | null;
}

/** What the machine allows at most. */
export interface Roof {
  /** MACs per cycle if every unit works. */
  readonly macsPerCycle: number;
  /** The outermost memory, and the words per cycle it reads and writes at most; null: unlimited. */
  readonly memory: string;
  readonly wordsPerCycle: number | null;
}

export function mappingView(arch: Architecture, einsum: Einsum, found: Found): MappingView {
  const { cost } = found;
  const words = outermostWords(cost);
  return {
    energy: energyShares(arch, einsum, cost),
    ...mappingDrawing(arch, einsum, found),
    macsPerWord: words > 0 ? cost.computes / words : null,
    macsPerCycle: cost.computes / cost.cycles,
  };
}

export function mappingDrawing(arch: Architecture, einsum: Einsum, found: Found): MappingDrawing {
  return { nest: nestView(arch, einsum, found), picture: drawMachine({ arch, einsum, ...found }) };
}

function nestView(arch: Architecture, einsum: Einsum, { mapping, cost }: Found): NestView {
  const fills = new Map(cost.memories.map((memory) => [memory.name, memory]));
  const blocks = nestBlocks(mapping, arch, einsum).map((block) => {
    const { usedWords = 0, usableWords = Infinity } = fills.get(block.memory) ?? {};
    return { ...block, usedWords, usableWords: usableWords === Infinity ? null : usableWords };
  });
  return { blocks, compute: arch.compute.name };
}

export function roofOf(arch: Architecture): Roof {
  const [outermost] = memories(arch);
  const { name, bandwidth } = outermost;
  const ports = Math.min(bandwidth.shared, bandwidth.read + bandwidth.write);
  const words = ports * instances(arch, arch.nodes.indexOf(outermost));
  return {
    macsPerCycle: computeUnits(arch),
    memory: name,
    wordsPerCycle: words === Infinity ? null : words,
  };
}

/** Words over the outermost memory's ports, all instances. */
function outermostWords({ memories: [outermost], cycles }: Cost): number {
  const { bandwidth, utilizedInstances } = outermost;
  return (bandwidth.read + bandwidth.write) * cycles * utilizedInstances;
}

function energyShares(arch: Architecture, einsum: Einsum, cost: Cost): EnergyShare[] {
  const shares: EnergyShare[] = [
    ...cost.memories.flatMap((memory) => [
      ...memory.tensors.map(({ energyPj }, t) => ({
        part: memory.name,
        tensor: einsum.tensors[t].name,
        tensorIndex: t,
        energyPj,
      })),
      { part: memory.name, tensor: 'leakage', tensorIndex: -1, energyPj: memory.leakPj },
    ]),
    ...cost.networks.map(({ name, energyPj }) => ({ part: name, energyPj })),
    { part: arch.compute.name, energyPj: cost.computeEnergyPj },
  ];
  return shares.filter(({ energyPj }) => energyPj > 0);
}
