import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYaml } from '../../src/spec/document.ts';
import { NetworkFile, listWorkloads, workloadFile } from '../../src/workload/zoo.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import type { Layer } from '../../src/workload/workload.ts';
import { complaint } from './diagnose.ts';

const HEAD = 'schema: dse.workload/1\nname: my-net\n';

function layers(body: string, values: Record<string, number> = {}): Layer[] {
  const network = new NetworkFile(parseYaml(HEAD + body, 'my-net.yaml'));
  return network.contents({ ...network.parameters, ...values }).layers;
}

describe('a workload file', () => {
  it('lists layers as lines or with a count, over its parameters', () => {
    const read = layers(
      [
        'parameters: {batch: 2}',
        'layers:',
        '  conv1: conv N={batch} M=64 C=3 P=112 Q=112 R=7 S=7 stride=2',
        '  attn.qk: einsum O[b,m,n] += Q[b,m,k] * K[b,n,k] | b=96 m=512 n=512 k=64',
        '  block: {layer: gemm M=8 N=8 K=8, count: 12}',
        '  tail: "gemm: M=8, N=8, K=8 x3"',
      ].join('\n'),
      { batch: 4 },
    );
    expect(read.map(({ name, count }) => [name, count])).toEqual([
      ['conv1', 1],
      ['attn.qk', 1],
      ['block', 12],
      ['tail', 3],
    ]);
    const conv = parseLayer('conv:N=4,M=64,C=3,P=112,Q=112,R=7,S=7,stride=2');
    expect(read[0].einsum).toEqual({ ...conv, name: 'conv1' });
  });

  it.each([
    ['a plain line', '  a: gemm M=8 N=0 K=8\n', 4, 17, '0'],
    ['quotes', '  a: "gemm M=8 N=0 K=8"\n', 4, 18, '0'],
    ['a flow map', '  a: {layer: gemm M=8 N=0 K=8, count: 3}\n', 4, 25, '0'],
    ['a block scalar, as a whole', '  a: >\n    gemm M=8\n    N=0 K=8\n', 4, 6, '>'],
  ])('gives the line and column of a bad word in %s', (_, layer, line, column, underlined) => {
    const found = complaint(() => layers(`layers:\n${layer}`));
    expect(found.message).toBe('N must be at least 1, found 0');
    expect(found.position).toMatchObject({ file: 'my-net.yaml', line, column });
    expect(found.underlined).toBe(underlined);
  });

  it.each([
    ['layers: {}', 'a network needs at least one layer', '{}'],
    [
      'parameters: {batch: 0}\nlayers: {a: gemm M=1 N=1 K=1}',
      "expected a number of at least 1, found '0'",
      '0',
    ],
    ['parameters: {a-b: 1}\nlayers: {a: gemm M=1 N=1 K=1}', "'a-b' cannot be a name here", 'a-b'],
    ['layers: {1: gemm M=1 N=1 K=1}', "'1' cannot be a name here", '1'],
    ['layers: {"a*": gemm M=1 N=1 K=1}', "'a*' cannot be a name here", '"a*"'],
    ['layers: {a: {layer: gemm M=1 N=1 K=1 x2, count: 3}}', 'the count is given twice', '3'],
    ['layers: {a: {layer: gemm M=1 N=1 K=1, cuont: 3}}', "unknown key 'cuont'", 'cuont'],
    ['layers: {a: {layer: gemm M=1 N=1 K=1, count: 1.5}}', "expected an integer, found '1.5'", '1.5'],
    ['layers: {a: {count: 1}}', "'layer' is missing", '{count: 1}'],
    ['layers:\n  a: gemm M={btach} N=1 K=1\nparameters: {batch: 1}', "unknown variable 'btach'", '{btach}'],
    ['lyaers: {a: gemm M=1 N=1 K=1}', "'layers' is missing", undefined],
  ])('%s: %s', (body, message, underlined) => {
    const found = complaint(() => layers(body));
    expect(found.message).toBe(message);
    if (underlined !== undefined) expect(found.underlined).toBe(underlined);
  });

  it('of another schema is refused', () => {
    const document = parseYaml('schema: dse.arch/1\nname: x\nlayers: {a: gemm M=1 N=1 K=1}', 'x.yaml');
    expect(complaint(() => new NetworkFile(document)).message).toBe(
      "expected 'dse.workload/1', found 'dse.arch/1'",
    );
  });
});

it('every shipped file carries its name and a description', () => {
  for (const { name, description, file } of listWorkloads()) {
    expect(file.endsWith(`/${name}.yaml`)).toBe(true);
    expect(new NetworkFile(parseYaml(readFileSync(file, 'utf8'), file)).name).toBe(name);
    expect(description).not.toBe('');
  }
});

it('the JSON Schema for editors is the one the reader checks', () => {
  const shipped: unknown = JSON.parse(
    readFileSync(new URL('../../schemas/dse.workload-1.schema.json', import.meta.url), 'utf8'),
  );
  expect(shipped).toEqual(z.toJSONSchema(workloadFile));
});
