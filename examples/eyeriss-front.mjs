/** Sweeps Eyeriss-like designs for ResNet-50: the exact front of EDP and area. `node eyeriss-front.mjs [LAYERS]` */
import { sweep } from 'dse';

const { front, designs, typed } = await sweep({
  sweep: {
    schema: 'dse.sweep/1',
    name: 'Eyeriss-like designs',
    arch: 'eyeriss',
    network: process.argv[2] ?? 'resnet50',
    parameters: { glb: { from: 27, to: 216, factor: 2 }, rows: [6, 12], columns: [7, 14] },
    set: {
      'GLB.size': 'glb KB',
      'PE.x': 'columns',
      'PE.y': 'rows',
      'GLB.area': 'glb * 0.02 mm2',
      'MAC.area': '0.01 mm2',
    },
    constraints: ['area <= 5 mm2'],
    objectives: ['edp', 'area'],
  },
});

const skipped = typed.records.filter(({ status }) => status !== 'mapped').length;
console.log(`${front.length} of ${designs} designs are on the front, ${skipped} were never mapped in full`);
console.log('  PEs  buffer KB   EDP Js  area mm2');
for (const { parameters: p, metrics } of front) {
  const array = `${p.rows}x${p.columns}`.padStart(5);
  const area = (metrics.areaUm2 * 1e-6).toFixed(2).padStart(9);
  console.log(`${array}${String(p.glb).padStart(11)}${metrics.edpJs.toExponential(2).padStart(9)}${area}`);
}
