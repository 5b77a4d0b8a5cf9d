import { describe, expect, test } from 'vitest';
import type { BatchEvaluator } from '../../src/mapspace/evaluator.ts';
import type { Constraints } from '../../src/mapspace/constraints.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { Random } from '../../src/mapspace/random.ts';
import type { Structure } from '../../src/mapspace/structure.ts';
import { slots, toMapping } from '../../src/mapspace/structure.ts';
import { Front } from '../../src/search/front.ts';
import { sampledRounds } from '../../src/search/rounds.ts';
import { goalOf } from '../../src/search/objective.ts';
import { ShardContext } from '../../src/search/shard-context.ts';
import { STRATEGIES } from '../../src/search/strategies.ts';
import { gemm, machine, memory } from '../mapspace/machines.ts';
import { obeys } from '../mapspace/naive.ts';

/** Costs every mapping at random and keeps the structures it was told. */
class Spy implements BatchEvaluator {
  readonly batch = 32;
  readonly factors = new Float64Array(64 * this.batch);
  readonly energyPj = new Float64Array(this.batch);
  readonly cycles = new Float64Array(this.batch).fill(1);
  readonly structures: Structure[] = [];
  readonly #random = new Random(9, 9);

  setStructure(structure: Structure): void {
    this.structures.push(structure);
  }

  evaluate(count: number): void {
    for (let lane = 0; lane < count; lane++) this.energyPj[lane] = 1 + this.#random.unit();
  }
}

describe.each(['random', 'anneal'] as const)('%s', (name) => {
  test('tries all orders and keep choices that rules allow, and no others', () => {
    const arch = machine(memory('DRAM', Infinity), memory('GLB', Infinity));
    const rules: Constraints = [
      { kind: 'order', node: 0, sequence: [1, '*', 0] },
      { kind: 'order', node: 1, sequence: [2, 0] },
      { kind: 'keep', node: 1, tensor: 1, kept: true },
    ];
    const spy = new Spy();
    const space = buildMapspace(arch, gemm(4, 4, 4), rules);
    const context = new ShardContext(space, spy, new Random(1, 0), new Front(goalOf('energy')));
    const run = STRATEGIES[name].start(context, { index: 0, evaluations: 8000 });
    while (run.step());
    expect(context.evaluations).toBe(8000);

    const seen = new Set(spy.structures.map((structure) => JSON.stringify(fullNest(structure))));
    for (const nest of seen) {
      for (const rule of rules) expect(obeys(arch, { nest: JSON.parse(nest) }, rule)).toBe(true);
    }
    // One order at DRAM, 3 at GLB, 4 lists with tensor 1.
    expect(seen.size).toBe(1 * 3 * 4);
  });
});

/** The structure as a nest without loops left out. */
function fullNest(structure: Structure): object {
  return toMapping(
    structure,
    slots(structure).map(() => 2),
  ).nest;
}

describe('rounds of shards', () => {
  test('add up to the budget, the same whatever runs them', () => {
    for (const evaluations of [1, 4096, 5000, 200_000, 3_000_000]) {
      const rounds = [...sampledRounds({ evaluations, patience: Infinity })];
      const shards = rounds.flat();
      expect(shards.reduce((sum, shard) => sum + shard.evaluations, 0)).toBe(evaluations);
      expect(shards.map((shard) => shard.index)).toEqual([...shards.keys()]);
      expect(rounds.every((round) => round.length <= 16)).toBe(true);
    }
  });

  test('are small where patience is', () => {
    const [round] = sampledRounds({ evaluations: 10 ** 9, patience: 160_000 });
    expect(round.map((shard) => shard.evaluations)).toEqual(Array.from({ length: 16 }, () => 10_000));
  });

  test('go on without end where only time limits a search', () => {
    const rounds = sampledRounds({ evaluations: Infinity, patience: Infinity });
    const firsts = Array.from({ length: 3 }, () => rounds.next().value?.[0].index);
    expect(firsts).toEqual([0, 16, 32]);
  });
});
