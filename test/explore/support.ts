/** Small sweeps for tests: an array of units with a register file each, one tiny matrix product. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { SamplingOptions } from '../../src/explore/read-sweep.ts';
import { sweepSources } from '../../src/explore/read-sweep.ts';
import type { SweepSources } from '../../src/explore/sweep.ts';

const ARCH = `schema: dse.arch/1
name: grid
word: 16 bit
variables: { e: 1 }
hierarchy:
  - memory: DRAM
    size: unlimited
    energy: { read: 100 pJ, write: 100 pJ }
  - memory: Buffer
    size: 64 words
    energy: { read: 2 pJ, write: 3 pJ }
  - array: PE
    x: 4
  - memory: RF
    size: 4 words
    energy: { read: e pJ, write: e pJ }
  - compute: MAC
    energy: 1 pJ
`;

export const folder = mkdtempSync(join(tmpdir(), 'dse-sweep-'));
writeFileSync(join(folder, 'grid.yaml'), ARCH);

export const SWEEP = {
  schema: 'dse.sweep/1',
  name: 'tiny',
  arch: 'grid.yaml',
  network: 'gemm:M=8,N=6,K=4',
  parameters: { words: [12, 24, 48, 96], units: [1, 2, 4], rf: { from: 3, to: 12, factor: 2 } },
  set: {
    'Buffer.size': 'words words',
    'Buffer.area': 'words * 10 um2',
    'PE.x': 'units',
    'RF.size': 'rf words',
    'MAC.area': '100 um2',
  },
  objectives: ['edp', 'area'],
};

export function sweepText(changes: object = {}): string {
  return stringify({ ...SWEEP, ...changes });
}

export function sources(changes: object = {}, options: SamplingOptions = {}): SweepSources {
  return sweepSources({ file: 'tiny.yaml', text: sweepText(changes) }, folder, options);
}
