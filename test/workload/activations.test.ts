/** Who reads whose outputs: graphs of workload files, selections of them, sizes that do not fit. */
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/spec/document.ts';
import { passesOn } from '../../src/workload/activations.ts';
import type { Activation } from '../../src/workload/activations.ts';
import { loadWorkload } from '../../src/workload/select.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { NetworkFile, listWorkloads } from '../../src/workload/zoo.ts';
import { complaint } from './diagnose.ts';

const LAYERS = `schema: dse.workload/1
name: small
layers:
  a: conv M=8 C=3 P=8 Q=8 R=3 S=3
  b: conv M=8 C=8 P=4 Q=4 R=3 S=3
  c: conv M=8 C=8 P=4 Q=4 R=1 S=1
  d: conv M=2 C=8 P=2 Q=2 R=1 S=1 stride=2
`;

function activations(graph: string): readonly Activation[] | undefined {
  const network = new NetworkFile(parseYaml(LAYERS + graph, 'small.yaml'));
  return network.contents({}).activations;
}

describe('the graph of a workload file', () => {
  it('is not known where there is none', () => {
    expect(activations('')).toBeUndefined();
    expect(loadWorkload('bert_base').activations).toBeUndefined();
  });

  it('has each layer read the one before it, through operators that keep the size', () => {
    expect(activations('graph: {b: {via: pooling}}')).toEqual([
      { producer: 0, uses: [{ layer: 1, tensor: 1 }], leaves: 'pooling changes its size' },
      { producer: 1, uses: [{ layer: 2, tensor: 1 }] },
      { producer: 2, uses: [{ layer: 3, tensor: 1 }] },
      { producer: 3, uses: [], leaves: 'no layer reads it' },
    ]);
  });

  it('names other readers, the input and additions', () => {
    const graph = 'graph: {b: {reads: input}, c: {adds: [b]}, d: {reads: b, adds: a}}';
    expect(activations(graph)?.map(({ uses, leaves }) => [uses, leaves])).toEqual([
      [[{ layer: 3 }], undefined],
      [[{ layer: 2, tensor: 1 }, { layer: 2 }, { layer: 3, tensor: 1 }], undefined],
      [[], 'no layer reads it'],
      [[], 'no layer reads it'],
    ]);
  });

  it.each([
    ['graph: {e: {}}', "no layer is called 'e'", 'e'],
    ['graph: {b: {via: pooling}, c: {reads: x}}', "no layer is called 'x'", 'x'],
    ['graph: {b: {via: pooling}, c: {reads: d}}', "'d' does not lie before it", 'd'],
    ['graph: {b: {via: pooling}, c: {adds: [c]}}', "'c' does not lie before it", 'c'],
    ['graph: {c: {}}', 'b reads 1 x 8 x 6 x 6, but a writes 1 x 8 x 8 x 8', 'b'],
  ])('%s: %s', (graph, message, underlined) => {
    expect(complaint(() => activations(graph))).toMatchObject({ message, underlined });
  });

  it('of a counted layer lets nothing stay', () => {
    const twice = LAYERS.replace('S=1\n', 'S=1 x2\n');
    const network = new NetworkFile(parseYaml(`${twice}graph: {b: {via: pooling}}`, 'small.yaml'));
    const reasons = network.contents({}).activations!.map(({ leaves }) => leaves);
    expect(reasons.slice(1, 3)).toEqual(['its layers stand for several', 'its layers stand for several']);
  });
});

describe('a part of a network', () => {
  it('keeps what passes inside it; what others read has to leave', () => {
    const { layers, activations: found = [] } = loadWorkload('resnet18.conv3');
    const name = (place: number): string => layers[place].name;
    expect(
      found.map(({ producer, uses, leaves }) => [
        name(producer),
        uses.map(({ layer }) => name(layer)),
        leaves,
      ]),
    ).toEqual([
      ['conv3_1.a', ['conv3_1.b'], undefined],
      ['conv3_1.b', ['conv3_1.proj'], undefined],
      ['conv3_1.proj', ['conv3_2.a', 'conv3_2.b'], undefined],
      ['conv3_2.a', ['conv3_2.b'], undefined],
      ['conv3_2.b', [], 'a layer that is not selected reads it'],
    ]);
  });
});

it.each([
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'conv:M=4,C=8,P=8,Q=8,R=3,S=3', true],
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'conv:M=4,C=8,P=6,Q=6,R=3,S=3', true],
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'conv:M=4,C=8,P=4,Q=4,R=1,S=1,stride=2', true],
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'conv:M=4,C=8,P=4,Q=4,R=3,S=3,stride=2', true],
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'conv:M=4,C=8,P=3,Q=4,R=1,S=1,stride=2', false],
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'conv:M=4,C=8,P=4,Q=4,R=3,S=3', false],
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'conv:M=4,C=4,P=8,Q=8,R=3,S=3', false],
  ['conv:M=8,C=3,P=8,Q=8,R=1,S=1', 'dwconv:G=8,P=8,Q=8,R=3,S=3', true],
  ['dwconv:G=8,P=8,Q=8,R=3,S=3', 'conv:M=4,C=8,P=8,Q=8,R=1,S=1', true],
  ['conv:M=8,C=3,P=1,Q=1,R=1,S=1', 'conv:M=4,C=8,P=1,Q=1,R=1,S=1', true],
  ['gemm:M=8,N=6,K=4', 'gemm:M=8,N=2,K=6', true],
  ['gemm:M=8,N=6,K=4', 'gemm:M=8,N=2,K=4', false],
])('%s passes on to %s: %s', (producer, reader, expected) => {
  const einsum = parseLayer(reader);
  const inputs = einsum.tensors.findIndex(({ role }) => role === 'inputs');
  expect(passesOn(parseLayer(producer), einsum, inputs)).toBe(expected);
});

it('every shipped graph can be read', () => {
  const known = listWorkloads().filter(({ name }) => loadWorkload(name).activations !== undefined);
  expect(known.map(({ name }) => name)).toEqual(['alexnet', 'mobilenet_v2', 'resnet18', 'resnet50', 'vgg16']);
});
