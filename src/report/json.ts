/** The JSON contracts `dse.eval/1` and `dse.search/1`: their types, and the reports built from results. */
import type { Architecture } from '../arch/architecture.ts';
import type { MappingFile } from '../mapping/file.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { mappingToJson } from '../mapping/write.ts';
import type { ConstraintEntry } from '../mapspace/write-constraints.ts';
import type { AccessCounts, Cost, MemoryCost, NetworkCost } from '../model/cost.ts';
import type { Certificate } from '../search/certificate.ts';
import type { Diagnostic } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { NotCosted } from '../workload/workload.ts';
import type { ExplainReport } from './explain.ts';
import type { PaddingReport } from './padding.ts';

/** Action counts of one tensor in one memory: totals over utilised instances, repeated for one of them. */
export interface LevelTensorReport extends AccessCounts {
  readonly kept: boolean;
  readonly tileWords: number;
  readonly energyPj: number;
  readonly perInstance: AccessCounts;
}

export interface LevelReport {
  readonly name: string;
  readonly instances: number;
  readonly utilizedInstances: number;
  readonly cycles: number;
  readonly energyPj: number;
  readonly leakPj: number;
  readonly usedWords: number;
  /** null: unlimited. */
  readonly usableWords: number | null;
  /** Words per cycle and instance, over the final latency. */
  readonly bandwidth: { readonly read: number; readonly write: number };
  /** By tensor name. */
  readonly tensors: Readonly<Record<string, LevelTensorReport>>;
}

export interface NetworkReport {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly energyPj: number;
  /** By tensor name. */
  readonly tensors: Readonly<
    Record<
      string,
      {
        readonly multicast: number;
        readonly distinct: number;
        readonly spatialReductions: number;
        readonly hops: number;
        readonly energyPj: number;
      }
    >
  >;
}

/** What `dse eval --json` prints; schema in `schemas/dse.eval-1.schema.json`. */
export interface EvalReport {
  readonly schema: 'dse.eval/1';
  readonly arch: string;
  readonly layer: string;
  readonly semantics: 'dse';
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly computes: number;
  readonly utilization: number;
  readonly energyPj: number;
  readonly edpJs: number;
  readonly areaUm2?: number;
  readonly computeCycles: number;
  readonly computeEnergyPj: number;
  readonly utilizedUnits: number;
  readonly valid: true;
  readonly violations: readonly never[];
  readonly levels: readonly LevelReport[];
  readonly networks: readonly NetworkReport[];
}

/** What `dse eval --json` prints for a mapping that cannot be evaluated. */
export interface RejectionReport extends Pick<EvalReport, 'schema' | 'arch' | 'layer' | 'semantics'> {
  readonly valid: false;
  readonly violations: readonly ViolationReport[];
}

/** One reason; the place is in the mapping file, line and column counted from 1. */
export interface ViolationReport extends Omit<Diagnostic, 'position'> {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** One mapping's figures, and the mapping as `dse eval --mapping` reads it back. */
export interface BestReport {
  readonly energyPj: number;
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly edpJs: number;
  readonly utilization: number;
  readonly mapping: MappingFile;
}

export interface EinsumReport {
  /** Trip counts by dimension, in order. */
  readonly dims: Readonly<Record<string, number>>;
  /** Index expressions by tensor, one per rank: `{ Inputs: { role, ranks: ['n', 'c', '2p+r'] } }`. */
  readonly tensors: Readonly<Record<string, { readonly role: string; readonly ranks: readonly string[] }>>;
  readonly macs: number;
}

export interface LayerReport {
  readonly name: string;
  /** How often the selection holds this shape. */
  readonly count: number;
  /** Every layer of this shape; `name` is the first. */
  readonly names: readonly string[];
  readonly einsum: EinsumReport;
  /** Rules beside the architecture's own, in the form of a constraints file; absent if there are none. */
  readonly constraints?: readonly ConstraintEntry[];
  readonly best: BestReport;
  /** With a front objective: the mappings no other one beats in every objective, lowest energy first. */
  readonly front?: readonly BestReport[];
  readonly certificate: Certificate;
  /** If padding was asked for; the Einsum is the padded one. */
  readonly padding?: PaddingReport;
  /** If it was asked for. */
  readonly explain?: ExplainReport;
  readonly seconds: number;
}

/** What `dse search --json` prints; schema in `schemas/dse.search-1.schema.json`. */
export interface SearchReport {
  readonly schema: 'dse.search/1';
  readonly arch: string;
  /** What named the architecture: a shipped one or a path; null for a value or Timeloop's files. */
  readonly archFile: string | null;
  /** Of the architecture as read: see `archDigest`. */
  readonly archDigest: string;
  readonly objective: string;
  /** True if uneven mappings were searched too; absent otherwise. */
  readonly uneven?: boolean;
  /** What the request gave beside its subject and objective. */
  readonly options: SearchSettings;
  readonly layers: readonly LayerReport[];
  /** Of a search over a network's totals: what was minimised and what is proved of it. */
  readonly network?: NetworkCertificate;
  /** With `resident`: activations that stay on chip. */
  readonly residency?: ResidencyReport;
  /** Of several layers: what passes between them through the outermost memory. */
  readonly interLayer?: InterLayerReport;
  /** Sums over layers times their counts; EDP is the product of total energy and total latency. */
  readonly total: Totals;
  /** Shapes without a result, because a limit or an interrupt came first; not in the total. */
  readonly unsolved: readonly { readonly name: string; readonly count: number; readonly reason: string }[];
  /** With a whole network of an ONNX file: its operators that are no layers; not in the total. */
  readonly notCosted?: readonly NotCosted[];
  readonly threads: number;
  readonly seconds: number;
  readonly version: string;
}

export interface SearchSettings {
  readonly strategy?: string;
  readonly seed?: number;
  readonly evaluations?: number;
  readonly gap?: number;
  readonly timeSeconds?: number;
  readonly patience?: number;
}

/** What passes the outermost memory for some tensors; energies are its accesses'. */
export interface TrafficReport {
  readonly words: number;
  readonly bytes: number;
  readonly energyPj: number;
}

/**
 * Traffic of activations with the outermost memory, over all layers. Each layer reads its inputs there and writes its
 * outputs there, the network's own first inputs and last outputs among them, unless they are resident. Operators that are
 * no layers (additions, pooling, softmax) read and write too: that is not counted.
 */
export interface InterLayerReport {
  /** The outermost. */
  readonly memory: string;
  /** Outputs, each time they are written, and partial sums that are read back to be added to. */
  readonly written: TrafficReport;
  /** The latter. */
  readonly partialSumWords: number;
  /** Inputs, again each time they are read. */
  readonly read: TrafficReport;
  /** Everything that passes the memory: these and weights. */
  readonly all: TrafficReport;
  /** Of both together in the total energy, 0 to 1. */
  readonly shareOfEnergy: number;
}

/** What may stay on chip between layers, and what it gains. */
export interface ResidencyReport {
  /** Where it stays. */
  readonly memory: string;
  /** One per layer. */
  readonly activations: readonly ActivationReport[];
  /** Totals of the same search with everything in the outermost memory between layers. */
  readonly without: Totals & Pick<SearchReport, 'network' | 'interLayer'>;
}

/** The outputs of one layer. */
export interface ActivationReport {
  readonly layer: string;
  /** What it takes of the memory: as the layer writes it or as others read it, with their padding, whichever is more. */
  readonly words: number;
  /** Layers of which it is an operand. */
  readonly readers: readonly string[];
  /** Layers to whose outputs it is added. It stays until they, too, are done. */
  readonly added: readonly string[];
  readonly resident: boolean;
  /** Why it could not stay; absent if it could. */
  readonly reason?: string;
}

/** Of all choices of mappings and, with `resident`, of what stays in the one memory in the order of the layers. In pJ·cycles for `edp`, pJ·cycles² for `ed2p`, pJ, cycles or their weighted sum for others. */
export interface NetworkCertificate {
  readonly objective: string;
  readonly status: 'optimal' | 'bounded';
  readonly value: number;
  readonly lowerBound: number;
  readonly gap: number;
}

export interface Totals {
  readonly energyPj: number;
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly edpJs: number;
}

export interface EvalSource {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly cost: Cost;
}

/** A mapping with its cost, as a search found it. */
export interface Found {
  readonly mapping: Mapping;
  readonly cost: Cost;
}

export function bestReport(arch: Architecture, einsum: Einsum, { mapping, cost }: Found): BestReport {
  const { energyPj, cycles, latencySeconds, edpJs, utilization } = cost;
  const figures = { energyPj, cycles, latencySeconds, edpJs, utilization };
  return { ...figures, mapping: mappingToJson(mapping, arch, einsum) };
}

export function evalReport({ arch, einsum, cost }: EvalSource): EvalReport {
  return {
    schema: 'dse.eval/1',
    arch: arch.name,
    layer: einsum.name,
    semantics: 'dse',
    cycles: cost.cycles,
    latencySeconds: cost.latencySeconds,
    computes: cost.computes,
    utilization: cost.utilization,
    energyPj: cost.energyPj,
    edpJs: cost.edpJs,
    ...(cost.areaUm2 > 0 ? { areaUm2: cost.areaUm2 } : {}),
    computeCycles: cost.computeCycles,
    computeEnergyPj: cost.computeEnergyPj,
    utilizedUnits: cost.utilizedUnits,
    valid: true,
    violations: [],
    levels: cost.memories.map((memory) => levelReport(einsum, memory)),
    networks: cost.networks.map((network) => networkReport(einsum, network)),
  };
}

export function rejectionReport(
  arch: Architecture,
  einsum: Einsum,
  diagnostics: readonly Diagnostic[],
): RejectionReport {
  return {
    schema: 'dse.eval/1',
    arch: arch.name,
    layer: einsum.name,
    semantics: 'dse',
    valid: false,
    violations: diagnostics.map(({ position, ...reason }) => ({
      ...reason,
      ...(position && { file: position.file, line: position.line, column: position.column }),
    })),
  };
}

function levelReport(einsum: Einsum, memory: MemoryCost): LevelReport {
  return {
    name: memory.name,
    instances: memory.instances,
    utilizedInstances: memory.utilizedInstances,
    cycles: memory.cycles,
    energyPj: memory.energyPj,
    leakPj: memory.leakPj,
    usedWords: memory.usedWords,
    usableWords: memory.usableWords === Infinity ? null : memory.usableWords,
    bandwidth: memory.bandwidth,
    tensors: byTensor(einsum, memory.tensors),
  };
}

function networkReport(einsum: Einsum, network: NetworkCost): NetworkReport {
  const { name, from, to, energyPj } = network;
  return { name, from, to, energyPj, tensors: byTensor(einsum, network.tensors) };
}

function byTensor<T>(einsum: Einsum, values: readonly T[]): Record<string, T> {
  return Object.fromEntries(values.map((value, index) => [einsum.tensors[index].name, value]));
}

/** Totals of layers that run one after another, each `count` times. */
export function totals(layers: readonly { readonly count: number; readonly best: Totals }[]): Totals {
  const sum = (value: (best: Totals) => number): number =>
    layers.reduce((total, { count, best }) => total + count * value(best), 0);
  const energyPj = sum((best) => best.energyPj);
  const latencySeconds = sum((best) => best.latencySeconds);
  return {
    energyPj,
    cycles: sum((best) => best.cycles),
    latencySeconds,
    edpJs: energyPj * 1e-12 * latencySeconds,
  };
}

/** The Einsum in names: what a reader of the JSON needs to redo the numbers. */
export function einsumReport(einsum: Einsum): EinsumReport {
  const { dims, tensors } = einsum;
  return {
    dims: Object.fromEntries(dims.map(({ name, bound }) => [name, bound])),
    tensors: Object.fromEntries(
      tensors.map(({ name, role, ranks }) => [
        name,
        { role, ranks: ranks.map((rank) => rankText(einsum, rank)) },
      ]),
    ),
    macs: dims.reduce((product, dim) => product * dim.bound, 1),
  };
}

function rankText(einsum: Einsum, rank: Einsum['tensors'][number]['ranks'][number]): string {
  if (rank.length === 0) return '0';
  const terms = rank.map(({ dim, coefficient }) => {
    const name = einsum.dims[dim].name;
    return coefficient === 1 ? name : coefficient === -1 ? `-${name}` : `${coefficient}${name}`;
  });
  return terms.join('+').replaceAll('+-', '-');
}

/** A copy without the typed values that the API adds to a report. */
export function withoutTyped<T extends { readonly typed: unknown }>(report: T): Omit<T, 'typed'> {
  const copy: { typed?: unknown } & Omit<T, 'typed'> = { ...report };
  delete copy.typed;
  return copy;
}
