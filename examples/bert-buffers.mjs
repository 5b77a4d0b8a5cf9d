/** Which buffer of Eyeriss should grow for BERT? Energy of the encoder for every pair of sizes. `node bert-buffers.mjs [LAYERS]` */
import { sweep } from 'dse';

const request = {
  schema: 'dse.sweep/1',
  name: 'buffers for BERT',
  arch: 'eyeriss',
  network: process.argv[2] ?? 'bert_base',
  parameters: { glb: [54, 108, 216], weights: [112, 224, 448] },
  set: {
    'GLB.size': 'glb KB',
    'weights_spad.size': 'weights words',
    'GLB.area': 'glb mm2',
    'weights_spad.area': 'weights um2',
  },
  mapping: 'energy',
  objectives: ['energy', 'area'],
};

const { front } = await sweep({ sweep: request });
const best = front[0].metrics.energyPj;
console.log('global buffer KB  weights words  energy uJ  over the best');
for (const { parameters, metrics } of front) {
  const over = `${((metrics.energyPj / best - 1) * 100).toFixed(1)} %`;
  const cells = [parameters.glb, parameters.weights, (metrics.energyPj * 1e-6).toFixed(0), over];
  console.log(cells.map((cell, i) => String(cell).padStart([16, 15, 11, 15][i])).join(''));
}
