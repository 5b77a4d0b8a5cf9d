/** What sampling reaches against the proved optimum: `random` and `anneal` for so long, side by side with the exact search. */
import { search } from '../dist/index.js';

/** CPU seconds after which the best so far is noted. */
export const BUDGETS = [0.1, 1, 10];

const CASES = [
  ['eyeriss', 'resnet50.conv3_2.b'],
  ['simba', 'vgg16.conv2_2'],
  ['gemmini', 'mobilenet_v2.block3_2.dw'],
  ['tpu-v1', 'bert_base.ffn.up'],
];

const cpuSeconds = ({ user, system }) => (user + system) / 1e6;

/** Best EDP (pJ·cycles) of one strategy in one thread after each budget, from one run. */
async function sampled(arch, layer, strategy) {
  const found = BUDGETS.map(() => undefined);
  const controller = new AbortController();
  const begun = process.cpuUsage();
  const note = ({ best }) => {
    const used = cpuSeconds(process.cpuUsage(begun));
    BUDGETS.forEach((budget, i) => {
      if (used <= budget || found[i] === undefined) found[i] = best?.value;
    });
    if (used >= BUDGETS.at(-1)) controller.abort();
  };
  const limits = { timeSeconds: 3600, threads: 1, signal: controller.signal, onProgress: note };
  await search({ arch, layer, strategy, ...limits });
  return found;
}

async function proved(arch, layer) {
  const begun = process.cpuUsage();
  const { layers } = await search({ arch, layer, strategy: 'exact', threads: 1 });
  return { layer: layers[0], seconds: cpuSeconds(process.cpuUsage(begun)) };
}

/** One case after the other, so that little is held at a time. */
export async function* qualityBench() {
  for (const [arch, layer] of CASES) {
    // The first search of a process also compiles.
    await proved(arch, 'gemm:M=8,N=8,K=8');
    const { layer: exact, seconds } = await proved(arch, layer);
    const optimum = exact.best.energyPj * exact.best.cycles;
    for (const strategy of ['random', 'anneal']) {
      const ratios = (await sampled(arch, layer, strategy)).map((value) => value / optimum);
      yield { arch, layer, strategy, status: exact.certificate.status, seconds, ratios };
    }
  }
}
