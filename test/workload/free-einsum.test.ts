import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macs, tensorWords } from '../../src/workload/einsum.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { complaint } from './diagnose.ts';

describe('a free Einsum', () => {
  it('takes dimensions from the bounds and roles from the places', () => {
    const einsum = parseLayer('einsum:O[m,p] += I[m,2p+r] * W[r] | m=4,p=8,r=3');
    expect(einsum).toEqual({
      name: 'einsum',
      dims: [
        { name: 'm', bound: 4 },
        { name: 'p', bound: 8 },
        { name: 'r', bound: 3 },
      ],
      tensors: [
        {
          name: 'I',
          role: 'inputs',
          ranks: [
            [{ dim: 0, coefficient: 1 }],
            [
              { dim: 1, coefficient: 2 },
              { dim: 2, coefficient: 1 },
            ],
          ],
        },
        { name: 'W', role: 'weights', ranks: [[{ dim: 2, coefficient: 1 }]] },
        {
          name: 'O',
          role: 'outputs',
          ranks: [[{ dim: 0, coefficient: 1 }], [{ dim: 1, coefficient: 1 }]],
        },
      ],
    });
    expect(macs(einsum)).toBe(96);
    expect(tensorWords(einsum, einsum.tensors[0])).toBe(4 * 17); // 1 + 2·7 + 2
  });

  it('tolerates spaces anywhere, = for +=, and * after a coefficient', () => {
    const tight = parseLayer('einsum:O[m,p]+=I[m,2p+r]*W[r]|m=4,p=8,r=3');
    for (const text of [
      'einsum  O [ m , p ]  +=  I [ m , 2 p + r ]  *  W [ r ]  |  m = 4  p = 8  r = 3 ',
      'einsum: O[m,p] = I[m,2*p+r] * W[r] | m=4 p=8 r=3',
    ]) {
      expect(parseLayer(text)).toEqual(tight);
    }
  });

  it('takes negative coefficients, adds up equal dimensions, and names of several letters', () => {
    const { tensors } = parseLayer('einsum:out[row] += in[-3row+tap-row] * w[tap] | row=5,tap=2');
    expect(tensors[0].ranks).toEqual([
      [
        { dim: 0, coefficient: -4 },
        { dim: 1, coefficient: 1 },
      ],
    ]);
  });

  it('takes one operand, and more than two: the third and later ones are inputs', () => {
    expect(parseLayer('einsum:Z[m] += A[m,k] | m=2,k=3').tensors.map(({ role }) => role)).toEqual([
      'inputs',
      'outputs',
    ]);
    const four = parseLayer('einsum:Z[i,j] += A[i,k] * B[k,j] * C[i] * D[j] | i=2,j=3,k=4');
    expect(four.tensors.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'A inputs',
      'B weights',
      'C inputs',
      'D inputs',
      'Z outputs',
    ]);
  });

  it('takes a scalar as a tensor without indices', () => {
    const dot = parseLayer('einsum:Z[] += A[k] * B[k] | k=8');
    expect(dot.tensors[2]).toEqual({ name: 'Z', role: 'outputs', ranks: [] });
    expect(tensorWords(dot, dot.tensors[2])).toBe(1);
  });

  it('says the same as the shorthand of a convolution', () => {
    const conv = parseLayer('conv:N=2,M=4,C=3,P=5,Q=6,R=3,S=2,stride=2,dilation=1x3');
    const free = parseLayer(
      'einsum:Outputs[N,M,P,Q] += Inputs[N,C,2P+R,2Q+3S] * Weights[M,C,R,S] | N=2,M=4,C=3,P=5,Q=6,R=3,S=2',
    );
    expect(free.dims).toEqual(conv.dims);
    const byName = ({ name: a }: { name: string }, { name: b }: { name: string }): number =>
      a.localeCompare(b);
    expect(free.tensors.toSorted(byName)).toEqual(conv.tensors.toSorted(byName));
  });

  it('reads back every index it is written with', () => {
    const coefficient = fc.integer({ min: -9, max: 9 }).filter((value) => value !== 0);
    const index = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'bb', 'c3'), coefficient), {
      selector: ([dim]) => dim,
      minLength: 1,
    });
    const write = (terms: readonly (readonly [string, number])[]): string =>
      terms.map(([dim, k]) => `${k < 0 ? '-' : '+'}${Math.abs(k)}${dim}`).join('');
    fc.assert(
      fc.property(fc.array(index, { minLength: 1, maxLength: 3 }), (indices) => {
        const text = `einsum:Z[a,bb,c3] += A[${indices.map(write).join(', ')}] | a=2,bb=3,c3=4`;
        const { dims, tensors } = parseLayer(text);
        const read = tensors[0].ranks.map((rank) =>
          rank.map((term) => [dims[term.dim].name, term.coefficient]),
        );
        expect(read).toEqual(indices);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a bad Einsum', () => {
  it.each([
    ['einsum:O[m] += I[m,k] * W[q] | m=4,k=2', "index 'q' of W names no dimension", 'q'],
    ['einsum:O[m] += I[m] | m=4,k=2', 'dimension k indexes no tensor', 'k'],
    ['einsum:O[m] += I[m+1] | m=4', 'constant 1 in an index', '1'],
    ['einsum:O[m] += I[m-m] | m=4', "m cancels out of index 'm-m'", 'm-m'],
    ['einsum:O[m] += I[0m] | m=4', 'the coefficient of m must be at least 1, found 0', '0'],
    ['einsum:O[m] += I[1.5m] | m=4', 'the coefficient of m must be a whole number, found 1.5', '1.5'],
    ['einsum:O[m] += I[m,] | m=4', "unexpected ']'", ']'],
    ['einsum:O[m] += I m | m=4', "unexpected 'm'", 'm'],
    ['einsum:O[m] += I[m] W[m] | m=4', "unexpected 'W'", 'W'],
    ['einsum:O[m] I[m] | m=4', "unexpected 'I'", 'I'],
    ['einsum:O[m] += | m=4', 'the Einsum ends too early', '|'],
    ['einsum:O[m] += I[m', 'the Einsum has no bounds', ''],
    ['einsum:O[m] += O[m] * W[m] | m=4', 'two tensors are called O', 'O'],
    ['einsum:O[m] += A[m] * a[m] | m=4', 'two tensors are called A', 'a'],
    [
      'einsum:O[m] += weights[m] * B[m] | m=4',
      "weights cannot name this tensor, which has the role 'inputs'",
      'weights',
    ],
    ['einsum:O[m] += I[m] | m=0', 'm must be at least 1, found 0', '0'],
  ])('%s: %s', (text, message, underlined) => {
    expect(complaint(() => parseLayer(text))).toMatchObject({ message, underlined });
  });

  it('suggests the near dimension, or to give the bound', () => {
    const near = complaint(() => parseLayer('einsum:O[row] += I[rwo] | row=4'));
    expect(near).toMatchObject({
      underlined: 'rwo',
      suggestion: "did you mean 'row'?",
      expected: 'one of row',
    });
    expect(near.position?.column).toBe(20);
    const far = complaint(() => parseLayer('einsum:O[m] += I[m,k] | m=4'));
    expect(far.suggestion).toBe('give its bound after the bar: k=…');
  });

  it('says why a constant is left out', () => {
    const { suggestion } = complaint(() => parseLayer('einsum:O[m] += I[m+1] | m=4'));
    expect(suggestion).toBe('leave it out: an offset or padding moves the tensor and changes no count');
  });
});
