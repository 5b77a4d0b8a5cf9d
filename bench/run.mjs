/** `npm run bench`: all measurements, or those named: kernel, workers, parts, memory, start-up, quality. */
import { kernelBench } from './kernel.mjs';
import { partsBench } from './parts.mjs';
import { BUDGETS, qualityBench } from './quality.mjs';
import { startUpBench } from './start-up.mjs';
import { memoryBench, workersBench } from './workers.mjs';

const millions = (perSecond) => `${(perSecond / 1e6).toFixed(2)} M/s`;

const BENCHES = {
  async kernel() {
    const [simd, scalar, script] = await kernelBench();
    console.log('Full-model evaluations on one core, Eyeriss x ResNet-50 conv3_2.b');
    for (const { name, perSecond } of [simd, scalar, script])
      console.log(`  ${name.padEnd(24)} ${millions(perSecond)}`);
    console.log(`  f64x2 / scalar           ${(simd.perSecond / scalar.perSecond).toFixed(2)}`);
    console.log(`  f64x2 / JavaScript       ${(simd.perSecond / script.perSecond).toFixed(2)}`);
  },
  async workers() {
    const { one, two, ratio } = await workersBench();
    console.log('Random search, drawing and costing');
    console.log(`  one worker               ${millions(one)}`);
    console.log(`  two workers              ${millions(two)}`);
    console.log(`  two / one                ${ratio.toFixed(2)}`);
  },
  async parts() {
    console.log('One layer on one thread, until its parts, and the gain of 2 and 4 threads, from CPU times');
    for (const { layer, arch, objective, ms, before, two, four } of partsBench()) {
      const gains = `${two.toFixed(2)} ${four.toFixed(2)}`;
      console.log(
        `  ${`${arch} x ${layer}`.padEnd(34)} ${objective.padEnd(6)} ` +
          `${ms.toFixed(0).padStart(6)} ms ${(Number.isNaN(before) ? '-' : before.toFixed(0)).padStart(6)} ms   ${gains}`,
      );
    }
  },
  async memory() {
    const { before, after, times } = await memoryBench();
    console.log('Resident memory');
    console.log(`  after 0.25 M evaluations ${before.toFixed(0)} MB`);
    console.log(`  after ${times} times as many  ${after.toFixed(0)} MB`);
  },
  async 'start-up'() {
    const { nodeMs, helpMs, ratio, overheadMs } = startUpBench();
    console.log('Whole processes');
    console.log(`  node -e 0                ${nodeMs.toFixed(0)} ms`);
    console.log(`  dse --help               ${helpMs.toFixed(0)} ms (${ratio.toFixed(2)} x node)`);
    console.log(`  main job less searches   ${overheadMs.toFixed(0)} ms`);
  },
  async quality() {
    console.log(`Best EDP over the proved optimum after ${BUDGETS.join(', ')} CPU-seconds of sampling`);
    for await (const { arch, layer, strategy, status, seconds, ratios } of qualityBench()) {
      const reached = ratios.map((ratio) => (ratio > 0 ? ratio.toFixed(3) : '-').padStart(7)).join('');
      const exact = `exact ${seconds.toFixed(2)} s, ${status}`;
      console.log(`  ${`${arch} x ${layer}`.padEnd(38)} ${strategy.padEnd(6)} ${reached}   ${exact}`);
    }
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no benchmark '${unknown.join("', '")}'; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const [name, run] of Object.entries(BENCHES))
    if (wanted.length === 0 || wanted.includes(name)) await run();
}
