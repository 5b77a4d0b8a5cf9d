/** The pool of threads, on the compiled package: workers cannot run the TypeScript sources. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkMapping } from '../../src/mapping/legality.ts';
import type { ShardPool } from '../../src/pool/shard-pool.ts';
import { goalOf } from '../../src/search/objective.ts';
import type { SearchOptions, SearchResult } from '../../src/search/search.ts';
import { array, conv, eyerissLike, gemm, machine, memory } from '../mapspace/machines.ts';

type SearchRoom = typeof import('../../src/search/search.ts');
type PoolRoom = typeof import('../../src/pool/pool.ts');

const architecture = eyerissLike();
const layer = conv({ M: 32, C: 16, P: 14, Q: 14, R: 3, S: 3 });
/** A machine that only the reference model takes. */
const sharingHalos = machine(memory('DRAM', Infinity), array('PE', 2, 2, { haloMulticast: true }));

let search: SearchRoom['search'];
let openPool: PoolRoom['openPool'];
/** Of one, two and four threads; each serves many searches. */
let pools: ShardPool[];

beforeAll(async () => {
  ({ search } = (await import(compiled('search/search.js'))) as SearchRoom);
  ({ openPool } = (await import(compiled('pool/pool.js'))) as PoolRoom);
  pools = await Promise.all([1, 2, 4].map((threads) => openPool(threads)));
});

afterAll(() => Promise.all(pools.map((pool) => pool.close())));

function compiled(file: string): string {
  return new URL(`../../dist/${file}`, import.meta.url).href;
}

/** What must not depend on the number of threads. */
function outcome({ best, front, certificate, evaluations }: SearchResult): object {
  return { best, front, certificate, evaluations };
}

describe('a search on several threads', () => {
  test.each<[string, Partial<SearchOptions>]>([
    ['random', { strategy: 'random', seed: 3 }],
    ['anneal', { strategy: 'anneal', seed: 4 }],
    ['a front', { objective: ['energy', 'latency'] }],
    ['patience', { strategy: 'random', layer: gemm(2, 2, 2), evaluations: 300_000, patience: 20_000 }],
    ['exact', { strategy: 'exact' }],
    ['exhaustive', { strategy: 'exhaustive', layer: gemm(2, 2, 1) }],
    ['the reference model', { architecture: sharingHalos, layer: conv({ P: 4, R: 3 }), evaluations: 64 }],
  ])('gives the bits of one thread: %s', async (_, options) => {
    const results: SearchResult[] = [];
    for (const pool of pools) {
      results.push(
        await search({ architecture, layer, strategy: 'anneal', evaluations: 20_000, ...options, pool }),
      );
    }
    expect(results.map(({ threads }) => threads)).toEqual([1, 2, 4]);
    expect(outcome(results[1])).toEqual(outcome(results[0]));
    expect(outcome(results[2])).toEqual(outcome(results[0]));
  });

  test('uses the threads it was given, and no more than it has shards', async () => {
    const run = (options: Partial<SearchOptions>): Promise<SearchResult> =>
      search({ architecture, layer, strategy: 'anneal', threads: 3, ...options });
    expect((await run({ evaluations: 13_000 })).threads).toBe(3);
    expect((await run({ evaluations: 5000 })).threads).toBe(2);
  });

  test('returns the best so far when aborted, long before its budget', async () => {
    const controller = new AbortController();
    const result = await search({
      architecture,
      layer,
      strategy: 'anneal',
      evaluations: 10 ** 9,
      threads: 2,
      signal: controller.signal,
      onProgress: ({ best }) => best && controller.abort(),
    });
    expect(result.interrupted).toBe(true);
    expect(result.evaluations).toBeLessThan(10 ** 8);
    expect(checkMapping(architecture, layer, result.best.mapping)).toEqual([]);
  });

  test('stops at its time', async () => {
    const { evaluations, interrupted } = await search({
      architecture,
      layer,
      strategy: 'anneal',
      threads: 2,
      timeSeconds: 2,
    });
    expect(evaluations).toBeGreaterThan(0);
    expect(interrupted).toBe(false);
  });

  test('carries an internal fault of a worker to the caller', async () => {
    const broken = { ...layer, tensors: [{ ...layer.tensors[0], ranks: [[{ dim: 99, coefficient: 1 }]] }] };
    const problem = {
      arch: architecture,
      einsum: broken,
      constraints: [],
      uneven: false,
      goal: goalOf('edp'),
      strategy: 'random' as const,
      seed: 1,
    };
    const options = { deadline: Infinity, onProgress: () => undefined };
    await expect(pools[1].run(problem, [{ index: 0, evaluations: 10 }], options)).rejects.toThrow();
  });
});
