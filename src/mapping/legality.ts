/** Whether hardware can run a mapping of a layer, and in words and numbers why not. No costs. */
import type { Architecture, Memory, Node } from '../arch/architecture.ts';
import { elementBits, fanouts, keeping, memories, usableWords } from '../arch/architecture.ts';
import type { Diagnostic } from '../spec/errors.ts';
import { InputError } from '../spec/errors.ts';
import type { Einsum, Tensor } from '../workload/einsum.ts';
import { macs, tileWords } from '../workload/einsum.ts';
import type { Loop, Mapping, NestItem, SpatialLoop, Station } from './mapping.ts';

interface Broken {
  readonly message: string;
  /** Smallest change that helps, where one is known. */
  readonly suggestion?: string;
  /** Index into `mapping.nest` of what is at fault; absent if something is missing. */
  readonly item?: number;
}

/** A rule the mapping breaks. Words are memory words of one instance. */
export type Violation = Broken &
  (
    | { readonly kind: 'count'; readonly tensor: string; readonly count: number }
    | { readonly kind: 'index'; readonly index: number }
    | { readonly kind: 'factor'; readonly dim: string; readonly factor: number }
    | { readonly kind: 'product'; readonly dim: string; readonly product: number; readonly bound: number }
    | { readonly kind: 'first-station'; readonly memory: string }
    | { readonly kind: 'kept-twice'; readonly memory: string; readonly tensor: string }
    | { readonly kind: 'station-order'; readonly memory: string; readonly tensor: string }
    | { readonly kind: 'array-order'; readonly array: string }
    | { readonly kind: 'array-place'; readonly array: string; readonly memory: string }
    | {
        readonly kind: 'fanout';
        readonly array: string;
        readonly axis: 'x' | 'y';
        readonly product: number;
        readonly limit: number;
      }
    | {
        readonly kind: 'capacity';
        readonly memory: string;
        readonly usedWords: number;
        readonly usableWords: number;
        readonly wordsOver: number;
      }
    | {
        readonly kind: 'utilization';
        readonly memory: string;
        readonly usedWords: number;
        readonly neededWords: number;
      }
    | { readonly kind: 'must-keep'; readonly memory: string; readonly tensor: string }
    | { readonly kind: 'must-bypass'; readonly memory: string; readonly tensor: string }
  );

interface Context {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly nest: readonly NestItem[];
  readonly memories: readonly Memory[];
}

/** Counts of a run may not exceed this: doubles hold every integer up to it. */
const LARGEST_COUNT = 2 ** 53;

/**
 * Everything that keeps `arch` from running `mapping`; empty if it is legal.
 * Nothing else is checked until indices and factors are sound, nor tile sizes until the factors' products are.
 */
export function checkMapping(arch: Architecture, einsum: Einsum, mapping: Mapping): Violation[] {
  const context: Context = { arch, einsum, nest: mapping.nest, memories: memories(arch) };
  const unsound = [...checkIndices(context), ...checkFactors(context)];
  if (unsound.length > 0) return unsound;
  const products = checkProducts(context);
  return [
    ...checkCounts(einsum),
    ...products,
    ...checkFirstStation(context),
    ...checkKeptTwice(context),
    ...checkKeeping(context),
    ...checkStationOrder(context),
    ...checkArrayOrder(context),
    ...checkArrayPlaces(context),
    ...checkFanouts(context),
    ...(products.length > 0 ? [] : context.memories.flatMap((memory) => checkFill(context, memory))),
  ];
}

/**
 * Throws if the mapping is not legal.
 *
 * @throws InputError with every violation
 */
export function assertLegal(arch: Architecture, einsum: Einsum, mapping: Mapping): void {
  throwAll(checkMapping(arch, einsum, mapping));
}

/**
 * Throws if a count of some mapping of the layer could exceed 2^53, where doubles stop to be exact.
 *
 * A tile of extents e holds `Π_ranks (1 + Σ|c|·(e−1))` words, at most `Π_ranks max|c| · Π e^k` where k is the number
 * of ranks a dimension indexes; it moves at most once per iteration outside it. So no station moves more than
 * `MACs · Π_ranks max|c| · Π bound^(k−1)` words of the tensor, and no count adds more than two such numbers.
 *
 * @throws InputError naming the tensor
 */
export function assertCountable(einsum: Einsum): void {
  throwAll(checkCounts(einsum));
}

function throwAll(violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  throw new InputError(violations.map(({ message, suggestion }): Diagnostic => ({ message, suggestion })));
}

function checkCounts(einsum: Einsum): Violation[] {
  return einsum.tensors.flatMap((tensor): Violation[] => {
    const count = 2 * macs(einsum) * tensorGrowth(einsum, tensor);
    if (count <= LARGEST_COUNT) return [];
    const message =
      `layer ${einsum.name} is too large to count exactly: ` +
      `accesses of ${tensor.name} may reach ${count.toExponential(1)}, beyond 2^53`;
    return [{ kind: 'count', message, tensor: tensor.name, count, suggestion: 'split the layer' }];
  });
}

/** Most words of the tensor per iteration that a tile can hold: `Π_ranks max|c| · Π bound^(k−1)`. */
function tensorGrowth(einsum: Einsum, tensor: Tensor): number {
  const widths = tensor.ranks.map((rank) => Math.max(1, ...rank.map((term) => Math.abs(term.coefficient))));
  const repeats = einsum.dims.map(({ bound }, dim) => {
    const ranks = tensor.ranks.filter((rank) => rank.some((term) => term.dim === dim)).length;
    return bound ** Math.max(0, ranks - 1);
  });
  return product([...widths, ...repeats]);
}

function checkIndices({ arch, einsum, nest }: Context): Violation[] {
  const limits = { memory: memories(arch).length, fanout: fanouts(arch).length };
  return nest.flatMap((item, i): Violation[] => {
    const wrong = (what: string, index: number, limit: number): Violation[] =>
      Number.isInteger(index) && index >= 0 && index < limit
        ? []
        : [{ kind: 'index', index, item: i, message: `no ${what} has index ${index}: there are ${limit}` }];
    if (item.kind === 'station') {
      const tensors = item.tensors.flatMap((t) => wrong('tensor', t, einsum.tensors.length));
      return [...wrong('memory', item.memory, limits.memory), ...tensors];
    }
    const fanout = item.kind === 'parallel' ? wrong('array', item.fanout, limits.fanout) : [];
    return [...wrong('dimension', item.dim, einsum.dims.length), ...fanout];
  });
}

function checkFactors({ einsum, nest }: Context): Violation[] {
  return nest.flatMap((item, i): Violation[] => {
    if (item.kind === 'station' || (Number.isSafeInteger(item.factor) && item.factor >= 1)) return [];
    const { factor } = item;
    const dim = einsum.dims[item.dim]?.name ?? `dimension ${item.dim}`;
    return [
      { kind: 'factor', dim, factor, item: i, message: `${dim}=${factor}: a factor is a positive integer` },
    ];
  });
}

function checkProducts({ einsum, nest }: Context): Violation[] {
  return einsum.dims.flatMap(({ name, bound }, dim): Violation[] => {
    const loops = nest.filter((item): item is Loop => item.kind !== 'station' && item.dim === dim);
    const total = product(loops.map((loop) => loop.factor));
    if (total === bound) return [];
    const item = nest.findLastIndex((other) => other.kind !== 'station' && other.dim === dim);
    const message = `factors of ${name} multiply to ${total}, not to its bound ${bound}: ${mismatch(total, bound)}`;
    return [
      { kind: 'product', message, dim: name, product: total, bound, item: item < 0 ? undefined : item },
    ];
  });
}

function mismatch(total: number, bound: number): string {
  if (bound % total === 0) return `a factor ${bound / total} is missing`;
  if (total % bound === 0) return `a factor ${total / bound} is too many`;
  return total < bound ? `${bound - total} short, and ${total} does not divide it` : `${total - bound} over`;
}

/** Every tensor has a home that holds it whole: the outermost memory, or one inside where it is resident. */
function checkFirstStation({ arch, einsum, nest, memories: all }: Context): Violation[] {
  const [first] = nest;
  const memory = all[0].name;
  const loops = nest.findIndex((item) => item.kind !== 'station');
  const homes = stations(loops < 0 ? nest : nest.slice(0, loops));
  const lonely = einsum.tensors.filter((_, t) => !homes.some(({ station }) => station.tensors.includes(t)));
  if (first?.kind === 'station' && first.memory === 0) {
    const several = homes.find(({ station, item }) => item > 0 && !isSingle(arch, all[station.memory]));
    const copied = several && einsum.tensors.filter((_, t) => stationsOf(nest, t)[0]?.item === several.item);
    if (lonely.length === 0 && !copied?.length) return [];
  }
  const tensors = einsum.tensors.map((tensor) => tensor.name).join(', ');
  const message = `the nest must begin with ${memory}, the outermost memory, keeping ${tensors}: every loop lies inside it`;
  return [{ kind: 'first-station', message, memory, item: nest.length > 0 ? 0 : undefined }];
}

/** True if no array lies outside the memory. */
function isSingle(arch: Architecture, memory: Memory): boolean {
  return arch.nodes.slice(0, arch.nodes.indexOf(memory)).every((node) => node.kind === 'memory');
}

/** A station's place in the nest. */
interface Placed {
  readonly station: Station;
  readonly item: number;
}

function stations(nest: readonly NestItem[]): Placed[] {
  return nest.flatMap((station, item) => (station.kind === 'station' ? [{ station, item }] : []));
}

/** A tensor's stations, outermost first; one that lists it twice appears twice. */
function stationsOf(nest: readonly NestItem[], tensor: number): Placed[] {
  return stations(nest).flatMap((placed) =>
    placed.station.tensors.filter((t) => t === tensor).map(() => placed),
  );
}

function checkKeptTwice({ einsum, nest, memories: all }: Context): Violation[] {
  return einsum.tensors.flatMap(({ name: tensor }, t) => {
    const kept = stationsOf(nest, t);
    return kept.flatMap(({ station, item }, i): Violation[] => {
      if (!kept.slice(0, i).some((earlier) => earlier.station.memory === station.memory)) return [];
      const memory = all[station.memory].name;
      const message = `${memory} keeps ${tensor} twice; a memory holds one tile of a tensor`;
      return [{ kind: 'kept-twice', message, memory, tensor, item }];
    });
  });
}

function checkKeeping({ arch, einsum, nest, memories: all }: Context): Violation[] {
  return all.flatMap((node, m) =>
    einsum.tensors.flatMap((tensor, t): Violation[] => {
      const names = { memory: node.name, tensor: tensor.name };
      const item = stationsOf(nest, t).find(({ station }) => station.memory === m)?.item;
      const rule = keeping(arch, node, tensor);
      // The outermost memory's own rule is that of the first station.
      if (rule === 'keep' && item === undefined && m > 0) {
        const message = `${node.name} must keep ${tensor.name}: the architecture says keep`;
        return [
          {
            kind: 'must-keep',
            message,
            ...names,
            suggestion: `add ${tensor.name} to a station of ${node.name}`,
          },
        ];
      }
      if (rule === 'bypass' && item !== undefined) {
        const message = `${node.name} cannot keep ${tensor.name}: the architecture has it bypass ${node.name}`;
        return [{ kind: 'must-bypass', message, ...names, item }];
      }
      return [];
    }),
  );
}

function checkStationOrder({ einsum, nest, memories: all }: Context): Violation[] {
  return einsum.tensors.flatMap(({ name: tensor }, t) => {
    const kept = stationsOf(nest, t);
    return kept.slice(1).flatMap(({ station, item }, i): Violation[] => {
      const outer = kept[i].station.memory;
      if (outer <= station.memory) return [];
      const memory = all[station.memory].name;
      const message = `${memory} keeps ${tensor} inside ${all[outer].name}, but lies outside it in the architecture`;
      return [{ kind: 'station-order', message, memory, tensor, item }];
    });
  });
}

/** A parallel loop's place in the nest. */
interface PlacedLoop {
  readonly loop: SpatialLoop;
  readonly item: number;
}

function parallelLoops(nest: readonly NestItem[]): PlacedLoop[] {
  return nest.flatMap((loop, item) => (loop.kind === 'parallel' ? [{ loop, item }] : []));
}

function checkArrayOrder({ arch, nest }: Context): Violation[] {
  const loops = parallelLoops(nest);
  const arrays = fanouts(arch);
  return loops.slice(1).flatMap(({ loop, item }, i): Violation[] => {
    const outer = loops[i].loop.fanout;
    if (outer <= loop.fanout) return [];
    const array = arrays[loop.fanout].name;
    const message = `loops of array ${array} lie inside those of ${arrays[outer].name}, which is inside it in the architecture`;
    return [{ kind: 'array-order', message, array, item }];
  });
}

/** A fanout's loops lie between the stations of the memories outside it and those of the memories inside it. */
function checkArrayPlaces(context: Context): Violation[] {
  const { arch, nest } = context;
  const position = (node: Node): number => arch.nodes.indexOf(node);
  return fanouts(arch).flatMap((array, f) =>
    context.memories.flatMap((memory, m): Violation[] => {
      const outside = position(memory) < position(array);
      const held = stations(nest).filter(({ station }) => station.memory === m);
      const wrong = parallelLoops(nest).find(
        ({ loop, item }) => loop.fanout === f && held.some((other) => other.item > item === outside),
      );
      if (!wrong) return [];
      const [side, other] = outside ? ['inside', 'outside'] : ['outside', 'inside'];
      const message = `loops of array ${array.name} must lie ${side} every station of ${memory.name}, which is ${other} it in the architecture`;
      return [{ kind: 'array-place', message, array: array.name, memory: memory.name, item: wrong.item }];
    }),
  );
}

function checkFanouts({ arch, einsum, nest }: Context): Violation[] {
  return fanouts(arch).flatMap((array, f) =>
    (['x', 'y'] as const).flatMap((axis): Violation[] => {
      const loops = parallelLoops(nest).filter(({ loop }) => loop.fanout === f && loop.axis === axis);
      const total = product(loops.map(({ loop }) => loop.factor));
      const limit = array[axis];
      if (total <= limit) return [];
      const factors = loops.map(({ loop }) => `${einsum.dims[loop.dim].name}=${loop.factor}`).join(' ');
      const message = `${array.name} has ${limit} on ${axis}, the mapping needs ${total} (${factors})`;
      const suggestion = `lower a factor on ${axis}, or raise ${axis} of ${array.name} to ${total}`;
      const item = loops[loops.length - 1].item;
      return [{ kind: 'fanout', message, suggestion, array: array.name, axis, product: total, limit, item }];
    }),
  );
}

/** What one tensor takes of a memory. */
interface Use {
  readonly tensor: Tensor;
  /** Coordinates of each dimension the tile spans. */
  readonly extents: readonly number[];
  readonly item: number;
}

function checkFill(context: Context, memory: Memory): Violation[] {
  const uses = memoryUses(context, memory);
  const usable = usableWords(memory);
  const used = usedWords(memory, uses);
  if (used > usable) return [overflow(context, memory, uses, used, usable)];
  const needed = Number.isFinite(usable) ? usable * memory.minUtilization : 0;
  if (used >= needed) return [];
  const message = `${memory.name} is too empty: tiles fill ${words(used)} of ${words(usable)} words, min_utilization asks ${words(needed)}`;
  const item = uses.at(-1)?.item;
  return [{ kind: 'utilization', message, memory: memory.name, usedWords: used, neededWords: needed, item }];
}

function overflow(
  context: Context,
  memory: Memory,
  uses: readonly Use[],
  used: number,
  usable: number,
): Violation {
  const parts = uses.map((use) => `${use.tensor.name} ${words(usedWords(memory, [use]))}`).join(', ');
  const message = `tiles in ${memory.name} need ${words(used)} words (${parts}), ${words(used - usable)} over the ${words(usable)} usable`;
  const shrink = smallestShrink(context.einsum, memory, uses);
  const raise = `raise ${memory.name} to ${words(Math.ceil(used) * memory.multipleBuffering)} words`;
  return {
    kind: 'capacity',
    message,
    suggestion: shrink ? `${raise}, or move a factor ${shrink.factor} of ${shrink.dim} outside it` : raise,
    memory: memory.name,
    usedWords: used,
    usableWords: usable,
    wordsOver: used - usable,
    item: uses[uses.length - 1].item,
  };
}

/** What a memory keeps, in the Einsum's tensor order. */
function memoryUses({ einsum, nest, memories: all }: Context, memory: Memory): Use[] {
  return einsum.tensors.flatMap((tensor, t) =>
    stationsOf(nest, t)
      .filter(({ station }) => all[station.memory] === memory)
      .map(({ item }) => ({ tensor, item, extents: extentsInside(einsum, nest, item) })),
  );
}

/** Coordinates of each dimension touched by the loops after `item`, temporal and spatial. */
function extentsInside(einsum: Einsum, nest: readonly NestItem[], item: number): number[] {
  const extents = einsum.dims.map(() => 1);
  for (const loop of nest.slice(item)) if (loop.kind !== 'station') extents[loop.dim] *= loop.factor;
  return extents;
}

/** Added in bits, which are whole: the order of stations does not matter. */
function usedWords(memory: Memory, uses: readonly Use[]): number {
  const bits = uses.reduce(
    (total, { tensor, extents }) => total + tileWords(tensor, extents) * elementBits(memory, tensor),
    0,
  );
  return bits / memory.wordBits;
}

interface Shrink {
  readonly dim: string;
  readonly factor: number;
}

/** The smallest factor of one dimension whose loops, moved outside the memory's stations, make the tiles fit. */
function smallestShrink(einsum: Einsum, memory: Memory, uses: readonly Use[]): Shrink | undefined {
  const fits = (dim: number, factor: number): boolean => {
    const smaller = uses.map((use) => ({ ...use, extents: divided(use.extents, dim, factor) }));
    return usedWords(memory, smaller) <= usableWords(memory);
  };
  const options = einsum.dims.flatMap(({ name }, dim): Shrink[] => {
    const most = Math.max(...uses.map((use) => use.extents[dim]));
    const factor = divisors(most).find((d) => fits(dim, d));
    return factor === undefined ? [] : [{ dim: name, factor }];
  });
  return options.toSorted((a, b) => a.factor - b.factor)[0];
}

/** Extents once a factor of one dimension has left: the part of it that this tile contains. */
function divided(extents: readonly number[], dim: number, factor: number): number[] {
  return extents.map((extent, d) => (d === dim ? extent / gcd(extent, factor) : extent));
}

function divisors(n: number): number[] {
  const small: number[] = [];
  for (let d = 1; d * d <= n; d++) if (n % d === 0) small.push(d);
  const large = small.filter((d) => d * d !== n).map((d) => n / d);
  return [...small, ...large.toReversed()];
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}

/** A number of words for a message: whole, or with up to three decimals where elements are narrower than words. */
function words(count: number): string {
  return String(Number(count.toFixed(3)));
}
