import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { loadWorkload } from '../../src/workload/select.ts';
import { complaint } from './diagnose.ts';

function names(selector: string): string[] {
  return loadWorkload(selector).layers.map(({ name }) => name);
}

function bound(selector: string, dim: string): number | undefined {
  const [{ einsum }] = loadWorkload(selector).layers;
  return einsum.dims.find(({ name }) => name === dim)?.bound;
}

describe('a shipped network', () => {
  it('is all its layers in network order, with and without .*', () => {
    const { name, selector, layers } = loadWorkload('resnet50');
    expect({ name, selector }).toEqual({ name: 'resnet50', selector: 'resnet50' });
    expect(layers).toHaveLength(54);
    expect(loadWorkload('resnet50.*').layers).toEqual(layers);
  });

  it('gives each Einsum the name of its layer', () => {
    for (const { name, einsum } of loadWorkload('llama2_7b').layers) expect(einsum.name).toBe(name);
  });

  it('gives a whole stage for its beginning up to _ or .', () => {
    const stage = names('resnet50.conv3');
    expect(stage).toHaveLength(13);
    expect(stage.every((name) => name.startsWith('conv3_'))).toBe(true);
    expect(names('resnet50.conv3_1')).toEqual(['conv3_1.a', 'conv3_1.b', 'conv3_1.c', 'conv3_1.proj']);
    expect(names('bert_base.attn')).toHaveLength(6);
  });

  it('does not take a beginning that ends inside a word', () => {
    expect(complaint(() => loadWorkload('resnet50.con')).message).toBe("resnet50 has no layer 'con'");
    expect(complaint(() => loadWorkload('resnet50.conv3_1.pro')).message).toContain('no layer');
  });

  it('gives one layer for its name, even where it begins others', () => {
    expect(names('resnet50.conv3_1.b')).toEqual(['conv3_1.b']);
    expect(names('mobilenet_v2.conv_last')).toEqual(['conv_last']);
  });

  it('matches ? to one character and * to any', () => {
    expect(names('resnet50.conv?_1.proj')).toEqual([2, 3, 4, 5].map((stage) => `conv${stage}_1.proj`));
    expect(names('resnet50.*.proj')).toEqual(names('resnet50.conv?_1.proj'));
    expect(names('resnet50.conv?_1.*')).toHaveLength(16);
    expect(names('resnet50.conv?_1')).toEqual(names('resnet50.conv?_1.*'));
    expect(complaint(() => loadWorkload('resnet50.conv?1.a')).message).toContain('no layer');
  });

  it('counts #N from 1 in network order', () => {
    expect(names('resnet50#1')).toEqual(['conv1']);
    expect(names('resnet50#12')).toEqual(['conv3_1.a']);
    expect(names('resnet50#54')).toEqual(['fc']);
  });

  it('may follow a colon too', () => {
    expect(names('resnet50:conv3_1')).toEqual(names('resnet50.conv3_1'));
  });

  it('keeps counts of repeated blocks', () => {
    const [layer] = loadWorkload('bert_base.ffn.up').layers;
    expect(layer.count).toBe(12);
  });
});

describe('parameters', () => {
  it('have defaults, which the caller and then the selector replace', () => {
    const query = 'bert_base.attn.query';
    expect(bound(query, 'M')).toBe(512);
    const [{ einsum }] = loadWorkload(query, { params: { batch: 4, seq: 128 } }).layers;
    expect(einsum.dims[0].bound).toBe(512);
    const both = loadWorkload('bert_base@seq=64.attn.query', { params: { batch: 4, seq: 128 } });
    expect(both.layers[0].einsum.dims[0].bound).toBe(256);
  });

  it('stand after @, before the layers', () => {
    expect(bound('llama2_7b@batch=4,seq=128.prefill.attn.q_proj', 'M')).toBe(512);
    expect(bound('llama2_7b@batch=4,seq=128.decode.attn.q_proj', 'M')).toBe(4);
    expect(bound('llama2_7b@seq=128.decode.attn.qk', 'N')).toBe(128);
    expect(bound('resnet50@batch=8#1', 'N')).toBe(8);
    expect(names('resnet50@batch=8')).toHaveLength(54);
  });

  it.each([
    ['llama2_7b@sq=4.decode', "llama2_7b has no parameter 'sq'", 'sq'],
    ['llama2_7b@seq=0', 'seq must be at least 1, found 0', '0'],
    ['llama2_7b@seq=many', "seq must be a positive integer, found 'many'", 'many'],
    ['llama2_7b@seq', "'seq' has no value", 'seq'],
    ['llama2_7b@x4', "'x4' is no parameter", '4'],
    [
      'llama2_7b.decode@seq=4',
      'parameters follow the network, before the layers: llama2_7b@seq=128.prefill',
      '@',
    ],
  ])('%s: %s', (selector, message, underlined) => {
    expect(complaint(() => loadWorkload(selector))).toMatchObject({ message, underlined });
  });

  it('suggest the near name', () => {
    const { suggestion, expected } = complaint(() => loadWorkload('llama2_7b@sq=4.decode'));
    expect({ suggestion, expected }).toEqual({
      suggestion: "did you mean 'seq'?",
      expected: 'one of batch, seq',
    });
  });

  it.each([
    [{ sq: 4 }, "bert_base has no parameter 'sq'"],
    [{ seq: 0 }, 'seq must be a positive integer below 2^31, found 0'],
    [{ seq: NaN }, 'seq must be a positive integer below 2^31, found NaN'],
    [{ seq: 2 ** 31 }, 'seq must be a positive integer below 2^31, found 2147483648'],
    [{ toString: 4 }, "bert_base has no parameter 'toString'"],
  ])('given as options %j: %s', (params, message) => {
    expect(complaint(() => loadWorkload('bert_base', { params })).message).toBe(message);
  });

  it('that make a layer too large are reported at the layer, in its file', () => {
    const { message, position } = complaint(() => loadWorkload('gpt3_175b@batch=2000000,seq=2000'));
    expect(message).toBe('M must be below 2^31, found {batch*seq} = 4000000000');
    expect(position?.file).toMatch(/gpt3_175b\.yaml$/);
    expect(position?.text.slice(position.column - 1, position.column - 1 + position.length)).toBe(
      '{batch*seq}',
    );
  });
});

describe('a layer written out', () => {
  it('is a workload of one layer', () => {
    const text = 'conv:N=1,M=128,C=128,P=28,Q=28,R=3,S=3,stride=1';
    expect(loadWorkload(text)).toEqual({
      name: 'conv',
      selector: text,
      layers: [{ name: 'conv', count: 1, einsum: parseLayer(text) }],
    });
  });

  it('may have a space for the colon, and a count', () => {
    const [layer] = loadWorkload('gemm M=2 N=3 K=4 x6').layers;
    expect(layer).toEqual({ name: 'gemm', count: 6, einsum: parseLayer('gemm:M=2,N=3,K=4') });
  });

  it('is told from a network by its kind, whatever it holds', () => {
    expect(complaint(() => loadWorkload('gemm:M=2.5,N=3,K=4')).message).toContain('whole number');
    expect(complaint(() => loadWorkload('gemm:M=@2#3,N=3,K=4')).message).toContain("found '@2#3'");
    expect(complaint(() => loadWorkload('gemm')).message).toBe('this gemm has no bound for M=, N=, K=');
  });

  it('has no parameters', () => {
    const options = { params: { batch: 2 } };
    expect(complaint(() => loadWorkload('gemm:M=2,N=3,K=4', options)).message).toBe(
      "a layer written out has no parameters; 'batch' is given",
    );
  });

  it('of an unknown kind suggests the near one', () => {
    const { message, suggestion, underlined } = complaint(() => loadWorkload('gem:M=2,N=3,K=4'));
    expect(message).toBe("unknown kind of layer 'gem'");
    expect(suggestion).toBe("did you mean 'gemm'?");
    expect(underlined).toBe('gem');
  });
});

describe('a selector that finds nothing', () => {
  it.each([
    ['resnet5O', "unknown network 'resnet5O'", "did you mean 'resnet50'?", 'resnet5O'],
    ['resnet-50.conv3', "unknown network 'resnet-50'", "did you mean 'resnet50'?", 'resnet-50'],
    ['resnet50.conv6', "resnet50 has no layer 'conv6'", "did you mean 'conv1'?", 'conv6'],
    ['resnet50.conv3_1.d', "resnet50 has no layer 'conv3_1.d'", "did you mean 'conv3_1'?", 'conv3_1.d'],
    ['llama2_7b.prefil', "llama2_7b has no layer 'prefil'", "did you mean 'prefill'?", 'prefil'],
    ['resnet50.', "resnet50 has no layer ''", undefined, ''],
    ['resnet50#0', 'the number of a layer must be at least 1, found 0', undefined, '0'],
    ['resnet50#55', 'resnet50 has 54 layers, not 55', undefined, '55'],
    ['resnet50#two', "the number of a layer must be a positive integer, found 'two'", undefined, 'two'],
    ['', 'no network or layer is named', undefined, ''],
  ])('%s: %s', (selector, message, suggestion, underlined) => {
    const found = complaint(() => loadWorkload(selector));
    expect(found.message).toBe(message);
    expect(found.suggestion).toBe(suggestion);
    expect(found.position?.file).toBe('<layer>');
    // The caret is one wide even where there is nothing to underline.
    expect(found.underlined).toBe(underlined);
  });

  it('lists the stages of the network, or the networks', () => {
    const layer = complaint(() => loadWorkload('resnet50.conv6'));
    expect(layer.expected).toBe('one of conv1, conv2, conv3, conv4, conv5, fc');
    const network = complaint(() => loadWorkload('lenet'));
    expect(network.expected).toContain('alexnet, bert_base');
  });
});

describe('a workload file', () => {
  const home = process.cwd();
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dse-select-'));
    const file = (name: string, bound: number): void =>
      writeFileSync(
        join(folder, name),
        `schema: dse.workload/1\nname: mine\nparameters: { batch: ${bound} }\nlayers:\n` +
          '  conv1: gemm M={batch} N=2 K=2\n  block.a: gemm M=1 N=1 K=1 x3\n',
      );
    file('my-net.yaml', 7);
    file('resnet50.yaml', 9);
    file('conv.yaml', 9);
    file('odd@name#1:x.yml', 5);
    mkdirSync(join(folder, 'folder.yaml'));
    process.chdir(folder);
  });

  afterAll(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it('is read by its path, whole or in part', () => {
    expect(loadWorkload('my-net.yaml')).toMatchObject({ name: 'mine', selector: 'my-net.yaml' });
    expect(names('my-net.yaml')).toEqual(['conv1', 'block.a']);
    expect(names(join(folder, 'my-net.yaml'))).toEqual(['conv1', 'block.a']);
    expect(names('./my-net.yaml:block')).toEqual(['block.a']);
    expect(names('my-net.yaml.conv1')).toEqual(['conv1']);
    expect(names('my-net.yaml#2')).toEqual(['block.a']);
    expect(bound('my-net.yaml', 'M')).toBe(7);
    expect(bound('my-net.yaml@batch=3:conv1', 'M')).toBe(3);
    expect(bound('odd@name#1:x.yml@batch=2#1', 'M')).toBe(2);
  });

  it('is found by its name, before a shipped network', () => {
    expect(names('my-net.block')).toEqual(['block.a']);
    expect(bound('resnet50.conv1', 'M')).toBe(9);
    expect(names('resnet50.yaml')).toEqual(['conv1', 'block.a']);
  });

  it('never hides a kind of layer', () => {
    expect(loadWorkload('conv:M=8,C=4,P=7,Q=7,R=3,S=3').name).toBe('conv');
    expect(names('conv.conv1')).toEqual(['conv1']);
  });

  it('that is shipped may be named with .yaml', () => {
    expect(loadWorkload('vgg16.yaml').name).toBe('vgg16');
  });

  it('that is missing, a directory, or no YAML name is reported', () => {
    expect(complaint(() => loadWorkload('other.yaml:conv1')).message).toBe(
      "cannot read 'other.yaml': no such file",
    );
    expect(complaint(() => loadWorkload('folder.yaml')).message).toBe(
      "'folder.yaml' is a directory, not a file",
    );
    expect(complaint(() => loadWorkload(tmpdir())).message).toBe(
      `'${tmpdir()}' is not a workload file: its name does not end in .yaml or .onnx`,
    );
  });
});
