/** How searches share threads: in order, side by side while there is room. */
import { expect, test } from 'vitest';
import { Lanes } from '../../src/pool/lanes.ts';

/** Starts works of so many lanes each; `running` tells which run now, `end` ends one. */
function started(threads: number, wanted: readonly number[]) {
  const lanes = new Lanes(threads);
  const running = new Set<number>();
  const ends = new Map<number, () => void>();
  const all = wanted.map((count, i) =>
    lanes.run(count, async () => {
      running.add(i);
      await new Promise<void>((end) => ends.set(i, end));
      running.delete(i);
      return i;
    }),
  );
  const settle = (): Promise<void> => new Promise((done) => setTimeout(done));
  const end = async (i: number): Promise<number[]> => {
    ends.get(i)!();
    await settle();
    return [...running];
  };
  return { lanes, all, running, settle, end };
}

test('runs what fits, in the order asked', async () => {
  const { running, settle, end, all } = started(3, [1, 1, 2, 1, 9]);
  await settle();
  expect([...running]).toEqual([0, 1]);
  expect(await end(1)).toEqual([0, 2]);
  expect(await end(0)).toEqual([2, 3]);
  expect(await end(2)).toEqual([3]);
  expect(await end(3)).toEqual([4]);
  await end(4);
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
});

test('begins nothing more once closed', async () => {
  const { lanes, running, settle, end } = started(1, [1, 1]);
  await settle();
  lanes.close();
  expect(await end(0)).toEqual([]);
  expect(running.size).toBe(0);
});

test('a failure gives its lanes back', async () => {
  const lanes = new Lanes(1);
  await expect(lanes.run(1, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await lanes.run(1, () => Promise.resolve(7))).toBe(7);
});
