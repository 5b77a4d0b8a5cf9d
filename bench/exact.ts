/** Times the exact search on every distinct layer: `exact ARCH WORKLOAD [objectives] [seconds per layer]`. */
import { loadArchitecture } from '../src/arch/load.ts';
import { buildMapspace } from '../src/mapspace/mapspace.ts';
import { objectiveOf, searchExact } from '../src/search/exact/exact.ts';
import type { ExactObjective } from '../src/search/exact/problem.ts';
import { loadWorkload } from '../src/workload/select.ts';
import { distinctLayers } from '../src/workload/distinct.ts';

const [
  arch = 'eyeriss',
  selector = 'resnet50',
  objectives = 'energy,edp',
  limit = '20',
  beam = '20',
  ann = '',
] = process.argv.slice(2);
const architecture = loadArchitecture(arch);
const layers = distinctLayers(loadWorkload(selector));
for (const objective of objectives.split(',') as ExactObjective[]) {
  const times: number[] = [];
  let gaps = 0;
  for (const { name, einsum } of layers) {
    const cpu = process.cpuUsage();
    const result = searchExact(buildMapspace(architecture, einsum), {
      objective,
      timeSeconds: Number(limit),
      beam: Number(beam),
      anneal: ann === '' ? undefined : Number(ann),
    });
    const { certificate: c, best } = result;
    const used = process.cpuUsage(cpu);
    const ms = (used.user + used.system) / 1000;
    times.push(ms);
    if (c.status !== 'optimal') gaps++;
    const value = best.length > 0 ? objectiveOf(objective, best[0].cost) : NaN;
    console.log(
      `${arch} ${objective} ${name.padEnd(14)} ${ms.toFixed(0).padStart(6)} ms  ${value.toExponential(4)} gap ${((c.gap ?? NaN) * 100).toFixed(2)}% visited ${c.visited} bound ${c.pruned.bound} dom ${c.pruned.dominated} cap ${c.pruned.capacity}`,
    );
  }
  const sorted = times.toSorted((a, b) => a - b);
  const sum = times.reduce((a, b) => a + b, 0);
  console.log(
    `== ${arch} ${selector} ${objective}: total ${sum.toFixed(0)} ms, median ${sorted[sorted.length >> 1].toFixed(0)}, worst ${sorted.at(-1)!.toFixed(0)}, unproved ${gaps} of ${times.length}`,
  );
}
