/** Whether a mapping obeys rules, read off its nest alone: no mapspace, so that it can check what a search found. */
import type { Architecture, Fanout, Memory } from '../arch/architecture.ts';
import { computeUnits, fanouts, memories, usableWords, wordsPerElement } from '../arch/architecture.ts';
import type { Loop, Mapping, NestItem, TemporalLoop } from '../mapping/mapping.ts';
import type { Einsum } from '../workload/einsum.ts';
import { tileWords } from '../workload/einsum.ts';
import type { Constraints, OrderRule, Rule } from './constraints.ts';

interface Subject {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly nest: readonly NestItem[];
}

/** What the mapping does against the rules, a sentence each; empty if it obeys. */
export function disobeyed(
  constraints: Constraints,
  arch: Architecture,
  einsum: Einsum,
  { nest }: Mapping,
): string[] {
  const subject = { arch, einsum, nest };
  return [
    ...constraints.flatMap((rule) => disobeys(rule, subject) ?? []),
    ...uninvited(constraints, subject),
  ];
}

/** Tensors that live in a memory inside although no rule says so. */
function uninvited(constraints: Constraints, { arch, einsum, nest }: Subject): string[] {
  return einsum.tensors.flatMap(({ name }, t) => {
    const home = homeOf(nest, t);
    if (home === 0 || constraints.some((rule) => rule.kind === 'resident' && rule.tensor === t)) return [];
    return [`${name} is resident in ${memories(arch)[home]?.name}, which no rule says`];
  });
}

/** The memory of a tensor's first station; −1 if it has none. */
function homeOf(nest: readonly NestItem[], tensor: number): number {
  const first = nest.find((item) => item.kind === 'station' && item.tensors.includes(tensor));
  return first?.kind === 'station' ? first.memory : -1;
}

function disobeys(rule: Rule, subject: Subject): string | undefined {
  const { arch, einsum, nest } = subject;
  const node = arch.nodes[rule.node]?.name ?? arch.compute.name;
  const loops = loopsAt(subject, rule.node);
  switch (rule.kind) {
    case 'factor': {
      const factor = product(loops.filter(({ dim }) => dim === rule.dim));
      if (factor >= rule.least && factor <= rule.most) return undefined;
      const range = rule.least === rule.most ? `${rule.least}` : `${rule.least} to ${rule.most}`;
      return `${einsum.dims[rule.dim].name}=${factor} at ${node}, where the rules ask for ${range}`;
    }
    case 'order':
      return inOrder(rule, loops) ? undefined : `the loops at ${node} are not in the order asked for`;
    case 'keep': {
      const index = memories(arch).findIndex(({ name }) => name === node);
      const kept = nest.some(
        (item) => item.kind === 'station' && item.memory === index && item.tensors.includes(rule.tensor),
      );
      if (kept === rule.kept) return undefined;
      return `${node} ${kept ? 'keeps' : 'does not keep'} ${einsum.tensors[rule.tensor].name}, against the rules`;
    }
    case 'resident': {
      const home = memories(arch)[homeOf(nest, rule.tensor)]?.name;
      return home === node ? undefined : `${einsum.tensors[rule.tensor].name} is not resident in ${node}`;
    }
    case 'reserve': {
      const words = wordsHeld(subject, rule.node);
      const usable = usableWords(arch.nodes[rule.node] as Memory);
      if (words + rule.words <= usable) return undefined;
      return `${node} has ${usable} words, of which ${rule.words} are reserved and the mapping needs ${words}`;
    }
    case 'axis': {
      const wrong = loops.find(
        (loop) => loop.kind === 'parallel' && loop.axis === rule.axis && !rule.dims.includes(loop.dim),
      );
      return wrong && `${einsum.dims[wrong.dim].name} lies on ${rule.axis} of ${node}, against the rules`;
    }
    case 'utilization': {
      const array = arch.nodes[rule.node] as Fanout | undefined;
      const [busy, copies] = array
        ? [product(loops), array.x * array.y]
        : [product(nest.filter((item) => item.kind === 'parallel')), computeUnits(arch)];
      if (busy >= rule.share * copies - 1e-9) return undefined;
      return `${busy} of ${copies} copies of ${node} work, where the rules ask for a share of ${rule.share}`;
    }
  }
}

/** An array's loops; or a memory's: the temporal ones behind its stations, up to the next. Loops of bound 1 order nothing. */
function loopsAt({ arch, nest }: Subject, node: number): Loop[] {
  const target = arch.nodes[node];
  if (target === undefined) return [];
  if (target.kind === 'array') {
    const fanout = fanouts(arch).indexOf(target);
    return nest.filter((item) => item.kind === 'parallel' && item.fanout === fanout) as Loop[];
  }
  const memory = memories(arch).indexOf(target);
  const owners = nest.map((_, i) => nest.slice(0, i + 1).findLast((item) => item.kind === 'station'));
  return nest.filter(
    (item, i): item is TemporalLoop => item.kind === 'for' && item.factor > 1 && owners[i]?.memory === memory,
  );
}

/** Words of all tiles in one instance of a memory. */
function wordsHeld({ arch, einsum, nest }: Subject, node: number): number {
  const memory = arch.nodes[node] as Memory;
  const index = memories(arch).indexOf(memory);
  return nest.reduce((total, item, i) => {
    if (item.kind !== 'station' || item.memory !== index) return total;
    const inside = nest.slice(i).filter((other) => other.kind !== 'station');
    const extents = einsum.dims.map((_, dim) => product(inside.filter((loop) => loop.dim === dim)));
    return item.tensors.reduce((sum, t) => {
      const tensor = einsum.tensors[t];
      return sum + tileWords(tensor, extents) * wordsPerElement(memory, tensor);
    }, total);
  }, 0);
}

/** Each loop's place in the sequence never falls; loops the sequence does not mention may lie anywhere without `*`. */
function inOrder({ sequence }: OrderRule, loops: readonly Loop[]): boolean {
  const place = (dim: number): number => {
    const own = sequence.indexOf(dim);
    return own >= 0 ? own : sequence.indexOf('*');
  };
  const places = loops.map(({ dim }) => place(dim)).filter((at) => at >= 0);
  return places.every((at, i) => i === 0 || at >= places[i - 1]);
}

function product(loops: readonly Loop[]): number {
  return loops.reduce((total, { factor }) => total * factor, 1);
}
