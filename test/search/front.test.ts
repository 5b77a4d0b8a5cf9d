import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Mapping } from '../../src/mapping/mapping.ts';
import type { Candidate } from '../../src/search/front.ts';
import { Front } from '../../src/search/front.ts';
import { compareMappings } from '../../src/search/mapping-order.ts';
import type { Objective, ObjectiveName } from '../../src/search/objective.ts';
import { goalOf, objectiveText, objectiveValue } from '../../src/search/objective.ts';

/** A mapping of one loop, to be told apart by its factor. */
function loop(factor: number): Mapping {
  return { nest: [{ kind: 'for', dim: 0, factor }] };
}

const candidates: fc.Arbitrary<Candidate[]> = fc.array(
  fc.record({
    energyPj: fc.integer({ min: 1, max: 6 }),
    cycles: fc.integer({ min: 1, max: 6 }),
    mapping: fc.integer({ min: 2, max: 4 }).map(loop),
  }),
  { maxLength: 20 },
);

function frontOf(list: readonly Candidate[], objective: Objective): Candidate[] {
  const front = new Front(goalOf(objective));
  for (const { energyPj, cycles, mapping } of list) front.offer(energyPj, cycles, () => mapping);
  return front.candidates;
}

const anyObjective = fc.constantFrom<Objective>(
  'edp',
  ['energy', 'latency'],
  { weights: { energy: 2, latency: 1 } },
  { lexicographic: ['latency', 'energy'] },
  { lexicographic: ['edp', 'latency', 'energy'] },
);

const objectiveLists = fc.constantFrom<ObjectiveName[]>(
  ['edp'],
  ['energy'],
  ['energy', 'latency'],
  ['latency', 'edp', 'energy'],
);

describe('a front', () => {
  test('does not depend on the order of offers, nor on merging parts first', () => {
    const shuffled = candidates.chain((list) =>
      fc.record({
        list: fc.constant(list),
        other: fc.shuffledSubarray(list, { minLength: list.length }),
        cut: fc.nat({ max: list.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, anyObjective, ({ list, other, cut }, objective) => {
        const expected = frontOf(list, objective);
        expect(frontOf(other, objective)).toEqual(expected);
        const parts = [list.slice(0, cut), list.slice(cut)].map((part) => frontOf(part, objective));
        expect(frontOf(parts.flat(), objective)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('holds exactly what no other candidate beats', () => {
    fc.assert(
      fc.property(candidates, objectiveLists, (list, objectives) => {
        const values = ({ energyPj, cycles }: Candidate): number[] =>
          objectives.map((name) => objectiveValue(name, energyPj, cycles));
        const beats = (a: number[], b: number[]): boolean =>
          a.every((value, i) => value <= b[i]) && a.some((value, i) => value < b[i]);
        const all = list.map(values);
        const expected = new Set(all.filter((v) => !all.some((w) => beats(w, v))).map(String));
        const found = frontOf(list, objectives).map((candidate) => String(values(candidate)));
        expect(new Set(found)).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      }),
      { numRuns: 300 },
    );
  });

  test('prefers, among equal objectives, less energy, then the first mapping', () => {
    expect(
      frontOf(
        [
          { energyPj: 4, cycles: 3, mapping: loop(2) },
          { energyPj: 3, cycles: 4, mapping: loop(3) },
          { energyPj: 3, cycles: 4, mapping: loop(2) },
        ],
        ['edp'],
      ),
    ).toEqual([{ energyPj: 3, cycles: 4, mapping: loop(2) }]);
  });

  test('tells improvements from candidates that are first among equals', () => {
    const front = new Front(goalOf('edp'));
    expect(front.offer(4, 3, () => loop(3))).toBe(true);
    expect(front.offer(4, 3, () => loop(2))).toBe(false);
    expect(front.first?.mapping).toEqual(loop(2));
    expect(front.offer(4, 2, () => loop(3))).toBe(true);
    expect(front.offer(Infinity, 1, () => loop(2))).toBe(false);
  });
});

describe('the order of mappings', () => {
  const nests = fc
    .array(
      fc.oneof(
        fc.record({ kind: fc.constant('for' as const), dim: fc.nat({ max: 2 }), factor: fc.nat({ max: 2 }) }),
        fc.record({
          kind: fc.constant('station' as const),
          memory: fc.nat({ max: 1 }),
          tensors: fc.subarray([0, 1, 2]),
        }),
        fc.record({
          kind: fc.constant('parallel' as const),
          fanout: fc.nat({ max: 1 }),
          axis: fc.constantFrom('x' as const, 'y' as const),
          dim: fc.nat({ max: 1 }),
          factor: fc.nat({ max: 2 }),
        }),
      ),
      { maxLength: 3 },
    )
    .map((nest): Mapping => ({ nest }));

  test('is total: equal only for the same nest, antisymmetric, transitive', () => {
    fc.assert(
      fc.property(nests, nests, nests, (a, b, c) => {
        expect(Math.sign(compareMappings(a, b)) + Math.sign(compareMappings(b, a))).toBe(0);
        expect(compareMappings(a, b) === 0).toBe(JSON.stringify(a) === JSON.stringify(b));
        if (compareMappings(a, b) <= 0 && compareMappings(b, c) <= 0) {
          expect(compareMappings(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an order of quantities', () => {
  test('keeps the best by the first, of its equals the best by the next', () => {
    const orders = fc.constantFrom<ObjectiveName[]>(
      ['latency', 'energy'],
      ['energy', 'latency'],
      ['edp', 'latency'],
    );
    fc.assert(
      fc.property(candidates, orders, (list, lexicographic) => {
        const front = new Front(goalOf({ lexicographic }));
        for (const { energyPj, cycles, mapping } of list) front.offer(energyPj, cycles, () => mapping);
        const values = ({ energyPj, cycles }: Candidate): number[] =>
          lexicographic.map((name) => objectiveValue(name, energyPj, cycles));
        const best = list.map(values).toSorted((a, b) => a[0] - b[0] || a[1] - b[1])[0];
        expect(front.solutions.map(values)).toEqual(best ? [best] : []);
      }),
      { numRuns: 300 },
    );
  });

  test('takes energies that differ by rounding for equal', () => {
    const front = new Front(goalOf({ lexicographic: ['energy', 'latency'] }));
    front.offer(1, 7, () => loop(2));
    front.offer(1 + 1e-12, 5, () => loop(3));
    front.offer(1 + 1e-6, 3, () => loop(4));
    expect(front.solutions.map(({ cycles }) => cycles)).toEqual([5]);
  });
});

test('quantities are energy times powers of delay, and weighted sums', () => {
  expect(objectiveValue('energy', 3, 5)).toBe(3);
  expect(objectiveValue('latency', 3, 5)).toBe(5);
  expect(objectiveValue('edp', 3, 5)).toBe(15);
  expect(objectiveValue('ed2p', 3, 5)).toBe(75);
  expect(objectiveValue({ weights: { energy: 2, latency: 10 } }, 3, 5)).toBe(56);
});

test('objectives read as the command line takes them, lists without repetition', () => {
  expect(objectiveText(['energy', 'latency', 'energy'])).toBe('energy,latency');
  expect(objectiveText({ lexicographic: ['latency', 'edp'] })).toBe('lex:latency,edp');
  expect(objectiveText({ weights: { latency: 250 } })).toBe('weighted:energy=0,latency=250');
});

test.each<[Objective, string]>([
  ['area' as 'edp', "unknown objective 'area'"],
  [[], 'at least one quantity'],
  [{ weights: {} }, 'make no objective'],
  [{ weights: { energy: -1, latency: 1 } }, 'make no objective'],
])('objective %j is refused', (objective, message) => {
  expect(() => goalOf(objective)).toThrow(message);
});

test('a gap is that of one quantity', () => {
  expect(goalOf('edp', 0.01).gap).toBe(0.01);
  expect(() => goalOf(['energy', 'latency'], 0.01)).toThrow('one quantity');
  expect(() => goalOf('edp', -1)).toThrow('no gap');
});
