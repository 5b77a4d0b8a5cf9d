/**
 * For CI: fails if the best mappings of a machine became worse than those on record.
 * `node regression-check.mjs ARCH LAYERS RECORD.json` writes the record where there is none.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { search } from 'dse';

const [arch = 'eyeriss', layer = 'alexnet', record = 'record.json'] = process.argv.slice(2);
const { layers } = await search({ arch, layer });
const now = Object.fromEntries(layers.map(({ name, best }) => [name, best.edpJs]));

if (!existsSync(record)) {
  writeFileSync(record, `${JSON.stringify(now, undefined, 2)}\n`);
  console.log(`${record}: ${layers.length} layers on record`);
} else {
  const before = JSON.parse(readFileSync(record, 'utf8'));
  const worse = Object.keys(before).filter((name) => !(now[name] <= before[name] * (1 + 1e-9)));
  for (const name of worse) console.log(`${name}: EDP ${before[name]} Js before, ${now[name]} Js now`);
  console.log(worse.length === 0 ? 'no layer is worse' : `${worse.length} layers are worse`);
  process.exitCode = worse.length === 0 ? 0 : 1;
}
