/**
 * Ground truth for the cost model: walks every step of a small nest with real sets of words and counts what moves.
 * Shares no formula with src/model, knows no closed form, and is far too slow for anything but tests.
 */
import type { Architecture, Fanout, Memory } from '../../src/arch/architecture.ts';
import type { Loop, Mapping } from '../../src/mapping/mapping.ts';
import type { Einsum, Tensor } from '../../src/workload/einsum.ts';

/** Words moved at one memory instance, or totals over the utilised ones. */
export interface WalkedCounts {
  readonly reads: number;
  readonly fills: number;
  readonly updates: number;
  readonly temporalReductions: number;
  readonly addressGenerations: number;
}

export interface WalkedTensor extends WalkedCounts {
  readonly kept: boolean;
  readonly tileWords: number;
  readonly utilizedInstances: number;
  readonly perInstance: WalkedCounts;
}

/** Totals over utilised networks; the fields mean what they mean in `NetworkTensorCost`. */
export interface WalkedNetwork {
  readonly distinct: number;
  readonly spatialReductions: number;
  readonly hops: number;
}

export interface Walk {
  readonly computes: number;
  readonly utilizedUnits: number;
  readonly computeCycles: number;
  /** `[memory][tensor]`, memories outermost first. */
  readonly memories: readonly (readonly WalkedTensor[])[];
  /** `[fanout][tensor]`, fanouts outermost first. */
  readonly networks: readonly (readonly WalkedNetwork[])[];
}

/** A word is its coordinates in the tensor, written out. */
type Word = string;

/** Words one receiver wants (or gives up) at one step. The key names the box they belong to. */
interface Parcel {
  readonly key: string;
  readonly words: ReadonlySet<Word>;
}

/** The parcels of a whole subtree after what its networks merged. */
interface Bundle {
  readonly key: string;
  readonly parcels: readonly Parcel[];
}

interface Nest {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly items: Mapping['nest'];
  /** Step of the dimension per iteration of `items[k]`; 0 for stations. */
  readonly strides: readonly number[];
}

/** A keeper of one tensor, or the compute units (`memory` undefined). */
interface Holder {
  readonly memory?: Memory;
  readonly memoryIndex: number;
  /** Position among `arch.nodes`, and in the nest. */
  readonly node: number;
  readonly position: number;
}

interface Network {
  readonly index: number;
  readonly fanout: Fanout;
  /** Nest positions of its spatial loops. */
  readonly loops: readonly number[];
}

/** One hop of a tensor's chain: what the parent serves and through which fanouts. */
interface Link {
  readonly nest: Nest;
  readonly tensor: Tensor;
  readonly parent: Holder;
  readonly child: Holder;
  readonly networks: readonly Network[];
}

interface Tally {
  reads: number;
  fills: number;
  updates: number;
  temporalReductions: number;
}

interface NetworkTally {
  distinct: number;
  spatialReductions: number;
  hops: number;
}

/** Walks a legal nest. Throws if the loops miss the bounds or instances of one memory behave differently. */
export function walk(arch: Architecture, einsum: Einsum, mapping: Mapping): Walk {
  const nest = unfold(arch, einsum, mapping);
  const networks = fanoutsOf(arch).map(() => einsum.tensors.map(emptyNetwork));
  const columns = einsum.tensors.map((tensor, index) => walkTensor(nest, tensor, index, networks));
  const rows = memoriesOf(arch).map((_, memory) => columns.map((column) => column[memory]));
  return { ...walkCompute(nest), memories: rows, networks };
}

function unfold(arch: Architecture, einsum: Einsum, { nest: items }: Mapping): Nest {
  const covered = einsum.dims.map(() => 1);
  const strides = items.map(() => 0);
  for (let k = items.length - 1; k >= 0; k--) {
    const item = items[k];
    if (item.kind === 'station') continue;
    strides[k] = covered[item.dim];
    covered[item.dim] *= item.factor;
  }
  einsum.dims.forEach((dim, d) => {
    if (dim.bound !== covered[d])
      throw new Error(`loops over ${dim.name} cover ${covered[d]} of ${dim.bound}`);
  });
  return { arch, einsum, items, strides };
}

function walkCompute(nest: Nest): Pick<Walk, 'computes' | 'utilizedUnits' | 'computeCycles'> {
  const end = nest.items.length;
  const units = count(iterations(nest, loopsBetween(nest, 'parallel', 0, end)));
  const computeCycles = count(iterations(nest, loopsBetween(nest, 'for', 0, end)));
  return { computes: units * computeCycles, utilizedUnits: units, computeCycles };
}

function walkTensor(nest: Nest, tensor: Tensor, index: number, networks: NetworkTally[][]): WalkedTensor[] {
  const chain = holders(nest, index);
  const tallies = chain.map(() => new Map<string, Tally>());
  for (let c = 1; c < chain.length; c++) {
    const link = connect(nest, tensor, chain[c - 1], chain[c]);
    const into = networks.map((row) => row[index]);
    if (tensor.role === 'outputs') walkReadWrite(link, tallies[c - 1], tallies[c], into);
    else walkReadOnly(link, tallies[c - 1], tallies[c], into);
  }
  return memoriesOf(nest.arch).map((_, memory) => {
    const at = chain.findIndex((holder) => holder.memoryIndex === memory);
    return at < 0 ? bypassed(nest, memory) : summarise(nest, tensor, chain[at], tallies[at]);
  });
}

/** The tensor's keepers outermost first, then the compute units. */
function holders(nest: Nest, tensor: number): Holder[] {
  const chain: Holder[] = nest.items.flatMap((item, position) => {
    if (item.kind !== 'station' || !item.tensors.includes(tensor)) return [];
    const memory = memoriesOf(nest.arch)[item.memory];
    return [{ memory, memoryIndex: item.memory, node: nest.arch.nodes.indexOf(memory), position }];
  });
  return [...chain, { memoryIndex: -1, node: nest.arch.nodes.length, position: nest.items.length }];
}

function connect(nest: Nest, tensor: Tensor, parent: Holder, child: Holder): Link {
  const networks = fanoutsOf(nest.arch)
    .map((fanout, index) => ({ index, fanout, loops: fanoutLoops(nest, index) }))
    .filter(({ fanout }) => {
      const node = nest.arch.nodes.indexOf(fanout);
      return node > parent.node && node < child.node;
    });
  const crossed = networks.flatMap(({ loops }) => loops);
  const between = loopsBetween(nest, 'parallel', parent.position, child.position);
  if (crossed.join() !== between.join())
    throw new Error('spatial loops lie outside the place of their fanout');
  return { nest, tensor, parent, child, networks };
}

// ---------------------------------------------------------------------------------------------- read-only tensors

/** Every step, every parent instance: children fetch what they lack, fanouts merge equal wishes on the way up. */
function walkReadOnly(
  link: Link,
  parents: Map<string, Tally>,
  children: Map<string, Tally>,
  networks: NetworkTally[],
): void {
  const held = new Map<string, { moment: string; words: ReadonlySet<Word> }>();
  const fetch = (at: readonly number[]): Bundle => {
    const box = boxAt(link, at);
    const id = instanceAt(link.nest, link.child, at);
    const moment = momentAt(link, at);
    const before = held.get(id);
    const words = difference(box.words, before?.moment === moment ? before.words : undefined);
    if (link.child.memory) held.set(id, { moment, words: box.words });
    tallyOf(children, id).fills += words.size;
    return single({ key: box.key, words });
  };
  const ask = (level: number, at: readonly number[]): Bundle => {
    if (level === link.networks.length) return fetch(at);
    const { fanout, index, loops } = link.networks[level];
    const wishes = [...iterations(link.nest, loops, at)].map((below) => ask(level + 1, below));
    const merged = multicast(fanout, wishes);
    networks[index].hops += sum(wishes.map(size));
    networks[index].distinct += size(merged);
    return merged;
  };
  for (const step of steps(link)) {
    for (const at of parentsAt(link, step)) {
      tallyOf(parents, instanceAt(link.nest, link.parent, at)).reads += size(ask(0, at));
    }
  }
}

/** What one fanout passes on towards the parent, given what each of its children wants. */
function multicast(fanout: Fanout, wishes: readonly Bundle[]): Bundle {
  if (!fanout.multicast) return separate(wishes);
  if (!fanout.haloMulticast) return equalOnce(wishes);
  const parcels = wishes.flatMap((wish) => wish.parcels);
  const words = new Set(parcels.flatMap((parcel) => [...parcel.words]));
  return single({ key: equalOnce(wishes).key, words });
}

// ----------------------------------------------------------------------------------------------- read-write tensor

/** Sums of one fanout instance on their way up: how many left it, and which elements they were. */
interface Uplink {
  merged: number;
  readonly touched: Set<Word>;
}

/**
 * Children give up what they no longer hold; fanouts add equal boxes up on the way. A partial sum comes back down
 * unless nobody on that side has written the element before (first-read elision).
 */
function walkReadWrite(
  link: Link,
  parents: Map<string, Tally>,
  children: Map<string, Tally>,
  networks: NetworkTally[],
): void {
  const uplinks = link.networks.map(() => new Map<string, Uplink>());
  const arrivals = new Map<string, Uplink>();
  const child = outputChild(link, children);
  const collect = (level: number, at: readonly number[], final: boolean): Bundle => {
    if (level === link.networks.length) return child.giveUp(at, final);
    const { fanout, index, loops } = link.networks[level];
    const sums = [...iterations(link.nest, loops, at)].map((below) => collect(level + 1, below, final));
    const merged = fanout.spatialReduction ? equalOnce(sums) : separate(sums);
    const tally = networks[index];
    tally.hops += sum(sums.map(size));
    tally.distinct += size(merged);
    tally.spatialReductions += sum(sums.map(size)) - size(merged);
    record(uplinks[level], networkAt(link, level, at), merged);
    return merged;
  };
  const everyParent = (step: readonly number[], final: boolean): void => {
    for (const at of parentsAt(link, step)) {
      record(arrivals, instanceAt(link.nest, link.parent, at), collect(0, at, final));
    }
  };
  let last: readonly number[] = [];
  for (const step of steps(link)) everyParent((last = step), false);
  everyParent(last, true);
  settleParents(link, parents, arrivals);
  settleDownward(link, networks, uplinks, child.settle());
}

/** The holders of partial sums below a link: station instances keep a box, compute units keep nothing. */
function outputChild(link: Link, tallies: Map<string, Tally>) {
  const held = new Map<string, Parcel & { readonly moment: string }>();
  const ever = new Map<string, Set<Word>>();
  const nothing: Parcel = { key: '', words: new Set() };
  const elides = !link.parent.memory?.rmwFirstUpdate;

  const giveUp = (at: readonly number[], final: boolean): Bundle => {
    const id = instanceAt(link.nest, link.child, at);
    const moment = momentAt(link, at);
    const before = held.get(id) ?? { ...nothing, moment };
    if (final) return leave(id, before);
    const box = boxAt(link, at);
    const lasts = before.moment === moment;
    tallyOf(tallies, id).fills += difference(box.words, lasts ? before.words : undefined).size;
    const seen = ever.get(id) ?? new Set();
    box.words.forEach((word) => seen.add(word));
    ever.set(id, seen);
    if (!link.child.memory) return leave(id, box);
    held.set(id, { ...box, moment });
    return leave(id, { key: before.key, words: difference(before.words, lasts ? box.words : undefined) });
  };
  const leave = (id: string, parcel: Parcel): Bundle => {
    if (link.child.memory?.drainReads) tallyOf(tallies, id).reads += parcel.words.size;
    return single(parcel);
  };
  /** Takes the elided fills off and returns what all children were sent. */
  const settle = (): number => {
    if (elides) ever.forEach((seen, id) => (tallyOf(tallies, id).fills -= seen.size));
    return sum([...tallies.values()].map((tally) => tally.fills));
  };
  return { giveUp, settle };
}

function record(uplinks: Map<string, Uplink>, id: string, bundle: Bundle): void {
  const uplink = uplinks.get(id) ?? { merged: 0, touched: new Set() };
  uplink.merged += size(bundle);
  bundle.parcels.forEach((parcel) => parcel.words.forEach((word) => uplink.touched.add(word)));
  uplinks.set(id, uplink);
}

function settleParents(link: Link, parents: Map<string, Tally>, arrivals: Map<string, Uplink>): void {
  arrivals.forEach((uplink, id) => {
    const tally = tallyOf(parents, id);
    tally.updates += uplink.merged;
    tally.temporalReductions += partialSums(link, uplink);
    tally.reads += partialSums(link, uplink);
  });
}

/** Partial sums that a parent (or the network below it) sends down again: all but the first of every element. */
function partialSums(link: Link, { merged, touched }: Uplink): number {
  return link.parent.memory?.rmwFirstUpdate ? merged : merged - touched.size;
}

/** Downward words: each network takes in its own partial sums and hands on what the next one takes in. */
function settleDownward(
  link: Link,
  networks: NetworkTally[],
  uplinks: readonly Map<string, Uplink>[],
  sent: number,
): void {
  const entering = uplinks.map((instances) =>
    sum([...instances.values()].map((one) => partialSums(link, one))),
  );
  link.networks.forEach(({ index }, level) => {
    networks[index].distinct += entering[level];
    networks[index].hops += level + 1 < link.networks.length ? entering[level + 1] : sent;
  });
}

// ------------------------------------------------------------------------------------------------ boxes and bundles

/** Bounding box of the words that the loops inside the child's position touch, found by visiting all of them. */
function boxAt(link: Link, at: readonly number[]): Parcel {
  const { nest, tensor, child } = link;
  const inner = nest.items.flatMap((item, k) => (k >= child.position && item.kind !== 'station' ? [k] : []));
  const low = tensor.ranks.map(() => Infinity);
  const high = tensor.ranks.map(() => -Infinity);
  for (const point of iterations(nest, inner, at)) {
    element(nest, tensor, point).forEach((coordinate, rank) => {
      low[rank] = Math.min(low[rank], coordinate);
      high[rank] = Math.max(high[rank], coordinate);
    });
  }
  return { key: `${low.join()}:${high.join()}`, words: new Set(pointsOf(low, high)) };
}

function element({ einsum, items, strides }: Nest, tensor: Tensor, at: readonly number[]): number[] {
  const value = einsum.dims.map(() => 0);
  items.forEach((item, k) => {
    if (item.kind !== 'station') value[item.dim] += at[k] * strides[k];
  });
  return tensor.ranks.map((rank) => sum(rank.map((term) => term.coefficient * value[term.dim])));
}

function pointsOf(low: readonly number[], high: readonly number[]): Word[] {
  return low.reduce<Word[]>(
    (points, first, rank) => points.flatMap((point) => range(first, high[rank]).map((x) => `${point},${x}`)),
    [''],
  );
}

function single(parcel: Parcel): Bundle {
  return { key: parcel.key, parcels: [parcel] };
}

function separate(bundles: readonly Bundle[]): Bundle {
  return { key: bundleKey(bundles), parcels: bundles.flatMap((bundle) => bundle.parcels) };
}

/** Subtrees that want the same boxes count once; subtrees that merely overlap stay apart. */
function equalOnce(bundles: readonly Bundle[]): Bundle {
  return separate([...new Map(bundles.map((bundle) => [bundle.key, bundle])).values()]);
}

function bundleKey(bundles: readonly Bundle[]): string {
  return `{${bundles
    .map((bundle) => bundle.key)
    .toSorted()
    .join(' ')}}`;
}

function size(bundle: Bundle): number {
  return sum(bundle.parcels.map((parcel) => parcel.words.size));
}

function difference(words: ReadonlySet<Word>, without: ReadonlySet<Word> | undefined): Set<Word> {
  return new Set([...words].filter((word) => !without?.has(word)));
}

// ------------------------------------------------------------------------------------------------------- iterations

/** Index vectors (one entry per nest item), the loops at `positions` running, the last one fastest. */
function* iterations(
  nest: Nest,
  positions: readonly number[],
  start: readonly number[] = nest.items.map(() => 0),
): Generator<readonly number[]> {
  const [first, ...rest] = positions;
  if (first === undefined) yield start;
  else {
    for (let index = 0; index < (nest.items[first] as Loop).factor; index++) {
      yield* iterations(nest, rest, start.with(first, index));
    }
  }
}

/** Time as the child sees it: the temporal loops outside its tile, all of them, outermost slowest. */
function steps({ nest, child }: Link): Iterable<readonly number[]> {
  return iterations(nest, loopsBetween(nest, 'for', 0, child.position));
}

function parentsAt({ nest, parent }: Link, step: readonly number[]): Iterable<readonly number[]> {
  return iterations(nest, loopsBetween(nest, 'parallel', 0, parent.position), step);
}

/** The step of the loops outside the innermost array around the child that keeps nothing from one of them to the next. */
function momentAt({ nest, child }: Link, at: readonly number[]): string {
  const { nodes } = nest.arch;
  const array = nodes.findLastIndex((one, n) => n < child.node && one.kind === 'array' && !one.temporalReuse);
  const begins = array < 0 ? 0 : nest.items.findIndex((item) => nodeOf(nest, item) >= array);
  return loopsBetween(nest, 'for', 0, begins)
    .map((k) => at[k])
    .join();
}

/** Place among the architecture's nodes of a station or a spatial loop; −1 for other loops, which have none. */
function nodeOf({ arch }: Nest, item: Mapping['nest'][number]): number {
  if (item.kind === 'station') return arch.nodes.indexOf(memoriesOf(arch)[item.memory]);
  return item.kind === 'parallel' ? arch.nodes.indexOf(fanoutsOf(arch)[item.fanout]) : -1;
}

function loopsBetween({ items }: Nest, kind: Loop['kind'], from: number, to: number): number[] {
  return items.flatMap((item, k) => (k >= from && k < to && item.kind === kind ? [k] : []));
}

function fanoutLoops({ items }: Nest, fanout: number): number[] {
  return items.flatMap((item, k) => (item.kind === 'parallel' && item.fanout === fanout ? [k] : []));
}

/** Which copy of the link's `level`-th network this is; the outermost one has the parent's indices. */
function networkAt({ nest, parent, networks }: Link, level: number, at: readonly number[]): string {
  const outer = loopsBetween(nest, 'parallel', 0, parent.position);
  return [...outer, ...networks.slice(0, level).flatMap(({ loops }) => loops)].map((k) => at[k]).join();
}

/** Which copy of a holder works at these indices. */
function instanceAt(nest: Nest, holder: Holder, at: readonly number[]): string {
  return loopsBetween(nest, 'parallel', 0, holder.position)
    .map((k) => at[k])
    .join();
}

// ---------------------------------------------------------------------------------------------------------- tallies

function tallyOf(tallies: Map<string, Tally>, id: string): Tally {
  let tally = tallies.get(id);
  if (!tally) tallies.set(id, (tally = { reads: 0, fills: 0, updates: 0, temporalReductions: 0 }));
  return tally;
}

function emptyNetwork(): NetworkTally {
  return { distinct: 0, spatialReductions: 0, hops: 0 };
}

function summarise(nest: Nest, tensor: Tensor, holder: Holder, tallies: Map<string, Tally>): WalkedTensor {
  const all = [...tallies.values()].map((tally) => withAddresses(tensor, tally));
  const [perInstance] = all;
  all.forEach((counts) => {
    if (JSON.stringify(counts) !== JSON.stringify(perInstance)) throw new Error('instances differ');
  });
  const origin = nest.items.map(() => 0);
  const box = boxAt({ nest, tensor, parent: holder, child: holder, networks: [] }, origin);
  return {
    ...addUp(all),
    kept: true,
    tileWords: box.words.size,
    utilizedInstances: all.length,
    perInstance,
  };
}

function withAddresses(tensor: Tensor, tally: Tally): WalkedCounts {
  const served = tensor.role === 'outputs' ? tally.updates : tally.reads;
  return { ...tally, addressGenerations: served + tally.fills };
}

function bypassed(nest: Nest, memory: number): WalkedTensor {
  const node = nest.arch.nodes.indexOf(memoriesOf(nest.arch)[memory]);
  const outer = nest.items.flatMap((item, k) =>
    item.kind === 'parallel' && nest.arch.nodes.indexOf(fanoutsOf(nest.arch)[item.fanout]) < node ? [k] : [],
  );
  const none = addUp([]);
  return {
    ...none,
    kept: false,
    tileWords: 0,
    utilizedInstances: count(iterations(nest, outer)),
    perInstance: none,
  };
}

function addUp(all: readonly WalkedCounts[]): WalkedCounts {
  return {
    reads: sum(all.map((counts) => counts.reads)),
    fills: sum(all.map((counts) => counts.fills)),
    updates: sum(all.map((counts) => counts.updates)),
    temporalReductions: sum(all.map((counts) => counts.temporalReductions)),
    addressGenerations: sum(all.map((counts) => counts.addressGenerations)),
  };
}

function memoriesOf(arch: Architecture): Memory[] {
  return arch.nodes.filter((node) => node.kind === 'memory');
}

function fanoutsOf(arch: Architecture): Fanout[] {
  return arch.nodes.filter((node) => node.kind === 'array');
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function count(values: Iterable<unknown>): number {
  return [...values].length;
}
