/** What designs of one structure tell of each other: bounds that hold, searches that need not be made again. */
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { WorkerDesigns, taskRunner } from '../../src/explore/design-workers.ts';
import { DesignMapper } from '../../src/explore/mapper.ts';
import { parseSweep } from '../../src/explore/read-sweep.ts';
import { sampleDesigns } from '../../src/explore/samplers.ts';
import type { Metrics, SweepSources } from '../../src/explore/sweep.ts';
import { SWEEP, sources } from './support.ts';

/** One structure; capacities, energies and leakage differ. */
function family(words: readonly number[], rf: readonly number[], mapping: string): SweepSources {
  return sources({
    parameters: { words, rf, e: [1, 3] },
    network: ['gemm:M=8,N=6,K=4', 'conv:M=4,C=2,P=6,Q=1,R=3,S=1'],
    set: {
      ...SWEEP.set,
      'PE.x': 4,
      'Buffer.energy.read': 'words / 8 * e pJ',
      'Buffer.energy.leak': 'words / 100 pJ/cycle',
      'RF.energy.read': 'rf / 4 pJ',
    },
    mapping,
  });
}

const never = (): boolean => false;

describe('designs that differ in capacities and energies alone', () => {
  test('are not below the bounds they get together, which are above those each has by itself', async () => {
    const sizes = (max: number) =>
      fc.uniqueArray(fc.integer({ min: 3, max }), { minLength: 1, maxLength: 2 });
    const objective = fc.constantFrom('edp', 'energy', 'latency');
    await fc.assert(
      fc.asyncProperty(sizes(60), sizes(16), objective, async (words, rf, mapping) => {
        const sweep = parseSweep(family(words, rf, mapping));
        const designs = sampleDesigns(sweep);
        const together = new DesignMapper(sweep);
        const alone = designs.map((design) => together.preview(design)?.least as Metrics);
        const least = await together.bound(designs, never);
        for (const [i, design] of designs.entries()) {
          const record = await new DesignMapper(sweep).map(design, never);
          if (record.status !== 'mapped') continue;
          for (const name of ['energyPj', 'cycles', 'edpJs'] as const) {
            expect(least[i][name]).toBeLessThanOrEqual(record.metrics[name]);
            expect(least[i][name]).toBeGreaterThanOrEqual(alone[i][name]);
          }
        }
      }),
      { numRuns: 6, seed: 5 },
    );
  });

  test('of one design alone, the bound is what it costs', async () => {
    const sweep = parseSweep(family([24], [8], 'energy'));
    const [design] = sampleDesigns(sweep);
    const mapper = new DesignMapper(sweep);
    const [least] = await mapper.bound([design], never);
    const record = await mapper.map(design, never);
    expect(mapper.effort.reused).toBe(2);
    expect(record.status === 'mapped' && record.metrics.energyPj / least.energyPj).toBeCloseTo(1, 6);
  });

  test('cost the same whatever was searched before', async () => {
    const sweep = parseSweep(family([12, 24, 60], [4, 12], 'edp'));
    const mapper = new DesignMapper(sweep);
    for (const design of sampleDesigns(sweep)) {
      expect(await mapper.map(design, never)).toEqual(await new DesignMapper(sweep).map(design, never));
    }
  });
});

test('a worker knows what another one learned', async () => {
  const given = sources();
  const [design] = sampleDesigns(parseSweep(given));
  const worker = () => ({ run: taskRunner(given), end: () => undefined });
  const pool = new WorkerDesigns([worker(), worker()]);
  const first = await pool.map(design, [], 0);
  const second = await pool.map(design, [], 1);
  expect(first.effort.searched).toBeGreaterThan(0);
  expect(second).toEqual({ record: first.record, effort: { searched: 0, reused: first.effort.searched } });
});

test('leakage is that of all instances', () => {
  const sweep = parseSweep(family([24], [8], 'edp'));
  const [design] = sampleDesigns(sweep);
  // 0.24 pJ a cycle of the one buffer, at the default 1 GHz.
  expect(new DesignMapper(sweep).preview(design)?.least.leakageW).toBeCloseTo(0.24e-3, 12);
});
