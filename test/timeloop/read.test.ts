import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/spec/errors.ts';
import { toConstraints, toArchitecture, toEinsum } from '../../src/timeloop/convert.ts';
import { toSearchSettings } from '../../src/timeloop/mapper.ts';
import type { ReadOptions, TimeloopInput } from '../../src/timeloop/read.ts';
import { readTimeloopSources } from '../../src/timeloop/read.ts';
import { GOLDEN, hasGolden } from './golden.ts';
import { FLAT, MAPPING, NODES, OTHERS, PROBLEM, SUBTREE } from './seeds.ts';

function read(text: string, options: ReadOptions = {}): TimeloopInput {
  return readTimeloopSources([{ file: 'in.yaml', text }], options);
}

function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [{ message, position, suggestion }] = error.diagnostics;
    return `${position?.line}:${position?.column} ${message} (${suggestion})`;
  }
  return 'accepted';
}

test('sections may come in any files and any order', () => {
  const parts = [OTHERS, MAPPING, PROBLEM, SUBTREE];
  const apart = readTimeloopSources(parts.map((text, i) => ({ file: 'in.yaml', text: `# ${i}\n${text}` })));
  const together = read(parts.toReversed().join(''));
  expect(JSON.stringify(strip(apart))).toBe(JSON.stringify(strip(together)));
});

function strip(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'position' ? undefined : inner)));
}

test('the flat, subtree and node forms of one machine have the same levels', () => {
  const levels = [FLAT, SUBTREE, NODES].map((text) => read(text + PROBLEM).design?.levels ?? []);
  const shape = levels.map((list) =>
    list
      .filter(({ className }) => className !== 'dummy_storage')
      .map(({ name, size, instances }) => [name, size, instances]),
  );
  expect(shape[0]).toEqual([
    ['L0', 8, 4],
    ['L1', 64, 1],
    ['DRAM', undefined, 1],
  ]);
  expect(shape[1]).toEqual(shape[0]);
  expect(shape[2]).toEqual(shape[0]);
});

describe('what is misspelt is named with its place', () => {
  test('a key', () => {
    expect(refusal(MAPPING.replace('permutation: PR}', 'permutaton: PR}') + FLAT + PROBLEM)).toBe(
      "5:48 unknown key 'permutaton' (did you mean 'permutation'?)",
    );
  });
  test('an attribute that would have an effect', () => {
    expect(refusal(SUBTREE.replace('depth:', 'dept:'))).toMatch(
      /unknown attribute 'dept' \(did you mean 'depth'\?\)/,
    );
  });
  test('a level', () => {
    expect(refusal(FLAT + PROBLEM + MAPPING.replace('target: L1', 'target: L7'))).toMatch(
      /no storage level is called 'L7' \(did you mean 'L/,
    );
  });
  test('a dimension', () => {
    expect(refusal(FLAT + PROBLEM + MAPPING.replace('R3', 'Z3'))).toMatch(
      /dimension Z is not one of the problem's: P, R/,
    );
  });
  test('a section given twice', () => {
    expect(() =>
      readTimeloopSources([PROBLEM, PROBLEM].map((text, i) => ({ file: `${i}.yaml`, text }))),
    ).toThrow("'problem' is given twice");
  });
});

test('lenient reading turns unknown keys into warnings', () => {
  const text = FLAT + PROBLEM + MAPPING.replace('permutation: PR}', 'permutaton: PR}');
  const { warnings, mapping } = read(text, { lenient: true });
  expect(warnings.map(({ message }) => message)).toEqual(["unknown key 'permutaton'"]);
  expect(mapping).toBeDefined();
});

test('factor 0 is the whole dimension, residual factors end with a shorter run', () => {
  const { mapping } = read(`${FLAT}${PROBLEM}
mapping:
- {target: L0, type: temporal, factors: 'P=0 R=2,1', permutation: RP}
- {target: DRAM, type: temporal, factors: R=2}
`);
  expect(mapping?.levels[0].temporal.factors).toEqual([
    { bound: 16, residual: 16 },
    { bound: 2, residual: 1 },
  ]);
});

test('templates set variables and decide; they cannot loop', () => {
  const text = `{% set size = 64 %}${FLAT.replace('entries: 64', "entries: {{ size if big == 'yes' else 32 }}")}`;
  expect(read(text, { parameters: { big: 'yes' } }).design?.levels[1].size).toBe(64);
  expect(read(text).design?.levels[1].size).toBe(32);
  expect(refusal(`{% for i in range(9) %}x{% endfor %}`)).toMatch(/1:1 '{% for %}' is not supported/);
});

test('mapper settings become search settings; what has no counterpart is said', () => {
  const { mapper } = read(OTHERS.split('mapper:')[1].replace(/^/, 'mapper:'));
  const { settings, warnings } = toSearchSettings(mapper);
  expect(settings).toEqual({ objective: 'latency', threads: 2 });
  expect(warnings.map(({ message }) => message)).toEqual([
    'only the first optimization metric counts; left out: energy',
    expect.stringContaining("'--strategy random --patience 100' samples instead"),
  ]);
});

describe.skipIf(!hasGolden)("the mapper's runs", () => {
  const { configs } = hasGolden
    ? (JSON.parse(readFileSync(`${GOLDEN}mapper.json`, 'utf8')) as {
        configs: Record<string, Record<string, string>>;
      })
    : { configs: {} };
  const stated = Object.entries(configs).filter(([, files]) => 'arch.yaml' in files);
  for (const [name, files] of stated) {
    test(`${name} is read and converted`, () => {
      const sources = Object.entries(files).map(([file, text]) => ({ file, text }));
      const { design, problem, constraints } = readTimeloopSources(sources) as Required<TimeloopInput>;
      expect(toArchitecture(design).nodes.length).toBeGreaterThan(1);
      expect(toEinsum(problem).tensors).toHaveLength(3);
      expect(toConstraints(design, problem, constraints)).toBeDefined();
    });
  }
});
