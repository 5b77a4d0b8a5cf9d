import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Constraints } from '../../src/mapspace/constraints.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { Random } from '../../src/mapspace/random.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import { countMappings, exhaustiveStrategy } from '../../src/search/exhaustive.ts';
import { Front } from '../../src/search/front.ts';
import type { ObjectiveName } from '../../src/search/objective.ts';
import { goalOf } from '../../src/search/objective.ts';
import { objectiveValue } from '../../src/search/objective.ts';
import { ReferenceEvaluator } from '../../src/search/reference-evaluator.ts';
import { ShardContext } from '../../src/search/shard-context.ts';
import { InfeasibleError, InputError } from '../../src/spec/errors.ts';
import type { Problem } from '../mapspace/arbitraries.ts';
import { constraints, problems, smallWords } from '../mapspace/arbitraries.ts';
import { conv, eyerissLike } from '../mapspace/machines.ts';
import { legalMappings } from '../mapspace/naive.ts';

interface Outcome {
  readonly visited: number;
  readonly front: Front;
}

/** Runs the strategy to its end; nothing where the space is found infeasible at once. */
function exhaust({ arch, einsum }: Problem, rules: Constraints, objectives: ObjectiveName[]): Outcome {
  const front = new Front(goalOf(objectives));
  try {
    const space = buildMapspace(arch, einsum, rules);
    const context = new ShardContext(space, new ReferenceEvaluator(arch, einsum), new Random(1, 0), front);
    const run = exhaustiveStrategy.start(context, { index: 0, evaluations: Infinity });
    while (run.step());
    expect(countMappings(space)).toBe(context.evaluations);
    return { visited: context.evaluations, front };
  } catch (error) {
    if (!(error instanceof InfeasibleError)) throw error;
    return { visited: 0, front };
  }
}

const constrained = problems(smallWords).chain((problem) =>
  fc.record({ problem: fc.constant(problem), rules: constraints(problem) }),
);

describe('exhaustive search', () => {
  test('visits every legal mapping once and finds the best, as naive enumeration does', () => {
    fc.assert(
      fc.property(constrained, ({ problem, rules }) => {
        const { arch, einsum } = problem;
        const all = [...legalMappings(arch, einsum, rules).values()];
        const { visited, front } = exhaust(problem, rules, ['edp']);
        expect(visited).toBe(all.length);
        const values = all.map((mapping) => {
          const cost = evaluateMapping(arch, einsum, mapping);
          return objectiveValue('edp', cost.energyPj, cost.cycles);
        });
        expect(front.best).toBe(Math.min(Infinity, ...values));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  test('finds the whole energy-latency front', () => {
    fc.assert(
      fc.property(problems(smallWords), (problem) => {
        const { arch, einsum } = problem;
        const costs = [...legalMappings(arch, einsum).values()].map((m) => evaluateMapping(arch, einsum, m));
        const undominated = costs.filter(
          (a) =>
            !costs.some(
              (b) =>
                b.energyPj <= a.energyPj &&
                b.cycles <= a.cycles &&
                (b.energyPj < a.energyPj || b.cycles < a.cycles),
            ),
        );
        const expected = new Set(undominated.map((cost) => `${cost.energyPj} ${cost.cycles}`));
        const { front } = exhaust(problem, [], ['energy', 'latency']);
        const found = front.candidates.map((c) => `${c.energyPj} ${c.cycles}`);
        expect(new Set(found)).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  test('refuses a space of billions of mappings, with the count and a way out', () => {
    const space = buildMapspace(eyerissLike(), conv({ M: 128, C: 128, P: 28, Q: 28, R: 3, S: 3 }));
    const attempt = (): void => exhaustiveStrategy.accept(space);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(/too large to search exhaustively/);
  });
});
