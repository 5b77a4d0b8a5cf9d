import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Einsum, type Tensor, macs, tensorWords } from '../../src/workload/einsum.ts';
import { commandLineSource } from '../../src/workload/layer-text.ts';
import { LAYER_GRAMMAR, LAYER_KINDS, parseLayer, readLayer } from '../../src/workload/shorthand.ts';
import { complaint } from './diagnose.ts';

/** `Weights[M,C,R,S]`, `Inputs[N,C,2P+R,…]`: a tensor as the field writes it. */
function written(einsum: Einsum, { name, ranks }: Tensor): string {
  const indices = ranks.map((rank) =>
    rank
      .map(({ dim, coefficient }) => `${coefficient === 1 ? '' : coefficient}${einsum.dims[dim].name}`)
      .join('+'),
  );
  return `${name}[${indices.join(',')}]`;
}

function tensors(einsum: Einsum): string[] {
  return einsum.tensors.map((tensor) => `${tensor.role} ${written(einsum, tensor)}`);
}

function bounds(einsum: Einsum): string {
  return einsum.dims.map(({ name, bound }) => `${name}=${bound}`).join(' ');
}

describe('convolution', () => {
  it('has the dimensions N M C P Q R S and the tensors Weights, Inputs, Outputs', () => {
    const conv = parseLayer('conv:N=2,M=128,C=64,P=28,Q=14,R=3,S=5');
    expect(conv.name).toBe('conv');
    expect(bounds(conv)).toBe('N=2 M=128 C=64 P=28 Q=14 R=3 S=5');
    expect(tensors(conv)).toEqual([
      'weights Weights[M,C,R,S]',
      'inputs Inputs[N,C,P+R,Q+S]',
      'outputs Outputs[N,M,P,Q]',
    ]);
  });

  it('takes N, stride and dilation as 1 unless given', () => {
    const short = parseLayer('conv:M=8,C=4,P=7,Q=7,R=3,S=3');
    const long = parseLayer('conv:N=1,M=8,C=4,P=7,Q=7,R=3,S=3,stride=1,dilation=1,groups=1');
    expect(long).toEqual(short);
  });

  it('reads commas, spaces, both, and a space instead of the colon as the same layer', () => {
    const expected = parseLayer('conv:N=1,M=8,C=4,P=7,Q=7,R=3,S=3,stride=2');
    for (const text of [
      'conv N=1 M=8 C=4 P=7 Q=7 R=3 S=3 stride=2',
      ' conv : N=1, M = 8, C=4,\tP=7 Q=7, R=3 S=3 stride = 2 ',
      'conv:stride=2,S=3,R=3,Q=7,P=7,C=4,M=8,N=1',
    ]) {
      expect(parseLayer(text)).toEqual(expected);
    }
  });

  it('strides and dilates both axes, or P and Q apart', () => {
    const both = parseLayer('conv:M=1,C=1,P=4,Q=4,R=3,S=3,stride=2,dilation=3');
    expect(tensors(both)[1]).toBe('inputs Inputs[N,C,2P+3R,2Q+3S]');
    const apart = parseLayer('conv:M=1,C=1,P=4,Q=4,R=3,S=3,stride=2x1,dilation=1x3');
    expect(tensors(apart)[1]).toBe('inputs Inputs[N,C,2P+R,Q+3S]');
  });

  it('reads an input that spans the strided, dilated window', () => {
    const conv = parseLayer('conv:M=1,C=1,P=4,Q=4,R=3,S=3,stride=2,dilation=2');
    const inputs = conv.tensors[1];
    expect(tensorWords(conv, inputs)).toBe(11 * 11); // 1 + 2·3 + 2·2
  });

  it('counts the channels of one group with G, of all groups with groups', () => {
    const perGroup = parseLayer('conv:G=2,M=128,C=48,P=27,Q=27,R=5,S=5');
    const total = parseLayer('conv:groups=2,M=256,C=96,P=27,Q=27,R=5,S=5');
    expect(total).toEqual(perGroup);
    expect(bounds(perGroup)).toBe('N=1 G=2 M=128 C=48 P=27 Q=27 R=5 S=5');
    expect(tensors(perGroup)).toEqual([
      'weights Weights[G,M,C,R,S]',
      'inputs Inputs[N,G,C,P+R,Q+S]',
      'outputs Outputs[N,G,M,P,Q]',
    ]);
  });

  it('leaves G out where it is 1', () => {
    expect(parseLayer('conv:G=1,M=8,C=4,P=7,Q=7,R=3,S=3')).toEqual(
      parseLayer('conv:M=8,C=4,P=7,Q=7,R=3,S=3'),
    );
  });

  it('rejects G beside groups, and channels that do not split', () => {
    const both = complaint(() => parseLayer('conv:G=2,groups=2,M=8,C=4,P=7,Q=7,R=3,S=3'));
    expect(both.message).toBe('G and groups are both given');
    const uneven = complaint(() => parseLayer('conv:groups=3,M=9,C=4,P=7,Q=7,R=3,S=3'));
    expect(uneven.message).toBe('C=4 does not split into 3 groups');
    expect(uneven.underlined).toBe('3');
  });

  it('is depthwise with one input channel per group', () => {
    const dwconv = parseLayer('dwconv:G=32,P=112,Q=112,R=3,S=3');
    expect({ ...dwconv, name: 'conv' }).toEqual(parseLayer('conv:G=32,M=1,C=1,P=112,Q=112,R=3,S=3'));
    expect(macs(dwconv)).toBe(32 * 112 * 112 * 9);
    const channels = complaint(() => parseLayer('dwconv:C=32,P=112,Q=112,R=3,S=3'));
    expect(channels.underlined).toBe('C');
    expect(channels.suggestion).toContain('give the channels as G');
  });
});

describe('matrix products', () => {
  it('reads a gemm as Z = A · B', () => {
    const gemm = parseLayer('gemm:M=784,N=512,K=128');
    expect(bounds(gemm)).toBe('M=784 N=512 K=128');
    expect(tensors(gemm)).toEqual(['inputs A[M,K]', 'weights B[K,N]', 'outputs Z[M,N]']);
  });

  it('gives every matrix of a batched gemm the batch index', () => {
    const bgemm = parseLayer('bgemm:B=4,M=5,N=6,K=7');
    expect(tensors(bgemm)).toEqual(['inputs A[B,M,K]', 'weights B[B,K,N]', 'outputs Z[B,M,N]']);
  });

  it('reads the attention products over the same dimensions', () => {
    const qk = parseLayer('qk:B=2,H=12,M=16,N=512,E=64');
    expect(tensors(qk)).toEqual(['inputs Q[B,H,M,E]', 'weights K[B,H,N,E]', 'outputs QK[B,H,M,N]']);
    const av = parseLayer('av:B=2,H=12,M=16,N=512,E=64');
    expect(tensors(av)).toEqual(['inputs A[B,H,M,N]', 'weights V[B,H,N,E]', 'outputs AV[B,H,M,E]']);
    expect(macs(av)).toBe(macs(qk));
  });

  it('shares keys and values among the query heads of a group', () => {
    const qk = parseLayer('qk:H=8,G=4,M=1,N=8192,E=128');
    expect(tensors(qk)).toEqual(['inputs Q[B,H,G,M,E]', 'weights K[B,H,N,E]', 'outputs QK[B,H,G,M,N]']);
    const keys = qk.tensors[1];
    expect(tensorWords(qk, keys)).toBe(8 * 8192 * 128);
  });
});

describe('expressions and counts', () => {
  const source = {
    ...commandLineSource('gemm M={batch*seq} N={max(8, 4)} K=16 x12'),
    variables: { batch: 4, seq: 128 },
  };

  it('evaluates braces, spaces and commas inside them included', () => {
    expect(bounds(readLayer(source).einsum)).toBe('M=512 N=8 K=16');
  });

  it('reads a trailing count', () => {
    expect(readLayer(source).count).toBe(12);
    expect(readLayer(commandLineSource('gemm:M=1,N=1,K=1')).count).toBe(1);
    expect(readLayer(commandLineSource('einsum Z[m] += A[m] * B[m] | m=4 x3')).count).toBe(3);
  });

  it.each([
    ['gemm:M={seq},N=1,K=1', "unknown variable 'seq'", '{seq}'],
    ['gemm:M={4/3},N=1,K=1', 'M must be a whole number, found {4/3} = 1.3333333333333333', '{4/3}'],
    ['gemm:M={2-2},N=1,K=1', 'M must be at least 1, found {2-2} = 0', '{2-2}'],
    ['gemm:M={4,N=1,K=1', "the brace after 'M=' is not closed", 'M={4'],
    ['gemm:M=1,N=1,K=1 x0', 'the count must be at least 1, found 0', '0'],
    ['gemm:M=1,N=1,K=1 x2 x3', 'the count is given twice: x2 and x3', 'x3'],
  ])('rejects %s', (text, message, underlined) => {
    expect(complaint(() => readLayer(commandLineSource(text)))).toMatchObject({ message, underlined });
  });
});

describe('bad text', () => {
  it.each([
    ['gemm:M=0,N=1,K=1', 'M must be at least 1, found 0', '0'],
    ['gemm:M=-4,N=1,K=1', 'M must be at least 1, found -4', '-4'],
    ['gemm:M=NaN,N=1,K=1', "M must be a positive integer, found 'NaN'", 'NaN'],
    ['gemm:M=1.5,N=1,K=1', 'M must be a whole number, found 1.5', '1.5'],
    ['gemm:M=1e3,N=1,K=1', "M must be a positive integer, found '1e3'", '1e3'],
    ['gemm:M=2147483648,N=1,K=1', 'M must be below 2^31, found 2147483648', '2147483648'],
    ['gemm:M=4 words,N=1,K=1', "'words' has no value", 'words'],
    ['gemm:M=,N=1,K=1', "'M' has no value", 'M='],
    ['gemm:M=1,N=1,K=1,M=2', 'M is given twice, first as M=1', 'M'],
    ['gemm:M=1,N=1,=3', "'=3' is no setting", '=3'],
    ['gemm:M=1', 'this gemm has no bound for N=, K=', 'gemm'],
    ['gemm:M=1,N=1,K=1,P=1', "a gemm has no 'P'", 'P'],
    [
      'conv:M=1,C=1,P=1,Q=1,R=1,S=1,stride=2x3x4',
      "stride '2x3x4' is neither one integer nor two, as in 2x1",
      '2x3x4',
    ],
    ['conv:M=1,C=1,P=1,Q=1,R=1,S=1,stride=2x0', 'stride must be at least 1, found 0', '0'],
    ['', 'the layer is empty', ''],
    ['?', "unknown kind of layer '?'", '?'],
  ])('%s: %s', (text, message, underlined) => {
    expect(complaint(() => parseLayer(text))).toMatchObject({ message, underlined });
  });

  it('names the column, counted from 1, in the file <layer>', () => {
    const { position } = complaint(() => parseLayer('gemm:M=8,N=0,K=1'));
    expect(position).toEqual({ file: '<layer>', line: 1, column: 12, text: 'gemm:M=8,N=0,K=1', length: 1 });
  });

  it('points into the right line of a text of several', () => {
    const { position, underlined } = complaint(() => parseLayer('gemm:\n  M=8\n  N=0\n  K=1'));
    expect(position).toMatchObject({ line: 3, column: 5, text: '  N=0' });
    expect(underlined).toBe('0');
  });

  it('is refused unread beyond 4096 characters', () => {
    const text = `gemm:${'M=1,'.repeat(100_000)}`;
    expect(complaint(() => parseLayer(text)).message).toBe(
      'the layer is 400005 characters long; the limit is 4096',
    );
  });

  it('accepts the largest bound', () => {
    expect(parseLayer(`gemm:M=${2 ** 31 - 1},N=1,K=1`).dims[0].bound).toBe(2147483647);
  });

  it('suggests the nearest kind and setting', () => {
    expect(complaint(() => parseLayer('cnov:M=1')).suggestion).toBe("did you mean 'conv'?");
    expect(complaint(() => parseLayer('gemm:m=1,N=1,K=1')).suggestion).toBe("did you mean 'M'?");
    const option = complaint(() => parseLayer('conv:M=1,C=1,P=1,Q=1,R=1,S=1,strid=2'));
    expect(option.suggestion).toBe("did you mean 'stride'?");
    expect(option.expected).toBe('one of N, G, M, C, P, Q, R, S, stride, dilation, groups');
  });

  it('rejects 2^53 multiply-accumulates and names the product', () => {
    const { message } = complaint(() => parseLayer('gemm:M=134217728,N=67108864,K=1'));
    expect(message).toBe('9.01e15 multiply-accumulates (M=134217728 · N=67108864 · K=1) are 2^53 or more');
    expect(macs(parseLayer('gemm:M=134217727,N=67108864,K=1'))).toBeLessThan(2 ** 53);
  });

  it('rejects a tensor of 2^53 words even where the multiply-accumulates are few', () => {
    const { message } = complaint(() => parseLayer('conv:M=1,C=1,P=100,Q=100,R=1,S=1,stride=2147483647'));
    expect(message).toBe('tensor Inputs spans 4.52e22 words, 2^53 or more');
  });

  it('answers any text with an Einsum or an InputError', () => {
    const alphabet = fc.constantFrom(...'conv:gem=,MNKCPQRS0123x{}*|[]+-. ');
    const text = fc.oneof(fc.string(), fc.string({ unit: alphabet, maxLength: 40 }));
    const anyLayer = fc.tuple(fc.constantFrom('', 'conv:', 'gemm:M=2,', 'einsum:O[m]+='), text);
    fc.assert(
      fc.property(anyLayer, ([start, rest]) => {
        const run = (): Einsum => parseLayer(start + rest);
        let einsum: Einsum;
        try {
          einsum = run();
        } catch {
          expect(complaint(run).message).not.toBe('');
          return;
        }
        expect(Number.isSafeInteger(macs(einsum))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

it('documents every kind of layer in the grammar', () => {
  for (const kind of LAYER_KINDS) expect(LAYER_GRAMMAR).toMatch(new RegExp(`^${kind} `, 'm'));
});
