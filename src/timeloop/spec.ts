/**
 * A Timeloop specification after reading: every dialect becomes these types. Levels and loops run from the inside
 * out, as Timeloop numbers them. No file formats here, no formulas.
 */
import type { SourcePosition } from '../spec/errors.ts';

/** Copies of a component in the whole chip, and the grid they form. */
export interface Mesh {
  readonly instances: number;
  readonly meshX: number;
  readonly meshY: number;
}

/** The network between a storage level and what is below it. Energies in pJ, lengths in µm, latencies in cycles. */
export interface Network {
  readonly wordBits: number;
  readonly energyPerHop?: number;
  readonly routerEnergy: number;
  /** Per bit and millimetre; the length of a hop is `tileWidth`. */
  readonly wireEnergy: number;
  /** Absent: the side of the square that everything below one child occupies. */
  readonly tileWidth?: number;
  readonly fillLatency: number;
  readonly drainLatency: number;
}

/** Energies of the actions an energy reference table lists, pJ; the largest where it lists one more than once. */
export type ActionEnergies = Readonly<Record<string, number>>;

export interface StorageLevel extends Mesh {
  readonly name: string;
  /** Class in the file; what `technology` says is decided by it. */
  readonly className: string;
  readonly technology: 'SRAM' | 'DRAM';
  /** Words of one instance; absent is unlimited. */
  readonly size?: number;
  readonly wordBits: number;
  /** Words per access. */
  readonly blockSize: number;
  /** Instances that share one physical array and its address generator. */
  readonly clusterSize: number;
  readonly multipleBuffering: number;
  readonly minUtilization: number;
  /** Words per cycle and instance; absent is unlimited. */
  readonly readBandwidth?: number;
  readonly writeBandwidth?: number;
  readonly sharedBandwidth?: number;
  /** Share of the bandwidth that one word of a dataspace takes, by dataspace name; 1 where absent. */
  readonly bandwidthScale: Readonly<Record<string, number>>;
  readonly reductionSupported: boolean;
  /** Overrides every other energy of an access. */
  readonly vectorAccessEnergy?: number;
  readonly addressGenerationEnergy: number;
  readonly actions: ActionEnergies;
  /** One instance, µm². */
  readonly area: number;
  readonly powerGating: PowerGating;
  readonly network: Network;
  readonly position?: SourcePosition;
}

/** Which idle instances may be switched off: those below one instance of `at`, together. */
export interface PowerGating {
  readonly enabled: boolean;
  /** Name of the level whose instances are switched; absent is the level itself. */
  readonly at?: string;
}

export interface Arithmetic extends Mesh {
  readonly name: string;
  readonly className: string;
  readonly wordBits: number;
  /** One operation, pJ. */
  readonly energy: number;
  readonly actions: ActionEnergies;
  readonly area: number;
  readonly position?: SourcePosition;
}

export interface Design {
  /** Innermost first. */
  readonly levels: readonly StorageLevel[];
  readonly arithmetic: Arithmetic;
  readonly cycleSeconds?: number;
}

/** `coefficient · dimension`, one addend of a rank. */
export interface ProblemTerm {
  readonly dim: number;
  readonly coefficient: number;
}

export interface Dataspace {
  readonly name: string;
  readonly ranks: readonly (readonly ProblemTerm[])[];
  readonly readWrite: boolean;
}

export interface Problem {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly bounds: readonly number[];
  readonly dataspaces: readonly Dataspace[];
}

/** Iterations of one loop, and of its last run: `P=4,2` is `{bound: 4, residual: 2}`. */
export interface Factor {
  readonly bound: number;
  readonly residual: number;
}

/** The loops of one tiling level. `factors[dim]` for every dimension; `order` lists dimensions innermost first. */
export interface LoopBlock {
  readonly order: readonly number[];
  readonly factors: readonly Factor[];
  readonly position?: SourcePosition;
}

export interface SpatialBlock extends LoopBlock {
  /** The first `split` dimensions of `order` go to X, the others to Y. */
  readonly split: number;
}

/** One storage level's part of a mapping; flags per dataspace, in the problem's order. */
export interface LevelMapping {
  /** Loops across the instances below this level, inside its temporal loops. */
  readonly spatial?: SpatialBlock;
  readonly temporal: LoopBlock;
  readonly keep: readonly boolean[];
  /** No read serves two children, no partial sums merge. */
  readonly noMulticast: readonly boolean[];
  readonly noLinkTransfer: readonly boolean[];
  readonly noTemporalReuse: readonly boolean[];
  /** The first update of an element is a read, too. */
  readonly rmwFirstUpdate: readonly boolean[];
}

/** One entry per storage level, innermost first. */
export interface TimeloopMapping {
  readonly levels: readonly LevelMapping[];
  readonly position?: SourcePosition;
}
