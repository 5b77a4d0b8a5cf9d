/** Full-model evaluations per second of one core: both kernel builds and plain typed-array JavaScript, side by side. */
import { Bench } from 'tinybench';
import { loadArchitecture } from '../dist/arch/load.js';
import { Kernel, loadKernelModule } from '../dist/kernel/kernel.js';
import { FactorDrawer } from '../dist/mapspace/draw.js';
import { arrange, randomFrame, randomLoopOrder } from '../dist/mapspace/frame.js';
import { buildMapspace } from '../dist/mapspace/mapspace.js';
import { Random } from '../dist/mapspace/random.js';
import { reasonCount } from '../dist/mapspace/tiling.js';
import { loadWorkload } from '../dist/workload/select.js';
import { typedArrayModel } from './typed-array-model.mjs';

const STRUCTURES = 8;
const LANES = 264;

/** Batches of mappings that fit, drawn as the random search draws them: a structure and factor rows each. */
function drawBatches(arch, einsum) {
  const space = buildMapspace(arch, einsum);
  const random = new Random(1, 0);
  const refused = new Float64Array(reasonCount(arch));
  return Array.from({ length: STRUCTURES }, () => {
    const frame = randomFrame(space, random);
    const { structure, cellOfSlot } = arrange(frame, randomLoopOrder(frame, random));
    const factors = new Float64Array(cellOfSlot.length * LANES);
    const drawn = new FactorDrawer(frame, random, refused).drawLanes(factors, LANES, cellOfSlot, LANES);
    if (drawn !== LANES) throw new Error('the benchmark expects full batches');
    return { structure, factors, slots: cellOfSlot.length };
  });
}

function kernelRun(kind, arch, einsum, batches) {
  const module = loadKernelModule(kind);
  const kernels = batches.map(({ structure, factors }) => {
    const kernel = new Kernel(module, arch, einsum, LANES);
    kernel.setStructure(structure);
    kernel.factors.set(factors);
    return kernel;
  });
  return () => {
    let sum = 0;
    for (const kernel of kernels) {
      kernel.evaluate(LANES);
      sum += kernel.energyPj[0];
    }
    return sum;
  };
}

function scriptRun(arch, einsum, batches) {
  const runs = batches.map(({ structure, factors, slots }) => ({
    model: typedArrayModel(arch, einsum, structure),
    mappings: Array.from({ length: LANES }, (_, lane) =>
      Float64Array.from({ length: slots }, (_, slot) => factors[slot * LANES + lane]),
    ),
  }));
  return () => {
    let sum = 0;
    for (const { model, mappings } of runs) {
      sum += model.evaluate(mappings[0]);
      for (let lane = 1; lane < LANES; lane++) model.evaluate(mappings[lane]);
    }
    return sum;
  };
}

/** Evaluations per second (median run) of each implementation on Eyeriss × ResNet-50 conv3_2.b. */
export async function kernelBench({ time = 2000 } = {}) {
  const arch = loadArchitecture('eyeriss');
  const [{ einsum }] = loadWorkload('resnet50.conv3_2.b').layers;
  const batches = drawBatches(arch, einsum);
  const runs = {
    'kernel, f64x2': kernelRun('simd', arch, einsum, batches),
    'kernel, scalar': kernelRun('scalar', arch, einsum, batches),
    'typed-array JavaScript': scriptRun(arch, einsum, batches),
  };
  const sums = Object.values(runs).map((run) => run());
  if (new Set(sums).size !== 1) throw new Error(`the implementations disagree: ${sums.join(', ')}`);
  const bench = new Bench({ time, warmupTime: 500 });
  for (const [name, run] of Object.entries(runs)) bench.add(name, run);
  await bench.run();
  const perRun = STRUCTURES * LANES;
  return bench.tasks.map(({ name, result }) => ({ name, perSecond: (perRun * 1000) / result.latency.p50 }));
}
