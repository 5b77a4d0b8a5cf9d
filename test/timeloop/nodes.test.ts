import { describe, expect, test } from 'vitest';
import type { Constraint } from '../../src/timeloop/constraints.ts';
import type { ReadOptions, TimeloopInput } from '../../src/timeloop/read.ts';
import { readTimeloop, readTimeloopSources } from '../../src/timeloop/read.ts';
import { GOLDEN, hasGolden } from './golden.ts';

const DESIGNS = ['eyeriss_like', 'simba_like', 'simple_output_stationary', 'simple_weight_stationary'];

describe.skipIf(!hasGolden)('designs as users write them', () => {
  const folder = `${GOLDEN}v04-files/`;
  for (const architecture of DESIGNS) {
    test(`${architecture} equals its flattened form`, () => {
      const written = modelled([`${folder}example_designs/top.yaml.jinja2`], {
        parameters: { architecture },
      });
      const flattened = modelled([`${folder}${architecture}.flattened.yaml`], {});
      expect(written).toEqual(flattened);
    });
  }
});

function modelled(paths: readonly string[], options: ReadOptions): unknown {
  const input = readTimeloop(paths, options);
  const { design, problem, mapper } = input;
  const levels = design?.levels.map((level) => ({ ...level, position: undefined }));
  return {
    levels,
    arithmetic: { ...design?.arithmetic, position: undefined },
    problem,
    mapper,
    constraints: rules(input),
  };
}

/** Constraints that bind something, in one order. */
function rules({ constraints, problem }: TimeloopInput): string[] {
  const binds = (rule: Constraint): boolean =>
    rule.kind !== 'temporal' ||
    rule.factors.length > 0 ||
    rule.innermost.some((dim) => problem?.bounds[dim] !== 1);
  const normal = (rule: Constraint): unknown => {
    const { position: _, ...rest } = rule;
    return rest.kind === 'bypass'
      ? { ...rest, keep: rest.keep.toSorted(), bypass: rest.bypass.toSorted() }
      : rest;
  };
  return constraints
    .filter(binds)
    .map((rule) => JSON.stringify(normal(rule)))
    .toSorted();
}

const NODES = `
variables: {side: 4, wide: side * 2}
architecture:
  version: 0.4
  nodes:
  - !Container {name: system, attributes: {datawidth: wide}}
  - !Component {name: DRAM, class: DRAM, attributes: {width: 64}}
  - !Component {name: buffer, class: smartbuffer_SRAM, attributes: &sram {depth: 2 ** 10 if side > 2 else 1, width: 64}}
  - !Container {name: PE, spatial: {meshX: side, meshY: side // 2}}
  - !Parallel
    nodes:
    - !Component {name: in, class: storage, attributes: {<<: *sram, depth: 4}, constraints: {dataspace: {keep: [A]}}}
    - !Component {name: out, class: storage, attributes: {<<: *sram, depth: 8}, constraints: {dataspace: {keep: [Z]}}}
  - !Component {name: mac, class: intmac}
problem:
  shape:
    name: copy
    dimensions: [M]
    data_spaces:
    - {name: A, projection: '[M]'}
    - {name: Z, projection: [[[M]]], read_write: true}
  instance: {M: 16}
`;

test('nodes, expressions, merge keys and inherited attributes make levels', () => {
  const { design, constraints } = readTimeloopSources([{ file: 'nodes.yaml', text: NODES }]);
  const sizes = design?.levels.map(({ name, size, instances, wordBits }) => [
    name,
    size,
    instances,
    wordBits,
  ]);
  expect(sizes).toEqual([
    ['out', 64, 8, 8],
    ['in', 32, 8, 8],
    ['inter_PE_spatial', 1, 1, 1],
    ['buffer', 8192, 1, 8],
    ['DRAM', undefined, 1, 8],
  ]);
  expect(
    constraints.filter(({ kind }) => kind === 'bypass').map((rule) => rule.kind === 'bypass' && rule.bypass),
  ).toEqual([[0, 1], [1], [0]]);
});
