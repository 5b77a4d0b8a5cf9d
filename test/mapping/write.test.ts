import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readMapping } from '../../src/mapping/read.ts';
import { mappingToJson, mappingToYaml } from '../../src/mapping/write.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { type Case, array, convolution, legalCase, machine, memory } from './support.ts';

test('a random legal mapping survives YAML', () => {
  fc.assert(
    fc.property(legalCase, ({ arch, einsum, mapping }) => {
      const text = mappingToYaml(mapping, arch, einsum);
      expect(readMapping(parseYaml(text, 'm.yaml'), arch, einsum)).toEqual(mapping);
    }),
    { numRuns: 300 },
  );
});

test('a random legal mapping survives JSON', () => {
  fc.assert(
    fc.property(legalCase, ({ arch, einsum, mapping }) => {
      const text = JSON.stringify(mappingToJson(mapping, arch, einsum));
      expect(readMapping(parseYaml(text, 'm.json'), arch, einsum)).toEqual(mapping);
    }),
    { numRuns: 300 },
  );
});

const small: Case = {
  arch: machine(memory('DRAM'), array('PE', 4, 3), memory('Spad')),
  einsum: convolution({ M: 8, C: 1, P: 6, R: 3 }),
  mapping: {
    nest: [
      { kind: 'station', memory: 0, tensors: [0, 1, 2] },
      { kind: 'for', dim: 2, factor: 3 },
      { kind: 'for', dim: 0, factor: 2 },
      { kind: 'parallel', fanout: 0, axis: 'x', dim: 0, factor: 2 },
      { kind: 'parallel', fanout: 0, axis: 'x', dim: 2, factor: 2 },
      { kind: 'parallel', fanout: 0, axis: 'y', dim: 3, factor: 3 },
      { kind: 'parallel', fanout: 0, axis: 'x', dim: 0, factor: 2 },
      { kind: 'station', memory: 1, tensors: [0] },
    ],
  },
};

test('the YAML form is the one people write', () => {
  expect(mappingToYaml(small.mapping, small.arch, small.einsum)).toBe(`schema: dse.mapping/1
nest:
  - memory: DRAM
    keep: [Weights, Inputs, Outputs]
  - for: P=3 M=2
  - array: PE
    x: M=2 P=2
    y: R=3
  - array: PE
    x: M=2
  - memory: Spad
    keep: [Weights]
`);
});
