/** Lays a mapspace out in the kernel's memory: header, lattice tables, stages. Reads nothing back. */
import type { Mapspace } from '../../mapspace/mapspace.ts';
import { fanouts } from '../../arch/architecture.ts';
import { macs, outputIndex, tensorWords } from '../../workload/einsum.ts';
import type { Quantity, Weights } from '../objective.ts';
import type { Engine } from './engine.ts';
import type { Layout } from './kernel.ts';
import { Image, loadExactKernel } from './kernel.ts';
import type { ColumnFactor, Lattice, LatticeTensor, LatticeTerm } from './lattice.ts';
import {
  buildLattice,
  coveredCoordinates,
  futureMoves,
  isRuled,
  limitOf,
  mayLoop,
  tableOfProducts,
} from './lattice.ts';
import type { Functional, MemoryStage, PerTensor, Stage } from './stages.ts';
import { buildStages, constantLeak, functionalsOf } from './stages.ts';
import { findSymmetry, mirrorNodes } from './symmetry.ts';
import type { Spreadings } from './vectors.ts';
import { spreadings } from './vectors.ts';

/** One quantity, or the front of energy and cycles. */
export type ExactObjective = Quantity | 'front';

/** Mappings beyond are not wanted. Default none. */
export interface Limits {
  readonly energyPj?: number;
  readonly cycles?: number;
}

const FRONT_ROOM = 4096;
/** Bytes of the pool at least, however large the tables are. */
const LEAST_POOL = 2 ** 20;
const MAX_LABELS_RANKED = 1 << 18;
/** Of annealing's random numbers. */
const SEED = 0x2545f491;

/** A problem in the kernel's memory, ready to search. */
export interface Problem extends Engine {
  readonly space: Mapspace;
  readonly lattice: Lattice;
  readonly functionals: readonly Functional[];
  readonly stages: readonly Stage[];
  /** What annealing works on; bytes of a stage's record in its chain. */
  readonly annealing: number;
  readonly recordBytes: number;
}

interface Builder {
  readonly space: Mapspace;
  readonly lattice: Lattice;
  readonly image: Image;
  readonly layout: Layout;
  readonly functionals: readonly Functional[];
}

export function buildProblem(
  space: Mapspace,
  objective: ExactObjective,
  limits: Limits,
  memoryBytes: number,
): Problem {
  const leaks =
    constantLeak(space) > 0 ||
    space.arch.nodes.some((n) => n.kind === 'memory' && n.energy.leakPjPerCycle > 0) ||
    space.arch.compute.leakPjPerCycle > 0;
  const weights = weightsOf(objective);
  const energy = weights.energy > 0 || limits.energyPj !== undefined;
  const cycles = weights.latency > 0 || limits.cycles !== undefined || leaks || space.minUnits > 1;
  const functionals = functionalsOf(space, energy, cycles);
  const lattice = buildLattice(space);
  const stages = buildStages(space, functionals);
  const { module, layout } = loadExactKernel();
  const image = new Image(layout.HEAP);
  const exports = image.instantiate(module);
  const builder: Builder = { space, lattice, image, layout, functionals };
  const header = image.alloc(layout.HEADER);
  writeHeader(builder, header, objective);
  writeLimits(builder, header, limits);
  writeLattice(builder, header);
  const mirror = writeSymmetry(builder, header);
  const shared = { spread: 0, next: -1 };
  const stageAt = stages.map(() => image.alloc(layout.STAGE));
  setter(image, header).i32(layout.H_STAGES, image.i32([...stageAt, 0]));
  for (let s = stages.length - 1; s >= 0; s--) writeStage(builder, stages, stageAt, s, shared);
  const rankRoom = MAX_LABELS_RANKED;
  const ranks = image.alloc(rankRoom * 8);
  const recordBytes = (layout.C_DIGITS + 2 * lattice.dims.length + 3) & ~3;
  const annealing = writeAnnealing(builder, stages, stageAt, recordBytes);
  const poolStart = image.end;
  setter(image, header).f64(layout.H_MEMORY_F, Math.max(memoryBytes, poolStart + LEAST_POOL));
  const problem: Problem = {
    space,
    lattice,
    functionals,
    stages,
    image,
    exports,
    layout,
    nodes: lattice.nodes,
    pages: pageCount(space, lattice),
    mirror,
    header,
    stageAt,
    annealing,
    recordBytes,
    ranks,
    rankRoom,
    poolStart,
  };
  prepare(problem);
  return problem;
}

/** What of energy and cycles an objective grows with; 1 where they are multiplied. */
function weightsOf(objective: ExactObjective): Required<Weights> {
  if (typeof objective === 'object') return objective.weights;
  return { energy: objective === 'latency' ? 0 : 1, latency: objective === 'energy' ? 0 : 1 };
}

function objectiveNumber(objective: ExactObjective, L: Layout): number {
  if (typeof objective === 'object') return L.OBJECTIVE_WEIGHTED;
  return {
    energy: L.OBJECTIVE_ENERGY,
    latency: L.OBJECTIVE_LATENCY,
    edp: L.OBJECTIVE_EDP,
    ed2p: L.OBJECTIVE_ED2P,
    front: L.OBJECTIVE_FRONT,
  }[objective];
}

function setter(
  image: Image,
  base: number,
): { i32(at: number, value: number): void; f64(at: number, value: number): void } {
  return {
    i32: (at, value) => new DataView(image.memory.buffer).setInt32(base + at, value, true),
    f64: (at, value) => new DataView(image.memory.buffer).setFloat64(base + at, value, true),
  };
}

function writeHeader(builder: Builder, header: number, objective: ExactObjective): void {
  const { space, lattice, image, layout: L, functionals } = builder;
  const { arch, einsum } = space;
  const set = setter(image, header);
  const tensors = einsum.tensors.length;
  const functionalBytes = L.F_ALIVE_F + 8 * tensors;
  const runBytes = L.R_COST_F + 8 * functionals.length;
  const functionalsAt = L.L_PENDING_F + 16 * tensors;
  const runsAt = functionalsAt + functionalBytes * functionals.length;
  const runs = mostRuns(space, lattice);
  const shareAt = runsAt + runBytes * runs;
  const label = shareAt + (space.uneven ? L.SHARE_BEGAN + 8 * Math.ceil(lattice.dims.length / 8) : 0);
  set.i32(L.H_DIMS, lattice.dims.length);
  set.i32(L.H_TENSORS, tensors);
  set.i32(L.H_NODES, lattice.nodes);
  set.i32(L.H_FUNCTIONALS, functionals.length);
  set.i32(L.H_QUANTITIES, quantities(functionals));
  set.i32(
    L.H_BLOCKS,
    image.f64(
      functionals.flatMap((f) => (f.kind === 'accesses' ? [f.wordsPerElement, f.blockSize, f.energyPj] : [])),
    ),
  );
  set.i32(L.H_MAX_RUNS, runs);
  set.i32(L.H_LABEL, label);
  set.i32(L.H_OUTPUT, outputIndex(einsum));
  set.i32(L.H_HAS_ENERGY, functionals[0].kind === 'energy' ? 1 : 0);
  set.i32(L.H_RADIX, lattice.radix);
  set.i32(L.H_FUNCTIONAL_BYTES, functionalBytes);
  set.i32(L.H_RUN_BYTES, runBytes);
  set.i32(L.H_FUNCTIONALS_AT, functionalsAt);
  set.i32(L.H_RUNS_AT, runsAt);
  set.i32(L.H_SHARE_AT, space.uneven ? shareAt : 0);
  set.i32(L.H_OBJECTIVE, objectiveNumber(objective, L));
  set.i32(L.H_FRONT_ROOM, FRONT_ROOM);
  set.i32(L.H_FRONT, image.alloc((FRONT_ROOM + 1) * L.FRONT_POINT));
  set.i32(L.H_WORK, image.alloc(label));
  set.i32(L.H_WORK2, image.alloc(label));
  set.i32(L.H_DISTINCT, image.alloc(8 * tensors));
  set.i32(L.H_TOLERANCE, image.f64(functionals.map(() => 0)));
  set.f64(L.H_MACS_F, macs(einsum));
  set.f64(L.H_OUTPUT_WORDS_F, tensorWords(einsum, einsum.tensors[outputIndex(einsum)]));
  set.f64(L.H_BEST_F, Infinity);
  set.f64(L.H_CUT_F, 1);
  set.f64(L.H_GIVEN_UP_F, Infinity);
  set.f64(L.H_ENERGY_F, macs(einsum) * arch.compute.energyPj);
  const latency = fanouts(arch).reduce(
    (sum, { latency }) => sum + latency.fillCycles + latency.drainCycles,
    0,
  );
  set.f64(L.H_LATENCY_F, latency);
  set.f64(L.H_LEAK_F, constantLeak(space));
  const weights = weightsOf(objective);
  set.f64(L.H_ENERGY_WEIGHT_F, weights.energy);
  set.f64(L.H_CYCLES_WEIGHT_F, weights.latency);
  set.f64(L.H_MIN_UNITS_F, space.minUnits);
}

/** Functionals that are energy or ports. */
function quantities(functionals: readonly Functional[]): number {
  return functionals.filter(({ kind }) => kind !== 'accesses').length;
}

function writeLimits({ image, layout: L }: Builder, header: number, limits: Limits): void {
  const { energyPj = Infinity, cycles = Infinity } = limits;
  setter(image, header).f64(L.H_ENERGY_LIMIT_F, energyPj);
  setter(image, header).f64(L.H_CYCLES_LIMIT_F, cycles);
}

/** Keepers, the outermost memory aside, of tensors whose windows slide. */
function mostRuns({ levels }: Mapspace, { tensors }: Lattice): number {
  const keepers = levels
    .slice(1)
    .flatMap((level) => (level.kind === 'memory' ? [new Set(level.keeps.flat())] : []));
  return tensors.reduce(
    (runs, { windows }, t) =>
      windows.length > 0 ? runs + keepers.filter((kept) => kept.has(t)).length : runs,
    0,
  );
}

function writeLattice({ space, lattice, image, layout: L }: Builder, header: number): void {
  const set = setter(image, header);
  const { nodes, radix, divisors: divs, digits } = lattice;
  const padded = divs.flatMap((list) => Array.from({ length: radix }, (_, i) => list[i] ?? 0));
  const products = digitTable(divs, radix, (a, b) => a * b);
  const quotients = digitTable(divs, radix, (a, b) => a / b);
  const tensors = lattice.tensors.length;
  const primes = divs.flatMap((list) => primeSteps(list, radix));
  set.i32(L.H_DIGITS, image.u8(digits));
  set.i32(L.H_STRIDES, image.i32(lattice.strides));
  set.i32(L.H_DIVISORS, image.i32(padded));
  set.i32(L.H_PRODUCTS, image.u8(products));
  set.i32(L.H_QUOTIENTS, image.u8(quotients));
  set.i32(L.H_PRIMES, image.u8(primes));
  set.i32(L.H_ROWS, image.f64(nodeRows(lattice)));
  set.i32(L.H_ROW_BYTES, 8 * (1 + 3 * tensors));
  set.i32(L.H_LEAST, 8);
  set.i32(L.H_HARD_TRIPS, 8 * (1 + tensors));
  set.i32(L.H_WORDS, 8 * (1 + 2 * tensors));
  set.i32(L.H_RELEVANT, image.i32(lattice.tensors.map(({ relevant }) => relevant)));
  set.i32(L.H_HARD, image.i32(lattice.tensors.map(({ hard }) => hard)));
  set.i32(L.H_WINDOWS, writeWindows(image, L, lattice.tensors));
  const sliding = lattice.tensors.reduce((mask, { relevant, hard }) => mask | (relevant & ~hard), 0);
  const moves = divs.map((list, d) => ((sliding >> d) & 1 ? futureMoves(list) : { steps: [], spreads: [] }));
  set.i32(
    L.H_STEPS,
    writeLists(
      image,
      radix,
      moves.map(({ steps }) => steps),
    ),
  );
  set.i32(
    L.H_SPREADS,
    writeLists(
      image,
      radix,
      moves.map(({ spreads }) => spreads),
    ),
  );
  for (const [heads, touched] of [
    ['H_IN_HEADS', 'H_IN_TOUCHED'],
    ['H_OUT_HEADS', 'H_OUT_TOUCHED'],
    ['H_SPARE_HEADS', 'H_SPARE_TOUCHED'],
  ]) {
    set.i32(L[heads], image.alloc(4 * nodes));
    set.i32(L[touched], image.alloc(4 * nodes));
  }
  set.i32(L.H_PARTS, image.alloc(nodes));
  set.i32(L.H_PART, -1);
  set.i32(L.H_MASKS, image.alloc(4 * pageCount(space, lattice)));
  set.i32(L.H_MARKS, image.alloc(widestRank(space)));
}

/** Pages of labels: one per set of dimensions, and one per set of tensors for labels that have just opened a station. */
function pageCount({ einsum }: Mapspace, { dims }: Lattice): number {
  return 2 ** dims.length + 2 ** einsum.tensors.length;
}

function writeSymmetry({ space, lattice, image, layout: L }: Builder, header: number): Int32Array {
  const symmetry = findSymmetry(space, lattice);
  if (!symmetry) return new Int32Array();
  const mirror = mirrorNodes(lattice, symmetry);
  const targets = symmetry.windows.flatMap((list) =>
    Array.from({ length: L.MAX_WINDOWS }, (_, a) => list[a] ?? a),
  );
  setter(image, header).i32(L.H_MIRROR, image.i32(mirror));
  setter(image, header).i32(L.H_MIRROR_WINDOWS, image.u8(targets));
  return mirror;
}

/** One row per node, so that what a bound reads lies together: trips, then by tensor least fetches, hard trips, words. */
function nodeRows(lattice: Lattice): Float64Array {
  const tensors = lattice.tensors.length;
  const trips = lattice.divisors.map((_, d) => tripsOf(lattice, 0, d));
  const factors = lattice.tensors.flatMap((tensor, t) => [
    ...tensor.plain.flatMap((term) => plainFactors(lattice, term, t)),
    ...tensor.windows.flatMap((terms) => windowFactors(lattice, terms, t)),
  ]);
  return tableOfProducts(lattice, 1 + 3 * tensors, [...trips, ...factors]);
}

function tripsOf({ divisors: divs }: Lattice, column: number, d: number): ColumnFactor {
  const bound = divs[d][divs[d].length - 1];
  return { column, dims: [d], value: ([i]) => bound / divs[d][i] };
}

function plainFactors(lattice: Lattice, { dim, coefficient }: LatticeTerm, t: number): ColumnFactor[] {
  const tensors = lattice.tensors.length;
  const extents = lattice.divisors[dim];
  const words = ([i]: readonly number[]): number => 1 + Math.abs(coefficient) * (extents[i] - 1);
  return [
    tripsOf(lattice, 1 + t, dim),
    tripsOf(lattice, 1 + tensors + t, dim),
    { column: 1 + 2 * tensors + t, dims: [dim], value: words },
  ];
}

/** However later loops slide, at least the coordinates covered are fetched, in tiles of the window's span. */
function windowFactors(
  { divisors: divs, tensors }: Lattice,
  terms: readonly LatticeTerm[],
  t: number,
): ColumnFactor[] {
  const dims = terms.map(({ dim }) => dim);
  const bounds = dims.map((d) => divs[d][divs[d].length - 1]);
  const extents = (picks: readonly number[]): number[] => picks.map((i, n) => divs[dims[n]][i]);
  const span = (e: readonly number[]): number =>
    terms.reduce((total, { coefficient }, n) => total + Math.abs(coefficient) * (e[n] - 1), 1);
  const least = (picks: readonly number[]): number => {
    const e = extents(picks);
    return coveredCoordinates(terms, e, bounds) / span(e);
  };
  return [
    { column: 1 + t, dims, value: least },
    { column: 1 + 2 * tensors.length + t, dims, value: (picks) => span(extents(picks)) },
  ];
}

/** By pairs of digits: 1 where the outer divisor is a prime times the inner one. */
function primeSteps(list: readonly number[], radix: number): number[] {
  const isPrime = (n: number): boolean => n > 1 && list.every((d) => d === 1 || d === n || n % d !== 0);
  return Array.from({ length: radix * radix }, (_, i) => {
    const factor = list[i % radix] / list[Math.floor(i / radix)];
    return Number.isInteger(factor) && isPrime(factor) ? 1 : 0;
  });
}

/** Coordinates of the widest rank, and one. */
function widestRank({ einsum }: Mapspace): number {
  const spans = einsum.tensors.flatMap((tensor) =>
    tensor.ranks.map((rank) =>
      rank.reduce(
        (span, { dim, coefficient }) => span + Math.abs(coefficient) * (einsum.dims[dim].bound - 1),
        2,
      ),
    ),
  );
  return Math.max(8, ...spans);
}

/** By dimension and pair of digits: the digit of what the operation makes of their divisors; 255 if that is none. */
function digitTable(
  divs: readonly (readonly number[])[],
  radix: number,
  operation: (a: number, b: number) => number,
): Uint8Array {
  const table = new Uint8Array(divs.length * radix * radix).fill(255);
  divs.forEach((list, d) => {
    const digits = new Map(list.map((divisor, digit) => [divisor, digit]));
    list.forEach((a, i) => {
      for (let j = 0; j < list.length; j++) {
        table[(d * radix + i) * radix + j] = digits.get(operation(a, list[j])) ?? 255;
      }
    });
  });
  return table;
}

function writeAnnealing(
  { lattice, image, layout: L }: Builder,
  stages: readonly Stage[],
  stageAt: readonly number[],
  recordBytes: number,
): number {
  const annealing = image.alloc(L.ANNEALING);
  const set = setter(image, annealing);
  const places = stages.flatMap((stage) =>
    lattice.dims.map((group) => (stage.kind !== 'compute' && mayLoop(stage.level, group) ? 1 : 0)),
  );
  set.i32(L.A_STATE, SEED);
  set.i32(L.A_STATE + 4, SEED);
  set.i32(L.A_STAGES, image.i32(stageAt));
  set.i32(L.A_COUNT, stages.length);
  for (const room of ['A_CHAIN', 'A_BEFORE', 'A_BEST'])
    set.i32(L[room], image.alloc(stages.length * recordBytes));
  set.i32(L.A_PLACES, image.u8(places));
  return annealing;
}

function writeWindows(image: Image, L: Layout, tensors: readonly LatticeTensor[]): number {
  const start = image.alloc(L.WINDOW * tensors.length);
  tensors.forEach(({ windows }, t) => {
    const set = setter(image, start + t * L.WINDOW);
    set.i32(L.W_COUNT, windows.length);
    const settles = windows.every(
      (rank) => rank.length === 2 && rank.every(({ coefficient }) => coefficient > 0),
    );
    set.i32(L.W_SETTLES, settles ? 1 : 0);
    windows.forEach((rank, r) => {
      const at = L.W_RANKS + r * L.WINDOW_RANK;
      set.i32(at + L.W_TERMS, rank.length);
      rank.forEach(({ dim, coefficient }, i) => {
        set.i32(at + L.W_PAIRS + 8 * i, dim);
        set.i32(at + L.W_PAIRS + 8 * i + 4, coefficient);
      });
    });
  });
  return start;
}

/** Index of (offset from the start, count) by dimension and digit, then the values. */
function writeLists(image: Image, radix: number, lists: readonly (readonly (readonly number[])[])[]): number {
  const index: number[] = [];
  const values: number[] = [];
  const base = lists.length * radix * 8;
  for (const list of lists) {
    for (let i = 0; i < radix; i++) {
      const own = list[i] ?? [];
      index.push(base + values.length * 4, own.length);
      values.push(...own);
    }
  }
  return image.i32([...index, ...values]);
}

function writeStage(
  builder: Builder,
  stages: readonly Stage[],
  stageAt: readonly number[],
  s: number,
  shared: { spread: number; next: number },
): void {
  const { lattice, image, layout: L } = builder;
  const stage = stages[s];
  const set = setter(image, stageAt[s]);
  const put = (field: number, table: PerTensor): void => set.i32(field, image.f64(table.flat()));
  set.i32(L.S_KIND, { memory: L.MEMORY_STAGE, array: L.ARRAY_STAGE, compute: L.COMPUTE_STAGE }[stage.kind]);
  set.i32(L.S_NUMBER, s);
  set.i32(L.S_EARLY, image.i32(stage.early.map((parent) => (parent === undefined ? 0 : stageAt[parent]))));
  put(L.S_AHEAD_FIXED, stage.aheadFixed);
  put(L.S_AHEAD_SHARED, stage.aheadShared);
  put(L.S_AHEAD_MOST, stage.aheadMost);
  set.i32(L.S_SPREAD_OUTSIDE, image.f64(stage.arraysOutsideMemory));
  set.i32(L.S_PARENTS, image.i32(stage.parents));
  set.i32(L.S_SHARED, image.alloc(8 * stage.parents.length));
  set.f64(L.S_LEAK_F, stage.leakPjPerCycle);
  const next = stages.findIndex((other, n) => n > s && other.kind === 'array');
  if (shared.spread === 0 || shared.next !== next) {
    shared.spread = image.alloc(8 * lattice.nodes);
    shared.next = next;
  }
  set.i32(L.S_SPREAD, shared.spread);
  set.i32(L.S_BOUND_OUT, boundOut(builder, stages, stageAt, s));
  if (stage.kind === 'array')
    writeArray(builder, stage.number, set, stage, spreadings(lattice, stage.array, stage.level));
  if (stage.kind === 'memory') writeMemory(builder, set, stage);
}

/** Pointers to the bounds of the next memory outside, or to zeros beyond the last. */
function boundOut(
  { lattice, image, layout: L, functionals }: Builder,
  stages: readonly Stage[],
  stageAt: readonly number[],
  s: number,
): number {
  const next = stages.findIndex((other, n) => n > s && other.kind === 'memory');
  if (next >= 0) return new DataView(image.memory.buffer).getInt32(stageAt[next] + L.S_BOUND_IN, true);
  const zeros = image.alloc(8 * lattice.nodes);
  return image.i32(functionals.map(() => zeros));
}

type Setter = ReturnType<typeof setter>;

function writeArray(
  { image, layout: L, lattice, functionals }: Builder,
  _number: number,
  set: Setter,
  stage: Extract<Stage, { kind: 'array' }>,
  vectors: Spreadings,
): void {
  const nothing = functionals.slice(1).map(() => 0);
  set.i32(L.S_VECTORS, image.u8(vectors.digits));
  set.i32(L.S_VECTOR_COUNT, vectors.count);
  set.i32(L.S_COPIES, image.f64(vectors.copies));
  set.i32(L.S_SHARES, stage.shares);
  set.i32(L.S_RESTARTS, stage.array.temporalReuse ? 0 : 1);
  set.i32(L.S_PORTS_INSIDE, image.u8(stage.portsInside.map(Number)));
  set.i32(L.S_HOP, image.f64(stage.hop));
  set.i32(L.S_DISTINCT, image.f64(stage.ingress));
  set.i32(L.S_HOP_CREDIT, image.f64([stage.hopCredit, ...nothing]));
  set.i32(L.S_DISTINCT_CREDIT, image.f64([stage.ingressCredit, ...nothing]));
  set.i32(L.S_LEGAL, image.alloc(8 * lattice.nodes));
  set.i32(L.S_ONE_SHARED, image.alloc(8 * lattice.tensors.length));
}

function writeMemory(
  { image, layout: L, lattice, functionals }: Builder,
  set: Setter,
  stage: MemoryStage,
): void {
  set.i32(L.S_TOP, stage.top ? 1 : 0);
  set.i32(L.S_UNEVEN, stage.uneven ? 1 : 0);
  set.i32(L.S_KEEPS, image.i32(stage.keeps));
  set.i32(L.S_KEEP_COUNT, stage.keeps.length);
  set.i32(L.S_BOUND_IN, image.i32(boundTables(image, lattice, stage, quantities(functionals))));
  set.i32(L.S_ALLOWED, image.u8(allowedLoops(lattice, stage)));
  set.i32(L.S_ORDERED, stage.level.before.length > 0 ? 1 : 0);
  set.i32(L.S_INSIDE, image.i32(insideMasks(lattice, stage)));
  set.i32(L.S_REQUIRED, stage.uneven ? 0 : requiredDims(lattice, stage));
  set.i32(L.S_RULED, stage.uneven ? ruledDims(lattice, stage) : 0);
  const limits = lattice.dims.map((group) => limitOf(stage.level, group));
  set.i32(L.S_LIMITS, image.f64(limits.flatMap(({ least, most }) => [least, most])));
  set.i32(L.S_READ, image.f64(stage.read.flat()));
  set.i32(L.S_FILL, image.f64(stage.fill.flat()));
  set.i32(L.S_READ_CREDIT, image.f64(stage.readCredit));
  set.i32(L.S_FILL_CREDIT, image.f64(stage.fillCredit));
  set.i32(L.S_ELEMENT_BITS, image.f64(stage.elementBits));
  set.i32(L.S_SERVED, stage.served);
  set.f64(L.S_USABLE_F, stage.usableBits);
  set.f64(L.S_NEEDED_F, stage.neededBits);
}

/** Of an uneven memory a set of tables for each part of a keep set that may still be without a station. */
function boundTables(image: Image, lattice: Lattice, stage: MemoryStage, quantities: number): number[] {
  const sets = stage.uneven ? 2 ** stage.elementBits.length : 1;
  return Array.from({ length: sets }, (_, set) => set).flatMap((set) => {
    const used = set === 0 || stage.keeps.some((keep) => (keep & set) === set);
    return Array.from({ length: quantities }, () => (used ? image.alloc(8 * lattice.nodes) : 0));
  });
}

/**
 * Loops a memory may have: between divisors, within the rules; at the top only those that finish a dimension. Rules
 * limit all loops of a dimension together, so those of an uneven memory are left to the kernel.
 */
function allowedLoops(
  { divisors: divs, radix, dims }: Lattice,
  { level, top, uneven }: MemoryStage,
): Uint8Array {
  const allowed = new Uint8Array(divs.length * radix * radix);
  divs.forEach((list, d) => {
    const { least, most } = limitOf(level, dims[d]);
    const open = mayLoop(level, dims[d]);
    list.forEach((inner, i) =>
      list.forEach((outer, j) => {
        const factor = outer / inner;
        const fits = Number.isInteger(factor) && factor > 1 && (uneven || factor >= least) && factor <= most;
        if (open && fits && (!top || j === list.length - 1)) allowed[(d * radix + i) * radix + j] = 1;
      }),
    );
  });
  return allowed;
}

/** By dimension: those whose loops must lie inside its own, directly or through others. */
function insideMasks({ dims }: Lattice, { level }: MemoryStage): number[] {
  const masks = dims.map(() => 0);
  for (const _ of dims) {
    for (const [outer, inner] of level.before) {
      const o = dims.findIndex((group) => group.includes(outer));
      const i = dims.findIndex((group) => group.includes(inner));
      if (o >= 0 && i >= 0) masks[o] |= (1 << i) | masks[i];
    }
  }
  return masks;
}

/** Dimensions whose loops at the memory are limited or ordered. */
function ruledDims({ dims, divisors: divs }: Lattice, { level }: MemoryStage): number {
  return dims.reduce((mask, [dim, ...others], d) => {
    const bound = divs[d][divs[d].length - 1];
    return others.length === 0 && isRuled(level, dim, bound) ? mask | (1 << d) : mask;
  }, 0);
}

function requiredDims({ dims }: Lattice, { level }: MemoryStage): number {
  return dims.reduce((mask, group, d) => (limitOf(level, group).least > 1 ? mask | (1 << d) : mask), 0);
}

/** Tables the kernel derives itself: from the outermost stage inward. */
function prepare({ stages, stageAt, exports, header }: Problem): void {
  for (const [s, stage] of stages.entries())
    if (stage.kind === 'array') exports.prepareLegal(header, stageAt[s]);
  for (const at of stageAt) exports.prepareSharing(header, at);
  for (let s = stages.length - 1; s >= 0; s--) {
    const stage = stages[s];
    const next = stages.findIndex((other, n) => n > s && other.kind === 'array');
    if (s === stages.length - 1 || stages[s + 1].kind === 'array') {
      exports.prepareSpread(header, stageAt[s], next < 0 ? 0 : stageAt[next]);
    }
    if (stage.kind === 'memory' && !stage.top) exports.prepareBound(header, stageAt[s]);
  }
}
