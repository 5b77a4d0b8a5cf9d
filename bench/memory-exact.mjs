// Peak resident memory of the exact search on every distinct layer: `npm run build && node bench/memory-exact.mjs [OBJECTIVE]`.
// One process per architecture and network, so that a peak also bounds what the layers before it took.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadArchitecture } from '../dist/arch/load.js';
import { buildMapspace } from '../dist/mapspace/mapspace.js';
import { searchExact } from '../dist/search/exact/exact.js';
import { distinctLayers } from '../dist/workload/distinct.js';
import { loadWorkload } from '../dist/workload/select.js';

const ARCHITECTURES = ['eyeriss', 'simba', 'nvdla', 'tpu-v1', 'gemmini'];
/** Llama 2: prefill of 2048 tokens, and decode. */
const NETWORKS = ['resnet50', 'vgg16', 'mobilenet_v2', 'bert_base', 'llama2_7b@seq=2048'];
const LIMIT_MB = 512;

const peakMegabytes = () => process.resourceUsage().maxRSS / 1024;

/** Searches all layers in this process; the peak and the layer that last raised it. */
function measure(arch, network, objective) {
  const architecture = loadArchitecture(arch);
  const layers = distinctLayers(loadWorkload(network));
  let peak = peakMegabytes();
  let worst = '-';
  let bounded = 0;
  for (const { name, einsum } of layers) {
    const { certificate } = searchExact(buildMapspace(architecture, einsum), { objective });
    if (certificate.status !== 'optimal') bounded++;
    if (peakMegabytes() > peak) [peak, worst] = [peakMegabytes(), name];
  }
  return { layers: layers.length, bounded, peak, worst };
}

function measureAll(objective) {
  const script = fileURLToPath(import.meta.url);
  let most = 0;
  for (const arch of ARCHITECTURES) {
    for (const network of NETWORKS) {
      const { layers, bounded, peak, worst } = JSON.parse(
        execFileSync(process.execPath, [script, objective, arch, network], { encoding: 'utf8' }),
      );
      most = Math.max(most, peak);
      console.log(
        arch.padEnd(9),
        network.padEnd(19),
        `${layers} layers`.padStart(9),
        `${peak.toFixed(0)} MB`.padStart(7),
        `last raised by ${worst}`,
        bounded > 0 ? `(${bounded} bounded)` : '',
      );
    }
  }
  console.log(`== most ${most.toFixed(0)} MB, limit ${LIMIT_MB} MB`);
  if (most >= LIMIT_MB) process.exitCode = 1;
}

const [objective = 'edp', arch, network] = process.argv.slice(2);
if (arch === undefined) measureAll(objective);
else console.log(JSON.stringify(measure(arch, network, objective)));
