import { describe, expect, test } from 'vitest';
import { readMapping } from '../../src/mapping/read.ts';
import { parseYaml } from '../../src/spec/document.ts';
import type { Diagnostic } from '../../src/spec/errors.ts';
import { InputError } from '../../src/spec/errors.ts';
import { array, convolution, machine, memory } from './support.ts';

const arch = machine(memory('DRAM'), memory('GLB', { words: 40 }), array('PE', 4, 3), memory('Spad'));
const einsum = convolution({ M: 8, C: 4, P: 6, R: 3 });

const FILE = `schema: dse.mapping/1
nest:
  - memory: DRAM
    keep: [Weights, Inputs, Outputs]
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

const [M, C, P, R] = [0, 1, 2, 3];
const NEST = [
  { kind: 'station', memory: 0, tensors: [0, 1, 2] },
  { kind: 'for', dim: C, factor: 2 },
  { kind: 'for', dim: P, factor: 2 },
  { kind: 'station', memory: 1, tensors: [1, 2] },
  { kind: 'parallel', fanout: 0, axis: 'x', dim: M, factor: 4 },
  { kind: 'parallel', fanout: 0, axis: 'y', dim: R, factor: 3 },
  { kind: 'station', memory: 2, tensors: [0] },
  { kind: 'for', dim: M, factor: 2 },
  { kind: 'for', dim: C, factor: 2 },
  { kind: 'for', dim: P, factor: 3 },
];

const read = (text: string, layer = einsum) => readMapping(parseYaml(text, 'm.yaml'), arch, layer);

function problems(text: string): readonly Diagnostic[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InputError) return error.diagnostics;
    throw error;
  }
  throw new Error('nothing was wrong');
}

/** The one diagnostic, with what its caret underlines. */
function problem(text: string) {
  const list = problems(text);
  expect(list.map(({ message }) => message)).toHaveLength(1);
  const [{ message, position, expected, suggestion }] = list;
  const from = (position?.column ?? 0) - 1;
  const under = position?.text.slice(from, from + position.length);
  return { message, line: position?.line, column: position?.column, under, expected, suggestion };
}

describe('a mapping file', () => {
  test('reads into the nest it draws, loops outermost first', () => {
    expect(read(FILE)).toEqual({ nest: NEST });
  });

  test.each([
    ['commas', 'C=2, P=2'],
    ['commas alone', 'C=2,P=2'],
    ['quotes', "'C=2 P=2'"],
    ['spaces around the sign', 'C = 2 P =2'],
    ['two lines', '>-\n      C=2\n      P=2'],
  ])('takes loops separated by %s', (_, loops) => {
    expect(read(FILE.replace('C=2 P=2', loops))).toEqual({ nest: NEST });
  });

  test('takes tensors by role, and all of them', () => {
    const text = FILE.replace('[Weights, Inputs, Outputs]', '[all]').replace('[Weights]', '[weights]');
    expect(read(text)).toEqual({ nest: NEST });
  });

  test('is JSON too', () => {
    const json = JSON.stringify(parseYaml(FILE, 'm.yaml').value);
    expect(read(json)).toEqual({ nest: NEST });
  });

  test('keeps the order of the axes', () => {
    const swapped = FILE.replace('x: M=4\n    y: R=3', 'y: R=3\n    x: M=4');
    expect(read(swapped).nest.slice(4, 6)).toEqual([NEST[5], NEST[4]]);
  });
});

describe('a search result', () => {
  const mapping = parseYaml(FILE, 'm.yaml').value;
  const dims = { M: 8, C: 4, P: 6, R: 3 };
  const layer = (name: string, shape: object, value: unknown) => ({
    name,
    count: 1,
    einsum: { dims: shape, macs: 1 },
    best: { energyPj: 1, mapping: value },
  });
  const result = (...layers: object[]) => JSON.stringify({ schema: 'dse.search/1', arch: 'machine', layers });
  const other = layer('other', { M: 8, C: 4 }, { nest: [] });

  test('gives the mapping of the layer by name', () => {
    expect(read(result(layer('first', dims, { nest: [] }), layer('conv', dims, mapping)))).toEqual({
      nest: NEST,
    });
  });

  test('gives the mapping of the only layer with the same bounds', () => {
    expect(read(result(other, layer('first', dims, mapping)))).toEqual({ nest: NEST });
  });

  test.each([
    ['none', [other]],
    ['two', [layer('a', dims, mapping), layer('b', dims, mapping)]],
  ])('with %s of the same bounds names the layers it has', (_, layers) => {
    expect(problem(result(...layers))).toMatchObject({
      message: "the result has no layer 'conv', and not one layer of its shape",
      expected: `one of ${layers.map(({ name }) => name).join(', ')}`,
    });
  });

  test('suggests the layer whose name is near', () => {
    expect(problem(result(layer('conv1', {}, mapping)))).toMatchObject({
      suggestion: "did you mean 'conv1'?",
    });
  });

  test('whose layer found no mapping says what is missing', () => {
    expect(problem(result({ name: 'conv', einsum: { dims }, best: {} }))).toMatchObject({
      message: "'mapping' is missing",
    });
  });
});

describe('what is wrong is pointed at', () => {
  test.each([
    ['a memory', 'memory: GLB', 'memory: GLP', "unknown memory 'GLP'", 6, 13, 'GLP', 'GLB'],
    ['an array', 'array: PE', 'array: PEs', "unknown array 'PEs'", 8, 12, 'PEs', 'PE'],
    ['a tensor', '[Inputs, ', '[Inptus, ', "unknown tensor 'Inptus'", 7, 12, 'Inptus', 'Inputs'],
  ])('the name of %s that does not exist', (_, right, wrong, message, line, column, under, near) => {
    const suggestion = `did you mean '${near}'?`;
    expect(problem(FILE.replace(right, wrong))).toMatchObject({ message, line, column, under, suggestion });
  });

  test('a dimension, at its column inside the text', () => {
    expect(problem(FILE.replace('C=2 P=2', 'C=2 Q=2'))).toMatchObject({
      message: "unknown dimension 'Q'",
      line: 5,
      column: 14,
      under: 'Q',
      expected: 'one of M, C, P, R',
    });
  });

  test('a dimension inside quotes', () => {
    expect(problem(FILE.replace('C=2 P=2', '"C=2, PP=2"'))).toMatchObject({
      line: 5,
      column: 16,
      under: 'PP',
    });
  });

  test.each(['0', '-2', '2.5', 'two', '1e3', '99999999999999999999'])('the factor %s', (factor) => {
    expect(problem(FILE.replace('P=2', `P=${factor}`))).toMatchObject({
      message: `a factor is a positive integer, found '${factor}'`,
      line: 5,
      column: 16,
      under: factor,
    });
  });

  test.each(['P2', 'P=', '=2', 'P==2'])('%s, which is no loop', (word) => {
    expect(problem(FILE.replace('P=2', word))).toMatchObject({
      message: `'${word}' is not a loop`,
      line: 5,
      column: 14,
      under: word,
      expected: 'dimension=factor, as in M=4',
    });
  });

  test('an empty loop text', () => {
    expect(problem(FILE.replace('C=2 P=2', "''"))).toMatchObject({ message: 'no loops', line: 5 });
  });

  test.each([
    ['memory: GLB', 'memroy: GLB', "unknown key 'memroy'"],
    ['schema: dse.mapping/1', 'schema: dse.mapping/2', "expected 'dse.mapping/1', found 'dse.mapping/2'"],
    ['    keep: [Weights]\n', '', "'keep' is missing"],
    ['keep: [Weights]', 'keep: Weights', "expected a list, found 'Weights'"],
  ])('the form: %j as %j', (right, wrong, message) => {
    expect(problems(FILE.replace(right, wrong)).map((p) => p.message)).toContain(message);
  });

  test('a factor product, at the innermost loop of the dimension', () => {
    expect(problem(FILE.replace('P=2', 'P=4'))).toMatchObject({
      message: 'factors of P multiply to 12, not to its bound 6: a factor 2 is too many',
      line: 13,
      column: 18,
      under: 'P=3',
    });
  });

  test('a dimension without loops, at the nest', () => {
    expect(problem(FILE.replace('    y: R=3\n', ''))).toMatchObject({ line: 2, under: 'nest' });
  });

  test('a tile that does not fit, at the memory', () => {
    expect(problem(FILE.replace('P=2', 'P=1').replace('P=3', 'P=6'))).toMatchObject({
      message: 'tiles in GLB need 64 words (Inputs 16, Outputs 48), 24 over the 40 usable',
      line: 6,
      under: 'GLB',
      suggestion: 'raise GLB to 64 words, or move a factor 2 of M outside it',
    });
  });

  test('an array that overflows, at the loop', () => {
    expect(problem(FILE.replace('x: M=4', 'x: M=4 C=1 M=2').replace('for: M=2 ', 'for: '))).toMatchObject({
      line: 9,
      column: 16,
      under: 'M=2',
    });
  });

  test('everything at once, in file order', () => {
    const text = FILE.replace('GLB', 'GLP').replace('x: M=4', 'x: N=4').replace('P=3', 'P=x');
    expect(problems(text).map((p) => p.position?.line)).toEqual([6, 9, 13]);
  });
});
