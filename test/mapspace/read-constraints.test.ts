import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Constraints } from '../../src/mapspace/constraints.ts';
import { loadConstraints, readConstraints } from '../../src/mapspace/read-constraints.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { InputError } from '../../src/spec/errors.ts';
import { renderDiagnostics } from '../../src/spec/render.ts';
import { conv, eyerissLike } from './machines.ts';

const arch = eyerissLike();
const einsum = conv({ M: 128, C: 128, P: 28, Q: 28, R: 3, S: 3 });
const [DRAM, GLB, PE, , WEIGHTS] = arch.nodes.keys();
const [, M, C, P, Q, R] = einsum.dims.keys();

function read(yaml: string, ofArchitecture = false): Constraints {
  return readConstraints(parseYaml(yaml, 'c.yaml'), arch, einsum, { path: [], ofArchitecture });
}

function complaint(yaml: string): string {
  try {
    read(yaml);
  } catch (error) {
    if (error instanceof InputError) return renderDiagnostics(error);
    throw error;
  }
  return 'accepted';
}

/** Rules without where they were written. */
function bare(rules: Constraints): object[] {
  return rules.map(({ position: _position, ...rule }) => rule);
}

describe('reading constraints', () => {
  test('factors with =, <= and >=, spaces or not', () => {
    expect(bare(read('- {target: WeightSpad, factors: C=16 M <= 8}'))).toEqual([
      { kind: 'factor', node: WEIGHTS, dim: C, least: 16, most: 16 },
      { kind: 'factor', node: WEIGHTS, dim: M, least: 1, most: 8 },
    ]);
    expect(bare(read('- {target: PE, factors: [R>=3]}'))).toEqual([
      { kind: 'factor', node: PE, dim: R, least: 3, most: 3 },
    ]);
  });

  test('orders with a star, keep and bypass by role or name, axes, floors of an array and of all units', () => {
    const yaml = `
- target: GLB
  order: [P, '*', M]
  keep: inputs
  bypass: [Weights]
- target: PE
  x: [P, M]
  y: R C
  min_utilization: 0.5
- target: MAC
  min_utilization: 0.25
`;
    expect(bare(read(yaml))).toEqual([
      { kind: 'order', node: GLB, sequence: [P, '*', M] },
      { kind: 'keep', node: GLB, tensor: 1, kept: true },
      { kind: 'keep', node: GLB, tensor: 0, kept: false },
      { kind: 'axis', node: PE, axis: 'x', dims: [P, M] },
      { kind: 'axis', node: PE, axis: 'y', dims: [R, C] },
      { kind: 'utilization', node: PE, share: 0.5 },
      { kind: 'utilization', node: arch.nodes.length, share: 0.25 },
    ]);
  });

  test('an architecture serves layers without some of its dimensions, a constraints file does not', () => {
    const yaml = '- {target: PE, x: [P, K]}\n- {target: DRAM, order: [K, Q]}';
    expect(bare(read(yaml, true))).toEqual([
      { kind: 'axis', node: PE, axis: 'x', dims: [P] },
      { kind: 'order', node: DRAM, sequence: [Q] },
    ]);
    expect(complaint(yaml)).toContain("c.yaml:1:23: conv has no dimension 'K'");
    expect(complaint(yaml)).toContain("c.yaml:2:26: conv has no dimension 'K'");
  });

  test.each([
    [
      'an unknown target',
      '- {target: PsumSpud}',
      "c.yaml:1:12: test machine has no 'PsumSpud'",
      "'PsumSpad'",
    ],
    [
      'an unknown tensor',
      '- {target: GLB, keep: [Input]}',
      "c.yaml:1:24: conv has no tensor 'Input'",
      "'Inputs'",
    ],
    ['an unknown key', '- {target: GLB, factor: C=1}', "c.yaml:1:17: unknown key 'factor'", "'factors'"],
    ['a factor of 0', '- {target: GLB, factors: M=2 C=0}', "c.yaml:1:30: 'C=0' is not a factor", 'C=16'],
    ['a relation that is none', '- {target: GLB, factors: C<4}', "1:26: 'C<4' is not a factor", "'<='"],
    ['a factor without a value', '- {target: GLB, factors: C}', "1:26: 'C' is not a factor", 'C=16'],
    ['a dimension twice in an order', '- {target: GLB, order: M C M}', "'M' stands twice", ''],
    [
      'an axis of a memory',
      '- {target: GLB, x: [M]}',
      "'x' does not apply to GLB, which is a memory",
      'keep',
    ],
    [
      'an order of an array',
      '- {target: PE, order: [M]}',
      "'order' does not apply to PE, which is an array",
      '',
    ],
    ['a share above 1', '- {target: PE, min_utilization: 1.5}', 'c.yaml:1:33', 'at most 1'],
    ['a missing target', '- {keep: [inputs]}', "'target' is missing", ''],
  ])('refuses %s, says where and what was meant', (_, yaml, message, hint) => {
    expect(complaint(yaml)).toContain(message);
    expect(complaint(yaml)).toContain(hint);
  });

  test('points at the word, also where an earlier word contains it', () => {
    expect(complaint('- {target: GLB, factors: "C=16 C=1x"}')).toContain("c.yaml:1:32: 'C=1x'");
  });
});

describe('a constraints file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dse-constraints-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is a list, or a list under its schema name', () => {
    const list = join(folder, 'list.yaml');
    const named = join(folder, 'named.yaml');
    writeFileSync(list, '- {target: GLB, factors: Q=1}\n');
    writeFileSync(named, 'schema: dse.constraints/1\nconstraints:\n  - {target: GLB, factors: Q=1}\n');
    const expected = [{ kind: 'factor', node: GLB, dim: Q, least: 1, most: 1 }];
    expect(bare(loadConstraints(list, arch, einsum))).toEqual(expected);
    expect(bare(loadConstraints(named, arch, einsum))).toEqual(expected);
  });

  test('of another schema is refused', () => {
    const file = join(folder, 'other.yaml');
    writeFileSync(file, 'schema: dse.mapping/1\nconstraints: []\n');
    expect(() => loadConstraints(file, arch, einsum)).toThrow(/dse.constraints\/1/);
  });
});
