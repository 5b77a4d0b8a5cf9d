// CPU time of the exact search on every distinct layer, and a row per network, machine and objective as in docs/exact.md:
// `npm run build && node bench/exact.mjs [ARCH,…] [WORKLOAD,…] [OBJECTIVE,…] [SECONDS]`; VERBOSE=1 lists the layers,
// WHOLE=1 leaves out the dataflow constraints of the architectures, which `dse search` keeps.
import { loadArchitecture } from '../dist/arch/load.js';
import { buildMapspace } from '../dist/mapspace/mapspace.js';
import { readOwnConstraints } from '../dist/mapspace/read-constraints.js';
import { searchExact } from '../dist/search/exact/exact.js';
import { distinctLayers } from '../dist/workload/distinct.js';
import { loadWorkload } from '../dist/workload/select.js';

const [archs = 'eyeriss', selectors = 'resnet50', objectives = 'energy,edp', limit = '20'] =
  process.argv.slice(2);

function measure(architecture, einsum, objective) {
  const before = process.cpuUsage();
  const constraints = process.env.WHOLE ? [] : readOwnConstraints(architecture, einsum);
  const { certificate } = searchExact(buildMapspace(architecture, einsum, constraints), {
    objective,
    timeSeconds: Number(limit),
  });
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, certificate };
}

/** A window that slides makes the search harder: a convolution wider than 1×1. */
function slides({ dims, tensors }) {
  const wide = (rank) => rank.filter(({ dim }) => dims[dim].bound > 1).length > 1;
  return tensors.some(({ ranks }) => ranks.some(wide));
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const shown = (ms) => ms.toFixed(0);
const all = [];
for (const selector of selectors.split(',')) {
  for (const arch of archs.split(',')) {
    for (const objective of objectives.split(',')) {
      const rows = distinctLayers(loadWorkload(selector)).map(({ name, einsum }) => {
        const row = { name, slides: slides(einsum), ...measure(loadArchitecture(arch), einsum, objective) };
        if (process.env.VERBOSE) {
          const { gap, visited, pruned } = row.certificate;
          console.log(
            arch,
            objective,
            name,
            `${shown(row.ms)} ms`,
            `gap ${gap}`,
            visited,
            JSON.stringify(pruned),
          );
        }
        return row;
      });
      const times = rows.map(({ ms }) => ms);
      const total = times.reduce((sum, ms) => sum + ms, 0);
      const unproved = rows.filter(({ certificate }) => certificate.status !== 'optimal').length;
      const cells = [selector, arch, objective, rows.length, shown(total), shown(median(times))];
      console.log(`| ${[...cells, shown(Math.max(...times)), unproved].join(' | ')} |`);
      all.push(...rows);
    }
  }
}
const still = all.filter((row) => !row.slides).map(({ ms }) => ms);
const times = all.map(({ ms }) => ms);
console.log(
  `${all.length} layers: median ${shown(median(times))} ms, worst ${shown(Math.max(...times))} ms;`,
);
console.log(
  `without sliding windows ${still.length}: median ${shown(median(still))}, worst ${shown(Math.max(...still))};`,
);
console.log(`at most 60 ms: ${still.filter((ms) => ms <= 60).length}`);
