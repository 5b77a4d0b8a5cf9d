/** What every stage of the exact search costs: the cost model's terms per word, from the innermost node outward. */
import type { Architecture, Fanout, Memory } from '../../arch/architecture.ts';
import {
  computeUnits,
  elementBits,
  instances,
  usableWords,
  wordsPerElement,
} from '../../arch/architecture.ts';
import type { ArrayLevel, Mapspace, MemoryLevel } from '../../mapspace/mapspace.ts';
import { neededWords } from '../../mapspace/occupancy.ts';
import { primeFactors } from '../../mapspace/factors.ts';
import type { Einsum, Tensor } from '../../workload/einsum.ts';
import { outputIndex, tensorWords } from '../../workload/einsum.ts';

/**
 * A quantity that adds up along a chain: energy, or the load of one port in cycles of one instance. Behind these, of
 * accesses that may move part of a block, how many elements of the tensor they move in one instance.
 */
export type Functional =
  | { readonly kind: 'energy' }
  | { readonly kind: 'port'; readonly stage: number; readonly port: 'read' | 'write' | 'shared' }
  | Accesses
  /** Nothing: holds the place where neither energy nor any port counts. */
  | { readonly kind: 'none' };

export interface Accesses {
  readonly kind: 'accesses';
  readonly stage: number;
  readonly tensor: number;
  readonly action: 'read' | 'fill' | 'update';
  readonly wordsPerElement: number;
  readonly blockSize: number;
  /** Of one block. */
  readonly energyPj: number;
}

/** By functional, then by tensor. */
export type PerTensor = readonly (readonly number[])[];

interface CommonStage {
  /** 0 is the compute unit; then the architecture's nodes, innermost first. */
  readonly number: number;
  readonly leakPjPerCycle: number;
  /** By tensor: the outermost stage that may serve it next. */
  readonly parents: readonly number[];
  /** By functional: the same, outside the memory it counts at. */
  readonly arraysOutsideMemory: readonly number[];
  /** By tensor: stage that serves it next, if that is certain and no array lies between. */
  readonly early: readonly (number | undefined)[];
  readonly aheadFixed: PerTensor;
  readonly aheadShared: PerTensor;
  readonly aheadMost: PerTensor;
}

export interface ComputeStage extends CommonStage {
  readonly kind: 'compute';
}

export interface MemoryStage extends CommonStage {
  readonly kind: 'memory';
  readonly level: MemoryLevel;
  readonly top: boolean;
  /** Masks of tensors. */
  readonly keeps: readonly number[];
  readonly must: number;
  readonly may: number;
  /** Tensors may lie at different depths of its loops. */
  readonly uneven: boolean;
  /** Bits that tiles may, and must, take. */
  readonly usableBits: number;
  readonly neededBits: number;
  /** By tensor. */
  readonly elementBits: readonly number[];
  /** Mask of tensors that an earlier stage has always served already. */
  readonly served: number;
  readonly read: PerTensor;
  readonly fill: PerTensor;
  /** Cost of a word a keeper surely sends up or reads: a lower bound of `read` once credits are taken off. */
  readonly leastRead: PerTensor;
  readonly readCredit: readonly number[];
  readonly fillCredit: readonly number[];
}

export interface ArrayStage extends CommonStage {
  readonly kind: 'array';
  readonly level: ArrayLevel;
  readonly array: Fanout;
  /** Mask of tensors of which copies share transfers. */
  readonly shares: number;
  /** By functional: its memory lies inside. */
  readonly portsInside: readonly boolean[];
  /** pJ per word of the child and copy, and per word that enters. */
  readonly hop: readonly number[];
  readonly ingress: readonly number[];
  readonly leastHop: readonly number[];
  readonly leastIngress: readonly number[];
  readonly hopCredit: number;
  readonly ingressCredit: number;
}

export type Stage = ComputeStage | MemoryStage | ArrayStage;

type Bare<T> = Omit<
  T,
  'parents' | 'arraysOutsideMemory' | 'early' | 'aheadFixed' | 'aheadShared' | 'aheadMost' | 'served'
>;
type BareStage = Bare<ComputeStage> | Bare<MemoryStage> | Bare<ArrayStage>;

/** The functionals an objective needs: ports only if cycles count, accesses only if energy does. */
export function functionalsOf(space: Mapspace, energy: boolean, cycles: boolean): Functional[] {
  const { arch } = space;
  const found: Functional[] = energy ? [{ kind: 'energy' }] : [];
  if (cycles) {
    arch.nodes.forEach((node, position) => {
      if (node.kind !== 'memory') return;
      const stage = arch.nodes.length - position;
      for (const port of ['read', 'write', 'shared'] as const) {
        if (Number.isFinite(node.bandwidth[port])) found.push({ kind: 'port', stage, port });
      }
    });
  }
  const quantities: Functional[] = found.length > 0 ? found : [{ kind: 'none' }];
  return energy ? [...quantities, ...accessesOf(space)] : quantities;
}

/** Accesses whose energy counts whole blocks while their words may fill a part. */
function accessesOf({ arch, einsum, levels }: Mapspace): Accesses[] {
  return arch.nodes.flatMap((node, position) => {
    const level = levels[position];
    if (node.kind !== 'memory' || level.kind !== 'memory') return [];
    const { blockSize, energy } = node;
    const kept = new Set(level.keeps.flat());
    const stage = arch.nodes.length - position;
    return einsum.tensors.flatMap((tensor, t) => {
      const words = wordsPerElement(node, tensor);
      if (!kept.has(t) || fillsBlocks(arch, einsum, position, tensor)) return [];
      const own = { kind: 'accesses', stage, tensor: t, wordsPerElement: words, blockSize } as const;
      const all: Accesses[] = [
        { ...own, action: 'read', energyPj: energy.readPj },
        { ...own, action: 'fill', energyPj: energy.fillPj },
        { ...own, action: 'update', energyPj: energy.updatePj },
      ];
      return all.filter(({ action, energyPj }) => {
        const happens = action === 'fill' ? position > 0 : action === 'read' || t === outputIndex(einsum);
        return happens && energyPj > 0;
      });
    });
  });
}

export function buildStages(space: Mapspace, functionals: readonly Functional[]): Stage[] {
  const { arch } = space;
  const bare: BareStage[] = [
    {
      kind: 'compute',
      number: 0,
      leakPjPerCycle: arch.compute.powerGating ? arch.compute.leakPjPerCycle : 0,
    },
    ...arch.nodes.toReversed().map((node, i): BareStage => {
      const level = space.levels[arch.nodes.length - 1 - i];
      return node.kind === 'memory'
        ? memoryStage(space, node, level as MemoryLevel, i + 1, functionals)
        : arrayStage(space, node, level as ArrayLevel, i + 1, functionals);
    }),
  ];
  const early = bare.map((_, s) => space.einsum.tensors.map((__, t) => earlyParent(bare, s, t)));
  return bare.map((stage, s): Stage => {
    const ahead = bare.slice(s + 1);
    const common = {
      parents: space.einsum.tensors.map((_, t) => outermostParent(ahead, t)),
      arraysOutsideMemory: functionals.map((f) =>
        'stage' in f ? copiesOf(ahead.filter(({ number }) => number > f.stage)) : 1,
      ),
      early: early[s],
      ...aheadCosts(space, ahead, functionals),
    };
    if (stage.kind !== 'memory') return { ...stage, ...common };
    const served = space.einsum.tensors.reduce(
      (mask, _, t) => (early.some((list) => list[t] === s) ? mask | (1 << t) : mask),
      0,
    );
    return { ...stage, ...common, served };
  });
}

/** pJ per cycle of everything that leaks whether it works or not. */
export function constantLeak({ arch }: Pick<Mapspace, 'arch'>): number {
  const compute = arch.compute.powerGating ? 0 : arch.compute.leakPjPerCycle * computeUnits(arch);
  return arch.nodes.reduce((total, node, position) => {
    if (node.kind !== 'memory' || (node.powerGating && position > 0)) return total;
    return total + node.energy.leakPjPerCycle * instances(arch, position);
  }, compute);
}

function copiesOf(stages: readonly BareStage[]): number {
  return stages.reduce(
    (product, stage) => (stage.kind === 'array' ? product * stage.array.x * stage.array.y : product),
    1,
  );
}

function memoryStage(
  space: Mapspace,
  memory: Memory,
  level: MemoryLevel,
  number: number,
  functionals: readonly Functional[],
): Bare<MemoryStage> {
  const { einsum, arch } = space;
  const keeps = level.keeps.map((list) => list.reduce((mask, t) => mask | (1 << t), 0));
  const { energy } = memory;
  const output = outputIndex(einsum);
  const elides = !memory.rmwFirstUpdate;
  const perElement = einsum.tensors.map((tensor) => elementBits(memory, tensor) / memory.wordBits);
  const table = (cost: (t: number, rate: Rates) => number): number[][] =>
    functionals.map((f) => einsum.tensors.map((_, t) => cost(t, rates(f, t))));
  const rates = (f: Functional, t: number): Rates => {
    if (f.kind === 'none' || ('stage' in f && f.stage !== number)) return NO_RATES;
    if (f.kind === 'accesses') return f.tensor === t ? { ...NO_RATES, [f.action]: 1 } : NO_RATES;
    if (f.kind === 'port') return portRates(memory, f.port, perElement[t]);
    const blocks = perElement[t] / memory.blockSize;
    return {
      read: energy.readPj * blocks,
      fill: energy.fillPj * blocks,
      update: energy.updatePj * blocks,
      address: energy.addressGenerationPj,
      reduce: energy.temporalReductionPj,
    };
  };
  const credit = (of: (rate: Rates) => number): number[] =>
    functionals.map((f) => (elides ? of(rates(f, output)) : 0));
  return {
    kind: 'memory',
    number,
    level,
    top: number === arch.nodes.length,
    leakPjPerCycle: memory.powerGating && number < arch.nodes.length ? energy.leakPjPerCycle : 0,
    keeps,
    must: keeps.reduce((mask, keep) => mask & keep, -1),
    may: keeps.reduce((mask, keep) => mask | keep, 0),
    uneven: space.uneven && number < arch.nodes.length,
    usableBits: usableWords(memory) * memory.wordBits,
    neededBits: neededBits(memory),
    elementBits: einsum.tensors.map((tensor) => elementBits(memory, tensor)),
    read: table((t, r) => (t === output ? r.update + r.address + r.read + r.reduce : r.read + r.address)),
    leastRead: table((t, r) => (t === output ? r.update + r.address : r.read + r.address)),
    fill: table((t, r) => r.fill + r.address + (t === output && memory.drainReads ? r.read : 0)),
    readCredit: credit((r) => r.read + r.reduce),
    fillCredit: credit((r) => r.fill + r.address),
  };
}

/** The fewest bits that are the needed words, as legality divides them. */
function neededBits(memory: Memory): number {
  const needed = neededWords(memory);
  const bits = Math.ceil(needed * memory.wordBits);
  return [bits - 1, bits].find((count) => count / memory.wordBits >= needed) ?? bits + 1;
}

/** Per element: one access of each kind. */
interface Rates {
  readonly read: number;
  readonly fill: number;
  readonly update: number;
  readonly address: number;
  readonly reduce: number;
}

const NO_RATES: Rates = { read: 0, fill: 0, update: 0, address: 0, reduce: 0 };

function portRates(memory: Memory, port: 'read' | 'write' | 'shared', words: number): Rates {
  const cycles = words / memory.bandwidth[port];
  const reading = port === 'write' ? 0 : cycles;
  const writing = port === 'read' ? 0 : cycles;
  return { ...NO_RATES, read: reading, fill: writing, update: writing };
}

function arrayStage(
  space: Mapspace,
  array: Fanout,
  level: ArrayLevel,
  number: number,
  functionals: readonly Functional[],
): Bare<ArrayStage> {
  const { einsum } = space;
  const output = outputIndex(einsum);
  const { hopPj, routerPj, ingressPj, spatialReductionPj } = array.energy;
  const link = hopPj + routerPj;
  const merge = array.spatialReduction ? spatialReductionPj : 0;
  const elides = space.arch.nodes.every((node) => node.kind !== 'memory' || !node.rmwFirstUpdate);
  const of = (operand: number, result: number): number[] =>
    einsum.tensors.map((_, t) => (t === output ? result : operand));
  const shares = of(array.multicast ? 1 : 0, array.spatialReduction ? 1 : 0);
  return {
    kind: 'array',
    number,
    level,
    array,
    leakPjPerCycle: 0,
    shares: shares.reduce((mask, own, t) => mask | (own << t), 0),
    portsInside: functionals.map((f) => 'stage' in f && f.stage < number),
    hop: of(link, 2 * link + merge),
    ingress: of(ingressPj, 2 * ingressPj - merge),
    leastHop: of(link, link),
    leastIngress: of(ingressPj, ingressPj),
    hopCredit: elides ? link : 0,
    ingressCredit: elides ? ingressPj : 0,
  };
}

/**
 * True if any number of elements of the tensor that one instance of a memory moves fills whole blocks. Without gaps and
 * overlaps that number is a multiple of all its elements, divided by the copies outside that hold different ones.
 */
function fillsBlocks(arch: Architecture, einsum: Einsum, position: number, tensor: Tensor): boolean {
  const memory = arch.nodes[position] as Memory;
  const words = wordsPerElement(memory, tensor);
  if (Number.isInteger(words / memory.blockSize)) return true;
  if (!Number.isInteger(words) || !isPlain(einsum, tensor)) return false;
  const all = tensorWords(einsum, tensor) * words;
  return [...new Set(primeFactors(memory.blockSize))].every((prime) => {
    const lost = arch.nodes
      .slice(0, position)
      .map((node) => (node.kind === 'array' ? exponent(prime, (power) => power <= node.x * node.y) : 0));
    const needed = exponent(prime, (power) => memory.blockSize % power === 0);
    return exponent(prime, (power) => all % power === 0) >= lost.reduce((sum, own) => sum + own, needed);
  });
}

/** Every dimension indexes at most one rank, alone and without gaps. */
function isPlain({ dims }: Einsum, { ranks }: Tensor): boolean {
  const terms = ranks.map((rank) => rank.filter(({ dim }) => dims[dim].bound > 1));
  const used = terms.flat().map(({ dim }) => dim);
  return (
    new Set(used).size === used.length &&
    terms.every((rank) => rank.length <= 1 && rank.every(({ coefficient }) => Math.abs(coefficient) === 1))
  );
}

/** The most powers of a prime of which the largest keeps a rule. */
function exponent(prime: number, keeps: (power: number) => boolean): number {
  let count = 0;
  for (let power = prime; keeps(power); power *= prime) count++;
  return count;
}

/** The stage that certainly serves what is pending after stage `s`, if no array and no choice lies between. */
function earlyParent(stages: readonly BareStage[], s: number, t: number): number | undefined {
  const own = stages[s];
  if (own.kind === 'memory' && !((own.must >> t) & 1)) return undefined;
  for (const next of stages.slice(s + 1)) {
    if (next.kind !== 'memory') return undefined;
    if ((next.must >> t) & 1) return next.number;
    if ((next.may >> t) & 1) return undefined;
  }
  return undefined;
}

/** The memory that must keep the tensor, or the last that may; −1 beyond the last. */
function outermostParent(ahead: readonly BareStage[], t: number): number {
  const memories = ahead.filter((stage) => stage.kind === 'memory');
  const must = memories.find((stage) => ((stage.must >> t) & 1) === 1);
  return (must ?? memories.findLast((stage) => ((stage.may >> t) & 1) === 1))?.number ?? -1;
}

/** Per functional and tensor: the least (fixed part, part that sharing divides) and the most a pending word still costs. */
function aheadCosts(
  { einsum }: Mapspace,
  ahead: readonly BareStage[],
  functionals: readonly Functional[],
): Pick<CommonStage, 'aheadFixed' | 'aheadShared' | 'aheadMost'> {
  const costs = functionals.map((f, k) => einsum.tensors.map((_, t) => aheadCost(ahead, f, k, t)));
  return {
    aheadFixed: costs.map((row) => row.map(({ fixed }) => fixed)),
    aheadShared: costs.map((row) => row.map(({ shared }) => shared)),
    aheadMost: costs.map((row) => row.map(({ most }) => most)),
  };
}

function aheadCost(
  ahead: readonly BareStage[],
  f: Functional,
  k: number,
  t: number,
): { fixed: number; shared: number; most: number } {
  let fixed = 0;
  let shared = 0;
  let most = 0;
  let arrays = 0;
  const least = { fixed: Infinity, shared: Infinity, most: 0 };
  for (const stage of ahead) {
    if (stage.kind === 'array' && f.kind === 'energy') {
      if (arrays++ === 0) fixed += stage.leastHop[t];
      else shared += stage.leastHop[t];
      shared += stage.leastIngress[t];
      most += stage.hop[t] + Math.max(0, stage.ingress[t]);
    }
    if (stage.kind !== 'memory' || !((stage.may >> t) & 1)) continue;
    least.fixed = Math.min(least.fixed, fixed);
    least.shared = Math.min(least.shared, shared + stage.leastRead[k][t]);
    least.most = Math.max(least.most, most + stage.read[k][t]);
    if ((stage.must >> t) & 1) break;
  }
  return Number.isFinite(least.fixed) ? least : { fixed: 0, shared: 0, most: 0 };
}
