/** Which activations stay, against every subset of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Candidate, Presence, ResidencyOptions } from '../../src/network/residency.ts';
import { leastResidency, presences } from '../../src/network/residency.ts';

/** At most one activation a layer; costs that depend on all that is there, now and then impossible. */
const problems = fc
  .record({
    spans: fc.array(
      fc.option(fc.record({ length: fc.integer({ min: 1, max: 4 }), words: fc.integer({ min: 1, max: 9 }) })),
      { minLength: 1, maxLength: 7 },
    ),
    room: fc.integer({ min: 0, max: 20 }),
    seed: fc.integer(),
  })
  .map(({ spans, room, seed }): ResidencyOptions => {
    const layers = spans.length + 1;
    const candidates = spans.flatMap((span, first): Candidate[] =>
      span ? [{ first, last: Math.min(first + span.length, layers - 1), words: span.words }] : [],
    );
    const cost = (layer: number, present: Presence): number => {
      const mixed = Math.abs(Math.sin(seed + 31 * layer + 7 * present.reduce((s, c) => 3 * s + c + 1, 0)));
      return present.length > 0 && mixed > 0.9 ? Infinity : 1 + mixed;
    };
    return { layers, candidates, room, cost };
  });

function bruteForce({ layers, candidates, room, cost }: ResidencyOptions): number {
  let least = Infinity;
  for (let subset = 0; subset < 2 ** candidates.length; subset++) {
    let total = 0;
    for (let layer = 0; layer < layers; layer++) {
      const here = candidates.flatMap(({ first, last }, c) =>
        (subset >> c) & 1 && first <= layer && layer <= last ? [c] : [],
      );
      const words = here.reduce((sum, c) => sum + candidates[c].words, 0);
      total += words <= room ? cost(layer, here) : Infinity;
    }
    least = Math.min(least, total);
  }
  return least;
}

test('the total is the least over all subsets, what is there adds up to it and fits', () => {
  fc.assert(
    fc.property(problems, (problem) => {
      const { total, present } = leastResidency(problem);
      expect(total).toBeCloseTo(bruteForce(problem), 9);
      expect(present.reduce((sum, here, layer) => sum + problem.cost(layer, here), 0)).toBeCloseTo(total, 9);
      for (const here of present)
        expect(here.reduce((sum, c) => sum + problem.candidates[c].words, 0)).toBeLessThanOrEqual(
          problem.room,
        );
    }),
    { numRuns: 300 },
  );
});

test('an activation is there from its producer to its last use', () => {
  fc.assert(
    fc.property(problems, (problem) => {
      const { present } = leastResidency(problem);
      problem.candidates.forEach(({ first, last }, c) => {
        const at = present.flatMap((here, layer) => (here.includes(c) ? [layer] : []));
        const span = Array.from({ length: last - first + 1 }, (_, i) => first + i);
        expect([[], span]).toContainEqual(at);
      });
    }),
  );
});

test('presences lists every set whose cost is asked', () => {
  fc.assert(
    fc.property(problems, (problem) => {
      const listed = presences(problem).map((here) => new Set(here.map(String)));
      leastResidency({
        ...problem,
        cost: (layer, here) => {
          expect(listed[layer].has(String(here))).toBe(true);
          return 1;
        },
      });
    }),
  );
});

test('too many sets are refused', () => {
  const candidates = Array.from({ length: 13 }, (_, first) => ({ first, last: 14, words: 0 }));
  expect(() => presences({ layers: 15, candidates, room: 1 })).toThrow('sets of activations');
});

test('among equals nothing stays', () => {
  const candidates = [{ first: 0, last: 1, words: 1 }];
  const { present } = leastResidency({ layers: 2, candidates, room: 1, cost: () => 1 });
  expect(present).toEqual([[], []]);
});
