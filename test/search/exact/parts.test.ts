/** Parts of one proof on several threads, simulated in one: the result is that of one thread, whatever happens when. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadArchitecture } from '../../../src/arch/load.ts';
import { buildMapspace } from '../../../src/mapspace/mapspace.ts';
import type { Mapspace } from '../../../src/mapspace/mapspace.ts';
import type { ExactObjective } from '../../../src/search/exact/problem.ts';
import type { ExactResult } from '../../../src/search/exact/exact.ts';
import { ExactSearch, objectiveOf, searchExact } from '../../../src/search/exact/exact.ts';
import { parseLayer } from '../../../src/workload/shorthand.ts';
import { generator, PLAIN, randomCase } from './cases.ts';
import { linePair, runTogether } from './together.ts';

const OBJECTIVES: readonly ExactObjective[] = [
  'front',
  'energy',
  'edp',
  'front',
  { weights: { energy: 1, latency: 30 } },
];
const LAYERS = ['gemm:M=24,N=16,K=36', 'conv:M=8,C=6,P=12,Q=1,R=3,S=1', 'conv:M=4,C=4,P=6,Q=6,R=3,S=3'];

/** A random machine with an array and a layer of some hundred tile shapes. */
function space(seed: number): Mapspace | undefined {
  const uneven = seed % 5 === 4;
  const options = {
    ...PLAIN,
    bandwidth: true,
    leakage: seed % 2 === 0,
    freeKeeps: seed % 3 === 0,
    blocks: true,
  };
  const { arch } = randomCase(seed, { ...options, network: true, uneven });
  if (!arch.nodes.some(({ kind }) => kind === 'array')) return undefined;
  const layer = uneven ? 'gemm:M=8,N=6,K=12' : LAYERS[seed % LAYERS.length];
  try {
    return buildMapspace(arch, parseLayer(layer), [], uneven);
  } catch {
    // Too small a machine.
    return undefined;
  }
}

/** All but the time. */
function bytes(result: ExactResult): string {
  return JSON.stringify({ ...result, seconds: 0 });
}

function stepsOf(search: ExactSearch): number {
  let steps = 0;
  while (search.step()) steps++;
  return steps;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ['with shared memory', true],
  ['without shared memory', false],
])('parts on several threads, %s', (_, shared) => {
  it('end with the result of one thread, counts included', { timeout: 60_000 }, () => {
    if (!shared) vi.stubGlobal('SharedArrayBuffer', undefined);
    const seen = { compared: 0, outcomes: 0, again: 0 };
    for (let seed = 1; seen.compared < 12; seed++) {
      const searched = space(seed);
      if (!searched) continue;
      seen.compared++;
      const random = generator(seed);
      // Without a beam every part finds something, so that most must run again.
      const options = { objective: OBJECTIVES[seed % OBJECTIVES.length], beam: seed % 4 === 0 ? 20 : 0 };
      // Looks at it on the way change nothing.
      const until = (search: ExactSearch): boolean => random() < 0.01 && search.result().seconds < 0;
      const { search, crowd } = runTogether(searched, options, 2 + (seed % 3), random, until);
      expect(bytes(search.result()), `seed ${seed}`).toBe(bytes(searchExact(searched, options)));
      seen.outcomes += crowd.outcomes;
      seen.again += crowd.ordered.length - new Set(crowd.ordered).size;
    }
    expect(seen.outcomes).toBeGreaterThan(40);
    expect(seen.again).toBeGreaterThan(5);
  });

  it('stopped at any time give a true bound and a mapping that is not below it', () => {
    if (!shared) vi.stubGlobal('SharedArrayBuffer', undefined);
    let cut = 0;
    for (let seed = 1, stopped = 0; stopped < 8; seed++) {
      const searched = space(seed);
      if (!searched) continue;
      stopped++;
      const random = generator(seed);
      const objective = (['energy', 'edp'] as const)[seed % 2];
      const [best] = searchExact(searched, { objective }).best;
      const optimum = best ? objectiveOf(objective, best.cost) : Infinity;
      const steps = stepsOf(new ExactSearch(searched, { objective, beam: 0 }));
      let left = Math.floor(random() * 0.6 * steps);
      const until = (search: ExactSearch): boolean => {
        if (left % 40 === 0) expect(search.result().certificate.lowerBound).toBeLessThanOrEqual(optimum);
        return left-- <= 0;
      };
      const { search } = runTogether(searched, { objective, beam: 0 }, 3, random, until);
      const { certificate, best: found } = search.result();
      expect(certificate.lowerBound).toBeLessThanOrEqual(optimum);
      for (const { cost } of found) {
        expect(objectiveOf(objective, cost)).toBeGreaterThanOrEqual(optimum * (1 - 1e-12));
      }
      if (certificate.status === 'bounded' && certificate.visited > 0) cut++;
    }
    expect(cut).toBeGreaterThan(2);
  });
});

describe('a helper that cannot go on', () => {
  const searched = buildMapspace(loadArchitecture('eyeriss'), parseLayer('gemm:M=16,N=16,K=16'));
  const options = { objective: 'edp', beam: 0 } as const;

  /** A search with one helper that tells only this, once it has an order. */
  function withHelper(message: object): ExactSearch {
    const [near, far] = linePair();
    const lines = [near];
    far.send(message);
    return new ExactSearch(searched, {
      ...options,
      helpers: {
        worthMs: 0,
        invite: () => undefined,
        arrivals: () => lines.splice(0),
        dismiss: () => undefined,
      },
    });
  }

  it('for want of memory leaves its part to the others', () => {
    const search = withHelper({ kind: 'left' });
    while (search.step());
    expect(bytes(search.result())).toBe(bytes(searchExact(searched, options)));
  });

  it('for a fault ends the search with it', () => {
    const search = withHelper({ kind: 'left', fault: new Error('broken') });
    expect(() => {
      while (search.step());
    }).toThrow('broken');
  });
});
