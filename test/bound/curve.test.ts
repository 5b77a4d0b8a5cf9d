/** The traffic curve against brute force: every divisor tile, every loop order, costed by the reference model. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Architecture, Memory } from '../../src/arch/architecture.ts';
import { keeping, memories, wordsPerElement } from '../../src/arch/architecture.ts';
import { pointAt, trafficCurve } from '../../src/bound/curve.ts';
import { twoMemories } from '../../src/bound/machine.ts';
import { checkMapping } from '../../src/mapping/legality.ts';
import type { Mapping, NestItem } from '../../src/mapping/mapping.ts';
import { divisors } from '../../src/mapspace/factors.ts';
import type { MemoryCost } from '../../src/model/cost.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import type { Einsum } from '../../src/workload/einsum.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { einsums } from '../support/arbitraries.ts';

interface Size {
  readonly bufferWords: number;
  readonly trafficWords: number;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

function tiles(einsum: Einsum): number[][] {
  return einsum.dims.reduce<number[][]>(
    (all, { bound }) => all.flatMap((tile) => divisors(bound).map((extent) => [...tile, extent])),
    [[]],
  );
}

function mappings(machine: Architecture, einsum: Einsum): Mapping[] {
  const everything = einsum.tensors.map((_, t) => t);
  const buffer = memories(machine)[1];
  const kept = everything.filter((t) => keeping(machine, buffer, einsum.tensors[t]) === 'keep');
  const loop = (dim: number, factor: number): NestItem => ({ kind: 'for', dim, factor });
  return tiles(einsum).flatMap((tile) => {
    const outside = einsum.dims.flatMap(({ bound }, d) =>
      bound > tile[d] ? [loop(d, bound / tile[d])] : [],
    );
    const inside = tile.map((extent, d) => loop(d, extent)).filter((_, d) => tile[d] > 1);
    return permutations(outside).map((order): Mapping => ({
      nest: [
        { kind: 'station', memory: 0, tensors: everything },
        ...order,
        { kind: 'station', memory: 1, tensors: kept },
        ...inside,
      ],
    }));
  });
}

function sizeOf(machine: Architecture, einsum: Einsum, mapping: Mapping): Size {
  const [store, buffer] = evaluateMapping(machine, einsum, mapping).memories;
  return { bufferWords: buffer.usedWords, trafficWords: traffic(memories(machine)[0], einsum, store) };
}

function traffic(memory: Memory, einsum: Einsum, { tensors }: MemoryCost): number {
  const words = tensors.map(
    ({ reads, fills, updates }, t) => (reads + fills + updates) * wordsPerElement(memory, einsum.tensors[t]),
  );
  return words.reduce((sum, count) => sum + count, 0);
}

function front(sizes: readonly Size[]): Size[] {
  const sorted = sizes.toSorted((a, b) => a.bufferWords - b.bufferWords || a.trafficWords - b.trafficWords);
  return sorted.filter((size, i) =>
    sorted.slice(0, i).every((other) => size.trafficWords < other.trafficWords),
  );
}

function bruteForce(machine: Architecture, einsum: Einsum): Size[] {
  return front(mappings(machine, einsum).map((mapping) => sizeOf(machine, einsum, mapping)));
}

function sizes(points: readonly Size[]): Size[] {
  return points.map(({ bufferWords, trafficWords }) => ({ bufferWords, trafficWords }));
}

/** Two memories of different widths; the buffer keeps some roles. Widths divide so that words are exact. */
const machines = fc
  .record({
    keep: fc.constantFrom(
      ['all'],
      ['all'],
      ['inputs', 'outputs'],
      ['weights', 'outputs'],
      ['inputs'],
      ['outputs'],
    ),
    storeWidths: fc.constantFrom<Record<string, number>>({}, {}, { outputs: 32 }, { weights: 8, inputs: 24 }),
    bufferWidths: fc.constantFrom<Record<string, number>>(
      {},
      {},
      { outputs: 32 },
      { weights: 8, inputs: 24 },
    ),
    rmwFirstUpdate: fc.constantFrom(false, false, false, true),
  })
  .map(({ keep, storeWidths, bufferWidths, rmwFirstUpdate }): Architecture => {
    const machine = twoMemories(keep);
    const [store, buffer] = memories(machine);
    return {
      ...machine,
      nodes: [
        { ...store, datawidthBits: storeWidths, rmwFirstUpdate },
        { ...buffer, datawidthBits: bufferWidths },
      ],
    };
  });

describe('trafficCurve', () => {
  test('equals brute force over all divisor tiles and all loop orders', () => {
    fc.assert(
      fc.property(einsums({ maxMacs: 72 }), machines, (einsum, machine) => {
        const { points } = trafficCurve(einsum, { machine });
        expect(sizes(points)).toEqual(bruteForce(machine, einsum));
      }),
      { numRuns: 120 },
    );
  });

  test.each([
    'conv:N=2,M=2,C=2,P=4,Q=1,R=3,S=1',
    'conv:N=1,M=2,C=2,P=4,Q=2,R=2,S=2,stride=2',
    'conv:N=1,M=2,C=1,P=6,Q=2,R=3,S=2,dilation=2',
    'conv:N=1,M=4,C=1,P=4,Q=2,R=2,S=1,stride=3,dilation=2',
    'conv:N=1,M=4,C=4,P=4,Q=2,R=2,S=1,groups=2',
    'dwconv:N=2,G=4,P=4,Q=2,R=3,S=1',
    'gemm:M=6,N=4,K=12',
    'bgemm:B=3,M=4,N=2,K=4',
  ])('equals brute force on %s', (layer) => {
    const einsum = parseLayer(layer);
    expect(sizes(trafficCurve(einsum).points)).toEqual(bruteForce(twoMemories(), einsum));
  });

  test("each point's mapping is legal and costs what the point says", () => {
    fc.assert(
      fc.property(einsums({ maxMacs: 4096 }), machines, (einsum, machine) => {
        for (const point of trafficCurve(einsum, { machine }).points) {
          expect(checkMapping(machine, einsum, point.mapping)).toEqual([]);
          expect(sizeOf(machine, einsum, point.mapping)).toEqual(sizes([point])[0]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('falls, never below the floor, and shares sum to the point', () => {
    fc.assert(
      fc.property(einsums({ maxMacs: 4096 }), machines, (einsum, machine) => {
        const { points, compulsoryWords } = trafficCurve(einsum, { machine });
        points.forEach((point, i) => {
          if (i > 0) expect(point.trafficWords).toBeLessThan(points[i - 1].trafficWords);
          if (i > 0) expect(point.bufferWords).toBeGreaterThan(points[i - 1].bufferWords);
          expect(point.trafficWords).toBeGreaterThanOrEqual(compulsoryWords);
          const total = (of: 'bufferWords' | 'trafficWords'): number =>
            point.tensors.reduce((sum, share) => sum + share[of], 0);
          expect(total('bufferWords')).toBe(point.bufferWords);
          expect(total('trafficWords')).toBe(point.trafficWords);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('a matrix product with room for everything moves each matrix once', () => {
    const curve = trafficCurve(parseLayer('gemm:M=8,N=16,K=32'));
    const once = 8 * 32 + 32 * 16 + 8 * 16;
    expect(curve.compulsoryWords).toBe(once);
    expect(curve.points.at(-1)?.trafficWords).toBe(once);
    // All of Z stays, a column of A and a row of B pass.
    expect(curve.points.at(-1)?.bufferWords).toBe(8 * 16 + 8 + 16);
  });

  test('tensors held elsewhere cost each word once and no room', () => {
    const einsum = parseLayer('gemm:M=8,N=8,K=8');
    const weights = einsum.tensors.findIndex(({ role }) => role === 'weights');
    const machine = twoMemories(['inputs', 'outputs']);
    const { points } = trafficCurve(einsum, { machine, heldElsewhere: [weights] });
    expect(points.every(({ tensors }) => tensors[weights].trafficWords === 64)).toBe(true);
    const streamed = trafficCurve(einsum, { machine }).points;
    expect(streamed.every(({ tensors }) => tensors[weights].trafficWords === 512)).toBe(true);
  });

  test('the point in force at a capacity is the last that fits', () => {
    const curve = trafficCurve(parseLayer('gemm:M=8,N=8,K=8'));
    const [first, second] = curve.points;
    expect(pointAt(curve, first.bufferWords - 1)).toBeUndefined();
    expect(pointAt(curve, second.bufferWords - 1)).toBe(first);
    expect(pointAt(curve, second.bufferWords)).toBe(second);
    expect(pointAt(curve, Infinity)).toBe(curve.points.at(-1));
  });

  test('reports its progress and refuses layers with too many tiles', () => {
    const seen: number[] = [];
    trafficCurve(parseLayer('gemm:M=64,N=64,K=64'), { onProgress: (done, total) => seen.push(done, total) });
    expect(seen).toEqual([0, 343]);
    const huge = parseLayer('conv:N=720,M=2520,C=2520,P=720,Q=720,R=1,S=1');
    expect(() => trafficCurve(huge)).toThrow(/tiles/);
  });
});
