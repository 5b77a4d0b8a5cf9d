import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Memory } from '../../src/arch/architecture.ts';
import type { Violation } from '../../src/mapping/legality.ts';
import { assertCountable, assertLegal, checkMapping } from '../../src/mapping/legality.ts';
import type { Loop, Mapping, NestItem, Station } from '../../src/mapping/mapping.ts';
import { InputError } from '../../src/spec/errors.ts';
import type { Einsum } from '../../src/workload/einsum.ts';
import { array, convolution, legalCase, machine, memory, withBound } from './support.ts';

const [W, I, O] = [0, 1, 2];
const [M, C, P, R] = [0, 1, 2, 3];
const einsum = convolution({ M: 8, C: 4, P: 6, R: 3 });

const station = (index: number, ...tensors: number[]): Station => ({
  kind: 'station',
  memory: index,
  tensors,
});
const loop = (dim: number, factor: number): Loop => ({ kind: 'for', dim, factor });
const parallel = (axis: 'x' | 'y', dim: number, factor: number, fanout = 0): Loop => ({
  kind: 'parallel',
  fanout,
  axis,
  dim,
  factor,
});

/** DRAM, GLB, a 4×3 array, a spad. */
function threeLevels(glb: Partial<Memory> = {}, spad: Partial<Memory> = {}) {
  return machine(memory('DRAM'), memory('GLB', glb), array('PE', 4, 3), memory('Spad', spad));
}

const arch = threeLevels();
const DRAM = station(0, W, I, O);
const GLB = station(1, I, O);
const SPAD = station(2, W);
/** Legal: GLB holds M8 C2 P3 R3, the spad M2 C2 P3. */
const nest: readonly NestItem[] = [
  DRAM,
  loop(C, 2),
  loop(P, 2),
  GLB,
  parallel('x', M, 4),
  parallel('y', R, 3),
  SPAD,
  loop(M, 2),
  loop(C, 2),
  loop(P, 3),
];

/** The nest with some items replaced. */
function edited(changes: Readonly<Record<number, NestItem | NestItem[]>>): Mapping {
  return { nest: nest.flatMap((item, i) => changes[i] ?? item) };
}

function only(violations: Violation[]): Violation {
  expect(violations.map(({ message }) => message)).toHaveLength(1);
  return violations[0];
}

test('a nest that obeys every rule has no violations', () => {
  expect(checkMapping(arch, einsum, { nest })).toEqual([]);
  expect(() => assertLegal(arch, einsum, { nest })).not.toThrow();
});

test('random nests in hardware order, even and uneven, are legal', () => {
  fc.assert(
    fc.property(legalCase, (c) => checkMapping(c.arch, c.einsum, c.mapping).length === 0),
    { numRuns: 300 },
  );
});

test('a random nest with one factor multiplied breaks exactly that dimension’s product', () => {
  fc.assert(
    fc.property(legalCase, fc.nat(), fc.integer({ min: 2, max: 5 }), (c, pick, extra) => {
      const loops = c.mapping.nest.filter((item): item is Loop => item.kind !== 'station');
      fc.pre(loops.length > 0);
      const target = loops[pick % loops.length];
      const changed = c.mapping.nest.map((item) =>
        item === target ? { ...target, factor: target.factor * extra } : item,
      );
      const products = checkMapping(c.arch, c.einsum, { nest: changed }).filter(
        ({ kind }) => kind === 'product',
      );
      const { name, bound } = c.einsum.dims[target.dim];
      expect(products).toMatchObject([{ dim: name, product: bound * extra, bound }]);
    }),
    { numRuns: 200 },
  );
});

describe('factors', () => {
  test.each([
    [1, 'factors of P multiply to 3, not to its bound 6: a factor 2 is missing'],
    [4, 'factors of P multiply to 12, not to its bound 6: a factor 2 is too many'],
    [3, 'factors of P multiply to 9, not to its bound 6: 3 over'],
  ])('a product that misses the bound says by how much (outer factor %i)', (factor, message) => {
    expect(only(checkMapping(arch, einsum, edited({ 2: loop(P, factor) })))).toMatchObject({
      message,
      item: 9,
    });
  });

  test('a product that falls short without dividing the bound says so', () => {
    const violation = only(checkMapping(arch, withBound(einsum, 'P', 7), { nest }));
    expect(violation.message).toBe(
      'factors of P multiply to 6, not to its bound 7: 1 short, and 6 does not divide it',
    );
  });

  test('a dimension without any loop misses its whole bound', () => {
    const violation = only(
      checkMapping(arch, withBound(convolution({ M: 8, C: 4, P: 6, R: 3 }), 'R', 3), edited({ 5: [] })),
    );
    expect(violation).toMatchObject({ kind: 'product', dim: 'R', product: 1, bound: 3 });
    expect(violation.item).toBeUndefined();
  });

  test.each([0, -2, 1.5, NaN, Infinity])('a factor of %d is refused', (factor) => {
    expect(only(checkMapping(arch, einsum, edited({ 2: loop(P, factor) })))).toMatchObject({
      kind: 'factor',
      item: 2,
      dim: 'P',
    });
  });

  test('enormous factors are refused at once', () => {
    const huge = edited({ 2: [loop(P, 2 ** 52), loop(P, 2 ** 52)] });
    expect(only(checkMapping(arch, einsum, huge)).kind).toBe('product');
  });

  test.each<[string, NestItem]>([
    ['memory', station(7, W)],
    ['tensor', station(1, 3)],
    ['dimension', loop(4, 2)],
    ['array', parallel('x', P, 2, 1)],
  ])('an index beyond the %s list is refused', (what, item) => {
    const violation = only(checkMapping(arch, einsum, edited({ 2: item })));
    expect(violation).toMatchObject({ kind: 'index', item: 2 });
    expect(violation.message).toContain(`no ${what} has index`);
  });
});

describe('stations', () => {
  test.each<[string, NestItem[]]>([
    ['loops outside the first station', [loop(R, 1), DRAM]],
    ['another memory first', []],
    ['a tensor missing there', [station(0, W, O)]],
  ])('the outermost memory comes first and keeps everything: %s', (_, start) => {
    const kinds = checkMapping(arch, einsum, edited({ 0: start })).map(({ kind }) => kind);
    expect(kinds).toContain('first-station');
  });

  test('a tensor may live in a memory inside, whole and outside every loop', () => {
    const flat = machine(memory('DRAM'), memory('L2'), array('PE', 2, 1), memory('L1'));
    const bounds = convolution({ M: 2, C: 1, P: 6, R: 1 });
    const kinds = (...items: Mapping['nest']): string[] =>
      checkMapping(flat, bounds, { nest: items }).map(({ kind }) => kind);
    const loops = [loop(P, 6), loop(M, 2)];
    expect(kinds(station(0, W, O), station(1, I), ...loops)).toEqual([]);
    expect(kinds(station(0, W), station(1, I, O), ...loops)).toEqual([]);
    expect(kinds(station(0), station(1, W, I, O), ...loops)).toEqual([]);
    expect(kinds(station(0, W, O), loop(M, 2), station(1, I), loop(P, 6))).toEqual(['first-station']);
    expect(kinds(station(1, I), station(0, W, O), ...loops)).toContain('first-station');
    expect(kinds(station(0, W, O), station(2, I), ...loops)).toEqual(['first-station']);
  });

  test('a resident tensor counts towards the capacity of its memory', () => {
    const flat = machine(memory('DRAM'), memory('L2', { words: 7 }));
    const bounds = convolution({ M: 2, C: 1, P: 6, R: 1 });
    const resident = (words: number): object[] => {
      const arch = { ...flat, nodes: [flat.nodes[0], memory('L2', { words })] };
      return checkMapping(arch, bounds, {
        nest: [station(0, W, O), station(1, I), loop(P, 6), loop(M, 2), station(1, W)],
      });
    };
    expect(resident(7)).toEqual([]);
    expect(resident(6)).toMatchObject([{ kind: 'capacity', usedWords: 7, wordsOver: 1 }]);
  });

  test('an empty nest is refused', () => {
    const kinds = checkMapping(arch, einsum, { nest: [] }).map(({ kind }) => kind);
    expect(kinds).toContain('first-station');
  });

  test('a tensor kept twice in one memory is refused', () => {
    const violation = only(checkMapping(arch, einsum, edited({ 3: [GLB, station(1, O)] })));
    expect(violation).toMatchObject({ kind: 'kept-twice', memory: 'GLB', tensor: 'Outputs', item: 4 });
  });

  test('a tensor’s stations follow the hardware, outer memory first', () => {
    const flat = machine(memory('DRAM'), memory('L2'), memory('L1'));
    const inverted = {
      nest: [DRAM, station(2, W), station(1, W), ...nest.filter((item) => item.kind === 'for')],
    };
    const bounds = convolution({ M: 2, C: 4, P: 6, R: 1 });
    expect(only(checkMapping(flat, bounds, inverted))).toMatchObject({
      kind: 'station-order',
      memory: 'L2',
      tensor: 'Weights',
      item: 2,
    });
  });

  test('stations of different tensors may stand in any order', () => {
    const flat = machine(memory('DRAM'), memory('L2'), memory('L1'));
    const uneven = { nest: [DRAM, station(2, W), loop(P, 6), station(1, I)] };
    expect(checkMapping(flat, convolution({ M: 1, C: 1, P: 6, R: 1 }), uneven)).toEqual([]);
  });

  test('what the architecture keeps must be kept, what bypasses must not', () => {
    const strict = threeLevels(
      { keep: ['outputs'], mayKeep: [] },
      { keep: ['weights', 'Inputs'], mayKeep: [] },
    );
    const violations = checkMapping(strict, einsum, edited({ 3: station(1, I) }));
    expect(violations).toMatchObject([
      { kind: 'must-bypass', memory: 'GLB', tensor: 'Inputs', item: 3 },
      { kind: 'must-keep', memory: 'GLB', tensor: 'Outputs' },
      { kind: 'must-keep', memory: 'Spad', tensor: 'Inputs' },
    ]);
  });

  test('a memory that keeps nothing needs no station', () => {
    expect(checkMapping(arch, einsum, edited({ 3: [], 6: [] }))).toEqual([]);
  });
});

describe('arrays', () => {
  test.each([
    ['x', 4, parallel('x', M, 8), 'PE has 4 on x, the mapping needs 8 (M=8)', { 7: [] as NestItem[] }],
    [
      'y',
      3,
      [parallel('y', R, 3), parallel('y', C, 2)],
      'PE has 3 on y, the mapping needs 6 (R=3 C=2)',
      { 8: [] as NestItem[] },
    ],
  ] as const)('too many copies on %s are refused', (axis, limit, loops, message, rest) => {
    const at = axis === 'x' ? 4 : 5;
    const violation = only(
      checkMapping(arch, einsum, edited({ [at]: [loops].flat() as NestItem[], ...rest })),
    );
    expect(violation).toMatchObject({ kind: 'fanout', array: 'PE', axis, limit, message });
    expect(violation.suggestion).toContain(`raise ${axis} of PE to`);
  });

  test('an array’s loops lie inside the stations outside it', () => {
    const violation = only(checkMapping(arch, einsum, edited({ 1: [parallel('x', C, 1), loop(C, 2)] })));
    expect(violation).toMatchObject({ kind: 'array-place', array: 'PE', memory: 'GLB', item: 1 });
  });

  test('an array’s loops lie outside the stations inside it', () => {
    const violation = only(checkMapping(arch, einsum, edited({ 9: [parallel('y', C, 1), loop(P, 3)] })));
    expect(violation).toMatchObject({ kind: 'array-place', array: 'PE', memory: 'Spad', item: 9 });
  });

  test('arrays follow the hardware, outer array first', () => {
    const two = machine(memory('DRAM'), array('Outer', 4, 4), array('Inner', 4, 4));
    const inverted = { nest: [DRAM, parallel('x', P, 2, 1), parallel('x', P, 3, 0)] };
    const violation = only(checkMapping(two, convolution({ M: 1, C: 1, P: 6, R: 1 }), inverted));
    expect(violation).toMatchObject({ kind: 'array-order', array: 'Outer', item: 2 });
  });
});

describe('capacity', () => {
  // GLB: Inputs C2 × (P3+R3−1 = 5) = 10, Outputs M8 × P3 = 24. Spad: Weights M2 × C2 = 4.
  test('tiles that fill a memory exactly fit, one word less does not', () => {
    expect(checkMapping(threeLevels({ words: 34 }, { words: 4 }), einsum, { nest })).toEqual([]);
    const violation = only(checkMapping(threeLevels({ words: 33 }), einsum, { nest }));
    expect(violation).toMatchObject({
      kind: 'capacity',
      memory: 'GLB',
      usedWords: 34,
      usableWords: 33,
      wordsOver: 1,
    });
    expect(violation.message).toBe(
      'tiles in GLB need 34 words (Inputs 10, Outputs 24), 1 over the 33 usable',
    );
    expect(violation.suggestion).toBe('raise GLB to 34 words, or move a factor 2 of M outside it');
  });

  test('stations of one memory share its words', () => {
    const uneven = edited({ 3: [station(1, I)], 1: [station(1, O), loop(C, 2)] });
    // Outputs now hold all of M8 × P6 = 48.
    expect(checkMapping(threeLevels({ words: 58 }), einsum, uneven)).toEqual([]);
    expect(only(checkMapping(threeLevels({ words: 57 }), einsum, uneven))).toMatchObject({ wordsOver: 1 });
  });

  test('multiple buffering divides the words and multiplies the advice', () => {
    expect(checkMapping(threeLevels({ words: 68, multipleBuffering: 2 }), einsum, { nest })).toEqual([]);
    const violation = only(checkMapping(threeLevels({ words: 67, multipleBuffering: 2 }), einsum, { nest }));
    expect(violation).toMatchObject({ usableWords: 33, wordsOver: 1 });
    expect(violation.suggestion).toContain('raise GLB to 68 words');
  });

  test('a tensor of its own width takes its share of words', () => {
    const datawidthBits = { outputs: 24, inputs: 8 };
    // 10 · 0.5 + 24 · 1.5 = 41
    expect(checkMapping(threeLevels({ words: 41, datawidthBits }), einsum, { nest })).toEqual([]);
    const violation = only(checkMapping(threeLevels({ words: 40, datawidthBits }), einsum, { nest }));
    expect(violation.message).toContain('41 words (Inputs 5, Outputs 36), 1 over');
  });

  test('no factor is suggested where none can help', () => {
    const violation = only(checkMapping(threeLevels({ words: 1 }), einsum, { nest }));
    expect(violation.suggestion).toBe('raise GLB to 34 words');
  });

  test('tiles below min_utilization are refused', () => {
    const sparse = { words: 100, minUtilization: 0.35 };
    const violation = only(checkMapping(threeLevels(sparse), einsum, { nest }));
    expect(violation).toMatchObject({
      kind: 'utilization',
      memory: 'GLB',
      usedWords: 34,
      neededWords: 35,
      item: 3,
    });
    expect(checkMapping(threeLevels({ ...sparse, minUtilization: 0.34 }), einsum, { nest })).toEqual([]);
  });
});

test('the suggested word count makes a random nest legal, one word less does not', () => {
  fc.assert(
    fc.property(legalCase, (c) => {
      const kept = c.mapping.nest.findLast((item) => item.kind === 'station') as Station;
      fc.pre(kept.memory > 0);
      const sized = (words: number) => {
        let seen = -1;
        const nodes = c.arch.nodes.map((node) =>
          node.kind === 'memory' && ++seen === kept.memory ? { ...node, words } : node,
        );
        return checkMapping({ ...c.arch, nodes }, c.einsum, c.mapping);
      };
      const tooSmall = only(sized(0));
      const needed = Number(/to (\d+) words/.exec(tooSmall.suggestion ?? '')?.[1]);
      expect(sized(needed)).toEqual([]);
      expect(sized(needed - 1)).toMatchObject([{ kind: 'capacity', wordsOver: 1 }]);
    }),
    { numRuns: 100 },
  );
});

describe('counts beyond 2^53', () => {
  const gemm = (M: number, N: number, K: number, coefficient = 1): Einsum => {
    const term = (dim: number) => [{ dim, coefficient }];
    return {
      name: 'big',
      dims: Object.entries({ M, N, K }).map(([name, bound]) => ({ name, bound })),
      tensors: [
        { name: 'A', role: 'inputs', ranks: [term(0), term(2)] },
        { name: 'B', role: 'weights', ranks: [[{ dim: 2, coefficient: 1 }], [{ dim: 1, coefficient: 1 }]] },
        { name: 'Z', role: 'outputs', ranks: [[{ dim: 0, coefficient: 1 }], [{ dim: 1, coefficient: 1 }]] },
      ],
    };
  };

  test('2^52 multiply-accumulates are the most a plain layer may have', () => {
    expect(() => assertCountable(gemm(2 ** 18, 2 ** 17, 2 ** 17))).not.toThrow();
    expect(() => assertCountable(gemm(2 ** 18, 2 ** 17, 2 ** 17 + 1))).toThrow(InputError);
  });

  test('strides count, once per rank', () => {
    expect(() => assertCountable(gemm(2 ** 16, 2 ** 16, 2 ** 16, 4))).not.toThrow();
    expect(() => assertCountable(gemm(2 ** 16, 2 ** 16, 2 ** 17, 4))).toThrow(
      /accesses of A may reach 1.8e\+16/,
    );
  });

  test('a dimension that indexes two ranks counts twice', () => {
    const diagonal = (bound: number): Einsum => ({
      ...gemm(bound, 1, 1),
      tensors: gemm(bound, 1, 1).tensors.map((tensor) =>
        tensor.role === 'inputs' ? { ...tensor, ranks: [tensor.ranks[0], tensor.ranks[0]] } : tensor,
      ),
    });
    expect(() => assertCountable(diagonal(2 ** 26))).not.toThrow();
    expect(() => assertCountable(diagonal(2 ** 27))).toThrow(/beyond 2\^53/);
  });

  test('a mapping of such a layer is not legal', () => {
    const big = gemm(2 ** 20, 2 ** 20, 2 ** 20);
    const flat = machine(memory('DRAM'));
    const mapping = { nest: [DRAM, loop(0, 2 ** 20), loop(1, 2 ** 20), loop(2, 2 ** 20)] };
    expect(checkMapping(flat, big, mapping).map(({ kind }) => kind)).toEqual(['count', 'count', 'count']);
    expect(() => assertLegal(flat, big, mapping)).toThrow(InputError);
  });
});
