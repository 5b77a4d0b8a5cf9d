import { expect, test } from 'vitest';
import { parseArchitecture } from '../../src/arch/load.ts';
import { readConstraints } from '../../src/mapspace/read-constraints.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { complaints } from '../spec/support.ts';

const MACHINE = `schema: dse.arch/1
name: grid
word: 8 bit
hierarchy:
  - { memory: DRAM, size: unlimited }
  - { array: PE, x: 4, y: 4 }
  - { compute: MAC }
`;

function rulesOf(layer: string, entry: string, ofArchitecture = true) {
  const document = parseYaml(`${MACHINE}constraints:\n  - { target: ${entry} }\n`, 'grid.yaml');
  const architecture = parseArchitecture(document);
  return readConstraints(document, architecture, parseLayer(layer), {
    path: ['constraints'],
    ofArchitecture,
  });
}

function axisDims(layer: string, x: string): string[] {
  const { dims } = parseLayer(layer);
  return rulesOf(layer, `PE, x: [${x}]`).flatMap((rule) =>
    rule.kind === 'axis' ? rule.dims.map((dim) => dims[dim].name) : [],
  );
}

const CONV = 'conv:N=2,M=4,C=4,P=4,Q=4,R=3,S=3,groups=2';
const GEMM = 'gemm:M=4,N=4,K=4';

test.each([
  [CONV, 'weights&outputs', ['M']],
  [CONV, 'inputs&weights', ['C', 'R', 'S']],
  [CONV, 'outputs&inputs', ['N', 'P', 'Q']],
  [CONV, 'inputs&weights&outputs', ['G']],
  [CONV, 'weights', []],
  [GEMM, 'weights&outputs', ['N']],
  [GEMM, 'inputs&weights', ['K']],
  [GEMM, 'inputs&outputs, K', ['M', 'K']],
])('%s: an axis of %s holds %j', (layer, x, expected) => {
  expect(axisDims(layer, x).toSorted()).toEqual(expected.toSorted());
});

test("an architecture's constraints skip dimensions the layer lacks, in axes and factors", () => {
  expect(axisDims(GEMM, 'P, M')).toEqual(['M']);
  expect(rulesOf(GEMM, 'DRAM, factors: [P=1, M=2]')).toMatchObject([
    { kind: 'factor', dim: 0, least: 2, most: 2 },
  ]);
});

test('constraints of a user name dimensions the layer has', () => {
  expect(complaints(() => rulesOf(GEMM, 'DRAM, factors: [P=1]', false))).toEqual([
    "9:31: gemm has no dimension 'P'",
  ]);
});
