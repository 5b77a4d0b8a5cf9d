/** Which parts of a proof run again, and what is known meanwhile. */
import { expect, test } from 'vitest';
import type { Incumbent } from '../../../src/search/exact/incumbent.ts';
import { knownIncumbent } from '../../../src/search/exact/incumbent.ts';
import type { Job } from '../../../src/search/exact/order.ts';
import { PartOrder } from '../../../src/search/exact/order.ts';
import { PARTS } from '../../../src/search/exact/parts.ts';
import type { Counts } from '../../../src/search/exact/pool.ts';

const value = (v: number): Incumbent => knownIncumbent(v, []);
const counts = (visited: number): Counts => ({
  visited,
  capacity: 0,
  dominated: 0,
  bound: 0,
  givenUp: Infinity,
});
const NOTHING = counts(0);

/** An order of parts that begins with 100. */
function begun(): { order: PartOrder; take: () => Job; parts: (jobs: readonly Job[]) => number[] } {
  const order = new PartOrder(value(100), NOTHING);
  return { order, take: () => order.next()!, parts: (jobs) => jobs.map(({ part }) => part) };
}

test('parts that find nothing stand, in any order', () => {
  const { order, take } = begun();
  const jobs = Array.from({ length: PARTS }, take);
  expect(order.next()).toBeUndefined();
  for (const job of jobs.toReversed()) order.end(job, { end: job.start, counts: counts(1) });
  expect(order.isDone).toBe(true);
  expect(order.counts.visited).toBe(PARTS);
});

test('what started from too little runs again, from what was found before it', () => {
  const { order, take, parts } = begun();
  const [first, second, third] = [take(), take(), take()];
  order.end(second, { end: value(90), counts: counts(1) });
  expect(parts([first, second, third].filter((job) => order.isWanted(job)))).toEqual([0]);
  const again = take();
  expect(again).toMatchObject({ part: 2, start: { value: 90 } });
  order.end(again, { end: again.start, counts: counts(10) });
  expect(order.settled).toBe(0);
  order.end(first, { end: first.start, counts: counts(100) });
  expect(order).toMatchObject({ settled: 3, incumbent: { value: 90 }, counts: { visited: 111 } });
  order.end(third, { end: value(80), counts: counts(1000) });
  expect(order).toMatchObject({ settled: 3, incumbent: { value: 90 }, counts: { visited: 111 } });
});

test('a bound is never above what was found, even where that does not stand', () => {
  const { order, take } = begun();
  const [first, second] = [take(), take()];
  order.end(second, { end: value(90), counts: NOTHING });
  expect(order.bound(95, () => 97)).toBe(90);
  order.end(first, { end: value(94), counts: NOTHING });
  expect(order.next()).toMatchObject({ part: 1, start: { value: 94 } });
  expect(order.seen.value).toBe(90);
  expect(order.bound(95, () => 97)).toBe(90);
  expect(order.bound(85, () => 97)).toBe(85);
  expect(order.bound(95, () => 80)).toBe(80);
});

test('a part that nobody ends goes to the next who asks', () => {
  const { order, take } = begun();
  const job = take();
  order.giveUp(job);
  expect(take()).toEqual(job);
});
