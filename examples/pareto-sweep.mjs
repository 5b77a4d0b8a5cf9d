/** Sweeps the PE array and the global buffer of Eyeriss; prints the energy-latency-capacity front of one layer. */
import { loadArchitecture, search, withArray, withMemory } from 'dse';

const layer = 'resnet50.conv3_2.b';
const evaluations = Number(process.argv[2] ?? 20_000);
const eyeriss = loadArchitecture('eyeriss');
const arrays = [7, 14, 28].flatMap((x) => [6, 12].map((y) => ({ x, y })));
const buffersKB = [27, 54, 108, 216];

const points = [];
for (const array of arrays) {
  for (const kilobytes of buffersKB) {
    // 512 words of 16 bit per KB. Energy per access stays that of 108 KB: the sweep shows traffic, not circuits.
    const arch = withMemory(withArray(eyeriss, 'PE', array), 'GLB', { words: kilobytes * 512 });
    const { layers } = await search({ arch, layer, evaluations, seed: 1, threads: 1 });
    const { energyPj, latencySeconds } = layers[0].best;
    points.push({ ...array, kilobytes, energyPj, latencySeconds });
  }
}

const measures = ['energyPj', 'latencySeconds', 'kilobytes'];
const beats = (a, b) => measures.every((m) => a[m] <= b[m]) && measures.some((m) => a[m] < b[m]);
const front = points.filter((point) => !points.some((other) => beats(other, point)));

console.log(`${layer}: ${front.length} of ${points.length} designs are on the front`);
console.log('array   buffer KB  energy uJ  latency ms');
for (const { x, y, kilobytes, energyPj, latencySeconds } of front) {
  const row = [
    `${x}x${y}`.padEnd(6),
    kilobytes,
    (energyPj * 1e-6).toFixed(1),
    (latencySeconds * 1e3).toFixed(3),
  ];
  console.log(row.map((cell, i) => (i === 0 ? cell : String(cell).padStart(10))).join(' '));
}
