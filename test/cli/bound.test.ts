/** `dse bound`, end to end: table, JSON, picture, and what it refuses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EvalReport } from '../../src/report/json.ts';
import type { BoundReport } from '../../src/report/bound.ts';
import { schemaErrors } from '../report/schemas.ts';
import { dse } from './run.ts';

const GEMM = ['bound', '--layer', 'gemm:M=64,N=64,K=64'];
const TWO_MEMORIES = fileURLToPath(new URL('../../examples/two-memories.yaml', import.meta.url));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dse-bound-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function boundOf(...args: string[]): Promise<BoundReport> {
  const { code, stdout } = await dse([...args, '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as BoundReport;
  expect(schemaErrors('dse.bound-1', report)).toEqual([]);
  return report;
}

describe('dse bound', () => {
  test('prints a row for each doubling of the buffer, the floor and where it is reached', async () => {
    const { code, stdout, stderr } = await dse(GEMM);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('gemm: least traffic between DRAM and Buffer');
    expect(lines[2]).toMatch(/^buffer words +traffic words +x floor +MACs\/word +tile +loops outside$/);
    expect(lines[3]).toMatch(/^ +3 +528,384 +43\.0 +0\.4961 +1 /);
    expect(stdout).toMatch(/^ +4,224 +12,288 +1\.00 +21\.33 +knee, floor +N=64 K=64 +M=64$/m);
    expect(stdout).toContain('floor    12,288 words for 262,144 MACs, whatever the buffer');
    expect(stdout).toContain('reached  with 4,224 words of buffer');
  });

  test('prints what the README shows', async () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const { stdout } = await dse(['bound', '--layer', 'resnet50.conv3_1.b']);
    expect(readme).toContain(
      `npx dse bound --layer resnet50.conv3_1.b\n\`\`\`\n\n\`\`\`text\n${stdout}\`\`\`\n`,
    );
  });

  test('--all prints every point', async () => {
    const { points } = await boundOf(...GEMM);
    const { stdout } = await dse([...GEMM, '--all']);
    const sizes = [...stdout.matchAll(/^ +([\d,]+) +[\d,]+ /gm)].map(([, size]) => size.replaceAll(',', ''));
    expect(sizes.map(Number)).toEqual(points.map(({ bufferWords }) => bufferWords));
  });

  test("dse eval repeats every point's traffic and buffer from its mapping", async () => {
    const layer = 'conv:N=1,M=4,C=4,P=8,Q=8,R=3,S=3';
    const { points } = await boundOf('bound', '--layer', layer);
    for (const { mapping, trafficWords, bufferWords } of [
      points[0],
      points[points.length >> 1],
      points.at(-1)!,
    ]) {
      const path = join(folder, 'point.json');
      writeFileSync(path, JSON.stringify(mapping));
      const { stdout } = await dse([
        'eval',
        '--arch',
        TWO_MEMORIES,
        '--layer',
        layer,
        '--mapping',
        path,
        '--json',
      ]);
      const [store, buffer] = (JSON.parse(stdout) as EvalReport).levels;
      const moved = Object.values(store.tensors).map(({ reads, updates }) => reads + updates);
      expect(moved.reduce((sum, words) => sum + words, 0)).toBe(trafficWords);
      expect(buffer.usedWords).toBe(bufferWords);
    }
  });

  test("with --arch says what the architecture's buffer allows", async () => {
    const args = ['bound', '--layer', 'resnet50.conv3_1.b', '--arch', 'eyeriss', '--memory', 'glb'];
    const report = await boundOf(...args);
    expect(report.tensors).toEqual({ Weights: 'once', Inputs: 'kept', Outputs: 'kept' });
    expect(report.buffer).toEqual({ name: 'GLB', wordBits: 16 });
    const { usableWords, point, trafficWords } = report.capacity!;
    expect(usableWords).toBe(55_296);
    expect(report.points[point!].trafficWords).toBe(trafficWords);
    expect(report.points[point!].bufferWords).toBeLessThanOrEqual(usableWords);
    expect(report.points[point! + 1]?.bufferWords ?? Infinity).toBeGreaterThan(usableWords);
    const { stdout } = await dse(args);
    expect(stdout).toMatch(/^GLB +55,296 words: at least [\d,]+ words of traffic/m);
    expect(stdout).toMatch(/^Weights +not in GLB, each word once/m);
  });

  test('--keep names the tensors of the buffer; the others stream', async () => {
    const { tensors, points } = await boundOf(...GEMM, '--keep', 'A,outputs');
    expect(tensors).toEqual({ A: 'kept', B: 'streamed', Z: 'kept' });
    expect(points.every((point) => point.tensors['B'].trafficWords === 64 ** 3)).toBe(true);
  });

  test('--param reaches the network', async () => {
    const { einsum } = await boundOf('bound', '--layer', 'resnet50.fc', '--param', 'batch=4');
    expect(einsum.macs).toBe(4 * 2048 * 1000);
  });

  test('--svg draws the curve beside the table', async () => {
    const path = join(folder, 'curve.svg');
    const { code, stdout } = await dse([...GEMM, '--svg', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('least traffic');
    expect(readFileSync(path, 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
  });

  test.each<readonly [name: string, args: string[], reason: RegExp]>([
    ['no layer', [], /required option '--layer'/],
    ['several shapes', ['--layer', 'resnet50.conv3'], /different shapes, a bound is for one/],
    ['a memory of nothing', ['--layer', 'resnet50.conv1', '--memory', 'GLB'], /--memory without --arch/],
    [
      'an unknown memory',
      ['--layer', 'resnet50.conv1', '--arch', 'eyeriss', '--memory', 'GBL'],
      /did you mean 'GLB'/,
    ],
    [
      'the backing store',
      ['--layer', 'resnet50.conv1', '--arch', 'eyeriss', '--memory', 'DRAM'],
      /no buffer 'DRAM'/,
    ],
    [
      'a memory of every PE',
      ['--layer', 'resnet50.conv1', '--arch', 'eyeriss', '--memory', 'psum_spad'],
      /168 of psum_spad/,
    ],
    ['an unknown tensor', ['--layer', 'gemm:M=4,N=4,K=4', '--keep', 'A,wieghts'], /did you mean 'weights'/],
    [
      'an unwritable picture',
      ['--layer', 'gemm:M=4,N=4,K=4', '--svg', '/no/such/folder/x.svg'],
      /--svg: cannot write/,
    ],
    ['too many tiles', ['--layer', 'conv:N=720,M=2520,C=2520,P=720,Q=720,R=1,S=1'], /tiles/],
  ])('refuses %s', async (_, args, reason) => {
    const { code, stdout, stderr } = await dse(['bound', ...args]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
