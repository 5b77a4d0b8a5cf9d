import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { check, parseYaml, readYaml } from '../../src/spec/document.ts';
import { complaints, diagnosticsOf, rendered } from './support.ts';

const WINDOWS = process.platform === 'win32';
const parse = (text: string) => parseYaml(text, 'file.yaml');

describe('a file that cannot be read', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dse-spec-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is missing', () => {
    expect(complaints(() => readYaml('no/such.yaml'))).toEqual(["cannot read 'no/such.yaml': no such file"]);
  });

  test('is a directory', () => {
    expect(complaints(() => readYaml(folder))).toEqual([`'${folder}' is a directory, not a file`]);
  });

  test('has 200 MB: refused by its size', () => {
    const file = join(folder, 'large.yaml');
    const handle = openSync(file, 'w');
    ftruncateSync(handle, 200 * 2 ** 20);
    closeSync(handle);
    const [{ message, expected }] = diagnosticsOf(() => readYaml(file));
    expect(message).toBe(`'${file}' is too large: 200.0 MB`);
    expect(expected).toBe('a file of at most 1 MB');
  });

  test.skipIf(WINDOWS)('has no size and no end: refused once the limit is read', () => {
    expect(complaints(() => readYaml('/dev/zero'))).toEqual([
      "'/dev/zero' is too large: more than the limit",
    ]);
  });

  test('is not UTF-8: the first bad byte is shown', () => {
    const file = join(folder, 'latin1.yaml');
    writeFileSync(file, Buffer.from('a: 1\nname: caf\xe9\n', 'latin1'));
    const [{ message, position }] = diagnosticsOf(() => readYaml(file));
    expect(message).toBe('the file is not UTF-8 text');
    expect(position).toMatchObject({ file, line: 2, column: 10 });
  });

  test('a byte order mark is skipped', () => {
    const file = join(folder, 'bom.yaml');
    writeFileSync(file, '\uFEFFa: 1\n');
    expect(readYaml(file).value).toEqual({ a: 1 });
  });

  test.skipIf(WINDOWS)('a pipe is read to its end', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    execFileSync('sh', ['-c', `(printf 'a: 2' > '${pipe}') >/dev/null 2>&1 &`]);
    expect(readYaml(pipe).value).toEqual({ a: 2 });
  });
});

describe('text that is not one plain document', () => {
  test.each([
    ['a: "x', '1:6: missing closing "quote'],
    ['\ta: 1', '1:1: tabs are not allowed as indentation'],
    ['a: 1\n---\nb: 2', "2:1: a second document starts here ('---'); a file holds one"],
    ['a: !!js/function x', "1:4: tags ('!…') are not supported"],
    ['a: 1\nb: 2\na: 3', "3:1: 'a' appears twice, first on line 1"],
    ['<<: {a: 1}', "1:1: merge keys ('<<') are not supported: write the keys out"],
    ['? [1, 2]\n: 3', '1:3: a key must be a plain word'],
    [': 3', '1:1: a key must be a plain word'],
    ['a: *b', "1:4: no anchor '&b' comes before this alias"],
    ['a: &a\n  - b: *a', "2:8: '*a' is part of itself: the hierarchy would be cyclic"],
  ])('%j', (text, complaint) => {
    expect(complaints(() => parse(text))[0]).toBe(complaint);
  });

  test('a bomb of aliases is refused without being expanded', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    const bomb = ['l0: &l0 x', ...levels].join('\n');
    expect(complaints(() => parse(bomb))).toEqual(['7:14: the file expands to more than 200000 values']);
  });

  test.each([
    ['[', '1:65: nested more than 64 levels deep'],
    ['- ', '1:128: nested more than 64 levels deep'],
    ['{a: ', '1:254: nested more than 64 levels deep'],
  ])('endless nesting of %j is refused', (opening, complaint) => {
    expect(complaints(() => parse(opening.repeat(200_000)))).toEqual([complaint]);
  });

  test('of a thousand mistakes the first twenty are reported', () => {
    const found = complaints(() => parse('a: 1\n'.repeat(1000)));
    expect(found).toHaveLength(20);
    expect(found[19]).toBe("21:1: 'a' appears twice, first on line 1");
  });
});

describe('values', () => {
  test('are plain data; aliases repeat what they name, dangerous keys are ordinary ones', () => {
    const { value } = parse('a: &x {n: 1}\nb: *x\n__proto__: {polluted: true}\n12: y\ny: on');
    expect(value).toEqual(
      JSON.parse('{"a":{"n":1},"b":{"n":1},"__proto__":{"polluted":true},"12":"y","y":"on"}'),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('an empty file is null', () => {
    expect(parse('').value).toBeNull();
    expect(parse('# nothing\n').value).toBeNull();
  });
});

describe('positions', () => {
  const document = parse('name: x\nlist:\n  - a: 1 # one\n    b:\n  - &n {c: "two words"}\n  - *n\n');

  test.each([
    [['name'], 'value', 1, 7, 1],
    [['name'], 'key', 1, 1, 4],
    [['list', 0, 'a'], 'value', 3, 8, 1],
    [['list', 0], 'value', 3, 5, 10],
    [['list', 1, 'c'], 'value', 5, 12, 11],
    [['list', 1, 'c'], 'key', 5, 9, 1],
    // Through an alias: where it is written.
    [['list', 2, 'c'], 'value', 5, 12, 11],
    // An empty value: its key. What is missing: the mapping it is missing from.
    [['list', 0, 'b'], 'value', 4, 5, 1],
    [['list', 0, 'zzz'], 'value', 3, 5, 10],
    [[], 'value', 1, 1, 7],
  ] as const)('%j %s', (path, part, line, column, length) => {
    expect(document.position(path, part)).toMatchObject({ file: 'file.yaml', line, column, length });
  });

  test('carry the line itself, without its line break', () => {
    expect(parse('a: 1\r\nb: 2\r\n').position(['b']).text).toBe('b: 2');
  });

  test('fail points at a value', () => {
    expect(complaints(() => document.fail(['list', 0, 'a'], 'no good'))).toEqual(['3:8: no good']);
  });
});

describe('check', () => {
  const schema = z.strictObject({
    name: z.string(),
    clock: z.number().positive().optional(),
    mode: z.enum(['fast', 'slow']).optional(),
    nodes: z
      .array(
        z.union([
          z.strictObject({ memory: z.string(), size: z.number().optional() }),
          z.strictObject({ array: z.string(), x: z.int().min(1) }),
        ]),
      )
      .min(1),
  });
  const run = (text: string) => () => check(parse(text), schema);

  test('returns what the schema makes of a good file', () => {
    expect(run('name: n\nnodes: [{array: A, x: 2}]')()).toEqual({ name: 'n', nodes: [{ array: 'A', x: 2 }] });
  });

  test('every mistake is reported, in file order', () => {
    const text = [
      'nodes:',
      '  - memory: A',
      '    sise: 3',
      '  - array: B',
      '    x: 0',
      '  - array: C',
      '    x: .nan',
      '  - 3',
      'name: 3',
      'mode: fasst',
      'clok: 2',
    ].join('\n');
    expect(complaints(run(text))).toEqual([
      "3:5: unknown key 'sise'",
      "5:8: expected a number of at least 1, found '0'",
      "7:8: expected a number, found '.nan'",
      "8:5: expected a mapping, found '3'",
      "9:7: expected text, found '3'",
      "10:7: expected one of 'fast', 'slow', found 'fasst'",
      "11:1: unknown key 'clok'",
    ]);
  });

  test('an unknown key comes with the nearest known one and all of them', () => {
    expect(rendered(run('name: n\nclok: 1\nnodes: [{array: A, x: 1}]'))).toMatchInlineSnapshot(`
      "
      file.yaml:2:1: unknown key 'clok'
        2 | clok: 1
          | ^^^^
        expected one of name, clock, mode, nodes
        did you mean 'clock'?
      "
    `);
  });

  test('the first key of an entry decides what it was meant to be', () => {
    expect(complaints(run('name: n\nnodes:\n  - memory: A\n    x: 3\n    y: 4\n    z: 5'))).toEqual([
      "4:5: unknown key 'x'",
      "5:5: unknown key 'y'",
      "6:5: unknown key 'z'",
    ]);
  });

  test('a missing key points at the mapping that lacks it', () => {
    expect(complaints(run('name: n\nnodes:\n  - array: A'))).toEqual(["3:5: 'x' is missing"]);
    expect(complaints(run(''))).toEqual(['1:1: expected a mapping, found nothing']);
  });

  test.each([
    ['clock: -1', "1:8: expected a number of more than 0, found '-1'"],
    ['clock: .inf', "1:8: expected a number, found '.inf'"],
    ['clock: ', '1:1: expected a number, found nothing'],
    ['clock: "1"', "1:8: expected a number, found '1'"],
    ['clock: [1]', '1:8: expected a number, found a list'],
    ['nodes: []', '1:8: expected a list of at least 1, found an empty list'],
    [
      'nodes: [{array: A, x: 9007199254740993}]',
      "1:23: expected an integer of at most 9007199254740991, found '9007199254740993'",
    ],
    ['__proto__: 1', "1:1: unknown key '__proto__'"],
  ])('%s', (text, complaint) => {
    expect(complaints(run(text))).toContain(complaint);
  });

  test('more than twenty mistakes are cut short with their number', () => {
    const found = complaints(run(`name: n\nnodes:\n${'  - {array: A, x: 0}\n'.repeat(30)}`));
    expect(found).toHaveLength(21);
    expect(found[20]).toBe('and 10 more problems');
  });
});
