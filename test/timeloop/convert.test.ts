import { describe, expect, test } from 'vitest';
import { memories } from '../../src/arch/architecture.ts';
import { parseArchitecture } from '../../src/arch/load.ts';
import { architectureToYaml } from '../../src/arch/write.ts';
import { assertLegal } from '../../src/mapping/legality.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import { evaluateTimeloop } from '../../src/model/timeloop/evaluate.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { toArchitecture, toConstraints, toEinsum, toMapping } from '../../src/timeloop/convert.ts';
import type { TimeloopInput } from '../../src/timeloop/read.ts';
import { readTimeloopSources } from '../../src/timeloop/read.ts';
import { timeloopToYaml } from '../../src/timeloop/write.ts';
import { hasGolden, loadCases, loadMaintainers, read } from './golden.ts';

const FILES = `
architecture:
  version: 0.3
  subtree:
  - name: system
    local:
    - {name: DRAM, class: DRAM, attributes: {word-bits: 8, reduction_supported: yes}}
    - {name: L1, class: SRAM, attributes: {word_bits: 8, entries: 64, vector_access_energy: 2, addr_gen_energy: 0.1}}
    - {name: 'L0[0..3]', class: regfile, attributes: {word_bits: 8, depth: 8, block_size: 1, meshX: 4}}
    - {name: 'MAC[0..3]', class: intmac, attributes: {datawidth: 8, meshX: 4}}
problem:
  shape:
    name: line
    dimensions: [P, R]
    data_spaces:
    - {name: Weights, projection: [[[R]]]}
    - {name: Inputs, projection: [[[R], [P, stride]]]}
    - {name: Outputs, projection: [[[P]]], read_write: true}
    coefficients: [{name: stride, default: 2}]
  instance: {P: 16, R: 3}
mapping:
- {target: L0, type: temporal, factors: R3 P2, permutation: R P}
- {target: L0, type: bypass, bypass: [Outputs]}
- {target: L1, type: spatial, factors: P=4, split: 1, permutation: PR}
- {target: L1, type: temporal, factors: 'P 2'}
`;

function given(text: string): Required<TimeloopInput> {
  return readTimeloopSources([{ file: 'all.yaml', text }]) as Required<TimeloopInput>;
}

function ours(input: Required<TimeloopInput>) {
  const { design, problem, mapping } = input;
  return {
    arch: toArchitecture(design),
    einsum: toEinsum(problem),
    mapping: toMapping(design, problem, mapping),
  };
}

test('a converted mapping is legal and moves what Timeloop says', () => {
  const input = given(FILES);
  const { arch, einsum, mapping } = ours(input);
  assertLegal(arch, einsum, mapping);
  const cost = evaluateMapping(arch, einsum, mapping);
  const result = evaluateTimeloop(input.design, input.problem, input.mapping);
  expect(cost.memories.map(({ tensors }) => tensors.map(({ perInstance }) => perInstance.reads))).toEqual(
    result.buffers.map(({ reads }) => reads).toReversed(),
  );
});

test('what we write, Timeloop files again, reads back to the same machine, layer and mapping', () => {
  const first = ours(given(FILES));
  const again = ours(given(timeloopToYaml(first.arch, first.einsum, first.mapping)));
  expect(again).toEqual(first);
});

test('a clock survives the way to Timeloop and back', () => {
  const { arch, einsum, mapping } = ours(given(FILES));
  const slow = { ...arch, clockHz: 500e6 };
  expect(ours(given(timeloopToYaml(slow, einsum, mapping))).arch.clockHz).toBe(500e6);
});

test('an architecture we write is the one we read', () => {
  const { arch } = ours(given(FILES));
  const text = architectureToYaml(arch);
  expect(parseArchitecture(parseYaml(text, 'arch.yaml'))).toEqual(arch);
});

test('constraints bind memories and arrays of the converted machine', () => {
  const { design, problem, constraints } = given(`${FILES.split('mapping:')[0]}
architecture_constraints:
  targets:
  - {target: L1, type: spatial, factors: [R=1, P<=2], permutation: PR, split: 1}
  - {target: L0, type: temporal, permutation: R}
  - {target: L0, type: datatype, keep: [Weights], bypass: [Outputs]}
`);
  expect(
    toConstraints(design, problem, constraints).map((rule) => ({ ...rule, position: undefined })),
  ).toEqual([
    { kind: 'factor', node: 2, dim: 1, least: 1, most: 1 },
    { kind: 'factor', node: 2, dim: 0, least: 1, most: 2 },
    { kind: 'axis', node: 2, axis: 'x', dims: [0] },
    { kind: 'axis', node: 2, axis: 'y', dims: [1] },
    { kind: 'order', node: 3, sequence: ['*', 1] },
    { kind: 'keep', node: 3, tensor: 0, kept: true },
    { kind: 'keep', node: 3, tensor: 2, kept: false },
  ]);
});

describe.skipIf(!hasGolden)('golden files', () => {
  const cases = [...loadCases().filter(({ result }) => result), ...loadMaintainers()];
  const convertible = cases.filter(({ tags }) => !tags.includes('residual'));
  test('converted both ways cost the same as before', () => {
    for (const golden of convertible) {
      const input = read(golden) as Required<TimeloopInput>;
      const first = ours(input);
      assertLegal(first.arch, first.einsum, first.mapping);
      const again = ours(given(timeloopToYaml(first.arch, first.einsum, first.mapping)));
      const before = evaluateMapping(first.arch, first.einsum, first.mapping);
      const after = evaluateMapping(again.arch, again.einsum, again.mapping);
      expect(after.memories, golden.name).toEqual(before.memories);
      expect(memories(again.arch).map(({ words }) => words)).toEqual(
        memories(first.arch).map(({ words }) => words),
      );
    }
  });
});
