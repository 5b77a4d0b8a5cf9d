import { expect, test } from 'vitest';
import type { Constraints } from '../../src/mapspace/constraints.ts';
import { readConstraints } from '../../src/mapspace/read-constraints.ts';
import { constraintsToYaml } from '../../src/mapspace/write-constraints.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { array, machine, memory } from './machines.ts';

test('rules that are written are the rules that are read', () => {
  const arch = machine(memory('DRAM', Infinity), memory('GLB', 4000), array('PE', 4, 4), memory('RF', 64));
  const einsum = parseLayer('gemm:M=12,N=30,K=20');
  const rules: Constraints = [
    { kind: 'factor', node: 0, dim: 0, least: 2, most: 12 },
    { kind: 'factor', node: 1, dim: 1, least: 5, most: 5 },
    { kind: 'factor', node: 2, dim: 2, least: 1, most: 4 },
    { kind: 'order', node: 1, sequence: ['*', 2, 0] },
    { kind: 'keep', node: 1, tensor: 0, kept: true },
    { kind: 'keep', node: 3, tensor: 1, kept: false },
    { kind: 'resident', node: 1, tensor: 2 },
    { kind: 'reserve', node: 1, words: 12.5 },
    { kind: 'axis', node: 2, axis: 'x', dims: [0, 1] },
    { kind: 'axis', node: 2, axis: 'y', dims: [] },
    { kind: 'utilization', node: 4, share: 0.25 },
  ];
  const document = parseYaml(constraintsToYaml(rules, arch, einsum), 'constraints.yaml');
  const read = readConstraints(document, arch, einsum, { path: ['constraints'], ofArchitecture: false });
  expect(read).toEqual(rules.map((rule) => ({ ...rule, position: expect.anything() })));
});
