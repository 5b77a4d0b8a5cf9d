/** What a user waits for beside the search: whole processes, cold, in turn. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './median.mjs';

const DSE = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

function milliseconds(args) {
  const started = performance.now();
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return { wall: performance.now() - started, stdout };
}

/** Medians: an empty script, `dse --help`, and all of the main job but its searches. */
export function startUpBench({ rounds = 9 } = {}) {
  const node = [];
  const help = [];
  const overhead = [];
  for (let round = 0; round < rounds; round++) {
    node.push(milliseconds(['-e', '0']).wall);
    help.push(milliseconds([DSE, '--help']).wall);
    const job = milliseconds([DSE, 'search', '--arch', 'eyeriss', '--layer', 'resnet50.conv3', '--json']);
    const searching = JSON.parse(job.stdout).layers.reduce((sum, layer) => sum + layer.seconds * 1000, 0);
    overhead.push(job.wall - searching);
  }
  const ratio = median(help.map((value, i) => value / node[i]));
  return { nodeMs: median(node), helpMs: median(help), ratio, overheadMs: median(overhead) };
}
