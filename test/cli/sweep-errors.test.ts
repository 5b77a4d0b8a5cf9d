/** What a user of `dse sweep` is told when the sweep, the disk or the constraints are wrong. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { folder as machines, sweepText } from '../explore/support.ts';
import { dse, shell } from './run.ts';

const out = mkdtempSync(join(tmpdir(), 'dse-sweep-errors-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const parameters = { words: [12, 24], units: [1, 2], rf: 3 };

function sweepFile(name: string, changes: object): string {
  const file = join(machines, `${name}.yaml`);
  writeFileSync(file, sweepText({ parameters, ...changes }));
  return file;
}

function run(name: string, changes: object): ReturnType<typeof dse> {
  return dse(['sweep', sweepFile(name, changes), '--no-log', '--threads', '1']);
}

describe('a sweep that leaves no design', () => {
  test('names the constraint that excludes all, with exit code 3', async () => {
    const { code, stdout, stderr } = await run('none', { constraints: ['words > 1', 'units > 9'] });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/none\.yaml:\d+:\d+: this excludes all 4 designs\n.*- units > 9\n/);
    expect(stderr).not.toContain('words > 1');
  });

  test('names all constraints that exclude all only together', async () => {
    const { code, stderr } = await run('both', { constraints: ['words > 12', 'words < 24'] });
    expect(code).toBe(3);
    expect(stderr.match(/together the constraints exclude all 4 designs/g)).toHaveLength(2);
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  const search = 'search --arch two-level --layer gemm:M=4,N=4,K=4';

  test('ends what is printed with exit code 2 and no stack', async () => {
    const { code, stderr } = await shell(`dse ${search} > /dev/full`);
    expect([code, stderr]).toEqual([2, 'cannot write the output: the disk is full\n']);
  });

  test('loses nothing that was found: a file that cannot be written is told after the report', async () => {
    for (const flag of ['--html', '-o']) {
      const { code, stdout, stderr } = await dse([...search.split(' '), flag, '/dev/full', '--json']);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toHaveProperty('schema', 'dse.search/1');
      expect(stderr).toContain("cannot write '/dev/full': the disk is full");
    }
    const args = ['sweep', sweepFile('full', {}), '--threads', '1', '--log', join(out, 'full.log')];
    const { code, stdout } = await dse([...args, '--csv', '/dev/full', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toHaveProperty('done', 4);
  });
});
