/** Runs every program in `examples/` against the built package, so that none rots. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Where the regression check keeps its record. */
const RECORD = join(mkdtempSync(join(tmpdir(), 'dse-example-')), 'record.json');

const folder = fileURLToPath(new URL('../../examples', import.meta.url));

/** Arguments that keep an example short, and what its output must look like. */
const EXAMPLES: Readonly<Record<string, { readonly args: readonly string[]; readonly output: RegExp }>> = {
  'evaluate-mapping.mjs': {
    args: [],
    output: /^same energy: true\nproved optimal: true\nDRAM \[[\s\S]*MAC\nDRAM +\d+\.\d %\n/,
  },
  'bert-buffers.mjs': {
    args: ['gemm:M=64,N=96,K=48'],
    output: /^global buffer KB.*\n( +\d+ +\d+ +\d+ +\d+\.\d %\n)+$/,
  },
  'eyeriss-front.mjs': {
    args: ['conv:M=16,C=8,P=7,Q=7,R=3,S=3'],
    output:
      /^\d+ of 16 designs are on the front, \d+ were never.*\n.*\n( +\d+x\d+ +\d+ +\d\.\d\de-\d+ +\d+\.\d\d\n)+$/,
  },
  'regression-check.mjs': {
    args: ['two-level', 'gemm:M=8,N=8,K=8', RECORD],
    output: /^.*record\.json: 1 layers on record\n$/,
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

test('the regression check passes with its own record and fails with a better one', () => {
  const program = join(folder, 'regression-check.mjs');
  const run = () =>
    spawnSync(process.execPath, [program, 'two-level', 'gemm:M=8,N=8,K=8', RECORD], { encoding: 'utf8' });
  expect([run().status, run().stdout]).toEqual([0, 'no layer is worse\n']);
  writeFileSync(RECORD, JSON.stringify({ gemm: 1e-30 }));
  expect([run().status, run().stdout]).toEqual([1, expect.stringContaining('1 layers are worse')]);
});

test.each(Object.keys(EXAMPLES))('%s has at most 40 lines', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});
