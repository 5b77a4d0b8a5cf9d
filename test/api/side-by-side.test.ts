/** Several layers searched at once, on the compiled package: workers cannot run the TypeScript sources. */
import { beforeAll, expect, test } from 'vitest';

type Api = typeof import('../../src/index.ts');

const REQUEST = { arch: 'gemmini', layer: 'vgg16', threads: 2 } as const;

let search: Api['search'];

beforeAll(async () => {
  ({ search } = (await import(new URL('../../dist/index.js', import.meta.url).href)) as Api);
});

test('progress goes through the layers in order, whichever run', async () => {
  const places: number[] = [];
  const { threads } = await search({ ...REQUEST, onProgress: ({ index }) => places.push(index) });
  expect(threads).toBe(2);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(new Set(places).size).toBeGreaterThan(1);
});

test('an abort keeps the layers that are done and names the others', async () => {
  const controller = new AbortController();
  const { layers, unsolved } = await search({
    ...REQUEST,
    signal: controller.signal,
    onProgress: ({ index }) => index > 3 && controller.abort(),
  });
  expect(layers.slice(0, 3).map(({ certificate }) => certificate.status)).toEqual(Array(3).fill('optimal'));
  expect(unsolved.length).toBeGreaterThan(0);
  expect([...layers, ...unsolved].map(({ name }) => name)).toHaveLength(12);
});
