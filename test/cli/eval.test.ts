import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { schemaErrors } from '../report/schemas.ts';
import { dse, shell } from './run.ts';

const MAPPING = fileURLToPath(new URL('../../mappings/eyeriss-alexnet-conv3.yaml', import.meta.url));
const CONV3 = ['eval', '--arch', 'eyeriss', '--layer', 'alexnet@batch=4.conv3', '--mapping', MAPPING];

describe('dse eval', () => {
  test('draws the nest, then tables per memory and network, totals and the bottleneck', async () => {
    const { code, stdout, stderr } = await dse(CONV3);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^conv3 on eyeriss\n\nDRAM \[ .*Weights:884736/);
    expect(stdout).toContain('parallel_for P in [0:13)');
    for (const text of [
      '46,864 of 55,296',
      'PE: GLB to ifmap_spad',
      'energy by part',
      'utilisation',
      'bottleneck',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout).toContain('psum_spad');
    expect(stdout.endsWith('\n')).toBe(true);
  });

  test('prints one JSON object that keeps the schema, and the same energy as the table', async () => {
    const { code, stdout } = await dse([...CONV3, '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as { energyPj: number; computes: number; levels: { name: string }[] };
    expect(schemaErrors('dse.eval-1', report)).toEqual([]);
    expect(report.computes).toBe(4 * 384 * 256 * 13 * 13 * 9);
    const layout = ['DRAM', 'GLB', 'ifmap_spad', 'weights_spad', 'psum_spad'];
    expect(report.levels.map(({ name }) => name)).toEqual(layout);
  });

  test('reads a mapping from a pipe', async () => {
    const flags = '--arch eyeriss --layer alexnet@batch=4.conv3 --mapping /dev/stdin --json';
    const { code, stdout } = await shell(`cat '${MAPPING}' | dse eval ${flags}`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('valid', true);
  });

  test('a mapping that does not suit the layer is refused with its place, in JSON too', async () => {
    const other = ['eval', '--arch', 'eyeriss', '--layer', 'alexnet.conv3', '--mapping', MAPPING];
    const text = await dse(other);
    expect(text.code).toBe(2);
    expect(text.stdout).toBe('');
    expect(text.stderr).toMatch(
      /eyeriss-alexnet-conv3\.yaml:18:10: factors of N multiply to 4, not to its bound 1/,
    );
    const json = await dse([...other, '--json']);
    expect(json.code).toBe(2);
    const report = JSON.parse(json.stdout) as { valid: boolean; violations: { line: number }[] };
    expect(schemaErrors('dse.eval-1', report)).toEqual([]);
    expect(report.valid).toBe(false);
    expect(report.violations[0].line).toBe(18);
  });

  test('several shapes at once are refused with their names', async () => {
    const { code, stderr } = await dse([
      'eval',
      '--arch',
      'eyeriss',
      '--layer',
      'alexnet',
      '--mapping',
      MAPPING,
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('selects 8 different shapes');
  });
});
