/**
 * The lattice of tile shapes: one divisor per dimension, and what each tensor's tile is at every node. No costs.
 *
 * Dimensions that every tensor treats alike, each alone in a rank of its own, are one lattice dimension (P and Q of a
 * 1×1 convolution): tiles depend on the product of their extents only, and every division of the product can be
 * divided among them.
 */
import { divisors } from '../../mapspace/factors.ts';
import type { Level, Limit, Mapspace } from '../../mapspace/mapspace.ts';
import type { Tensor } from '../../workload/einsum.ts';

/** One addend of a rank, over the lattice's dimensions. */
export interface LatticeTerm {
  readonly dim: number;
  readonly coefficient: number;
}

export interface LatticeTensor {
  readonly tensor: Tensor;
  /** Masks of lattice dimensions: those that index the tensor; those that index one of its ranks alone. */
  readonly relevant: number;
  readonly hard: number;
  /** Ranks of one term, then those of several: windows that may slide. */
  readonly plain: readonly LatticeTerm[];
  readonly windows: readonly (readonly LatticeTerm[])[];
}

export interface Lattice {
  /** Lattice dimension → dimensions of the Einsum: those of bound above 1. */
  readonly dims: readonly (readonly number[])[];
  /** Divisors of each lattice dimension's bound, ascending. */
  readonly divisors: readonly (readonly number[])[];
  /** Distance between nodes one divisor apart; the last dimension varies fastest. */
  readonly strides: readonly number[];
  readonly nodes: number;
  /** Digits of every node, row by row. */
  readonly digits: Uint8Array;
  /** Most divisors of any dimension. */
  readonly radix: number;
  readonly tensors: readonly LatticeTensor[];
}

export function buildLattice(space: Mapspace): Lattice {
  const { einsum } = space;
  const dims = groups(space);
  const divs = dims.map((group) =>
    divisors(group.reduce((product, dim) => product * einsum.dims[dim].bound, 1)),
  );
  const strides = divs.map((_, d) => divs.slice(d + 1).reduce((product, list) => product * list.length, 1));
  const nodes = divs.reduce((product, list) => product * list.length, 1);
  return {
    dims,
    divisors: divs,
    strides,
    nodes,
    digits: nodeDigits(divs, nodes),
    radix: Math.max(1, ...divs.map((list) => list.length)),
    tensors: einsum.tensors.map((tensor) => latticeTensor(tensor, dims)),
  };
}

/** Dimensions of bound above 1, those that are interchangeable together. */
function groups(space: Mapspace): number[][] {
  const found = new Map<string, number[]>();
  space.einsum.dims.forEach(({ bound }, dim) => {
    if (bound === 1) return;
    const key = interchangeKey(space, dim) ?? `only ${dim}`;
    found.set(key, [...(found.get(key) ?? []), dim]);
  });
  return [...found.values()];
}

/** Equal for dimensions that no tensor and no rule tells apart; undefined for one that stands by itself. */
function interchangeKey({ einsum, levels }: Mapspace, dim: number): string | undefined {
  const uses = einsum.tensors.map((tensor) => {
    const ranks = tensor.ranks
      .map((rank) => rank.filter((term) => einsum.dims[term.dim].bound > 1))
      .filter((rank) => rank.some((term) => term.dim === dim));
    if (ranks.length === 0) return '-';
    return ranks.length === 1 && ranks[0].length === 1 && Math.abs(ranks[0][0].coefficient) === 1
      ? '+'
      : undefined;
  });
  if (uses.includes(undefined) || levels.some((level) => isRuled(level, dim, einsum.dims[dim].bound)))
    return undefined;
  const axes = levels.map((level) =>
    level.slots.flatMap((slot) => (slot.dim === dim ? [slot.axis] : [])).join(),
  );
  return [...uses, ...axes].join(' ');
}

/** True if a rule limits the dimension at the level or orders its loops. */
export function isRuled(level: Level, dim: number, bound: number): boolean {
  const { least, most } = level.limits[dim];
  return (
    least > 1 || most < bound || (level.kind === 'memory' && level.before.some((pair) => pair.includes(dim)))
  );
}

/** What the rules allow a lattice dimension at a level; interchangeable dimensions have no rules. */
export function limitOf(level: Level, group: readonly number[]): Limit {
  return group.length === 1 ? level.limits[group[0]] : { least: 1, most: Infinity };
}

export function mayLoop(level: Level, group: readonly number[]): boolean {
  return level.slots.some((slot) => slot.dim === group[0]);
}

function latticeTensor(tensor: Tensor, dims: readonly (readonly number[])[]): LatticeTensor {
  const ranks = tensor.ranks
    .map((rank) =>
      rank.flatMap(({ dim, coefficient }): LatticeTerm[] => {
        const own = dims.findIndex((group) => group.includes(dim));
        return own < 0 ? [] : [{ dim: own, coefficient }];
      }),
    )
    .filter((rank) => rank.length > 0);
  const single = ranks.filter((rank) => rank.length === 1).map(([term]) => term);
  const plain = single.filter(({ dim }, i) => single.findIndex((other) => other.dim === dim) === i);
  const windows = ranks.filter((rank) => rank.length > 1);
  const hard = plain.reduce((mask, { dim }) => mask | (1 << dim), 0);
  const soft = windows.flat().reduce((mask, { dim }) => mask | (1 << dim), 0);
  return { tensor, relevant: hard | soft, hard, plain, windows };
}

function nodeDigits(divs: readonly (readonly number[])[], nodes: number): Uint8Array {
  const width = divs.length;
  const digits = new Uint8Array(nodes * width);
  for (let at = width; at < digits.length; at += width) {
    let d = width - 1;
    for (; digits[at - width + d] === divs[d].length - 1; d--) digits[at + d] = 0;
    digits[at + d] = digits[at - width + d] + 1;
    for (d--; d >= 0; d--) digits[at + d] = digits[at - width + d];
  }
  return digits;
}

/** A function of some digits, multiplied into one column of a table over all nodes. */
export interface ColumnFactor {
  readonly column: number;
  readonly dims: readonly number[];
  /** Called once for each combination of the digits. */
  readonly value: (picks: readonly number[]) => number;
}

/**
 * One row per node: each column the product of its factors. Dimension by dimension, so that nodes that share digits
 * share the product.
 */
export function tableOfProducts(
  { divisors: divs, nodes }: Lattice,
  width: number,
  factors: readonly ColumnFactor[],
): Float64Array {
  const table = new Float64Array(nodes * width);
  const digits = new Int32Array(divs.length);
  const byDepth = divs.map((_, d) =>
    factors.flatMap((factor) => (Math.max(...factor.dims) === d ? [tabulate(divs, factor)] : [])),
  );
  const partial = Array.from({ length: divs.length + 1 }, () => new Float64Array(width).fill(1));
  let node = 0;
  const extend = (d: number): void => {
    const own = partial[d];
    if (d === divs.length) {
      table.set(own, node++ * width);
      return;
    }
    const next = partial[d + 1];
    for (let digit = 0; digit < divs[d].length; digit++) {
      digits[d] = digit;
      next.set(own);
      for (const { column, dims, strides, values } of byDepth[d]) {
        let index = 0;
        for (let i = 0; i < dims.length; i++) index += digits[dims[i]] * strides[i];
        next[column] *= values[index];
      }
      extend(d + 1);
    }
  };
  extend(0);
  return table;
}

interface TabulatedFactor {
  readonly column: number;
  readonly dims: readonly number[];
  readonly strides: readonly number[];
  readonly values: Float64Array;
}

function tabulate(
  divs: readonly (readonly number[])[],
  { column, dims, value }: ColumnFactor,
): TabulatedFactor {
  const counts = dims.map((d) => divs[d].length);
  const strides = counts.map((_, i) => counts.slice(i + 1).reduce((product, count) => product * count, 1));
  const size = counts.reduce((product, count) => product * count, 1);
  const values = Float64Array.from({ length: size }, (_, index) =>
    value(counts.map((count, i) => Math.floor(index / strides[i]) % count)),
  );
  return { column, dims, strides, values };
}

/** Coordinates a window covers as its terms take every remaining offset: exact, gaps not counted. */
export function coveredCoordinates(
  terms: readonly LatticeTerm[],
  extents: readonly number[],
  bounds: readonly number[],
): number {
  let offsets = [0];
  for (const [i, { coefficient }] of terms.entries()) {
    const step = coefficient * extents[i];
    const count = bounds[i] / extents[i];
    const next = new Set<number>();
    for (const offset of offsets) for (let j = 0; j < count; j++) next.add(offset + j * step);
    offsets = [...next];
  }
  const span = terms.reduce(
    (total, { coefficient }, i) => total + Math.abs(coefficient) * (extents[i] - 1),
    1,
  );
  offsets.sort((a, b) => a - b);
  let covered = span;
  for (let i = 1; i < offsets.length; i++) covered += Math.min(span, offsets[i] - offsets[i - 1]);
  return covered;
}

/**
 * From each divisor: the strides a later temporal loop over the dimension may have, less what its own earlier loops
 * have moved since (`steps`), and the displacements later loops may add up to (`spreads`).
 */
export function futureMoves(divs: readonly number[]): { steps: number[][]; spreads: number[][] } {
  const bound = divs[divs.length - 1];
  const steps: number[][] = [];
  const spreads: number[][] = [];
  for (const start of divs) {
    const strides = new Uint8Array(2 * bound);
    const sums = new Uint8Array(bound);
    reachableMoves(divs, start).forEach((reached, i) => {
      for (let sum = 0; sum < bound; sum++) {
        if (reached[sum] === 0) continue;
        sums[sum] = 1;
        if (divs[i] < bound) strides[bound + divs[i] - sum] = 1;
      }
    });
    steps.push(marked(strides).map((at) => at - bound));
    spreads.push(marked(sums));
  }
  return { steps, spreads };
}

/** By divisor: marks the displacements temporal loops from `start` to it may have added up to. */
function reachableMoves(divs: readonly number[], start: number): Uint8Array[] {
  const bound = divs[divs.length - 1];
  const reached = divs.map(() => new Uint8Array(bound));
  reached[divs.indexOf(start)][0] = 1;
  divs.forEach((extent, i) => {
    for (let j = i + 1; j < divs.length; j++) {
      if (divs[j] % extent !== 0) continue;
      const shift = divs[j] - extent;
      for (let sum = 0; sum + shift < bound; sum++) {
        if (reached[i][sum] === 1) reached[j][sum] = reached[j][sum + shift] = 1;
      }
    }
  });
  return reached;
}

function marked(marks: Uint8Array): number[] {
  const found: number[] = [];
  marks.forEach((mark, at) => mark === 1 && found.push(at));
  return found;
}
