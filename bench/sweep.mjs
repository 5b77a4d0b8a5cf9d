/**
 * What designs of one sweep learn from each other: the same designs with and without it, one thread. Usage:
 * `node bench/sweep.mjs [SWEEP.yaml]`, after `npm run build`. The demonstration with 10,000 designs is
 * `dse sweep bench/sweep/eyeriss-like.yaml --threads 2`.
 */
import { fileURLToPath } from 'node:url';
import { DesignMapper } from '../dist/explore/mapper.js';
import { KnownCosts } from '../dist/explore/known.js';
import { sweep } from '../dist/index.js';

const [file = fileURLToPath(new URL('./sweep/reuse.yaml', import.meta.url))] = process.argv.slice(2);

async function measure(name) {
  const before = process.cpuUsage();
  const found = await sweep({ sweep: file, threads: 1 });
  const { user, system } = process.cpuUsage(before);
  const { records, effort } = found.typed;
  const mapped = records.filter(({ status }) => status === 'mapped').length;
  const seconds = (user + system) / 1e6;
  const { designsBegun, layersSearched, layersReused } = effort;
  console.log(
    `${name.padEnd(8)} ${seconds.toFixed(1)} CPU-s; ${records.length} designs, ${designsBegun} begun, ${mapped} mapped; ` +
      `${layersSearched} layers searched, ${layersReused} taken over; ${found.front.length} on the front`,
  );
  return { front: JSON.stringify(found.front), seconds };
}

/** Forgets every search; then nothing is gained by bounding designs together. */
function forget() {
  KnownCosts.prototype.add = () => undefined;
  DesignMapper.prototype.bound = async function (group) {
    return group.map((design) => this.preview(design).least);
  };
}

const shared = await measure('shared');
forget();
const alone = await measure('alone');
console.log(
  `${(alone.seconds / shared.seconds).toFixed(2)} times as fast; fronts equal: ${shared.front === alone.front}`,
);
