/** `dse search --resident` as a user runs it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EvalReport, SearchReport } from '../../src/report/json.ts';
import { schemaErrors } from '../report/schemas.ts';
import { dse } from './run.ts';

let folder: string;
let search: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dse-resident-'));
  const network = join(folder, 'net.yaml');
  writeFileSync(
    network,
    `schema: dse.workload/1
name: net
layers:
  a: conv M=8 C=4 P=8 Q=8 R=3 S=3
  b: conv M=8 C=8 P=8 Q=8 R=3 S=3
  c: conv M=8 C=8 P=4 Q=4 R=1 S=1
graph:
  b: { adds: a }
  c: { via: pooling }
`,
  );
  search = ['search', '--arch', 'eyeriss', '--network', network, '--objective', 'energy', '--threads', '1'];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('marks what stays, says what passes between layers and what is gained', async () => {
  const { code, stdout, stderr } = await dse([...search, '--resident']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^layer +count +on chip +energy uJ/);
  expect(stdout).toMatch(/^a +1 +Outputs +/m);
  expect(stdout).toMatch(/^b +1 +Inputs +/m);
  expect(stdout).toContain(
    'energy of the whole network: no choice of mappings and of what stays on chip has less',
  );
  expect(stdout).toMatch(
    /^between layers through DRAM: 1\.\d+ kB of outputs, .* of inputs, of .* with weights/m,
  );
  expect(stdout).toMatch(/^in GLB stay the outputs of 1 of 3 layers \(2 cannot\): .*gain: energy -\d/m);
});

test('without it every output passes the outermost memory, and the table has no such column', async () => {
  const { stdout } = await dse(search);
  expect(stdout).not.toContain('on chip');
  // 16-bit outputs of three layers, each written once: 512 + 512 + 128 words.
  expect(stdout).toContain('between layers through DRAM: 2.304 kB of outputs');
});

test('its JSON keeps the schema, and its mappings evaluate to the same numbers', async () => {
  const { stdout } = await dse([...search, '--resident', '--json']);
  const report = JSON.parse(stdout) as SearchReport;
  expect(schemaErrors('dse.search-1', report)).toEqual([]);
  expect(report.residency?.activations).toEqual([
    { layer: 'a', words: 800, readers: ['b'], added: ['b'], resident: true },
    {
      layer: 'b',
      words: 512,
      readers: ['c'],
      added: [],
      resident: false,
      reason: 'pooling changes its size',
    },
    { layer: 'c', words: 128, readers: [], added: [], resident: false, reason: 'no layer reads it' },
  ]);
  const saved = join(folder, 'result.json');
  writeFileSync(saved, stdout);
  const layer = `${search[4]}:b`;
  const evaluated = await dse(['eval', '--arch', 'eyeriss', '--layer', layer, '--mapping', saved, '--json']);
  const { energyPj, cycles, levels } = JSON.parse(evaluated.stdout) as EvalReport;
  const best = report.layers.find(({ name }) => name === 'b')!.best;
  expect([energyPj, cycles]).toEqual([best.energyPj, best.cycles]);
  expect(levels[0].tensors.Inputs).toMatchObject({ kept: false, reads: 0 });
  const verified = await dse(['verify', saved]);
  expect(verified.code).toBe(0);
});

test('a network that does not say who reads whom is refused with 2', async () => {
  const { code, stderr } = await dse(['search', '--arch', 'eyeriss', '--network', 'bert_base', '--resident']);
  expect(code).toBe(2);
  expect(stderr).toContain('nothing says which layer of bert_base reads whose outputs');
  expect(stderr).toContain('add a graph to the network file, or give an ONNX file');
});
