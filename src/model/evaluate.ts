/**
 * The reference cost model (`dse` semantics): what a legal mapping moves, and what that costs in energy and cycles.
 * The readable specification; the WebAssembly kernels repeat it and must agree to the last bit.
 */
import type { Architecture, Fanout, Memory } from '../arch/architecture.ts';
import {
  computeUnits,
  fanouts,
  instances,
  memories,
  usableWords,
  wordsPerElement,
} from '../arch/architecture.ts';
import type { Mapping, NestItem } from '../mapping/mapping.ts';
import type { Einsum, Tensor } from '../workload/einsum.ts';
import { macs, tileWords } from '../workload/einsum.ts';
import type { AccessCounts, Cost, MemoryCost, NetworkCost, NetworkTensorCost, TensorCost } from './cost.ts';
import type { NestGeometry, Step } from './nest.ts';
import {
  geometry,
  keepers,
  product,
  spatialLoops,
  stationAt,
  temporalLoopsBetween,
  temporalLoopsOutside,
} from './nest.ts';
import { distinctBoxes, tileTraffic, wordsEverHeld } from './traffic.ts';

/**
 * Words of one tensor that pass one point of its path (a station, a fanout or the compute units),
 * per instance of that point, over the whole run.
 */
interface Waypoint {
  /** −1 at a station or at the compute units. */
  readonly fanout: number;
  /** Towards the compute units: operands, or partial sums to accumulate onto. */
  readonly down: number;
  /** Away from them: partial sums. Zero for read-only tensors. */
  readonly up: number;
}

/** The path of one tensor between two keepers: `[child, fanouts inside to outside …]`; `top` is what the parent serves. */
interface Link {
  readonly parent: number;
  readonly waypoints: readonly Waypoint[];
}

interface Context {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly geo: NestGeometry;
  readonly memories: readonly Memory[];
  readonly fanouts: readonly Fanout[];
  /** Multiply-accumulates of one utilised unit: the product of all temporal loops. */
  readonly computeCycles: number;
}

/**
 * Evaluates a legal mapping. Counts are exact integers (below 2^53); energies are weighted in a fixed order.
 *
 * @param mapping legal for `arch` and `einsum` (see `checkMapping`); an illegal one gives meaningless numbers
 */
export function evaluateMapping(arch: Architecture, einsum: Einsum, mapping: Mapping): Cost {
  const geo = geometry(einsum, mapping);
  const computeCycles = product(temporalLoopsOutside(geo, geo.nest.length));
  const context: Context = {
    arch,
    einsum,
    geo,
    memories: memories(arch),
    fanouts: fanouts(arch),
    computeCycles,
  };
  const links = einsum.tensors.map((_, t) => tensorLinks(context, t));
  const activity = context.memories.map((memory) => memoryActivity(context, memory, links));
  const latency = context.fanouts.reduce(
    (cycles, f) => cycles + f.latency.fillCycles + f.latency.drainCycles,
    0,
  );
  const cycles = activity.reduce((most, { cycles }) => Math.max(most, cycles), computeCycles) + latency;
  const memoryCosts = activity.map((entry) => memoryCost(context, entry, cycles));
  const networks = context.fanouts.map((_, f) => networkCost(context, f, links));
  return total(context, cycles, memoryCosts, networks);
}

function total(context: Context, cycles: number, memoryCosts: MemoryCost[], networks: NetworkCost[]): Cost {
  const { arch, einsum, computeCycles } = context;
  const computes = macs(einsum);
  const utilizedUnits = computes / computeCycles;
  const { compute } = arch;
  const leakingUnits = compute.powerGating ? utilizedUnits : computeUnits(arch);
  const computeEnergyPj = computes * compute.energyPj + compute.leakPjPerCycle * cycles * leakingUnits;
  const energyPj = sum([...memoryCosts, ...networks].map((part) => part.energyPj)) + computeEnergyPj;
  const latencySeconds = cycles / arch.clockHz;
  return {
    computes,
    utilizedUnits,
    cycles,
    computeCycles,
    latencySeconds,
    utilization: computes / (computeUnits(arch) * cycles),
    energyPj,
    computeEnergyPj,
    edpJs: energyPj * 1e-12 * latencySeconds,
    areaUm2: chipArea(arch),
    memories: memoryCosts,
    networks,
  };
}

/** Sum of all instances' areas; 0 where the architecture states none. */
export function chipArea(arch: Architecture): number {
  return (
    sum(arch.nodes.map((node, position) => node.areaUm2 * instances(arch, position))) +
    arch.compute.areaUm2 * computeUnits(arch)
  );
}

/** Power that leaks while all instances are awake, in watts; 0 where the architecture states none. */
export function chipLeakageWatts(arch: Architecture): number {
  const pjPerCycle =
    sum(
      arch.nodes.map((node, position) =>
        node.kind === 'memory' ? node.energy.leakPjPerCycle * instances(arch, position) : 0,
      ),
    ) +
    arch.compute.leakPjPerCycle * computeUnits(arch);
  return pjPerCycle * 1e-12 * arch.clockHz;
}

/** Links of one tensor from its outermost keeper down to the compute units. */
function tensorLinks(context: Context, t: number): Link[] {
  const stations = keepers(context.geo, t);
  return stations.map((parent, i) =>
    tensorLink(context, t, parent, stations[i + 1] ?? context.geo.nest.length),
  );
}

function tensorLink(context: Context, t: number, parent: number, child: number): Link {
  const between = fanoutsBetween(context, parent, child);
  const waypoints =
    context.einsum.tensors[t].role === 'outputs'
      ? outputWaypoints(context, t, parent, child, between)
      : operandWaypoints(context, t, child, between);
  return { parent, waypoints };
}

/** Fanouts of the hardware between two keepers, outermost first; those the mapping leaves idle still carry the words. */
function fanoutsBetween(context: Context, parent: number, child: number): number[] {
  const { arch, geo } = context;
  const node = (position: number): number =>
    position === geo.nest.length
      ? arch.nodes.length
      : arch.nodes.indexOf(context.memories[stationAt(geo, position).memory]);
  return context.fanouts.flatMap((fanout, f) => {
    const at = arch.nodes.indexOf(fanout);
    return at > node(parent) && at < node(child) ? [f] : [];
  });
}

/** A read-only tensor: what the child fetches, and what each fanout outside it asks after multicast. */
function operandWaypoints(
  context: Context,
  t: number,
  child: number,
  between: readonly number[],
): Waypoint[] {
  const tensor = context.einsum.tensors[t];
  const waypoint = (fanout: number, through: readonly number[]): Waypoint => ({
    fanout,
    down: operandWords(context, tensor, child, through),
    up: 0,
  });
  const arrays = between.map((fanout, i) => waypoint(fanout, between.slice(i)));
  return [waypoint(-1, []), ...arrays.toReversed()];
}

/**
 * Words one copy of what lies outside `through` (fanouts down to the child) must send for the child's tiles.
 * An array that shares halos sends each word once for all that lies inside it.
 */
function operandWords(context: Context, tensor: Tensor, child: number, through: readonly number[]): number {
  const { geo, fanouts } = context;
  const shared = through.findIndex((f) => fanouts[f].multicast && fanouts[f].haloMulticast);
  const apart = shared < 0 ? through : through.slice(0, shared);
  const sharers = through.slice(apart.length).flatMap((f) => spatialLoops(geo, f));
  const copies = apart.reduce(
    (count, f) => count * separateCopies(context, tensor, f, fanouts[f].multicast),
    1,
  );
  return copies * childTraffic(context, tensor, child, sharers);
}

/** The output: partial sums merge on the way up; what was never written before need not come down. */
function outputWaypoints(
  context: Context,
  t: number,
  parent: number,
  child: number,
  between: readonly number[],
): Waypoint[] {
  const { geo, einsum, fanouts } = context;
  const tensor = einsum.tensors[t];
  const elides = !context.memories[stationAt(geo, parent).memory].rmwFirstUpdate;
  const temporal = temporalLoopsOutside(geo, child);
  const waypoint = (fanout: number, up: number, spatial: readonly Step[]): Waypoint => {
    const first = elides ? wordsEverHeld(tensor, geo.extents[child], [...temporal, ...spatial]) : 0;
    return { fanout, up, down: up - first };
  };
  const inward = [waypoint(-1, childTraffic(context, tensor, child), [])];
  const spatial: Step[] = [];
  for (const f of between.toReversed()) {
    const copies = separateCopies(context, tensor, f, fanouts[f].spatialReduction);
    spatial.push(...spatialLoops(geo, f));
    inward.push(waypoint(f, inward[inward.length - 1].up * copies, spatial));
  }
  return inward;
}

/** Words one child instance exchanges in one direction. The compute units have no operand register: every MAC counts. */
function childTraffic(
  context: Context,
  tensor: Tensor,
  child: number,
  sharers: readonly Step[] = [],
): number {
  const { geo } = context;
  if (child < geo.nest.length) {
    const from = reuseBegins(context, child);
    const loops = temporalLoopsBetween(geo, from, child);
    return product(temporalLoopsOutside(geo, from)) * tileTraffic(tensor, geo.extents[child], loops, sharers);
  }
  return context.computeCycles * tileTraffic(tensor, geo.extents[child], [], sharers);
}

/** Where the innermost array without temporal reuse around a station begins in the nest; 0 if there is none. */
function reuseBegins({ arch, geo, memories, fanouts }: Context, child: number): number {
  const place = (item: NestItem): number =>
    item.kind === 'station'
      ? arch.nodes.indexOf(memories[item.memory])
      : item.kind === 'parallel'
        ? arch.nodes.indexOf(fanouts[item.fanout])
        : -1;
  const array = arch.nodes
    .slice(0, place(geo.nest[child]))
    .findLastIndex((node) => node.kind === 'array' && !node.temporalReuse);
  return array < 0 ? 0 : geo.nest.findIndex((item) => place(item) >= array);
}

/** Transfers one fanout needs for the copies inside it: one per distinct box, or one per copy where it cannot share. */
function separateCopies(context: Context, tensor: Tensor, f: number, shares: boolean): number {
  const loops = spatialLoops(context.geo, f);
  return shares ? distinctBoxes(tensor, loops) : product(loops);
}

/** One memory's counts for each tensor, and the cycles they take. */
interface Activity {
  readonly memory: Memory;
  readonly counts: readonly Counts[];
  readonly utilizedInstances: number;
  readonly readWords: number;
  readonly writtenWords: number;
  readonly cycles: number;
}

interface Counts extends AccessCounts {
  readonly kept: boolean;
  readonly tileWords: number;
}

const NOTHING: Counts = {
  kept: false,
  tileWords: 0,
  reads: 0,
  fills: 0,
  updates: 0,
  temporalReductions: 0,
  addressGenerations: 0,
};

function memoryActivity(context: Context, memory: Memory, links: readonly (readonly Link[])[]): Activity {
  const { arch, einsum, geo } = context;
  const counts = einsum.tensors.map((_, t) => tensorCounts(context, memory, t, links[t]));
  const inWords = (count: (c: Counts) => number): number =>
    sum(counts.map((c, t) => count(c) * wordsPerElement(memory, einsum.tensors[t])));
  const readWords = inWords((c) => c.reads);
  const writtenWords = inWords((c) => c.fills) + inWords((c) => c.updates);
  const { read, write, shared } = memory.bandwidth;
  const busy = Math.max(readWords / read, writtenWords / write, (readWords + writtenWords) / shared);
  const outside = arch.nodes.slice(0, arch.nodes.indexOf(memory)).filter((node) => node.kind === 'array');
  return {
    memory,
    counts,
    utilizedInstances: product(outside.flatMap((f) => spatialLoops(geo, context.fanouts.indexOf(f)))),
    readWords,
    writtenWords,
    cycles: Math.max(context.computeCycles, Math.ceil(busy)),
  };
}

/** Accesses of one tensor in one instance of a memory. */
function tensorCounts(context: Context, memory: Memory, t: number, links: readonly Link[]): Counts {
  const { einsum, geo } = context;
  const tensor = einsum.tensors[t];
  const i = links.findIndex(({ parent }) => context.memories[stationAt(geo, parent).memory] === memory);
  if (i < 0) return NOTHING;
  const served = links[i].waypoints[links[i].waypoints.length - 1];
  const arriving = i > 0 ? links[i - 1].waypoints[0] : undefined;
  const fills = arriving ? arriving.down : 0;
  const drained = memory.drainReads && arriving ? arriving.up : 0;
  return {
    kept: true,
    tileWords: tileWords(tensor, geo.extents[links[i].parent]),
    reads: served.down + drained,
    fills,
    updates: served.up,
    temporalReductions: tensor.role === 'outputs' ? served.down : 0,
    addressGenerations: tensor.role === 'outputs' ? served.up + fills : served.down + fills,
  };
}

function memoryCost(context: Context, activity: Activity, cycles: number): MemoryCost {
  const { memory, counts, utilizedInstances } = activity;
  const count = instances(context.arch, context.arch.nodes.indexOf(memory));
  const tensors = counts.map((c, t) => tensorCost(memory, context.einsum.tensors[t], c, utilizedInstances));
  const leakPj = memory.energy.leakPjPerCycle * cycles * (memory.powerGating ? utilizedInstances : count);
  return {
    name: memory.name,
    instances: count,
    utilizedInstances,
    usedWords: sum(counts.map((c, t) => c.tileWords * wordsPerElement(memory, context.einsum.tensors[t]))),
    usableWords: usableWords(memory),
    bandwidth: { read: activity.readWords / cycles, write: activity.writtenWords / cycles },
    cycles: activity.cycles,
    leakPj,
    energyPj: sum(tensors.map((tensor) => tensor.energyPj)) + leakPj,
    tensors,
  };
}

function tensorCost(memory: Memory, tensor: Tensor, counts: Counts, utilizedInstances: number): TensorCost {
  const { energy } = memory;
  const accesses = (count: number): number =>
    Math.ceil((count * wordsPerElement(memory, tensor)) / memory.blockSize);
  const instanceEnergyPj =
    accesses(counts.reads) * energy.readPj +
    accesses(counts.fills) * energy.fillPj +
    accesses(counts.updates) * energy.updatePj +
    counts.addressGenerations * energy.addressGenerationPj +
    counts.temporalReductions * energy.temporalReductionPj;
  const { kept, tileWords: words, ...perInstance } = counts;
  return {
    kept,
    tileWords: words,
    reads: perInstance.reads * utilizedInstances,
    fills: perInstance.fills * utilizedInstances,
    updates: perInstance.updates * utilizedInstances,
    temporalReductions: perInstance.temporalReductions * utilizedInstances,
    addressGenerations: perInstance.addressGenerations * utilizedInstances,
    energyPj: instanceEnergyPj * utilizedInstances,
    perInstance,
  };
}

function networkCost(context: Context, f: number, links: readonly (readonly Link[])[]): NetworkCost {
  const { arch } = context;
  const node = context.fanouts[f];
  const position = arch.nodes.indexOf(node);
  const memoryNames = (nodes: Architecture['nodes']): string[] =>
    nodes.filter((other) => other.kind === 'memory').map((memory) => memory.name);
  const tensors = links.map((link) => networkTensorCost(context, f, link));
  return {
    name: node.name,
    from: memoryNames(arch.nodes.slice(0, position)).at(-1) as string,
    to: memoryNames(arch.nodes.slice(position))[0] ?? arch.compute.name,
    energyPj: sum(tensors.map((tensor) => tensor.energyPj)),
    tensors,
  };
}

/** One tensor on one fanout's network; every hop is one link into (or out of) one child. */
function networkTensorCost(context: Context, f: number, links: readonly Link[]): NetworkTensorCost {
  const { geo, fanouts } = context;
  const { energy, spatialReduction } = fanouts[f];
  const waypoints = links.flatMap((link) =>
    link.waypoints.map((at, i) => ({ at, inner: link.waypoints[i - 1] })),
  );
  const here = waypoints.find(({ at }) => at.fanout === f);
  if (!here) return { multicast: 1, distinct: 0, spatialReductions: 0, hops: 0, energyPj: 0 };
  const { at, inner } = here;
  const copies = product(spatialLoops(geo, f));
  const networks = product(context.fanouts.slice(0, f).flatMap((_, outer) => spatialLoops(geo, outer)));
  const distinct = (at.down + at.up) * networks;
  const hops = (inner.down + inner.up) * copies * networks;
  const spatialReductions = spatialReduction ? (inner.up * copies - at.up) * networks : 0;
  const energyPj =
    hops * (energy.hopPj + energy.routerPj) +
    distinct * energy.ingressPj +
    spatialReductions * energy.spatialReductionPj;
  return { multicast: distinct === 0 ? 1 : hops / distinct, distinct, spatialReductions, hops, energyPj };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
