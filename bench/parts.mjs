/**
 * What further threads gain on one layer. The search and its helpers take turns in one thread, each with a clock of its
 * own that its CPU time advances, so that the figures hold for idle cores whatever else the machine does. Starting the
 * workers is not counted: they start while the search is at what comes before the parts.
 */
import { loadArchitecture } from '../dist/arch/load.js';
import { buildMapspace } from '../dist/mapspace/mapspace.js';
import { ExactSearch } from '../dist/search/exact/exact.js';
import { PartHelper } from '../dist/search/exact/helper.js';
import { loadWorkload } from '../dist/workload/select.js';
import { median } from './median.mjs';

export const LAYERS = [
  ['vgg16.conv2_1', 'simba', 'energy'],
  ['vgg16.conv1_2', 'eyeriss', 'energy'],
  ['vgg16.conv1_2', 'eyeriss', 'front'],
  ['vgg16.conv2_2', 'simba', 'front'],
  ['vgg16@batch=16.conv3_2', 'eyeriss', 'energy'],
  ['vgg16@batch=16.conv3_2', 'eyeriss', 'front'],
  ['vgg16@batch=16.conv2_2', 'tpu-v1', 'edp'],
  ['vgg16@batch=16.conv2_2', 'simba', 'front'],
];

/** Milliseconds until whoever waits looks again. */
const LOOK_MS = 0.1;

/** Milliseconds of CPU that some work takes, from `start` on its own clock, by which it may also measure itself. */
function cpu(start, work) {
  const before = process.cpuUsage();
  const passed = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  performance.now = () => start + passed();
  try {
    const result = work();
    return [passed(), result];
  } finally {
    // Back to the machine's own.
    delete performance.now;
  }
}

/** The clock at the end of a search with so many threads, and what of it came before the helpers were asked. */
function simulate(space, objective, threads) {
  const clocks = [0];
  const actors = [];
  const arrived = [];
  let invited = NaN;
  const pair = () => {
    const queues = [[], []];
    return [0, 1].map((own) => ({
      send: (message) => queues[1 - own].push(message),
      receive: () => queues[own].shift(),
      close: () => undefined,
    }));
  };
  const helpers = {
    worthMs: 100,
    invite() {
      invited = clocks[0];
      for (let i = 1; i < threads; i++) {
        const [near, far] = pair();
        arrived.push(near);
        const helper = new PartHelper(far);
        actors.push(() => helper.step());
        clocks.push(clocks[0]);
      }
    },
    arrivals: () => arrived.splice(0),
    dismiss: () => undefined,
  };
  const [built, search] = cpu(
    0,
    () => new ExactSearch(space, { objective, ...(threads > 1 && { helpers }) }),
  );
  clocks[0] = built;
  actors.push(() => (search.step() ? (search.isWaiting ? 'waiting' : 'working') : 'over'));
  for (;;) {
    const at = clocks.indexOf(Math.min(...clocks));
    const [ms, state] = cpu(clocks[at], actors[at]);
    clocks[at] += ms;
    if (at === 0 && state === 'over') {
      const { visited, pruned } = search.result().certificate;
      return { total: clocks[0], before: invited, counts: JSON.stringify([visited, pruned]) };
    }
    if (state === 'over') clocks[at] = Infinity;
    if (state === 'waiting') {
      clocks[at] = Math.max(clocks[at], Math.min(...clocks.filter((_, other) => other !== at))) + LOOK_MS;
    }
  }
}

/** No further round of a layer begins after so many milliseconds of CPU. */
const ENOUGH_MS = 15_000;

/** Median milliseconds of each layer on 1, 2 and 4 threads. */
export function* partsBench({ rounds = 3, layers = LAYERS } = {}) {
  for (const [layer, arch, objective] of layers) {
    const { einsum } = loadWorkload(layer).layers[0];
    const runs = [];
    const before = process.cpuUsage().user;
    for (let round = 0; round < rounds && process.cpuUsage().user - before < 1000 * ENOUGH_MS; round++) {
      const space = () => buildMapspace(loadArchitecture(arch), einsum);
      runs.push([1, 2, 4].map((threads) => simulate(space(), objective, threads)));
    }
    if (new Set(runs.flat().map(({ counts }) => counts)).size > 1) throw new Error('results differ');
    const total = (i) => median(runs.map((run) => run[i].total));
    const gain = (i) => median(runs.map((run) => run[0].total / run[i].total));
    const asked = median(runs.map((run) => run[1].before));
    yield { layer, arch, objective, ms: total(0), before: asked, two: gain(1), four: gain(2) };
  }
}
