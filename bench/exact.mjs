// CPU time of the exact search on every distinct layer: `npm run build && node bench/exact.mjs ARCH WORKLOAD [OBJECTIVES]`.
import { loadArchitecture } from '../dist/arch/load.js';
import { buildMapspace } from '../dist/mapspace/mapspace.js';
import { objectiveOf, searchExact } from '../dist/search/exact/exact.js';
import { distinctLayers } from '../dist/workload/distinct.js';
import { loadWorkload } from '../dist/workload/select.js';

const [arch = 'eyeriss', selector = 'resnet50', objectives = 'energy,edp', limit = '20'] =
  process.argv.slice(2);
const architecture = loadArchitecture(arch);
const layers = distinctLayers(loadWorkload(selector));

for (const objective of objectives.split(',')) {
  const times = [];
  let unproved = 0;
  for (const { name, einsum } of layers) {
    const before = process.cpuUsage();
    const { best, certificate } = searchExact(buildMapspace(architecture, einsum), {
      objective,
      timeSeconds: Number(limit),
    });
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    times.push(ms);
    if (certificate.status !== 'optimal') unproved++;
    console.log(
      arch.padEnd(10),
      objective.padEnd(8),
      name.padEnd(18),
      `${ms.toFixed(0)} ms`.padStart(9),
      best.length > 0 ? objectiveOf(objective, best[0].cost).toExponential(4) : '-',
      `gap ${certificate.gap === null ? '-' : `${(certificate.gap * 100).toFixed(3)} %`}`,
      `visited ${certificate.visited}`,
      JSON.stringify(certificate.pruned),
    );
  }
  const sorted = times.toSorted((a, b) => a - b);
  const total = times.reduce((sum, ms) => sum + ms, 0);
  console.log(
    `== ${arch} ${selector} ${objective}: ${layers.length} layers, total ${total.toFixed(0)} ms,`,
    `median ${sorted[sorted.length >> 1].toFixed(0)}, worst ${sorted.at(-1).toFixed(0)}, unproved ${unproved}`,
  );
}
