/** Random small layers and machines for the exact search, from a seed. No expectations here. */
import type { Architecture, Bandwidth, Fanout, Memory, Node } from '../../../src/arch/architecture.ts';
import type { Constraints, Rule } from '../../../src/mapspace/constraints.ts';
import { primeFactors } from '../../../src/mapspace/factors.ts';
import type { Einsum, Rank, Role, Tensor } from '../../../src/workload/einsum.ts';

export interface CaseOptions {
  readonly bandwidth: boolean;
  readonly leakage: boolean;
  readonly network: boolean;
  readonly freeKeeps: boolean;
  readonly constraints: boolean;
  readonly blocks: boolean;
  /** Tensors at home in a memory inside, and reserved words there. */
  readonly residents?: boolean;
  /** A convolution whose rows and columns are alike but for what arrays take. */
  readonly square?: boolean;
  /** Tensors of a memory at different depths. Such layers are smaller: their spaces are much larger. */
  readonly uneven?: boolean;
}

/** None of the features. */
export const PLAIN: CaseOptions = {
  bandwidth: false,
  leakage: false,
  network: false,
  freeKeeps: false,
  constraints: false,
  blocks: false,
};

export interface RandomCase {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly constraints: Constraints;
  readonly uneven: boolean;
}

/** Mulberry32: uniform numbers in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomCase(seed: number, options: CaseOptions): RandomCase {
  const random = generator(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const chance = (share: number): boolean => random() < share;
  const drawn = layer(options.square ? 3 : below(9), pick, below);
  const einsum = options.uneven ? smaller(drawn) : drawn;
  const nodes: Node[] = [memory('M0', { words: Infinity })];
  const levels = 1 + below(options.uneven ? 2 : 3);
  for (let m = 1; m <= levels; m++) {
    if (chance(options.square ? 0.8 : 0.45)) nodes.push(array(`A${m}`));
    if (chance(0.1)) nodes.push(array(`B${m}`));
    nodes.push(memory(`M${m}`, { words: 2 + below(m === levels ? 12 : 60) }));
  }
  if (chance(0.3)) nodes.push(array('AC'));
  const arch: Architecture = {
    name: 'random',
    nodes,
    clockHz: 1e9,
    description: '',
    compute: {
      name: 'MAC',
      energyPj: below(3),
      leakPjPerCycle: options.leakage ? below(3) : 0,
      powerGating: chance(0.5),
      areaUm2: 0,
    },
  };
  const constraints = [...(options.constraints ? rules() : []), ...(options.residents ? homes() : [])];
  return { arch, einsum, constraints, uneven: options.uneven ?? false };

  /** Some tensors live in a memory outside all arrays, if there is one that keeps them and is large enough. */
  function homes(): Rule[] {
    const candidates = nodes.flatMap((node, n) =>
      n > 0 && node.kind === 'memory' && nodes.slice(0, n).every(({ kind }) => kind === 'memory') ? [n] : [],
    );
    if (candidates.length === 0) return [];
    const node = pick(candidates);
    const home = nodes[node] as Memory;
    nodes[node] = { ...home, words: home.words + 20 + below(40), minUtilization: 0 };
    const found = einsum.tensors.flatMap(({ role }, tensor): Rule[] =>
      chance(0.6) && [...home.keep, ...home.mayKeep].includes(role)
        ? [{ kind: 'resident', node, tensor }]
        : [],
    );
    return chance(0.5) ? [...found, { kind: 'reserve', node, words: 1 + below(30) }] : found;
  }

  /** Divides bounds by primes, any dimension first, until four are left. */
  function smaller(whole: Einsum): Einsum {
    const bounds = whole.dims.map(({ bound }) => bound);
    const primes = (): number[] => bounds.flatMap((bound, d) => primeFactors(bound).map(() => d));
    for (let all = primes(); all.length > 4; all = primes()) {
      const d = pick(all);
      bounds[d] /= pick(primeFactors(bounds[d]));
    }
    return { ...whole, dims: whole.dims.map((dim, d) => ({ ...dim, bound: bounds[d] })) };
  }

  function memory(name: string, { words }: { words: number }): Memory {
    const selectors = ['inputs', 'weights', 'outputs'].filter(() => chance(0.65));
    const outer = name === 'M0';
    const keep = outer ? ['all'] : options.freeKeeps ? selectors.filter(() => chance(0.5)) : selectors;
    const energy = (scale: number): number =>
      options.network ? random() * scale : Math.ceil(random() * scale);
    const scale = outer ? 200 : 12;
    return {
      kind: 'memory',
      name,
      words,
      wordBits: 16,
      blockSize: options.blocks && chance(0.6) ? pick([2, 3, 4, 8]) : 1,
      multipleBuffering: chance(0.2) ? pick([1.5, 2]) : 1,
      minUtilization: !outer && chance(0.1) ? (options.uneven ? 0.3 : 0.5) : 0,
      keep: keep.length === 0 && !options.freeKeeps ? ['outputs'] : keep,
      mayKeep: options.freeKeeps ? selectors : [],
      datawidthBits: options.blocks && chance(0.3) ? { outputs: 8 } : chance(0.15) ? { outputs: 32 } : {},
      energy: {
        readPj: energy(scale),
        fillPj: energy(scale),
        updatePj: energy(scale),
        leakPjPerCycle: options.leakage && chance(0.6) ? random() * 3 : 0,
        addressGenerationPj: chance(0.2) ? random() : 0,
        temporalReductionPj: chance(0.2) ? random() : 0,
      },
      bandwidth: bandwidth(),
      drainReads: chance(0.2),
      rmwFirstUpdate: false,
      powerGating: chance(0.5),
      areaUm2: 0,
    };
  }

  function bandwidth(): Bandwidth {
    const rate = (): number => (options.bandwidth && chance(0.35) ? (1 + below(8)) / 4 : Infinity);
    return { read: rate(), write: rate(), shared: rate() };
  }

  function array(name: string): Fanout {
    const on = options.network;
    return {
      kind: 'array',
      name,
      x: 1 + below(4),
      y: 1 + below(3),
      multicast: !chance(0.15),
      spatialReduction: !chance(0.15),
      haloMulticast: false,
      temporalReuse: options.uneven ? !chance(0.3) : true,
      energy: {
        hopPj: on && chance(0.7) ? random() * 3 : 0,
        routerPj: on && chance(0.3) ? random() : 0,
        ingressPj: on && chance(0.5) ? random() * 3 : 0,
        spatialReductionPj: on && chance(0.5) ? random() * 3 : 0,
      },
      latency: chance(0.2)
        ? { fillCycles: below(4), drainCycles: below(4) }
        : { fillCycles: 0, drainCycles: 0 },
      areaUm2: 0,
    };
  }

  function rules(): Rule[] {
    const dims = einsum.dims.map((_, d) => d).filter((d) => einsum.dims[d].bound > 1);
    if (dims.length === 0) return [];
    const some = (): number[] => dims.filter(() => chance(0.6));
    if (options.square) {
      return nodes.flatMap(({ kind }, node): Rule[] =>
        kind === 'array'
          ? [
              { kind: 'axis', node, axis: 'x', dims: [pick(dims)] },
              { kind: 'axis', node, axis: 'y', dims: some() },
            ]
          : [],
      );
    }
    const own = nodes.flatMap(({ kind }, node) =>
      kind === 'memory' ? orders(node, dims) : axes(node, some),
    );
    if (chance(0.4)) {
      const most = 1 + below(3);
      const node = below(nodes.length);
      own.push({ kind: 'factor', node, dim: pick(dims), least: chance(0.5) ? 1 : most, most });
    }
    if (chance(0.15))
      own.push({ kind: 'factor', node: below(nodes.length), dim: pick(dims), least: 2, most: 8 });
    if (chance(0.15)) own.push({ kind: 'utilization', node: nodes.length, share: 0.3 });
    if (options.freeKeeps && chance(0.4)) {
      own.push({ kind: 'keep', node: nodes.length - 1, tensor: below(3), kept: chance(0.5) });
    }
    return own.filter((rule) => rule.kind !== 'keep' || nodes[rule.node].kind === 'memory');
  }

  /** Shared orders, partial and total, so that loops of one memory are tied and those of another are not. */
  function orders(node: number, dims: readonly number[]): Rule[] {
    if (!chance(0.35)) return [];
    const [one, other] = [pick(dims), pick(dims)];
    const between = one === other ? [one] : [one, '*' as const, other];
    const sequence = pick<readonly (number | '*')[]>([[one, '*'], ['*', one], between, dims]);
    return [{ kind: 'order', node, sequence }];
  }

  /** What one axis takes and the other does not: P on x alone tells P from Q. */
  function axes(node: number, some: () => number[]): Rule[] {
    const made: Rule[] = (['x', 'y'] as const).flatMap((axis) =>
      chance(0.35) ? [{ kind: 'axis', node, axis, dims: some() } as const] : [],
    );
    if (chance(0.1)) made.push({ kind: 'utilization', node, share: pick([0.3, 0.5]) });
    return made;
  }
}

function layer(kind: number, pick: <T>(list: readonly T[]) => T, below: (n: number) => number): Einsum {
  const s = 1 + below(3);
  const d = 1 + below(2);
  if (kind <= 3) {
    // 1-D or 2-D convolutions: the inner halo dimensions matter most.
    const two = kind >= 2;
    const dims = two ? ['M', 'C', 'P', 'Q', 'R', 'S'] : ['N', 'M', 'C', 'P', 'R'];
    // Kind 3 is square: rows and columns may change places, unless a rule tells them apart.
    const [p, r] = [pick([2, 2, 3, 4]), pick([1, 1, 2, 3])];
    const [q, s2] = kind === 3 ? [p, r] : [pick([1, 2, 4]), pick([1, 2])];
    const bounds = two
      ? [pick([1, 2]), pick([1, 2]), p, q, r, s2]
      : [pick([1, 2]), pick([1, 2, 4]), pick([1, 2, 3]), pick([2, 4, 6]), pick([2, 3, 4])];
    const index = two
      ? { w: 'M,C,R,S', i: `C,P*${s}+R*${d},Q*${s}+S*${d}`, o: 'M,P,Q' }
      : { w: 'M,C,R', i: `N,C,P*${s}+R*${d}`, o: 'N,M,P' };
    return einsumOf(dims, bounds, index);
  }
  if (kind === 4)
    return einsumOf(['M', 'N', 'K'], [pick([2, 4, 6, 8]), pick([2, 4, 3]), pick([2, 6, 8])], {
      i: 'M,K',
      w: 'K,N',
      o: 'M,N',
    });
  if (kind === 5) {
    return einsumOf(['B', 'M', 'N', 'K'], [pick([2, 3]), pick([2, 4]), pick([1, 2, 4]), pick([2, 4])], {
      i: 'B,M,K',
      w: 'B,K,N',
      o: 'B,M,N',
    });
  }
  if (kind === 6) {
    return einsumOf(
      ['N', 'G', 'P', 'R', 'S'],
      [pick([1, 2]), pick([2, 4]), pick([2, 4]), pick([2, 3]), pick([1, 2])],
      { w: 'G,R,S', i: `N,G,P*${s}+R*${d},S`, o: 'N,G,P' },
    );
  }
  if (kind === 7)
    return einsumOf(['N', 'G', 'M', 'C', 'P', 'R'], [1, 2, pick([1, 2]), 2, pick([2, 4]), pick([1, 3])], {
      w: 'G,M,C,R',
      i: `N,G,C,P*${s}+R`,
      o: 'N,G,M,P',
    });
  // Dimensions that only one tensor names, negative and triple sums.
  return pick([
    einsumOf(['A', 'B', 'C'], [pick([2, 4]), pick([2, 3]), pick([2, 4])], { i: 'A+B+C', w: 'B,C', o: 'A' }),
    einsumOf(['P', 'R', 'C'], [pick([3, 4]), pick([2, 3]), pick([1, 2, 4])], { i: 'P-R,C', w: 'R', o: 'P' }),
    einsumOf(['A', 'B', 'C'], [pick([2, 4]), pick([4, 6]), pick([2, 4])], { i: 'A', w: 'B', o: 'C' }),
  ]);
}

function einsumOf(
  names: readonly string[],
  bounds: readonly number[],
  index: Readonly<Record<'w' | 'i' | 'o', string>>,
): Einsum {
  const tensor = (role: Role, text: string): Tensor => ({
    name: role,
    role,
    ranks: text.split(',').map(rankOf),
  });
  const rankOf = (text: string): Rank =>
    text.split(/(?=[+-])/).map((term) => {
      const [, sign, name, coefficient = '1'] = /^([+-]?)(\w)(?:\*(\d))?$/.exec(term)!;
      return { dim: names.indexOf(name), coefficient: Number(`${sign}${coefficient}`) };
    });
  return {
    name: 'random',
    dims: names.map((name, d) => ({ name, bound: bounds[d] })),
    tensors: [tensor('weights', index.w), tensor('inputs', index.i), tensor('outputs', index.o)],
  };
}
