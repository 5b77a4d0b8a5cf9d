import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hypervolume } from '../../src/explore/pareto.ts';
import { parseSweep } from '../../src/explore/read-sweep.ts';
import { sampleDesigns } from '../../src/explore/samplers.ts';
import { SOBOL_DIMENSIONS, sobol } from '../../src/explore/sobol.ts';
import type { SamplerName } from '../../src/explore/sweep.ts';
import { sources } from './support.ts';

test('each dimension of the Sobol sequence is cut evenly at every power of two', () => {
  const points = [...take(sobol(SOBOL_DIMENSIONS), 256)];
  for (let d = 0; d < SOBOL_DIMENSIONS; d++) {
    for (let n = 2; n <= 256; n *= 2) {
      const cells = points.slice(0, n).map((point) => Math.floor(point[d] * n));
      expect(new Set(cells).size, `dimension ${d}, ${n} points`).toBe(n);
    }
  }
});

test('the first two dimensions are even in every box of 16', () => {
  const points = [...take(sobol(2), 16)];
  for (const [a, b] of [
    [16, 1],
    [8, 2],
    [4, 4],
    [2, 8],
    [1, 16],
  ]) {
    expect(new Set(points.map(([x, y]) => `${Math.floor(x * a)} ${Math.floor(y * b)}`)).size).toBe(16);
  }
});

test.each<SamplerName>(['random', 'sobol'])(
  '%s draws each design once, the same for one seed, in the end all',
  (sampler) => {
    const draw = (designs: number, seed = 1): string[] =>
      sampleDesigns(parseSweep(sources({}, { sampler, designs, seed }))).map(({ digits }) => digits.join());
    expect(new Set(draw(20)).size).toBe(20);
    expect(draw(20)).toEqual(draw(20));
    expect(draw(20)).toEqual(draw(30).slice(0, 20));
    expect(new Set(draw(1000)).size).toBe(36);
  },
);

test('the grid lists every design once', () => {
  const designs = sampleDesigns(parseSweep(sources()));
  expect(new Set(designs.map(({ digits }) => digits.join())).size).toBe(36);
});

test('the hypervolume is the share of the box that the front dominates', () => {
  expect(hypervolume([[0.5, 0.5]], [1, 1])).toBeCloseTo(0.25);
  expect(
    hypervolume(
      [
        [1, 2],
        [2, 1],
      ],
      [4, 4],
    ),
  ).toBeCloseTo((3 * 2 + 2 * 3 - 2 * 2) / 16);
});

test('in three dimensions it is the share of the cells that some vector dominates', () => {
  const place = fc.integer({ min: 0, max: 7 });
  fc.assert(
    fc.property(fc.array(fc.tuple(place, place, place), { maxLength: 30 }), (vectors) => {
      let inside = 0;
      for (let x = 0; x < 8; x++)
        for (let y = 0; y < 8; y++)
          for (let z = 0; z < 8; z++) if (vectors.some(([a, b, c]) => a <= x && b <= y && c <= z)) inside++;
      expect(hypervolume(vectors, [8, 8, 8])).toBeCloseTo(inside / 512, 9);
    }),
  );
});

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- === 0) return;
    yield item;
  }
}
