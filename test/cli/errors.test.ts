/** Bad input of every class, end to end: where, what, exit code, and never a stack trace. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dse } from './run.ts';
import type { Outcome } from './run.ts';

const ARCH = `schema: dse.arch/1
name: tiny
clock: 100 MHz
word: 16 bit
hierarchy:
  - memory: DRAM
    size: unlimited
    energy: { read: 200 pJ, write: 200 pJ }
  - memory: Buffer
    size: 64 words
    energy: { read: 6 pJ, write: 6 pJ }
  - compute: MAC
    energy: 1 pJ
`;

const MAPPING = `schema: dse.mapping/1
nest:
  - memory: DRAM
    keep: [A, B, Z]
  - for: M=4
  - memory: Buffer
    keep: [A, B, Z]
  - for: N=4 K=4
`;

const BOMB = `a: &a [x, x, x, x, x, x, x, x, x, x]
${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  .map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]}, `.repeat(10)}]`)
  .join('\n')}
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dse-errors-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

function run(...args: string[]): Promise<Outcome> {
  return dse(args, { cwd: folder });
}

/** Refused with the given exit code: the reason on stderr, nothing on stdout, no stack. */
function expectRefusal(outcome: Outcome, code: number, ...parts: (string | RegExp)[]): void {
  expect(outcome.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
  expect(outcome.stdout).toBe('');
  for (const part of parts) expect(outcome.stderr).toMatch(part);
  expect(outcome.code).toBe(code);
}

describe('an architecture file', () => {
  const show = (text: string): Promise<Outcome> => run('show', '--arch', file('bad.yaml', text));

  test('the one these tests break is sound', async () => {
    expect((await show(ARCH)).code).toBe(0);
  });

  test.each([
    ['unknown key', ['size: 64', 'sise: 64'], '10:5', /did you mean 'size'\?/],
    ['wrong unit', ['64 words', '64 pJ'], '10:11', /words/],
    ['NaN', ['64 words', '.nan'], '10:11', /expected/],
    ['negative size', ['64 words', '-64 words'], '10:11', /-64/],
    ['empty hierarchy', [ARCH.slice(ARCH.indexOf('\n  - memory: DRAM')), ' []\n'], '5:12', /hierarchy/],
    [
      'second compute',
      ['memory: Buffer\n    size: 64 words', 'compute: Buffer'],
      '9:14',
      /not the last entry/,
    ],
  ] as const)('%s', async (_, [found, replacement], place, reason) => {
    expectRefusal(await show(ARCH.replace(found, replacement)), 2, `bad.yaml:${place}`, reason);
  });

  test('broken YAML', async () => {
    expectRefusal(await show(`${ARCH}  - [`), 2, /bad\.yaml:\d+:\d+: /, /\^/);
  });

  test('a YAML bomb is refused at once', async () => {
    expectRefusal(await show(BOMB), 2, /bad\.yaml:\d+:\d+/);
  });

  test('200 MB of YAML is refused unread', async () => {
    const path = join(folder, 'huge.yaml');
    writeFileSync(path, ARCH);
    truncateSync(path, 200 * 2 ** 20);
    expectRefusal(await run('show', '--arch', 'huge.yaml'), 2, 'huge.yaml', 'too large');
  });

  test('a directory, a missing file, an unknown name', async () => {
    mkdirSync(join(folder, 'folder.yaml'), { recursive: true });
    expectRefusal(await run('show', '--arch', './folder.yaml'), 2, 'is a directory');
    expectRefusal(await run('show', '--arch', './none.yaml'), 2, 'no such file');
    expectRefusal(await run('show', '--arch', 'eyeris'), 2, "did you mean 'eyeriss'?");
  });
});

describe('a layer', () => {
  const layer = (text: string): Promise<Outcome> => run('workloads', text);

  test.each([
    ['rank that names no dimension', 'einsum:O[m] += I[m,k] * W[k,x] | m=4,k=8', ':1:', /'?x'?/],
    ['bound over 2^31', 'gemm:M=4294967296,N=1,K=1', ':1:8', /2\^31/],
    ['counts beyond 2^53', 'gemm:M=2000000000,N=2000000000,K=2000000000', ':1:1', /2\^53/],
    ['bound of zero', 'gemm:M=0,N=1,K=1', ':1:8', /0/],
    ['unknown dimension', 'gemm:M=4,N=4,K=4,T=2', ':1:18', /T/],
    ['unknown network', 'resnet51.conv3', ':1:1', /did you mean 'resnet50'/],
    ['unknown stage', 'resnet50.conv9', ':1:10', /no layer/],
  ])('%s', async (_, text, place, reason) => {
    expectRefusal(await layer(text), 2, place, reason);
  });

  test('a place in the text is underlined', async () => {
    expectRefusal(await layer('gemm:M=4294967296,N=1,K=1'), 2, /\n.*\| gemm:M=4294967296.*\n.*\| {8}\^+/);
  });
});

describe('a mapping', () => {
  const gemm = 'gemm:M=4,N=4,K=4';
  const evaluate = (text: string, layer = gemm): Promise<Outcome> =>
    run('eval', '--arch', file('tiny.yaml', ARCH), '--layer', layer, '--mapping', file('map.yaml', text));

  test('the one these tests break is legal', async () => {
    expect((await evaluate(MAPPING)).code).toBe(0);
  });

  test('a factor product that misses the bound: by how much', async () => {
    expectRefusal(await evaluate(MAPPING.replace('M=4', 'M=2')), 2, /map\.yaml:\d+:\d+/, /M/, /2/);
  });

  test('a tile that does not fit: which memory, words over', async () => {
    const large = MAPPING.replace('N=4 K=4', 'N=16 K=16');
    expectRefusal(await evaluate(large, 'gemm:M=4,N=16,K=16'), 2, /map\.yaml:\d+:\d+/, 'Buffer', '224');
  });

  test('an unknown memory, dimension and tensor, each with its place', async () => {
    const outcome = await evaluate(MAPPING.replace('Buffer', 'Bufer').replace('N=4', 'X=4'));
    expectRefusal(outcome, 2, 'map.yaml:6:', "did you mean 'Buffer'?", 'map.yaml:8:');
  });
});

describe('flags', () => {
  const search = ['search', '--arch', 'eyeriss', '--layer', 'gemm:M=4,N=4,K=4'];

  test.each([
    [['serach'], /unknown command 'serach'/, /search/],
    [['search', '--objectiv', 'edp'], /unknown option '--objectiv'/, /--objective/],
    [['search', '--layer', 'resnet50'], /required option '--arch'/, /eyeriss/],
    [[...search, '--objective', 'engery'], /--objective: 'engery'/, /did you mean 'energy'\?/],
    [[...search, '--strategy', 'aneal'], /--strategy: 'aneal'/, /did you mean 'anneal'\?/],
    [[...search, '--threads', '0'], /--threads: '0'/, /whole number/],
    [[...search, '--evaluations', '-5'], /--evaluations: '-5'/, /whole number/],
    [[...search, '--time', 'NaN'], /--time: 'NaN'/, /seconds/],
    [[...search, '--param', 'batch'], /--param: 'batch'/, /batch=4/],
    [[...search, '--constraints', 'none.yaml'], /cannot read 'none\.yaml': no such file/, /./],
    [[...search, 'stray.yaml'], /give Timeloop files, or --arch and --layer, not both/, /./],
  ])('%j', async (args, ...parts) => {
    expectRefusal(await run(...args), 2, ...parts);
  });
});

describe('a search without a result', () => {
  test('no legal mapping: exit 3, the reason and the smallest change', async () => {
    const arch = file('narrow.yaml', ARCH.replace('64 words', '2 words\n    keep: [all]'));
    const outcome = await run('search', '--arch', arch, '--layer', 'gemm:M=4,N=4,K=4');
    expectRefusal(outcome, 3, 'Buffer', '1 over', /make it 3 words/);
  });

  test('constraints that contradict the layer: exit 3 with their place', async () => {
    file('c.yaml', '- target: Buffer\n  factors: M=3\n');
    const layer = 'gemm:M=4,N=4,K=4';
    const outcome = await run(
      'search',
      '--arch',
      file('tiny.yaml', ARCH),
      '--layer',
      layer,
      '--constraints',
      'c.yaml',
    );
    expectRefusal(outcome, 3, /c\.yaml:2:\d+/, /M=/);
  });
});
