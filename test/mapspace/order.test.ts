import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Precedence } from '../../src/mapspace/order.ts';
import { countOrders, orders, precedences, randomOrder, respects } from '../../src/mapspace/order.ts';
import { Random } from '../../src/mapspace/random.ts';
import { permutations } from './naive.ts';

const dims = fc.integer({ min: 0, max: 5 }).map((count) => Array.from({ length: count }, (_, dim) => dim));
const pair: fc.Arbitrary<Precedence> = fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 }));
const before = fc.array(pair, { maxLength: 4 });

/** A permutation with every pair in place; a pair with a dimension that has no loop says nothing. */
function holds(order: readonly number[], pairs: readonly Precedence[]): boolean {
  return pairs
    .filter(([outer, inner]) => order.includes(outer) && order.includes(inner))
    .every(([outer, inner]) => order.indexOf(outer) < order.indexOf(inner));
}

describe('loop orders', () => {
  test('are exactly the permutations with every precedence in place', () => {
    fc.assert(
      fc.property(dims, before, (list, pairs) => {
        const expected = permutations(list).filter((order) => holds(order, pairs));
        const found = [...orders(list, pairs)];
        expect(new Set(found.map(String))).toEqual(new Set(expected.map(String)));
        expect(found).toHaveLength(expected.length);
        expect(countOrders(list, pairs)).toBe(BigInt(expected.length));
        for (const order of permutations(list)) expect(respects(order, pairs)).toBe(holds(order, pairs));
      }),
      { numRuns: 200 },
    );
  });

  test('are all drawn at random', () => {
    const pairs: Precedence[] = [
      [0, 2],
      [1, 2],
    ];
    const random = new Random(3, 0);
    const drawn = new Set(
      Array.from({ length: 500 }, () => String(randomOrder([0, 1, 2, 3], pairs, random))),
    );
    expect(drawn).toEqual(new Set([...orders([0, 1, 2, 3], pairs)].map(String)));
  });

  test('pin listed dimensions to the ends around a star', () => {
    const rule = { kind: 'order', node: 0, sequence: [2, '*', 0] } as const;
    const found = [...orders([0, 1, 2, 3], precedences(rule, [0, 1, 2, 3]))];
    expect(found).toEqual([
      [2, 1, 3, 0],
      [2, 3, 1, 0],
    ]);
  });

  test('without a star only fix the order among the listed dimensions', () => {
    const rule = { kind: 'order', node: 0, sequence: [1, 0] } as const;
    const found = [...orders([0, 1, 2], precedences(rule, [0, 1, 2]))];
    expect(found).toHaveLength(3);
    for (const order of found) expect(order.indexOf(1)).toBeLessThan(order.indexOf(0));
  });
});
