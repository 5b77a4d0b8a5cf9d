/** Random small layers, machines and legal mappings of one on the other, for fast-check. No expectations here. */
import fc from 'fast-check';
import type { Architecture, Fanout, Memory, Node } from '../../src/arch/architecture.ts';
import { fanouts, keeping, memories, wordsPerElement } from '../../src/arch/architecture.ts';
import type { Loop, Mapping, NestItem, Station } from '../../src/mapping/mapping.ts';
import type { Dimension, Einsum, Rank, Role, Tensor } from '../../src/workload/einsum.ts';
import { tileWords } from '../../src/workload/einsum.ts';

export interface Case {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly mapping: Mapping;
}

/**
 * How large the memories inside the outermost are: `unlimited`; `exact`, to the word what the mapping fills;
 * `scarce`, drawn at random, so that many mappings overflow (they are legal but for capacity).
 */
export type Capacity = 'unlimited' | 'exact' | 'scarce';

// ------------------------------------------------------------------------------------------------------------ layers

/** Index expressions of one kind of layer. `P*2+R` reads: rank `2·P + R`; tensors are written `NAME[rank,rank]`. */
interface Template {
  readonly dims: readonly string[];
  readonly outputs: string;
  readonly inputs: string;
  readonly weights?: string;
}

const stride = fc.integer({ min: 1, max: 3 });
const dilation = fc.integer({ min: 1, max: 2 });

const templates: fc.Arbitrary<Template> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(stride, dilation).map(([s, d]) => convolution1d(s, d)) },
  { weight: 4, arbitrary: fc.tuple(stride, dilation).map(([s, d]) => convolution2d(s, d)) },
  { weight: 1, arbitrary: stride.map(depthwise) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Template>(
      { dims: ['M', 'N', 'K'], outputs: '[M,N]', inputs: '[M,K]', weights: '[K,N]' },
      { dims: ['B', 'M', 'N', 'K'], outputs: '[B,M,N]', inputs: '[B,M,K]', weights: '[B,N,K]' },
      { dims: ['P', 'R', 'C'], outputs: '[P+R]', inputs: '[P,C]', weights: '[R,C]' },
      { dims: ['P', 'R'], outputs: '[P]', inputs: '[P-R]', weights: '[R]' },
      { dims: ['A', 'B', 'C'], outputs: '[A]', inputs: '[A+B+C]', weights: '[B,C]' },
      { dims: ['A', 'B', 'C'], outputs: '[B]', inputs: '[A*2+B*3+C]', weights: '[A,C]' },
      { dims: ['I', 'J'], outputs: '[I]', inputs: '[I,I+J]', weights: '[J]' },
      { dims: ['I', 'J', 'K'], outputs: '[J,K]', inputs: '[I+J,I+K]', weights: '[I]' },
      { dims: ['P', 'R', 'C'], outputs: '[P*2+R*3]', inputs: '[P,C]', weights: '[R,C]' },
      { dims: ['P', 'R', 'C'], outputs: '[P,P+R]', inputs: '[P,C]', weights: '[R,C]' },
      { dims: ['P', 'R', 'C'], outputs: '[P*3,R*2]', inputs: '[P,C]', weights: '[R,C]' },
      { dims: ['K'], outputs: '', inputs: '[K]', weights: '[K]' },
      { dims: ['P', 'R'], outputs: '[P]', inputs: '[P*2+R]' },
    ),
  },
);

function convolution1d(s: number, d: number): Template {
  return {
    dims: ['M', 'C', 'P', 'R'],
    outputs: '[M,P]',
    inputs: `[C,P*${s}+R*${d}]`,
    weights: '[M,C,R]',
  };
}

function convolution2d(s: number, d: number): Template {
  return {
    dims: ['M', 'C', 'P', 'Q', 'R', 'S'],
    outputs: '[M,P,Q]',
    inputs: `[C,P*${s}+R*${d},Q*${s}+S*${d}]`,
    weights: '[M,C,R,S]',
  };
}

function depthwise(s: number): Template {
  return {
    dims: ['G', 'P', 'Q', 'R', 'S'],
    outputs: '[G,P,Q]',
    inputs: `[G,P*${s}+R,Q*${s}+S]`,
    weights: '[G,R,S]',
  };
}

/** Convolutions (1-D, 2-D, strided, dilated, depthwise), matrix products and stranger index sums. */
export function einsums(options: { readonly maxMacs?: number } = {}): fc.Arbitrary<Einsum> {
  const { maxMacs = 256 } = options;
  const bounds = fc.array(fc.constantFrom(1, 2, 3, 4, 6, 8, 5), { minLength: 6, maxLength: 6 });
  const favourite = fc.nat({ max: 5 });
  return fc.tuple(templates, bounds, favourite).map(([template, drawn, first]) => {
    return einsumOf(template, boundsWithin(maxMacs, drawn.slice(0, template.dims.length), first));
  });
}

/** The drawn bounds as long as they fit, beginning with dimension `first`; 1 where there is no room left. */
function boundsWithin(maxMacs: number, drawn: readonly number[], first: number): number[] {
  let room = maxMacs;
  const bounds = drawn.map(() => 1);
  for (const i of drawn.keys()) {
    const d = (first + i) % drawn.length;
    if (drawn[d] > room) continue;
    bounds[d] = drawn[d];
    room /= drawn[d];
  }
  return bounds;
}

function einsumOf(template: Template, bounds: readonly number[]): Einsum {
  const dims = template.dims.map((name, d): Dimension => ({ name, bound: bounds[d] }));
  const tensor = (role: Role, index: string): Tensor => ({
    name: role.charAt(0).toUpperCase() + role.slice(1),
    role,
    ranks: parseRanks(index, template.dims),
  });
  const tensors = [tensor('inputs', template.inputs), tensor('outputs', template.outputs)];
  if (template.weights) tensors.unshift(tensor('weights', template.weights));
  return { name: 'random', dims, tensors };
}

function parseRanks(index: string, dims: readonly string[]): Rank[] {
  const inside = index.slice(1, -1);
  if (inside === '') return [];
  return inside.split(',').map((rank) =>
    rank.split(/(?=[+-])/).map((term) => {
      const [, sign, name, coefficient = '1'] = /^([+-]?)(\w)(?:\*(\d))?$/.exec(term)!;
      return { dim: dims.indexOf(name), coefficient: Number(`${sign}${coefficient}`) };
    }),
  );
}

// ---------------------------------------------------------------------------------------------------------- machines

/** Sevenths do not terminate in binary: sums and products of them round, and show any change of order. */
const fractional = fc.nat({ max: 2000 }).map((n) => n / 7);
const mostly = (usual: boolean): fc.Arbitrary<boolean> =>
  fc.nat({ max: 5 }).map((n) => (n === 5 ? !usual : usual));
const rate = fc.oneof(
  fc.constant(Infinity),
  fc.integer({ min: 1, max: 32 }).map((n) => n / 4),
);
const selectors = fc.constantFrom<readonly [keep: string[], mayKeep: string[]]>(
  [[], ['all']],
  [['all'], []],
  [['inputs', 'outputs'], []],
  [['weights'], ['outputs']],
  [[], ['inputs', 'weights']],
  [['outputs'], []],
);

function memoryArbitrary(capacity: Capacity): fc.Arbitrary<Memory> {
  return fc
    .record({
      words: capacity === 'scarce' ? fc.integer({ min: 1, max: 60 }) : fc.constant(Infinity),
      wordBits: fc.constantFrom(16, 8, 32),
      blockSize: fc.constantFrom(1, 2, 3, 4, 8),
      multipleBuffering: fc.constantFrom(1, 2, 1.5),
      selector: selectors,
      datawidthBits: fc.constantFrom<Record<string, number>>({}, { outputs: 24 }, { weights: 8, inputs: 12 }),
      energy: fc.record({
        readPj: fractional,
        fillPj: fractional,
        updatePj: fractional,
        leakPjPerCycle: fractional,
        addressGenerationPj: fractional,
        temporalReductionPj: fractional,
      }),
      bandwidth: fc.record({ read: rate, write: rate, shared: rate }),
      drainReads: mostly(false),
      rmwFirstUpdate: mostly(false),
      powerGating: fc.boolean(),
      areaUm2: fractional,
    })
    .map(({ selector: [keep, mayKeep], ...rest }) => {
      return { kind: 'memory', name: '', minUtilization: 0, keep, mayKeep, ...rest };
    });
}

const fanoutArbitrary: fc.Arbitrary<Fanout> = fc.record({
  kind: fc.constant('array'),
  name: fc.constant(''),
  x: fc.constantFrom(4, 2, 3, 8, 1),
  y: fc.constantFrom(1, 2, 3, 4),
  multicast: mostly(true),
  spatialReduction: mostly(true),
  haloMulticast: mostly(false),
  temporalReuse: fc.constant(true),
  energy: fc.record({
    hopPj: fractional,
    routerPj: fractional,
    ingressPj: fractional,
    spatialReductionPj: fractional,
  }),
  latency: fc.record({ fillCycles: fc.nat({ max: 9 }), drainCycles: fc.nat({ max: 9 }) }),
  areaUm2: fractional,
});

/** One to three memories and up to three fanouts in any order, fractional energies, narrow ports and wide blocks. */
export function architectures(options: { readonly capacity?: Capacity } = {}): fc.Arbitrary<Architecture> {
  const { capacity = 'unlimited' } = options;
  const inner = fc.oneof<fc.Arbitrary<Node>[]>(memoryArbitrary(capacity), fanoutArbitrary);
  return fc
    .record({
      outermost: memoryArbitrary('unlimited'),
      inner: fc.array(inner, { maxLength: 5 }),
      compute: fc.record({
        name: fc.constant('MAC'),
        energyPj: fractional,
        leakPjPerCycle: fractional,
        powerGating: fc.boolean(),
        areaUm2: fractional,
      }),
      clockHz: fc.constantFrom(1e9, 2e8),
    })
    .map(({ outermost, inner, ...rest }) => ({
      name: 'random',
      description: '',
      nodes: named([outermost, ...atMost(inner, { memory: 2, array: 3 })]),
      ...rest,
    }));
}

function atMost(nodes: readonly Node[], limit: Readonly<Record<Node['kind'], number>>): Node[] {
  return nodes.filter((node, i) => {
    const before = nodes.slice(0, i).filter((other) => other.kind === node.kind);
    return before.length < limit[node.kind];
  });
}

function named(nodes: readonly Node[]): Node[] {
  return nodes.map((node, i) => ({ ...node, name: `${node.kind === 'memory' ? 'Memory' : 'Array'}${i}` }));
}

// ---------------------------------------------------------------------------------------------------------- mappings

/** Raw choices that `buildMapping` reads in order, each modulo what there is to choose from. */
interface Genes {
  /** One for each memory and tensor the architecture leaves free. */
  readonly keeps: readonly boolean[];
  /** One station a memory, or the tensors of a section shuffled into stations of their own. */
  readonly uneven: boolean;
  readonly shuffle: readonly number[];
  readonly yFirst: readonly boolean[];
  /** One for each prime factor of each bound. */
  readonly loops: readonly { readonly slot: number; readonly order: number }[];
  /** Whether neighbouring loops over one dimension become one. */
  readonly fuse: boolean;
}

function genes(): fc.Arbitrary<Genes> {
  return fc.record({
    keeps: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    uneven: fc.boolean(),
    shuffle: fc.array(fc.nat({ max: 999 }), { minLength: 9, maxLength: 9 }),
    yFirst: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    loops: fc.array(fc.record({ slot: fc.nat({ max: 999 }), order: fc.nat({ max: 999 }) }), {
      minLength: 16,
      maxLength: 16,
    }),
    fuse: fc.boolean(),
  });
}

/**
 * Random mappings, legal but perhaps for capacity: prime factors scattered over temporal and spatial slots, free
 * tensors kept or not, stations even or uneven, loops of one dimension apart or together.
 */
export function mappingsFor(arch: Architecture, einsum: Einsum): fc.Arbitrary<Mapping> {
  return genes().map((drawn) => buildMapping(arch, einsum, drawn));
}

/** Machine, layer and mapping drawn together; shrinks each of them on its own. Capacity as in `Capacity`. */
export function cases(
  options: { readonly maxMacs?: number; readonly capacity?: Capacity } = {},
): fc.Arbitrary<Case> {
  const { capacity = 'unlimited' } = options;
  return fc
    .record({ drawnArch: architectures(options), einsum: einsums(options), drawn: genes() })
    .map(({ drawnArch, einsum, drawn }) => {
      const arch = einsum.tensors.some(isCoupled) ? withoutHaloMulticast(drawnArch) : drawnArch;
      const mapping = buildMapping(arch, einsum, drawn);
      return { arch: capacity === 'exact' ? shrinkToFit(arch, einsum, mapping) : arch, einsum, mapping };
    });
}

/**
 * The same case with some tensors at home in the outermost memory on chip, whole and from beginning to end; unchanged
 * where that memory keeps none of them or is one of several.
 */
export function withResidents({ arch, einsum, mapping }: Case): Case {
  const home = arch.nodes[1];
  if (home?.kind !== 'memory') return { arch, einsum, mapping };
  const tensors = einsum.tensors.flatMap((tensor, t) =>
    keeping(arch, home, tensor) !== 'bypass' ? [t] : [],
  );
  if (tensors.length === 0) return { arch, einsum, mapping };
  const others = mapping.nest.flatMap((item): NestItem[] => {
    if (item.kind !== 'station' || item.memory > 1) return [item];
    const left = item.tensors.filter((t) => !tensors.includes(t));
    return left.length > 0 || item.memory === 0 ? [{ ...item, tensors: left }] : [];
  });
  const [outermost, ...rest] = others;
  return { arch, einsum, mapping: { nest: [outermost, { kind: 'station', memory: 1, tensors }, ...rest] } };
}

/** A place for loops: the gap after a station or array, or one axis of an array. */
interface Place {
  readonly station?: Station;
  readonly array?: { readonly fanout: number; readonly axis: 'x' | 'y'; readonly limit: number };
  readonly loops: { dim: number; factor: number; order: number }[];
}

function buildMapping(arch: Architecture, einsum: Einsum, drawn: Genes): Mapping {
  const places = skeleton(arch, einsum, drawn);
  // Array axes count thrice: loops side by side are what most mappings would lack.
  const slots = places.flatMap((place, at) => (place.array ? [at, at, at] : [at]));
  const primes = einsum.dims.flatMap(({ bound }, dim) =>
    primeFactors(bound).map((factor) => ({ dim, factor })),
  );
  primes.forEach(({ dim, factor }, i) => {
    const { slot, order } = drawn.loops[i % drawn.loops.length];
    roomFor(places, slots[slot % slots.length], factor).loops.push({ dim, factor, order });
  });
  return { nest: places.flatMap((place) => written(place, drawn.fuse)) };
}

/** The place itself, or the gap after an axis that would overflow. */
function roomFor(places: readonly Place[], at: number, factor: number): Place {
  const { array, loops } = places[at];
  const used = loops.reduce((product, loop) => product * loop.factor, factor);
  return array && used > array.limit ? places[at + 1] : places[at];
}

function written({ station, array, loops }: Place, fuse: boolean): NestItem[] {
  const sorted = loops.toSorted((a, b) => a.order - b.order);
  const chosen = fuse ? fused(sorted) : sorted;
  const nest = chosen.map(({ dim, factor }): Loop => {
    if (!array) return { kind: 'for', dim, factor };
    return { kind: 'parallel', fanout: array.fanout, axis: array.axis, dim, factor };
  });
  return station ? [station, ...nest] : nest;
}

function fused(loops: Place['loops']): Place['loops'] {
  return loops.reduce<Place['loops']>((done, loop) => {
    const last = done.at(-1);
    if (last?.dim !== loop.dim) return [...done, loop];
    return [...done.slice(0, -1), { ...last, factor: last.factor * loop.factor }];
  }, []);
}

/** Stations and array axes in a legal order, a temporal gap after each. */
function skeleton(arch: Architecture, einsum: Einsum, drawn: Genes): Place[] {
  const all = einsum.tensors.map((_, t) => t);
  const first: Station = { kind: 'station', memory: 0, tensors: all };
  const places: Place[] = [{ station: first, loops: [] }];
  let section: number[] = [];
  const close = (): void => {
    places.push(...stations(arch, einsum, section, drawn).map((station) => ({ station, loops: [] })));
    section = [];
  };
  for (const node of arch.nodes.slice(1)) {
    if (node.kind === 'memory') section.push(memories(arch).indexOf(node));
    else {
      close();
      places.push(...axes(fanouts(arch).indexOf(node), node, drawn));
    }
  }
  close();
  return places;
}

function axes(fanout: number, { x, y }: Fanout, drawn: Genes): Place[] {
  const both = [
    { fanout, axis: 'x', limit: x },
    { fanout, axis: 'y', limit: y },
  ] as const;
  const order = drawn.yFirst[fanout % drawn.yFirst.length] ? both.toReversed() : both;
  return order.flatMap((array): Place[] => [{ array, loops: [] }, { loops: [] }]);
}

/** Stations of the memories between two arrays. A tensor meets them from the outside in, whatever the shuffle. */
function stations(arch: Architecture, einsum: Einsum, section: readonly number[], drawn: Genes): Station[] {
  const kept = section.flatMap((memory) => keptTensors(arch, einsum, memory, drawn));
  if (!drawn.uneven) return merged(kept);
  const ranked = kept.map((station, i) => ({ station, key: drawn.shuffle[i % drawn.shuffle.length] }));
  const order = ranked.toSorted((a, b) => a.key - b.key).map(({ station }) => station.tensors[0]);
  const queues = new Map(order.map((t) => [t, kept.filter((station) => station.tensors[0] === t)]));
  const shuffled = order.map((t) => queues.get(t)!.shift()!);
  return drawn.fuse ? merged(shuffled) : shuffled;
}

function keptTensors(arch: Architecture, einsum: Einsum, memory: number, drawn: Genes): Station[] {
  return einsum.tensors.flatMap((tensor, t): Station[] => {
    const rule = keeping(arch, memories(arch)[memory], tensor);
    const free = drawn.keeps[(memory * einsum.tensors.length + t) % drawn.keeps.length];
    const kept = rule === 'keep' || (rule === 'free' && free);
    return kept ? [{ kind: 'station', memory, tensors: [t] }] : [];
  });
}

function merged(stations: readonly Station[]): Station[] {
  return stations.reduce<Station[]>((done, station) => {
    const last = done.at(-1);
    if (last?.memory !== station.memory) return [...done, station];
    const tensors = [...last.tensors, ...station.tensors].toSorted((a, b) => a - b);
    return [...done.slice(0, -1), { ...last, tensors }];
  }, []);
}

function primeFactors(n: number): number[] {
  for (let p = 2; p <= n; p++) if (n % p === 0) return [p, ...primeFactors(n / p)];
  return [];
}

/** A dimension that indexes two ranks ties their offsets together; the model refuses to share such halos. */
function isCoupled(tensor: Tensor): boolean {
  const dims = tensor.ranks.flatMap((rank) => rank.map((term) => term.dim));
  return new Set(dims).size < dims.length;
}

function withoutHaloMulticast(arch: Architecture): Architecture {
  const nodes = arch.nodes.map((node) => (node.kind === 'array' ? { ...node, haloMulticast: false } : node));
  return { ...arch, nodes };
}

/** The same machine with no word to spare: inner memories hold what this mapping keeps there. */
function shrinkToFit(arch: Architecture, einsum: Einsum, mapping: Mapping): Architecture {
  const all = memories(arch);
  const used = all.map((memory, m) => usedWords(memory, m, einsum, mapping));
  const nodes = arch.nodes.map((node, i): Node => {
    if (node.kind === 'array' || i === 0) return node;
    return { ...node, words: Math.ceil(Math.ceil(used[all.indexOf(node)]) * node.multipleBuffering) };
  });
  return { ...arch, nodes };
}

function usedWords(memory: Memory, index: number, einsum: Einsum, { nest }: Mapping): number {
  const uses = nest.flatMap((item, position) => {
    if (item.kind !== 'station' || item.memory !== index) return [];
    const extents = einsum.dims.map((_, dim) => extentInside(nest, position, dim));
    return item.tensors.map((t) => {
      return tileWords(einsum.tensors[t], extents) * wordsPerElement(memory, einsum.tensors[t]);
    });
  });
  return uses.reduce((total, words) => total + words, 0);
}

function extentInside(nest: Mapping['nest'], position: number, dim: number): number {
  const inside = nest
    .slice(position)
    .map((item) => (item.kind !== 'station' && item.dim === dim ? item.factor : 1));
  return inside.reduce((product, factor) => product * factor, 1);
}
