/** Loop orders at one memory: permutations of its dimensions that respect a set of precedences. */
import type { OrderRule } from './constraints.ts';
import type { Random } from './random.ts';

/** The loop of the first dimension lies outside that of the second. */
export type Precedence = readonly [outer: number, inner: number];

/** What an order rule demands of the dimensions that have loops. */
export function precedences(rule: OrderRule, dims: readonly number[]): Precedence[] {
  const groups = rule.sequence.map((item) => {
    if (item === '*') return dims.filter((dim) => !rule.sequence.includes(dim));
    return dims.includes(item) ? [item] : [];
  });
  return groups.flatMap((group, i) =>
    group.flatMap((outer) =>
      groups
        .slice(i + 1)
        .flat()
        .map((inner): Precedence => [outer, inner]),
    ),
  );
}

/** Every order of the dimensions, outermost first. */
export function* orders(dims: readonly number[], before: readonly Precedence[]): Generator<number[]> {
  if (dims.length === 0) yield [];
  for (const first of outermostCandidates(dims, before)) {
    const rest = dims.filter((dim) => dim !== first);
    for (const order of orders(rest, before)) yield [first, ...order];
  }
}

/** Number of orders: linear extensions of the precedences, by memoised sums over the sets of loops still inside. */
export function countOrders(dims: readonly number[], before: readonly Precedence[]): bigint {
  const relevant = before.filter(([outer, inner]) => dims.includes(outer) && dims.includes(inner));
  if (relevant.length === 0) return dims.reduce((count, _, i) => count * BigInt(i + 1), 1n);
  const known = new Map<string, bigint>([['', 1n]]);
  const count = (rest: readonly number[]): bigint => {
    const key = rest.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const total = outermostCandidates(rest, relevant)
      .map((first) => count(rest.filter((dim) => dim !== first)))
      .reduce((sum, part) => sum + part, 0n);
    known.set(key, total);
    return total;
  };
  return count(dims);
}

/** A random order; every one has positive probability, all the same where there are no precedences. */
export function randomOrder(
  dims: readonly number[],
  before: readonly Precedence[],
  random: Random,
): number[] {
  const order = [...dims];
  if (before.length === 0) {
    random.shuffle(order, order.length);
    return order;
  }
  for (let placed = 0; placed < order.length; placed++) {
    const rest = order.slice(placed);
    const next = random.pick(outermostCandidates(rest, before));
    order.splice(placed, rest.length, next, ...rest.filter((dim) => dim !== next));
  }
  return order;
}

/** True if the order, outermost first, breaks no precedence. */
export function respects(order: readonly number[], before: readonly Precedence[]): boolean {
  return before.every(([outer, inner]) => {
    const at = order.indexOf(inner);
    return at < 0 || order.indexOf(outer) < at;
  });
}

function outermostCandidates(dims: readonly number[], before: readonly Precedence[]): number[] {
  return dims.filter((dim) => !before.some(([outer, inner]) => inner === dim && dims.includes(outer)));
}
