/** From a checked architecture file to `Architecture`: units resolved with clock and word, defaults filled in. */
import { type Path, type YamlDocument, throwAll } from '../spec/document.ts';
import type { Diagnostic } from '../spec/errors.ts';
import type { Quantity } from '../spec/quantity.ts';
import type { Architecture, Compute, Fanout, LibraryUse, Memory, Node } from './architecture.ts';
import {
  type ArrayEntry,
  type ComputeEntry,
  type LibraryContext,
  type MemoryEntry,
  arrayUses,
  computeUses,
  isAdder,
  memoryUses,
} from './components.ts';
import { estimatedArray, estimatedCompute, estimatedMemory } from './library.ts';
import type { ArchitectureFile, HierarchyEntry } from './schema.ts';

/** 1 cycle = 1 ns, so that cycles read as time where the file names no clock. */
const DEFAULT_CLOCK_HZ = 1e9;

/** The architecture of a file the schema accepts. Throws `InputError` with every value that cannot be right. */
export function buildArchitecture(document: YamlDocument, file: ArchitectureFile): Architecture {
  const builder = new Builder(document, file);
  const nodes = file.hierarchy.flatMap((entry, index) => builder.node(entry, ['hierarchy', index]));
  const last = file.hierarchy.at(-1) as ComputeEntry;
  const compute = builder.compute(last, ['hierarchy', file.hierarchy.length - 1]);
  builder.checkInstances(nodes);
  builder.checkOutermost(nodes[0]);
  if (builder.problems.length > 0) throwAll(builder.problems);
  const { name, description = '' } = file;
  return { name, nodes, compute, clockHz: builder.clockHz ?? DEFAULT_CLOCK_HZ, description };
}

class Builder {
  readonly problems: Diagnostic[] = [];
  readonly clockHz: number | undefined;
  readonly #document: YamlDocument;
  readonly #wordBits: number;
  readonly #context: LibraryContext;

  constructor(document: YamlDocument, file: ArchitectureFile) {
    this.#document = document;
    this.#wordBits = file.word.value;
    this.clockHz = file.clock?.value;
    this.#context = {
      technology: file.technology,
      report: (path, { message, expected, suggestion }) =>
        this.problems.push(document.diagnostic(path, message, { expected, suggestion })),
    };
    this.#whole(file.word.value, ['word'], 'a whole number of bits');
  }

  node(entry: HierarchyEntry, path: Path): Node[] {
    if ('memory' in entry) return [this.#memory(entry, path)];
    return 'array' in entry ? [this.#array(entry, path)] : [];
  }

  compute(entry: ComputeEntry, path: Path): Compute {
    const { compute: name, energy, leak, power_gating = false, area } = entry;
    const compute = {
      name,
      energyPj: energy?.value ?? 0,
      leakPjPerCycle: this.#leak(leak, [...path, 'leak']),
      powerGating: power_gating,
      areaUm2: area?.value ?? 0,
    };
    const estimates = computeUses(entry, path, this.#context);
    if (estimates.length === 0) return compute;
    return estimatedCompute({ ...compute, estimates }, this.#clockOf(estimates, [...path, 'component']));
  }

  /** Counts stay exact in a double. */
  checkInstances(nodes: readonly Node[]): void {
    let copies = 1;
    for (const [index, node] of nodes.entries()) {
      if (node.kind !== 'array') continue;
      copies *= node.x * node.y;
      if (copies <= Number.MAX_SAFE_INTEGER) continue;
      this.#problem(['hierarchy', index], `2^53 or more copies of what is inside '${node.name}'`);
      return;
    }
  }

  checkOutermost(node: Node): void {
    if (node.kind !== 'memory' || node.keep.some((word) => word.toLowerCase() === 'all')) return;
    if (node.mayKeep.length > 0 && node.keep.length === 0) return;
    this.#problem(
      ['hierarchy', 0, 'keep'],
      `the outermost memory '${node.name}' does not keep every tensor`,
      '[all], or no keep at all',
    );
  }

  #memory(entry: MemoryEntry, path: Path): Memory {
    const wordBits = entry.word?.value ?? this.#wordBits;
    if (entry.word) this.#whole(wordBits, [...path, 'word'], 'a whole number of bits');
    const memory: Memory = {
      kind: 'memory',
      name: entry.memory,
      words: this.#words(entry, wordBits, [...path, 'size']),
      wordBits,
      blockSize: this.#block(entry, wordBits, [...path, 'block']),
      multipleBuffering: entry.multiple_buffering ?? 1,
      minUtilization: entry.min_utilization ?? 0,
      ...this.#keeping(entry, path),
      datawidthBits: this.#datawidth(entry, path),
      energy: this.#memoryEnergy(entry, [...path, 'energy']),
      bandwidth: this.#bandwidths(entry, wordBits, [...path, 'bandwidth']),
      drainReads: entry.drain_reads ?? false,
      rmwFirstUpdate: entry.rmw_first_update ?? false,
      powerGating: entry.power_gating ?? false,
      areaUm2: entry.area?.value ?? 0,
    };
    const estimates = memoryUses(entry, memory, path, this.#context);
    if (estimates.length === 0) return memory;
    return estimatedMemory({ ...memory, estimates }, this.#clockOf(estimates, [...path, 'component']));
  }

  /** Leakage of the library is a power; a cycle's share of it needs the clock. */
  #clockOf(estimates: readonly LibraryUse[], path: Path): number {
    const leaks = estimates.some(
      ({ request, fields }) => request.component !== 'dram' && fields.includes('leak'),
    );
    return leaks ? this.#clock(path, 'the leakage of a component') : (this.clockHz ?? DEFAULT_CLOCK_HZ);
  }

  #words({ memory, size }: MemoryEntry, wordBits: number, path: Path): number {
    if (size === 'unlimited') return Infinity;
    const words = 'depth' in size ? size.depth * size.block : inWords(size, wordBits);
    if (words < 1) this.#problem(path, `'${memory}' holds less than one word of ${wordBits} bit`);
    if (words > Number.MAX_SAFE_INTEGER) this.#problem(path, `'${memory}' holds 2^53 words or more`);
    return words;
  }

  /** `{depth, block}` gives the block too. */
  #block({ block, size }: MemoryEntry, wordBits: number, path: Path): number {
    const ofSize = size !== 'unlimited' && 'block' in size ? size.block : undefined;
    if (!block) return ofSize ?? 1;
    const words = block.base === 'words' ? block.value : block.value / wordBits;
    this.#whole(words, path, `a whole number of ${wordBits}-bit words`);
    if (ofSize !== undefined && ofSize !== words)
      this.#problem(path, `size has a block of ${ofSize} words already`);
    return words;
  }

  #keeping({ keep, may_keep: mayKeep }: MemoryEntry, path: Path): Pick<Memory, 'keep' | 'mayKeep'> {
    const kept = new Set(keep?.map((word) => word.toLowerCase()));
    mayKeep?.forEach((word, index) => {
      if (!kept.has(word.toLowerCase())) return;
      this.#problem([...path, 'may_keep', index], `'${word}' stands in keep and in may_keep`);
    });
    return { keep: keep ?? [], mayKeep: mayKeep ?? (keep ? [] : ['all']) };
  }

  #datawidth({ datawidth = {} }: MemoryEntry, path: Path): Record<string, number> {
    const widths = Object.entries(datawidth).map(([tensor, { value }]) => {
      this.#whole(value, [...path, 'datawidth', tensor], 'a whole number of bits');
      return [tensor.toLowerCase(), value];
    });
    return Object.fromEntries(widths);
  }

  #memoryEnergy({ energy = {} }: MemoryEntry, path: Path): Memory['energy'] {
    const write = energy.write?.value ?? 0;
    return {
      readPj: energy.read?.value ?? 0,
      fillPj: energy.fill?.value ?? write,
      updatePj: energy.update?.value ?? write,
      leakPjPerCycle: this.#leak(energy.leak, [...path, 'leak']),
      addressGenerationPj: energy.address_generation?.value ?? 0,
      temporalReductionPj: this.#sum(energy.temporal_reduction),
    };
  }

  #bandwidths({ bandwidth = {} }: MemoryEntry, wordBits: number, path: Path): Memory['bandwidth'] {
    return {
      read: this.#bandwidth(bandwidth.read, wordBits, [...path, 'read']),
      write: this.#bandwidth(bandwidth.write, wordBits, [...path, 'write']),
      shared: this.#bandwidth(bandwidth.shared, wordBits, [...path, 'shared']),
    };
  }

  #bandwidth(quantity: Quantity | undefined, wordBits: number, path: Path): number {
    if (!quantity) return Infinity;
    if (quantity.base === 'words per cycle') return quantity.value;
    if (quantity.base === 'bits per cycle') return quantity.value / wordBits;
    return quantity.value / wordBits / this.#clock(path, 'a bandwidth per second');
  }

  #leak(quantity: Quantity | undefined, path: Path): number {
    if (!quantity) return 0;
    if (quantity.base === 'picojoules per cycle') return quantity.value;
    return (quantity.value * 1e12) / this.#clock(path, 'leakage in watts');
  }

  #array(entry: ArrayEntry, path: Path): Fanout {
    const { energy = {}, latency = {} } = entry;
    const estimates = arrayUses(entry, this.#wordBits, path, this.#context);
    const array: Fanout = {
      kind: 'array',
      name: entry.array,
      x: entry.x,
      y: entry.y ?? 1,
      multicast: entry.multicast ?? true,
      spatialReduction: entry.spatial_reduction ?? true,
      haloMulticast: entry.halo_multicast ?? false,
      temporalReuse: entry.temporal_reuse ?? true,
      energy: {
        hopPj: this.#hop(energy.hop),
        routerPj: energy.router?.value ?? 0,
        ingressPj: energy.ingress?.value ?? 0,
        spatialReductionPj: this.#sum(energy.spatial_reduction),
      },
      latency: { fillCycles: latency.fill?.value ?? 0, drainCycles: latency.drain?.value ?? 0 },
      areaUm2: entry.area?.value ?? 0,
    };
    return estimates.length === 0 ? array : estimatedArray({ ...array, estimates });
  }

  /** A wire carries the default word; zero where the library knows better. */
  #hop(hop: NonNullable<ArrayEntry['energy']>['hop']): number {
    if (!hop) return 0;
    return 'length' in hop ? hop.length.value * (hop.energy?.value ?? 0) * this.#wordBits : hop.value;
  }

  /** Zero where the library knows better. */
  #sum(sum: NonNullable<ArrayEntry['energy']>['spatial_reduction']): number {
    return sum === undefined || isAdder(sum) ? 0 : sum.value;
  }

  #clock(path: Path, what: string): number {
    if (this.clockHz === undefined) {
      this.#problem(path, `${what} needs the clock`, "'clock: 1 GHz' or the like at the top of the file");
    }
    return this.clockHz ?? DEFAULT_CLOCK_HZ;
  }

  #whole(value: number, path: Path, expected: string): void {
    if (Number.isInteger(value)) return;
    this.#problem(path, `expected ${expected}, found ${this.#document.found(path)}`);
  }

  #problem(path: Path, message: string, expected?: string): void {
    this.problems.push(this.#document.diagnostic(path, message, { expected }));
  }
}

function inWords({ base, value }: Quantity, wordBits: number): number {
  return base === 'words' ? Math.floor(value) : Math.floor(value / wordBits);
}
