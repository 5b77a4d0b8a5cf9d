/** Explanations are exact: each number is the optimum of the space it speaks of, by enumeration or by another search. */
import { describe, expect, test } from 'vitest';
import { loadArchitecture, parseLayer, search, withArray, withMemory } from '../../src/index.ts';
import type { Architecture, Einsum, Mapping } from '../../src/index.ts';
import { fillsOf } from '../../src/explain/capacity.ts';
import { machineChanges } from '../../src/explain/changes.ts';
import { dataflowOf, otherDataflows } from '../../src/explain/dataflow.ts';
import { explain } from '../../src/explain/explain.ts';
import type { Explanation } from '../../src/explain/explain.ts';
import type { Constraints } from '../../src/mapspace/constraints.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { readOwnConstraints } from '../../src/mapspace/read-constraints.ts';
import { searchExact } from '../../src/search/exact/exact.ts';
import { InfeasibleError } from '../../src/spec/errors.ts';
import { randomCase } from '../search/exact/cases.ts';
import { TooMany, enumerate } from '../search/exact/oracle.ts';

const OPTIONS = {
  bandwidth: true,
  leakage: true,
  network: true,
  freeKeeps: true,
  constraints: false,
  blocks: false,
};

function spread({ nest }: Mapping, { dims }: Einsum): string {
  const names = nest.flatMap((item) =>
    item.kind === 'parallel' && item.factor > 1 ? [dims[item.dim].name] : [],
  );
  return [...new Set(names)].toSorted().join();
}

/** The optimum and its explanation, with changes of the machine if asked; undefined where nothing is legal. */
async function explained(
  arch: Architecture,
  einsum: Einsum,
  constraints: Constraints = [],
  changes = false,
): Promise<{ mapping: Mapping; told: Explanation } | undefined> {
  const space = buildMapspace(arch, einsum, constraints);
  const [best] = searchExact(space, { objective: 'edp' }).best;
  if (!best) return undefined;
  const { mapping } = best;
  const subject = { arch, einsum, constraints, objective: 'edp', mapping, isProved: true } as const;
  const stop = new AbortController();
  const onProgress = (question: string): void => {
    if (question !== 'next dataflow' && !changes) stop.abort();
  };
  return { mapping, told: await explain(subject, { signal: stop.signal, onProgress }) };
}

describe('the next best dataflow', () => {
  test('is the least over all mappings that spread another set, on random small machines', async () => {
    let compared = 0;
    for (let seed = 1; seed <= 60 && compared < 7; seed++) {
      const { arch, einsum } = randomCase(seed, OPTIONS);
      if (!arch.nodes.some((node) => node.kind === 'array')) continue;
      try {
        const found = await explained(arch, einsum);
        if (!found) continue;
        const space = buildMapspace(arch, einsum);
        const sets = new Map<string, number>();
        enumerate(space, 600, ({ energyPj, cycles, mapping }) => {
          const set = spread(mapping, einsum);
          sets.set(set, Math.min(sets.get(set) ?? Infinity, energyPj * cycles));
        });
        const { next } = found.told;
        if (next) {
          expect(next.exact).toBe(true);
          const own = next.dims.toSorted().join();
          expect(next.value / sets.get(own)!).toBeCloseTo(1, 9);
        }
        // Sets of the same cost under another name are the same dataflow, so only dearer ones must not be cheaper.
        const same = found.told.value * (1 + 1e-9);
        const others = [...sets].filter(([set]) => set !== spread(found.mapping, einsum));
        const cheapest = Math.min(
          Infinity,
          ...others.map(([, value]) => value).filter((value) => value > same),
        );
        expect(next?.value ?? Infinity).toBeLessThanOrEqual(cheapest * (1 + 1e-9));
        compared++;
      } catch (error) {
        if (!(error instanceof TooMany || error instanceof InfeasibleError)) throw error;
      }
    }
    expect(compared).toBe(7);
  });

  test('counts rows and columns of a square convolution as one', () => {
    const arch = loadArchitecture('two-level');
    const einsum = parseLayer('conv:M=4,C=4,P=8,Q=8,R=3,S=3');
    const wide = {
      ...arch,
      nodes: [arch.nodes[0], ...loadArchitecture('eyeriss').nodes.slice(2, 3), arch.nodes[1]],
    };
    const nest = [
      {
        kind: 'parallel',
        fanout: 0,
        axis: 'x',
        dim: einsum.dims.findIndex(({ name }) => name === 'P'),
        factor: 8,
      },
    ] as const;
    const lists = otherDataflows(buildMapspace(wide, einsum), { nest });
    const allowsQAlone = lists.some((rules) =>
      rules.every(
        (rule) => rule.kind === 'factor' && rule.least > 1 === (einsum.dims[rule.dim].name === 'Q'),
      ),
    );
    expect(lists.length).toBeGreaterThan(4);
    const alone = lists
      .filter((rules) => rules.length === 1)
      .map(([rule]) => rule.kind === 'factor' && einsum.dims[rule.dim].name);
    expect(alone.toSorted()).toEqual(['C', 'M', 'R', 'S']);
    expect(allowsQAlone).toBe(false);
  });
});

describe('changes of the machine', () => {
  const arch = loadArchitecture('eyeriss');
  const einsum = parseLayer('conv:M=32,C=16,P=14,Q=14,R=3,S=3');
  const constraints = readOwnConstraints(arch, einsum);

  test('are worth what a search of the changed machine finds', async () => {
    const { told } = (await explained(arch, einsum, constraints, true))!;
    expect(told.changes.map(({ name, change }) => `${name} ${change}`)).toEqual(
      machineChanges(arch).map(({ name, change }) => `${name} ${change}`),
    );
    const machines = new Map([
      ['GLB + 1 KB', withMemory(arch, 'GLB', { words: 54 * 1024 + 512 })],
      ['ifmap_spad x 2', withMemory(arch, 'ifmap_spad', { words: 24 })],
      ['PE y doubled', withArray(arch, 'PE', { y: 24 })],
    ]);
    for (const [text, changed] of machines) {
      const effect = told.changes.find(({ name, change }) => `${name} ${change}` === text)!;
      const { best } = await search({ arch: changed, layer: einsum, threads: 1 }).then(
        ({ layers }) => layers[0],
      );
      expect(effect.exact).toBe(true);
      expect(effect.value / (best.energyPj * best.cycles)).toBeCloseTo(1, 9);
    }
    for (const { value } of told.changes) expect(value).toBeLessThanOrEqual(told.value * (1 + 1e-9));
  });

  test('an abort leaves out what has not been searched', async () => {
    const [{ mapping }] = searchExact(buildMapspace(arch, einsum, constraints), { objective: 'edp' }).best;
    const subject = { arch, einsum, constraints, objective: 'edp', mapping, isProved: true } as const;
    const told = await explain(subject, { signal: AbortSignal.abort() });
    expect([told.next, told.changes, told.searches]).toEqual([null, [], 0]);
    const unproved = await explain({ ...subject, isProved: false });
    expect(unproved.refusal).toContain('best found');
    expect(unproved.fills.length).toBeGreaterThan(0);
  });
});

test('fills name the least larger tiles, and whether they fit', () => {
  const arch = withMemory(loadArchitecture('two-level'), 'Buffer', { words: 20 });
  const einsum = parseLayer('gemm:M=4,N=4,K=4');
  const loop = (dim: number, factor: number) => ({ kind: 'for', dim, factor }) as const;
  const station = (memory: number) => ({ kind: 'station', memory, tensors: [0, 1, 2] }) as const;
  const nest = [station(0), loop(0, 2), loop(1, 4), station(1), loop(0, 2), loop(2, 4)];
  const [fill] = fillsOf(arch, einsum, { nest });
  // Tiles: A 2x4, B 4x1, Z 2x1.
  expect(fill).toEqual({
    name: 'Buffer',
    usedWords: 14,
    usableWords: 20,
    growths: [
      { dim: 'N', factor: 2, needsWords: 20, fits: true },
      { dim: 'M', factor: 2, needsWords: 24, fits: false },
    ],
  });
});

test('a dataflow has the rows and columns of every array, and what its innermost buffers hold longest', async () => {
  const weightStationary = await search({ arch: 'tpu-v1', layer: 'gemm:M=512,N=256,K=256', threads: 1 });
  const { einsum, best } = weightStationary.layers[0].typed;
  const dataflow = dataflowOf(weightStationary.typed.architecture, einsum, best.mapping);
  expect(dataflow.name).toBe('K|N');
  expect(dataflow.stationary).toMatchObject({ tensor: 'B', memory: 'weight_register', macsPerWord: 512 });
});
