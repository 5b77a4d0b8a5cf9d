/** Runs every program in `examples/` against the built package, so that none rots. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));

/** Arguments that keep an example short, and what its output must look like. */
const EXAMPLES: Readonly<Record<string, { readonly args: readonly string[]; readonly output: RegExp }>> = {
  'evaluate-mapping.mjs': {
    args: [],
    output: /^same energy: true\nproved optimal: true\nDRAM \[[\s\S]*MAC\nDRAM +\d+\.\d %\n/,
  },
  'pareto-sweep.mjs': {
    args: ['300'],
    output: /\d+ of 24 designs are on the front\narray.*\n(\d+x\d+ +\d+ +\d+\.\d +\d+\.\d{3}\n)+$/,
  },
};

test('every example is run here', () => {
  const programs = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  expect(programs.toSorted()).toEqual(Object.keys(EXAMPLES).toSorted());
});

describe.each(Object.entries(EXAMPLES))('%s', (name, { args, output }) => {
  test('imports the package by its name', () => {
    expect(readFileSync(join(folder, name), 'utf8')).toMatch(/from 'dse'/);
  });

  test('runs and prints what it promises', () => {
    expect(execFileSync(process.execPath, [join(folder, name), ...args], { encoding: 'utf8' })).toMatch(
      output,
    );
  });
});

test('pareto-sweep.mjs has at most 40 lines', () => {
  const text = readFileSync(join(folder, 'pareto-sweep.mjs'), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});
