import { expect, test } from 'vitest';
import { drawNest } from '../../src/mapping/draw.ts';
import { readMapping } from '../../src/mapping/read.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { array, convolution, machine, memory } from './support.ts';

test('a nest is drawn with a block per station, its tiles in words and its arrays named', () => {
  const arch = machine(memory('DRAM'), memory('GLB'), array('PE', 4, 3), memory('Spad'));
  const einsum = convolution({ M: 8, C: 4, P: 6, R: 3 });
  const text = `schema: dse.mapping/1
nest:
  - memory: DRAM
    keep: [all]
  - for: C=2 P=2
  - memory: GLB
    keep: [Inputs, Outputs]
  - array: PE
    x: M=4
    y: R=3
  - memory: Spad
    keep: [Weights]
  - for: M=2 C=2 P=3
`;
  const mapping = readMapping(parseYaml(text, 'm.yaml'), arch, einsum);
  expect(drawNest(mapping, arch, einsum)).toBe(
    `
DRAM [ Weights:96 Inputs:32 Outputs:48 ]
----------------------------------------
| for C in [0:2)
|   for P in [0:2)

GLB [ Inputs:10 Outputs:24 ]
----------------------------------------
|     parallel_for M in [0:4)    # PE x
|       parallel_for R in [0:3)  # PE y

Spad [ Weights:4 ]
----------------------------------------
|         for M in [0:2)
|           for C in [0:2)
|             for P in [0:3)
|               MAC`.trim(),
  );
});
