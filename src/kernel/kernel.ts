/**
 * Calls the WebAssembly kernel: the only room that knows its memory map (assembly/layout.ts, read from the module's
 * own exports). One `Kernel` holds one architecture × layer; mappings come in batches that share a structure.
 */
import { host } from '#host';
import type { Architecture, Fanout, Memory } from '../arch/architecture.ts';
import {
  computeUnits,
  fanouts,
  instances,
  memories,
  usableWords,
  wordsPerElement,
} from '../arch/architecture.ts';
import type { Station } from '../mapping/mapping.ts';
import type { Slot, Structure } from '../mapspace/structure.ts';
import type { Einsum, Tensor } from '../workload/einsum.ts';
import { macs } from '../workload/einsum.ts';
import { effectiveRank, kernelRefusal } from './support.ts';

export type KernelKind = 'scalar' | 'simd';

type Evaluate = (
  problem: number,
  plan: number,
  scratch: number,
  factors: number,
  results: number,
  batch: number,
  count: number,
) => void;

type Layout = Readonly<Record<string, number>>;

const PAGE = 65_536;
/** Slots a structure may have. */
const MAX_ROWS = 512;

/** A module of one SIMD instruction's use; engines without SIMD reject it. */
const SIMD_PROBE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  10,
  1,
  8,
  0,
  65,
  0,
  253,
  15,
  253,
  98,
  11,
);

/** The best build this engine runs. */
export function bestKernelKind(): KernelKind {
  return WebAssembly.validate(SIMD_PROBE) ? 'simd' : 'scalar';
}

/** Compiles the kernel. The module may be posted to workers. */
export function loadKernelModule(kind: KernelKind = bestKernelKind()): WebAssembly.Module {
  return new WebAssembly.Module(host.kernelBytes(`kernel.${kind}`));
}

/**
 * Evaluates batches of mappings of one layer on one architecture.
 * Write `factors[slot * batch + lane]`, call `evaluate(count)`, read `energyPj[lane]` and `cycles[lane]`.
 * A mapping that overflows a memory or an array has infinite energy; other legality is the caller's.
 */
export class Kernel {
  /** Lanes of one batch: the number asked for, rounded up to whole blocks. */
  readonly batch: number;
  /** Loop bounds: row `slot` of the structure, column `lane`. */
  readonly factors: Float64Array;
  readonly energyPj: Float64Array;
  readonly cycles: Float64Array;
  readonly #run: Evaluate;
  readonly #at: Layout;
  readonly #view: DataView;
  readonly #regions: Regions;
  readonly #hardware: Hardware;

  /** @throws RangeError if `kernelRefusal(arch, einsum)` names a reason */
  constructor(module: WebAssembly.Module, arch: Architecture, einsum: Einsum, batch = 256) {
    const refusal = kernelRefusal(arch, einsum);
    if (refusal) throw new RangeError(`the kernel does not take ${refusal}`);
    this.batch = roundBatch(batch);
    // Sized for the regions below, whatever the map says: tables of a few kilobytes and the factor rows.
    const memory = new WebAssembly.Memory({ initial: 16 + Math.ceil((MAX_ROWS * this.batch * 8) / PAGE) });
    const instance = new WebAssembly.Instance(module, { env: { memory, abort: trap } });
    this.#run = instance.exports.evaluate as Evaluate;
    this.#at = readLayout(instance.exports);
    this.#view = new DataView(memory.buffer);
    this.#regions = placeRegions(this.#at, arch, einsum, this.batch);
    this.#hardware = {
      einsum,
      memoryPositions: memories(arch).map((node) => arch.nodes.indexOf(node)),
      fanoutPositions: fanouts(arch).map((node) => arch.nodes.indexOf(node)),
    };
    this.factors = new Float64Array(memory.buffer, this.#regions.factors, MAX_ROWS * this.batch);
    this.energyPj = new Float64Array(memory.buffer, this.#regions.results, this.batch);
    this.cycles = new Float64Array(memory.buffer, this.#regions.results + this.batch * 8, this.batch);
    writeProblem(this.#view, this.#at, this.#regions.problem, arch, einsum);
  }

  /**
   * Fixes what the next batches share: stations, loop order, spatial placement. Clears their factors to 1.
   *
   * @throws RangeError for more than 512 slots, 256 temporal ones or 32 stations, or loops of a dimension between one array's own of it
   */
  setStructure(structure: Structure): void {
    const rows = structure.items.filter((item) => item.kind === 'slot').length;
    if (rows > MAX_ROWS) throw new RangeError(`a structure of ${rows} slots; the kernel takes ${MAX_ROWS}`);
    this.factors.fill(1, 0, rows * this.batch);
    writePlan(this.#view, this.#at, this.#regions.plan, structure, this.#hardware);
  }

  /** Evaluates the first `count` lanes. */
  evaluate(count: number): void {
    const { problem, plan, scratch, factors, results } = this.#regions;
    this.#run(problem, plan, scratch, factors, results, this.batch, count);
  }
}

interface Regions {
  readonly problem: number;
  readonly plan: number;
  readonly scratch: number;
  readonly results: number;
  readonly factors: number;
}

interface Hardware {
  readonly einsum: Einsum;
  readonly memoryPositions: readonly number[];
  readonly fanoutPositions: readonly number[];
}

/** An odd number of 8-lane blocks, so that the rows of one block do not fall into the same cache sets. */
function roundBatch(lanes: number): number {
  const blocks = Math.ceil(lanes / 8);
  return 8 * (blocks + 1 - (blocks % 2));
}

function trap(): never {
  throw new Error('the kernel aborted');
}

function readLayout(exports: WebAssembly.Exports): Layout {
  const constants = Object.entries(exports).filter(([, value]) => value instanceof WebAssembly.Global);
  return Object.fromEntries(
    constants.map(([name, value]) => [name, (value as WebAssembly.Global).value as number]),
  );
}

/** Lays the regions one after another, each aligned to a cell of 64 bytes. */
function placeRegions(at: Layout, arch: Architecture, einsum: Einsum, batch: number): Regions {
  const align = (bytes: number): number => Math.ceil(bytes / at.CELL) * at.CELL;
  const problem = 1024;
  const records = einsum.tensors.length * at.TENSOR + memories(arch).length * at.MEMORY;
  const plan = problem + align(at.P_HEADER + records + fanouts(arch).length * at.FANOUT);
  const ops = (MAX_ROWS + at.MAX_STATIONS) * at.OP;
  const scratch = plan + align(at.L_HEADER + ops + einsum.tensors.length * at.KEEPERS + at.MAX_TEMPORAL);
  const results = scratch + at.SCRATCH_CELLS * at.CELL;
  return { problem, plan, scratch, results, factors: results + batch * 16 };
}

function writeProblem(view: DataView, at: Layout, base: number, arch: Architecture, einsum: Einsum): void {
  const { compute } = arch;
  const write = writer(view);
  const latency = fanouts(arch).map((f) => f.latency.fillCycles + f.latency.drainCycles);
  write.int(base + at.P_DIMS, einsum.dims.length);
  write.int(base + at.P_TENSORS, einsum.tensors.length);
  write.int(base + at.P_MEMORIES, memories(arch).length);
  write.int(base + at.P_FANOUTS, fanouts(arch).length);
  write.int(base + at.P_GATED, Number(compute.powerGating));
  write.real(base + at.P_COMPUTES_F, macs(einsum));
  write.real(base + at.P_COMPUTE_PJ_F, macs(einsum) * compute.energyPj);
  write.real(base + at.P_COMPUTE_LEAK_F, compute.leakPjPerCycle);
  write.real(base + at.P_UNITS_F, computeUnits(arch));
  write.real(
    base + at.P_LATENCY_F,
    latency.reduce((sum, cycles) => sum + cycles, 0),
  );
  let record = base + at.P_HEADER;
  for (const tensor of einsum.tensors) {
    writeTensor(write, at, record, einsum, tensor);
    record += at.TENSOR;
  }
  for (const memory of memories(arch)) {
    writeMemory(write, at, record, arch, einsum, memory);
    record += at.MEMORY;
  }
  for (const fanout of fanouts(arch)) {
    writeFanout(write, at, record, fanout);
    record += at.FANOUT;
  }
}

function writeTensor(write: Writer, at: Layout, base: number, einsum: Einsum, tensor: Tensor): void {
  const ranks = tensor.ranks.map((rank) => effectiveRank(einsum, rank));
  const hard = ranks.flatMap((rank) => (rank.length === 1 ? rank : []));
  const soft = ranks.filter((rank) => rank.length > 1);
  write.int(base + at.T_OUTPUT, Number(tensor.role === 'outputs'));
  write.int(base + at.T_RELEVANT, mask(ranks.flat().map((term) => term.dim)));
  write.int(base + at.T_HARD, hard.length);
  write.int(base + at.T_SOFT, soft.length);
  hard.forEach(({ dim, coefficient }, r) => {
    write.int(base + at.T_HARD_DIMS + 4 * r, dim);
    write.real(base + at.T_HARD_COEFFICIENTS_F + 8 * r, Math.abs(coefficient));
  });
  soft.flat().forEach(({ dim, coefficient }, i) => {
    write.int(base + at.T_SOFT_DIMS + 4 * i, dim);
    write.real(base + at.T_SOFT_COEFFICIENTS_F + 8 * i, coefficient);
  });
}

function writeMemory(
  write: Writer,
  at: Layout,
  base: number,
  arch: Architecture,
  einsum: Einsum,
  memory: Memory,
): void {
  const position = arch.nodes.indexOf(memory);
  const outside = arch.nodes.slice(0, position).filter((node) => node.kind === 'array').length;
  const { energy, bandwidth } = memory;
  const usable = usableWords(memory);
  write.int(base + at.M_DRAIN_READS, Number(memory.drainReads));
  write.int(base + at.M_RMW, Number(memory.rmwFirstUpdate));
  write.int(base + at.M_GATED, Number(memory.powerGating));
  write.int(base + at.M_FANOUTS_OUTSIDE, outside);
  write.int(base + at.M_LIMITED, Number(Object.values(bandwidth).some(Number.isFinite)));
  write.real(base + at.M_USABLE_F, usable);
  write.real(base + at.M_FLOOR_F, memory.minUtilization > 0 ? memory.minUtilization * usable : 0);
  write.real(base + at.M_BLOCK_F, memory.blockSize);
  write.real(base + at.M_READ_PJ_F, energy.readPj);
  write.real(base + at.M_FILL_PJ_F, energy.fillPj);
  write.real(base + at.M_UPDATE_PJ_F, energy.updatePj);
  write.real(base + at.M_ADDRESS_PJ_F, energy.addressGenerationPj);
  write.real(base + at.M_REDUCTION_PJ_F, energy.temporalReductionPj);
  write.real(base + at.M_LEAK_F, energy.leakPjPerCycle);
  write.real(base + at.M_READ_BANDWIDTH_F, bandwidth.read);
  write.real(base + at.M_WRITE_BANDWIDTH_F, bandwidth.write);
  write.real(base + at.M_SHARED_BANDWIDTH_F, bandwidth.shared);
  write.real(base + at.M_INSTANCES_F, instances(arch, position));
  einsum.tensors.forEach((tensor, t) => {
    write.real(base + at.M_WORDS_PER_ELEMENT_F + 8 * t, wordsPerElement(memory, tensor));
  });
}

function writeFanout(write: Writer, at: Layout, base: number, fanout: Fanout): void {
  const { hopPj, routerPj, ingressPj, spatialReductionPj } = fanout.energy;
  write.int(base + at.F_MULTICAST, Number(fanout.multicast));
  write.int(base + at.F_REDUCTION, Number(fanout.spatialReduction));
  write.int(base + at.F_CHARGED, Number(hopPj + routerPj + ingressPj + spatialReductionPj > 0));
  write.real(base + at.F_X_F, fanout.x);
  write.real(base + at.F_Y_F, fanout.y);
  write.real(base + at.F_HOP_PJ_F, hopPj + routerPj);
  write.real(base + at.F_INGRESS_PJ_F, ingressPj);
  write.real(base + at.F_REDUCTION_PJ_F, spatialReductionPj);
}

function writePlan(view: DataView, at: Layout, base: number, structure: Structure, hardware: Hardware): void {
  const write = writer(view);
  const { items } = structure;
  const row = rowsOf(items);
  const temporal = items.filter((item): item is Slot => item.kind === 'slot' && item.fanout < 0).toReversed();
  const stations = items.filter((item): item is Station => item.kind === 'station').toReversed();
  if (temporal.length > at.MAX_TEMPORAL || stations.length > at.MAX_STATIONS) {
    throw new RangeError(
      `a structure of ${temporal.length} temporal slots and ${stations.length} stations is too large`,
    );
  }
  write.int(base + at.L_OPS, items.length);
  write.int(base + at.L_TEMPORAL, temporal.length);
  hardware.memoryPositions.forEach((_, m) => {
    const kept = stations.filter((station) => station.memory === m).flatMap((station) => station.tensors);
    write.int(base + at.L_KEPT + 4 * m, mask(kept));
  });
  writeOps(write, at, base + at.L_HEADER, items, row);
  const keepers = base + at.L_HEADER + items.length * at.OP;
  hardware.einsum.tensors.forEach((_, t) =>
    writeKeepers(write, at, keepers + t * at.KEEPERS, items, t, hardware),
  );
  const dims = keepers + hardware.einsum.tensors.length * at.KEEPERS;
  temporal.forEach((slot, j) => view.setUint8(dims + j, slot.dim));
}

function writeOps(
  write: Writer,
  at: Layout,
  base: number,
  items: Structure['items'],
  row: readonly number[],
): void {
  const first = firstOfFanout(items);
  items.forEach((item, i) => {
    const op = base + (items.length - 1 - i) * at.OP;
    if (item.kind === 'station') {
      write.int(op + at.OP_KIND, at.STATION);
      write.int(op + at.OP_DIM, item.memory);
      write.int(op + at.OP_ROW, mask(item.tensors));
      return;
    }
    write.int(op + at.OP_KIND, item.fanout < 0 ? at.TEMPORAL : at.SPATIAL);
    write.int(op + at.OP_DIM, item.dim);
    write.int(op + at.OP_ROW, row[i]);
    write.int(op + at.OP_FANOUT, item.fanout);
    write.int(op + at.OP_FIRST, Number(first[i]));
    write.int(op + at.OP_AXIS, Number(item.axis === 'y'));
  });
}

/** Marks the innermost slot of each dimension in each array, whose stride all of them share. */
function firstOfFanout(items: Structure['items']): boolean[] {
  const last = new Map<number, number>();
  const seen = new Set<number>();
  const marks = items.toReversed().map((item) => {
    if (item.kind === 'station') return false;
    const previous = last.get(item.dim);
    last.set(item.dim, item.fanout);
    if (item.fanout < 0) return false;
    const key = item.fanout * 256 + item.dim;
    if (seen.has(key) && previous !== item.fanout) {
      throw new RangeError('a loop of the same dimension stands between two of one array');
    }
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
  return marks.toReversed();
}

function writeKeepers(
  write: Writer,
  at: Layout,
  base: number,
  items: Structure['items'],
  t: number,
  { memoryPositions, fanoutPositions }: Hardware,
): void {
  let station = 0;
  let temporal = 0;
  let count = 0;
  for (const item of items.toReversed()) {
    if (item.kind === 'slot') {
      temporal += Number(item.fanout < 0);
      continue;
    }
    if (item.tensors.includes(t)) {
      const keeper = base + count++ * at.KEEPER;
      const position = memoryPositions[item.memory];
      write.int(keeper + at.K_STATION, station);
      write.int(keeper + at.K_MEMORY, item.memory);
      write.int(keeper + at.K_TEMPORAL, temporal);
      write.int(keeper + at.K_FANOUTS, fanoutPositions.filter((f) => f < position).length);
    }
    station++;
  }
  write.int(base, count);
}

/** Row of each slot in the factor table, by its place in the structure's items. */
function rowsOf(items: Structure['items']): number[] {
  let next = 0;
  return items.map((item) => (item.kind === 'slot' ? next++ : -1));
}

function mask(bits: readonly number[]): number {
  return bits.reduce((all, bit) => all | (1 << bit), 0);
}

interface Writer {
  int(address: number, value: number): void;
  real(address: number, value: number): void;
}

/** WebAssembly memory is little-endian on every machine. */
function writer(view: DataView): Writer {
  return {
    int: (address, value) => view.setInt32(address, value, true),
    real: (address, value) => view.setFloat64(address, value, true),
  };
}
