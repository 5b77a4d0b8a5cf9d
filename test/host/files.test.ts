/** A browser's files against the same ones on a disk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Files } from '../../src/host/host.ts';
import { memoryFiles } from '../../src/host/memory-files.ts';
import { host } from '../../src/host/node.ts';

const folder = mkdtempSync(join(tmpdir(), 'dse-files-'));
const memory = memoryFiles('/dse', { 'archs/a.yaml': 'a: 1\n' });
const CONTENT: Readonly<Record<string, string>> = {
  'one.yaml': 'x: 1\n',
  'sub/two.yaml': 'y: 2\n',
  'sub/deep/é.txt': '',
};
for (const [path, text] of Object.entries(CONTENT)) {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
  memory.write(join(folder, path), text);
}
afterAll(() => rmSync(folder, { recursive: true }));

const PATHS = [
  ...Object.keys(CONTENT),
  '',
  '.',
  'sub',
  'sub/',
  'sub/../one.yaml',
  'sub/.//two.yaml',
  'none',
  'one',
];

describe('files in memory', () => {
  test.each(PATHS)('are there or not, and read, as on a disk: %j', (path) => {
    const place = `${folder}/${path}`;
    const seen = (files: Files): object => {
      const content = files.read(place, 3 + path.length);
      const bytes = content.kind === 'bytes' ? [...content.bytes] : undefined;
      return { ...content, bytes, isFile: files.isFile(place), exists: files.exists(place) };
    };
    expect(seen(memory)).toEqual(seen(host.files));
  });

  test.each(['', 'sub'])('are listed as on a disk: %j', (path) => {
    const names = (files: Files): string[] => files.list(join(folder, path)).toSorted();
    expect(names(memory)).toEqual(names(host.files));
  });

  test('have the names that POSIX gives them', () => {
    const step = fc.constantFrom('a', 'b.yaml', '.', '..', '');
    const path = fc.array(step, { maxLength: 5 }).map((steps) => steps.join('/'));
    const same = (one: string, other: string): void => {
      const of = ({ join: joined, basename, dirname, isAbsolute, resolve }: Files): unknown[] => [
        joined(one, other).replace(/(?<=.)\/$/, ''),
        basename(other),
        isAbsolute(one),
        // What lies above the working directory is the disk's to know.
        resolve(`/top/${one}`, other),
        /^\/|\.\.|^[./]*$/.test(other) ? '' : dirname(joined(other)),
      ];
      expect(of(memory)).toEqual(of(host.files));
    };
    fc.assert(fc.property(path, path, same));
  });

  test('hold what the package ships, beside what is written', () => {
    const files = memoryFiles('/dse', { 'archs/a.yaml': 'a: 1\n' });
    expect(files.list(files.shipped('archs'))).toEqual(['a.yaml']);
    files.write('b.yaml', 'b: 1\n');
    files.write('./b.yaml', new TextEncoder().encode('b: 2\n'));
    expect(files.read('b.yaml', 9)).toEqual({ kind: 'bytes', bytes: new TextEncoder().encode('b: 2\n') });
    expect(files.list('.')).toEqual(['b.yaml']);
  });
});
