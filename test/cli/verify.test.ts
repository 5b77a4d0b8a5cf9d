/** `dse verify`, and `dse search` with --explain and --pad, as a user runs them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SearchReport, VerifyReport } from '../../src/index.ts';
import { schemaErrors } from '../report/schemas.ts';
import { dse } from './run.ts';

const LAYER = 'gemm:M=16,N=32,K=24';
let folder: string;
let saved: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dse-verify-'));
  saved = join(folder, 'result.json');
  writeFileSync(saved, (await dse(['search', '--arch', 'eyeriss', '--layer', LAYER, '--json'])).stdout);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A file with the saved result's text changed. */
function changed(name: string, change: (text: string) => string): string {
  const path = join(folder, name);
  writeFileSync(path, change(readFileSync(saved, 'utf8')));
  return path;
}

describe('dse verify', () => {
  test('ends with 0 when every claim holds', async () => {
    const { code, stdout, stderr } = await dse(['verify', saved]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^layer +claim +verdict +because\ngemm +optimal +verified +legal, figures/);
    expect(stdout).toContain('1 of 1 layers for edp on eyeriss verified');
  });

  test('ends with 2 and the verdicts when one does not, also in JSON', async () => {
    const forged = changed('forged.json', (text) => text.replace(/("energyPj": )(\d)/, '$19$2'));
    const { code, stdout, stderr } = await dse(['verify', forged]);
    expect([code, stderr]).toEqual([2, '']);
    expect(stdout).toMatch(/gemm +optimal +REFUTED +figures: the mapping: energyPj is \d+/);
    const json = await dse(['verify', forged, '--json']);
    expect(json.code).toBe(2);
    const report = JSON.parse(json.stdout) as VerifyReport;
    expect(schemaErrors('dse.verify-1', report)).toEqual([]);
    expect(report.verdict).toBe('failed');
  });

  test('refuses what is no result, with the place, and prints no verdict', async () => {
    const cases = [
      [changed('cut.json', (text) => text.slice(0, 1500)), /cut\.json:\d+:\d+: .*must end with/],
      [
        changed('other.json', (text) => text.replace('dse.search/1', 'dse.eval/1')),
        /other\.json:2:13: this is no search result/,
      ],
      [changed('lacks.json', (text) => text.replace('"archDigest"', '"digest"')), /'archDigest' is missing/],
      [changed('typo.json', (text) => text.replace('"edp"', '"epd"')), /unknown objective 'epd'/],
      [join(folder, 'none.json'), /no such file/],
    ] as const;
    for (const [file, message] of cases) {
      const { code, stdout, stderr } = await dse(['verify', file]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(message);
    }
  });

  test('takes the architecture as it was from --arch, and says when it is another', async () => {
    const { code, stderr } = await dse(['verify', saved, '--arch', 'simba']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/result\.json:\d+:\d+: 'simba' is not the architecture of this result/);
    expect((await dse(['verify', saved, '--arch', 'eyeriss'])).code).toBe(0);
  });
});

describe('dse search', () => {
  test('--explain says what binds, what the next dataflow costs, and what each change is worth', async () => {
    const args = ['search', '--arch', 'eyeriss', '--layer', LAYER, '--explain'];
    const { code, stdout, stderr } = await dse(args);
    expect([code, stderr]).toEqual([0, '']);
    const why = stdout.slice(stdout.indexOf('why: gemm on eyeriss'));
    for (const label of ['latency', 'energy', 'ideal', 'capacity', 'dataflow']) {
      expect(why).toMatch(new RegExp(`^${label} {2,}\\S`, 'm'));
    }
    expect(why).toMatch(/The best of all other dataflows, .* costs .* (more|the same) EDP/);
    expect(why).toMatch(/^GLB \+ 1 KB +55,296 +55,808 /m);
    expect(why).toMatch(/^DRAM shared \+ 1 word\/cycle +1\.2 +2\.2 /m);
    const report = JSON.parse((await dse([...args, '--json'])).stdout) as SearchReport;
    expect(schemaErrors('dse.search-1', report)).toEqual([]);
    expect(report.layers[0].explain!.changes.length).toBeGreaterThan(10);
  });

  test('--pad names the padded layer, whose mapping dse eval reads', async () => {
    const output = join(folder, 'padded.yaml');
    const args = [
      'search',
      '--arch',
      'eyeriss',
      '--layer',
      'gemm:M=64,N=127,K=64',
      '--pad',
      '5%',
      '-o',
      output,
    ];
    const { code, stdout } = await dse(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/gemm: padded N 127 to 128: 0\.8% more MACs, .*% less EDP/);
    const layer = /--layer '(.*)'/.exec(stdout)![1];
    const evaluated = await dse([
      'eval',
      '--arch',
      'eyeriss',
      '--layer',
      layer,
      '--mapping',
      output,
      '--json',
    ]);
    expect(evaluated.code).toBe(0);
    const refused = await dse([...args, '--strategy', 'random']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('padding is for the exact search');
  });
});
