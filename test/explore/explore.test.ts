/** Exploring a sweep: its front is that of all its designs, however the work is cut. */
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeSweeps, sweep } from '../../src/api/sweep.ts';
import { architectureOf, parametersOf } from '../../src/explore/designs.ts';
import { explore } from '../../src/explore/explore.ts';
import { dominates, hypervolume } from '../../src/explore/pareto.ts';
import { parseSweep } from '../../src/explore/read-sweep.ts';
import { sampleDesigns } from '../../src/explore/samplers.ts';
import type { SweepSources } from '../../src/explore/sweep.ts';
import { chipArea, chipLeakageWatts } from '../../src/model/evaluate.ts';
import { search } from '../../src/search/search.ts';
import { InfeasibleError } from '../../src/spec/errors.ts';
import { SWEEP, folder, sources, sweepText } from './support.ts';

/** Every design by itself: no bounds, nothing shared. */
async function bruteFront(given: SweepSources): Promise<number[]> {
  const own = parseSweep(given);
  const found: { id: number; vector: number[] }[] = [];
  for (const { id, digits } of sampleDesigns(own)) {
    const architecture = architectureOf(own, parametersOf(own, digits));
    let energy = 0;
    let cycles = 0;
    try {
      for (const { einsum, count } of own.networks.flatMap(({ layers }) => layers)) {
        const { best } = await search({ architecture, layer: einsum, threads: 1 });
        energy += count * best.cost.energyPj;
        cycles += count * best.cost.cycles;
      }
    } catch (error) {
      if (error instanceof InfeasibleError) continue;
      throw error;
    }
    const values = {
      energy,
      latency: cycles,
      edp: energy * cycles,
      ed2p: energy * cycles ** 2,
      area: chipArea(architecture),
      leakage: chipLeakageWatts(architecture),
    };
    found.push({ id, vector: own.objectives.map((name) => Number(values[name].toPrecision(12))) });
  }
  return found
    .filter(({ vector }) => !found.some((other) => dominates(other.vector, vector)))
    .map(({ id }) => id);
}

const ids = (front: readonly { readonly id: number }[]): number[] =>
  front.map(({ id }) => id).toSorted((a, b) => a - b);

describe('the front of a sweep', () => {
  test('is that of all designs mapped one by one', async () => {
    const values = fc.uniqueArray(fc.integer({ min: 3, max: 40 }), { minLength: 1, maxLength: 3 });
    const objectives = fc.constantFrom(['edp', 'area'], ['energy', 'area'], ['energy', 'latency', 'area']);
    await fc.assert(
      fc.asyncProperty(values, values, objectives, async (words, rf, wanted) => {
        const given = sources({
          parameters: { words, units: [1, 2, 4], rf },
          network: ['gemm:M=8,N=6,K=4', 'conv:M=4,C=2,P=6,Q=1,R=3,S=1'],
          objectives: wanted,
        });
        const { front } = await explore(given, { threads: 1 });
        expect(ids(front.points)).toEqual(await bruteFront(given));
      }),
      { numRuns: 4, seed: 11 },
    );
  });

  test('prunes designs and reuses layers on the way', async () => {
    const { records, effort } = await explore(sources(), { threads: 1 });
    expect(records.some(({ status }) => status === 'pruned')).toBe(true);
    expect(effort.layersReused).toBeGreaterThan(0);
  });

  test('keeps to the rules, those on results as well', async () => {
    const all = await explore(sources({ objectives: ['energy', 'latency'] }), { threads: 1 });
    const fastest = Math.min(...all.front.points.map(({ metrics }) => metrics.latencySeconds));
    const rules = ['words * rf <= 300', 'area <= 0.001 mm2', `latency >= ${fastest * 1.5 * 1e9} ns`];
    const some = await explore(sources({ constraints: rules, objectives: ['energy', 'latency'] }), {
      threads: 1,
    });
    expect(some.front.points.length).toBeGreaterThan(0);
    for (const { metrics, digits } of some.front.points) {
      const { words, rf } = parametersOf(some.sweep, digits);
      expect(words * rf).toBeLessThanOrEqual(300);
      expect(metrics.areaUm2).toBeLessThanOrEqual(1000);
      expect(metrics.latencySeconds).toBeGreaterThanOrEqual(fastest * 1.4999);
    }
  });
});

describe('NSGA-II', () => {
  const parameters = { words: { from: 12, to: 96, step: 4 }, units: [1, 2, 3, 4], rf: [3, 6, 12] };
  const options = { sampler: 'nsga2', designs: 60, population: 12 } as const;

  test('finds much of the front of the grid with a quarter of its designs, the same for one seed', async () => {
    const grid = await explore(sources({ parameters }), { threads: 1 });
    const bred = await explore(sources({ parameters }, options), { threads: 1 });
    expect(bred.records).toHaveLength(60);
    const reference = [1.1, 1.1].map(
      (share, k) => share * Math.max(...grid.front.points.map(({ vector }) => vector[k])),
    );
    const share = (found: typeof grid): number =>
      hypervolume(
        found.front.points.map(({ vector }) => vector),
        reference,
      );
    expect(share(bred)).toBeGreaterThan(0.9 * share(grid));
    const drawn = await explore(sources({ parameters }, { sampler: 'random', designs: 60 }), { threads: 1 });
    expect(share(bred)).toBeGreaterThan(share(drawn));
    const again = await explore(sources({ parameters }, options), { threads: 1 });
    expect(again.records).toEqual(bred.records);
  });

  test('goes on where its log ends, and has no shards', async () => {
    const log = join(folder, 'nsga2.log');
    const request = {
      sweep: { ...SWEEP, parameters, arch: join(folder, 'grid.yaml') },
      ...options,
      threads: 1,
      log,
    };
    const whole = await sweep(request);
    const lines = readFileSync(log, 'utf8').split('\n');
    writeFileSync(
      log,
      lines
        .slice(0, 31)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const resumed = await sweep({ ...request, resume: true });
    expect(resumed.front).toEqual(whole.front);
    expect(resumed.typed.effort.layersSearched).toBeLessThan(whole.typed.effort.layersSearched);
    await expect(sweep({ ...request, log: undefined, shard: { index: 1, of: 2 } })).rejects.toThrow(
      'no shards',
    );
  });
});

describe('a sweep cut in pieces', () => {
  const report = (outcome: Awaited<ReturnType<typeof sweep>>): string =>
    JSON.stringify({ ...outcome, typed: undefined });

  test('shards, merged, are one run byte for byte', async () => {
    const parameters = { ...SWEEP.parameters, words: { from: 8, to: 80, step: 6 }, units: [2, 4] };
    const file = join(folder, 'shards.yaml');
    writeFileSync(file, sweepText({ parameters }));
    const whole = await sweep({ sweep: file, threads: 1 });
    const logs = [1, 2, 3].map((index) => join(folder, `shard-${index}.log`));
    for (const [i, log] of logs.entries()) {
      const part = await sweep({ sweep: file, threads: 1, log, shard: { index: i + 1, of: 3 } });
      expect(part.done).toBeLessThan(whole.designs);
    }
    expect(report(mergeSweeps(logs))).toBe(report(whole));
    expect(mergeSweeps(logs.slice(1)).done).toBeLessThan(whole.designs);
  });

  test('resumed after a kill in the middle of a line, it is the same', async () => {
    const file = join(folder, 'kill.yaml');
    writeFileSync(file, sweepText());
    const log = join(folder, 'kill.log');
    const whole = await sweep({ sweep: file, threads: 1, log });
    const text = readFileSync(log, 'utf8');
    truncateSync(log, Math.floor(text.length * 0.6));
    const resumed = await sweep({ sweep: file, threads: 1, log, resume: true });
    expect(report(resumed)).toBe(report(whole));
    expect(readFileSync(log, 'utf8').split('\n')).toHaveLength(text.split('\n').length);
  });

  test('an aborted sweep keeps what is done', async () => {
    const controller = new AbortController();
    const log = join(folder, 'abort.log');
    const options = { sweep: { ...SWEEP, arch: join(folder, 'grid.yaml') }, threads: 1, log };
    const onProgress = ({ done }: { done: number }): void => (done >= 5 ? controller.abort() : undefined);
    const part = await sweep({ ...options, signal: controller.signal, onProgress });
    expect(part.typed.interrupted).toBe(true);
    expect(part.done).toBeGreaterThanOrEqual(5);
    expect(part.done).toBeLessThan(part.designs);
    const rest = await sweep({ ...options, resume: true });
    expect(rest.done).toBe(rest.designs);
  });
});

describe('logs that do not fit', () => {
  const log = join(folder, 'refused.log');
  const run = (changes: object = {}, more: object = {}): Promise<unknown> =>
    sweep({ sweep: { ...SWEEP, arch: join(folder, 'grid.yaml'), ...changes }, threads: 1, log, ...more });

  test('are refused: there already, of another sweep, of another version, damaged, no log', async () => {
    await run();
    await expect(run()).rejects.toThrow('holds 36 designs already');
    await expect(run({ objectives: ['energy'] }, { resume: true })).rejects.toThrow('log of another sweep');
    const text = readFileSync(log, 'utf8');
    writeFileSync(log, text.replace(/"version":"[^"]*"/, '"version":"0.0.0"'));
    await expect(run({}, { resume: true })).rejects.toThrow('version 0.0.0 of dse wrote');
    writeFileSync(log, text.replace('"status":"mapped"', '"status":"maped"'));
    await expect(run({}, { resume: true })).rejects.toThrow('this line of the log is damaged');
    writeFileSync(log, '{"a":1}\n');
    await expect(run({}, { resume: true })).rejects.toThrow('is not the log of a sweep');
  });

  test('a full disk ends the sweep with what to do', async () => {
    if (!existsSync('/dev/full')) return console.warn('SKIPPED: this system has no /dev/full');
    await expect(run({}, { log: '/dev/full' })).rejects.toThrow('the disk is full');
  });

  test('a line without its end is written again', async () => {
    const own = join(folder, 'half.log');
    await run({}, { log: own });
    const whole = readFileSync(own, 'utf8');
    appendFileSync(own, '{"id":99,"dig');
    await run({}, { log: own, resume: true });
    expect(readFileSync(own, 'utf8')).toBe(whole);
  });
});
