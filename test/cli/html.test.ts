import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folder as machines, sweepText } from '../explore/support.ts';
import { dse } from './run.ts';

let folder: string;
let sweepFile: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dse-html-'));
  sweepFile = join(machines, 'html-cli.yaml');
  writeFileSync(sweepFile, sweepText({ parameters: { words: [12, 24], units: [1, 2], rf: 3 } }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

describe('--html', () => {
  test('writes the page of a search beside what is printed', async () => {
    const args = ['search', '--arch', 'two-level', '--layer', 'gemm:M=4,N=4,K=4', '--json'];
    const { code, stdout } = await dse([...args, '--html', at('search.html')]);
    expect(code).toBe(0);
    const page = readFileSync(at('search.html'), 'utf8');
    const [, data] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
    expect(JSON.parse(data)).toHaveProperty('report', JSON.parse(stdout));
  });

  test('writes the page of a sweep, and that of its merged log is the same', async () => {
    const [log, page, merged] = [at('s.jsonl'), at('sweep.html'), at('merged.html')];
    const swept = await dse(['sweep', sweepFile, '--threads', '1', '--log', log, '--html', page]);
    expect(swept).toMatchObject({ code: 0 });
    expect((await dse(['merge', log, '--html', merged, '--parquet', at('s.parquet')])).code).toBe(0);
    expect(readFileSync(merged, 'utf8')).toBe(readFileSync(page, 'utf8'));
    expect(readFileSync(at('s.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  });

  test('refuses a folder that is not there before any work', async () => {
    const log = at('unused.jsonl');
    const args = ['sweep', sweepFile, '--log', log, '--parquet', at('none/s.parquet')];
    const { code, stderr } = await dse(args);
    expect(code).toBe(2);
    expect(stderr).toContain(`--parquet: '${at('none')}' is not a folder`);
    expect(existsSync(log)).toBe(false);
  });
});
