/** Searches one layer, evaluates the mapping found, and prints where its energy goes. */
import { drawNest, evaluate, search } from 'dse';

const subject = { arch: 'eyeriss', layer: 'resnet50.conv3_2.b' };
const found = await search({ ...subject, objective: 'energy' });
const [{ best, certificate }] = found.layers;

// What a search reports is what an evaluation of its mapping gives, to the last bit.
const evaluation = evaluate({ ...subject, mapping: best.mapping });
console.log(`same energy: ${evaluation.energyPj === best.energyPj}`);
console.log(`proved optimal: ${certificate.status === 'optimal'}`);

const { architecture, einsum, mapping } = evaluation.typed;
console.log(drawNest(mapping, architecture, einsum));
for (const { name, energyPj } of evaluation.levels) {
  console.log(`${name.padEnd(12)} ${((100 * energyPj) / evaluation.energyPj).toFixed(1).padStart(5)} %`);
}
