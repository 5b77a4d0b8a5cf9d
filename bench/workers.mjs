/** How evaluations per second grow with worker threads, and how memory grows with evaluations (it should not). */
import { search } from '../dist/index.js';
import { median } from './median.mjs';

const REQUEST = { arch: 'eyeriss', layer: 'resnet50.conv3_2.b', strategy: 'random', seed: 1 };

async function rate(threads, evaluations) {
  const { layers } = await search({ ...REQUEST, threads, evaluations });
  return evaluations / layers[0].seconds;
}

/** Evaluations per second of the whole random search on one and on two workers, in turn. */
export async function workersBench({ rounds = 3, evaluations = 1_000_000 } = {}) {
  const one = [];
  const two = [];
  for (let round = 0; round < rounds; round++) {
    one.push(await rate(1, evaluations));
    two.push(await rate(2, evaluations));
  }
  return { one: median(one), two: median(two), ratio: median(two.map((value, i) => value / one[i])) };
}

/** Resident megabytes after some and after many times as many evaluations in one process. */
export async function memoryBench({ evaluations = 250_000, times = 8 } = {}) {
  const megabytes = () => process.memoryUsage().rss / 2 ** 20;
  await rate(1, evaluations);
  const before = megabytes();
  await rate(1, evaluations * times);
  return { before, after: megabytes(), times };
}
