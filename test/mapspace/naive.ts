/** The slow way to list a mapspace, independent of src/mapspace: all nests of all factors and all orders, filtered. */
import type { Architecture } from '../../src/arch/architecture.ts';
import { computeUnits, fanouts, keeping, memories } from '../../src/arch/architecture.ts';
import type { Loop, Mapping, NestItem } from '../../src/mapping/mapping.ts';
import { checkMapping } from '../../src/mapping/legality.ts';
import type { Constraints, Rule } from '../../src/mapspace/constraints.ts';
import type { Einsum } from '../../src/workload/einsum.ts';

/** All points: nests with loops of bound 1 included, whatever overflows. Only for tiny spaces. */
export function* points(arch: Architecture, einsum: Einsum): Generator<Mapping> {
  const dims = einsum.dims.flatMap(({ bound }, dim) => (bound > 1 ? [dim] : []));
  for (const kept of keepChoices(arch, einsum)) {
    for (const template of templates(arch, kept, dims)) yield* factored(einsum, dims, template);
  }
}

/** All legal mappings under the constraints, each once, by their text. */
export function legalMappings(
  arch: Architecture,
  einsum: Einsum,
  constraints: Constraints = [],
): Map<string, Mapping> {
  const found = new Map<string, Mapping>();
  for (const point of points(arch, einsum)) {
    const mapping = { nest: point.nest.filter((item) => item.kind === 'station' || item.factor > 1) };
    const text = JSON.stringify(mapping);
    if (found.has(text)) continue;
    if (checkMapping(arch, einsum, mapping).length > 0) continue;
    if (constraints.every((rule) => obeys(arch, mapping, rule))) found.set(text, mapping);
  }
  return found;
}

/** Whether a mapping obeys one rule, judged from the nest alone. */
export function obeys(arch: Architecture, { nest }: Mapping, rule: Rule): boolean {
  const node = arch.nodes[rule.node];
  const memory = memories(arch).findIndex((other) => other === node);
  const fanout = fanouts(arch).findIndex((other) => other === node);
  const station = nest.findIndex((item) => item.kind === 'station' && item.memory === memory);
  const loops = nest.flatMap((item, i): Loop[] => {
    if (item.kind === 'parallel') return item.fanout === fanout ? [item] : [];
    if (item.kind === 'station' || memory < 0 || station < 0) return [];
    const last = nest.slice(0, i).findLastIndex((other) => other.kind === 'station');
    return last === station ? [item] : [];
  });
  const product = (items: readonly { factor: number }[]): number => items.reduce((p, l) => p * l.factor, 1);
  switch (rule.kind) {
    case 'factor': {
      const total = product(loops.filter((loop) => loop.dim === rule.dim));
      return total >= rule.least && total <= rule.most;
    }
    case 'order':
      return inOrder(
        loops.map((loop) => loop.dim),
        rule.sequence,
      );
    case 'resident': {
      const first = nest.find((item) => item.kind === 'station' && item.tensors.includes(rule.tensor));
      return first?.kind === 'station' && first.memory === memory;
    }
    case 'reserve':
      throw new Error('not followed here');
    case 'keep': {
      const item = nest[station];
      return (item?.kind === 'station' && item.tensors.includes(rule.tensor)) === rule.kept;
    }
    case 'axis':
      return loops.every(
        (loop) => loop.kind !== 'parallel' || loop.axis !== rule.axis || rule.dims.includes(loop.dim),
      );
    case 'utilization': {
      const all = nest.filter((item) => item.kind === 'parallel');
      if (node === undefined) return product(all) >= rule.share * computeUnits(arch);
      return node.kind === 'array' && product(loops) >= rule.share * node.x * node.y;
    }
  }
}

/** An order rule by its definition: listed dimensions in sequence, all others where the `*` is, if there is one. */
function inOrder(dims: readonly number[], sequence: readonly (number | '*')[]): boolean {
  const star = sequence.indexOf('*');
  const rankOf = (dim: number): number => {
    const at = sequence.indexOf(dim);
    return at >= 0 ? at : star;
  };
  const ranks = dims.filter((dim) => sequence.includes(dim) || star >= 0).map(rankOf);
  return ranks.every((rank, i) => i === 0 || ranks[i - 1] <= rank);
}

function keepChoices(arch: Architecture, einsum: Einsum): number[][][] {
  return memories(arch).reduce<number[][][]>(
    (choices, memory) => {
      const lists = subsets(einsum.tensors.length).filter((list) =>
        einsum.tensors.every((tensor, t) => {
          const rule = keeping(arch, memory, tensor);
          return rule === 'free' || (rule === 'keep') === list.includes(t);
        }),
      );
      return choices.flatMap((choice) => lists.map((list) => [...choice, list]));
    },
    [[]],
  );
}

function subsets(count: number): number[][] {
  return Array.from({ length: 2 ** count }, (_, mask) =>
    Array.from({ length: count }, (__, t) => t).filter((t) => (mask >> t) & 1),
  );
}

/** Nests with all factors 1, one per combination of loop orders. */
function templates(arch: Architecture, kept: number[][], dims: readonly number[]): NestItem[][] {
  let memory = -1;
  let fanout = -1;
  return arch.nodes.reduce<NestItem[][]>(
    (nests, node) => {
      if (node.kind === 'array') {
        fanout++;
        const loops = (['x', 'y'] as const)
          .filter((axis) => node[axis] > 1)
          .flatMap((axis) =>
            dims.map((dim): NestItem => ({ kind: 'parallel', fanout, axis, dim, factor: 1 })),
          );
        return nests.map((nest) => [...nest, ...loops]);
      }
      memory++;
      if (kept[memory].length === 0) return nests;
      const station: NestItem = { kind: 'station', memory, tensors: kept[memory] };
      return nests.flatMap((nest) =>
        permutations(dims).map((order) => [
          ...nest,
          station,
          ...order.map((dim): NestItem => ({ kind: 'for', dim, factor: 1 })),
        ]),
      );
    },
    [[]],
  );
}

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

/** The template with every combination of factors that multiply to the bounds. */
function* factored(einsum: Einsum, dims: readonly number[], template: NestItem[]): Generator<Mapping> {
  if (dims.length === 0) {
    yield { nest: template };
    return;
  }
  const [dim, ...rest] = dims;
  const at = template.flatMap((item, i) => (item.kind !== 'station' && item.dim === dim ? [i] : []));
  for (const factors of products(einsum.dims[dim].bound, at.length)) {
    const nest = template.map((item, i) =>
      item.kind !== 'station' && at.includes(i) ? { ...item, factor: factors[at.indexOf(i)] } : item,
    );
    yield* factored(einsum, rest, nest);
  }
}

/** All lists of `count` positive integers with the given product. */
function products(total: number, count: number): number[][] {
  if (count === 0) return total === 1 ? [[]] : [];
  return Array.from({ length: total }, (_, i) => i + 1)
    .filter((factor) => total % factor === 0)
    .flatMap((factor) => products(total / factor, count - 1).map((rest) => [factor, ...rest]));
}
