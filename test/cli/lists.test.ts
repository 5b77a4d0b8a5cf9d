import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dse } from './run.ts';

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

describe('help and versions', () => {
  test('--help names every command and the exit codes, on stdout', async () => {
    const { code, stdout, stderr } = await dse(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const name of ['search', 'eval', 'archs', 'show', 'workloads', 'version']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    expect(stdout).toContain('Exit codes');
  });

  test.each([
    ['search', '--help'],
    ['help', 'search'],
  ])('%s %s prints the options of the command', async (...args) => {
    const { code, stdout } = await dse(args);
    expect(code).toBe(0);
    expect(stdout).toContain('--objective');
    expect(stdout).toContain('--evaluations');
  });

  test('no command at all prints the help on stderr and fails', async () => {
    const { code, stdout, stderr } = await dse([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: dse');
  });

  test('--version and version agree with package.json', async () => {
    expect((await dse(['--version'])).stdout).toBe(`${version}\n`);
    expect((await dse(['version'])).stdout).toContain(`dse ${version} (Node.js v`);
  });
});

describe('lists and drawings', () => {
  test('archs lists every shipped architecture', async () => {
    const { code, stdout } = await dse(['archs']);
    expect(code).toBe(0);
    const names = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining(['eyeriss', 'simba', 'tpu-v1', 'h100']));
  });

  test('show draws the hierarchy, outermost first', async () => {
    const { code, stdout } = await dse(['show', '--arch', 'eyeriss']);
    expect(code).toBe(0);
    const places = ['DRAM', 'GLB', 'PE', 'psum_spad', 'MAC'].map((name) => stdout.indexOf(name));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThanOrEqual(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('numbers: all from the file of eyeriss');
  });

  test('workloads lists networks with their parameters, and layers with shapes and MACs', async () => {
    expect((await dse(['workloads'])).stdout).toMatch(/^resnet50 +batch=1 /m);
    const { code, stdout } = await dse(['workloads', 'resnet50.conv3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^conv3_1\.b +1 +115,605,504 .*P=28 Q=28 R=3 S=3 \(2P\+R, 2Q\+S\)$/m);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1 + 13 + 1);
  });

  test('workloads --distinct merges equal shapes and keeps the total', async () => {
    const all = await dse(['workloads', 'resnet50.conv3', '--param', 'batch=2']);
    const distinct = await dse(['workloads', 'resnet50.conv3', '--param', 'batch=2', '--distinct']);
    expect(distinct.stdout.trimEnd().split('\n')).toHaveLength(1 + 6 + 1);
    expect(distinct.stdout.trimEnd().split('\n').at(-1)).toBe(all.stdout.trimEnd().split('\n').at(-1));
  });
});
