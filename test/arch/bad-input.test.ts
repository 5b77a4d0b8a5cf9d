import { describe, expect, test } from 'vitest';
import { parseArchitecture } from '../../src/arch/load.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { complaints, diagnosticsOf, rendered } from '../spec/support.ts';

/** A good file, one value a line, so that a test can spoil one of them. */
const GOOD = `schema: dse.arch/1
name: small
clock: 1 GHz
word: 16 bit
variables: { mac: 2 }
hierarchy:
  - memory: DRAM
    size: unlimited
    energy: { read: 200 * mac pJ }
  - memory: GLB
    size: 108 KB
    keep: [inputs, outputs]
    bandwidth: { read: 4 words/cycle }
  - array: PE
    x: 14
    y: 12
  - compute: MAC
    energy: 1 * mac pJ
`;

const read = (text: string) => parseArchitecture(parseYaml(text, 'small.yaml'));
const spoil = (from: string, to: string) => {
  expect(GOOD).toContain(from);
  return () => read(GOOD.replace(from, to));
};

test('the file the tests spoil is a good one', () => {
  expect(read(GOOD).nodes).toHaveLength(3);
});

describe('one spoilt value, its line and column', () => {
  test.each([
    // Unknown and missing keys.
    ['size: 108 KB', 'sise: 108 KB', ["10:5: 'size' is missing", "11:5: unknown key 'sise'"]],
    ['memory: GLB', 'memry: GLB', ["10:5: 'memory' is missing", "10:5: unknown key 'memry'"]],
    ['    x: 14\n', '', ["14:5: 'x' is missing"]],
    ['clock: 1 GHz', 'Clock: 1 GHz', ["3:1: unknown key 'Clock'"]],
    ['{ read: 4 words/cycle }', '{ raed: 4 words/cycle }', ["13:18: unknown key 'raed'"]],
    ['name: small\n', '', ["1:1: 'name' is missing"]],
    ['word: 16 bit\n', '', ["1:1: 'word' is missing"]],
    // Wrong units.
    ['108 KB', '108 pJ', ["11:11: expected a size (B, KB, MB, GB, bit, words), found 'pJ'"]],
    ['108 KB', '108', ["11:11: expected a size (B, KB, MB, GB, bit, words), found no unit in '108'"]],
    ['1 GHz', '1 ns', ["3:8: expected a frequency (Hz, kHz, MHz, GHz), found 'ns'"]],
    ['16 bit', '16 KB', ["4:7: expected a width (bit, B), found 'KB'"]],
    [
      '4 words/cycle',
      '4 words',
      ["13:24: expected a bandwidth (words/cycle, bit/cycle, B/cycle, MB/s, GB/s, TB/s), found 'words'"],
    ],
    // Numbers that cannot be.
    ['108 KB', '-108 KB', ["11:11: a size must be more than zero, found '-108 KB'"]],
    ['108 KB', '0 KB', ["11:11: a size must be more than zero, found '0 KB'"]],
    [
      '108 KB',
      '.nan',
      ["11:11: expected 'unlimited' or a mapping or a size (B, KB, MB, GB, bit, words), found '.nan'"],
    ],
    ['108 KB', '1 bit', ["11:11: 'GLB' holds less than one word of 16 bit"]],
    ['108 KB', '9007199254740993 words', ["11:11: 'GLB' holds 2^53 words or more"]],
    ['1 * mac pJ', '-1 pJ', ["18:13: an energy must not be negative, found '-1 pJ'"]],
    ['1 * mac pJ', '.inf', ["18:13: expected an energy (fJ, pJ, nJ), found '.inf'"]],
    ['1 * mac pJ', '1 / 0 pJ', ["18:13: expected an energy (fJ, pJ, nJ): '1 / 0' is not a finite number"]],
    ['16 bit', '16.5 bit', ["4:7: expected a whole number of bits, found '16.5 bit'"]],
    ['x: 14', 'x: 0', ["15:8: expected an integer from 1 to 2147483647, found '0'"]],
    ['x: 14', 'x: -14', ["15:8: expected an integer from 1 to 2147483647, found '-14'"]],
    ['x: 14', 'x: 2147483648', ["15:8: expected an integer from 1 to 2147483647, found '2147483648'"]],
    ['x: 14', 'x: 14 / 4', ["15:8: expected an integer from 1 to 2147483647, found '14 / 4'"]],
    [
      'x: 14',
      'x: 2147483647\n  - array: Q\n    x: 2147483647',
      ["16:5: 2^53 or more copies of what is inside 'Q'"],
    ],
    // Expressions.
    ['200 * mac', '200 * mca', ["9:21: expected an energy (fJ, pJ, nJ): unknown variable 'mca'"]],
    ['mac: 2 ', 'mac: two ', ["5:19: unknown variable 'two'"]],
    ['mac: 2 ', 'mac: [2] ', ['5:19: expected a number, found a list']],
    // Wrong kinds of value.
    ['1 GHz', '[1, 2]', ['3:8: expected a frequency (Hz, kHz, MHz, GHz), found a list']],
    ['[inputs, outputs]', 'inputs', ["12:11: expected a list, found 'inputs'"]],
    ['schema: dse.arch/1', 'schema: dse.mapping/1', ["1:9: expected 'dse.arch/1', found 'dse.mapping/1'"]],
    [
      'name: small',
      'name: 3 small',
      ["2:7: '3 small': a name starts with a letter and goes on with letters, digits, '_', '-' or '.'"],
    ],
    ['- compute: MAC\n    energy: 1 * mac pJ', '- MAC', ["17:5: expected a mapping, found 'MAC'"]],
    // The order of the hierarchy.
    ['  - compute: MAC\n    energy: 1 * mac pJ\n', '', ['6:1: the hierarchy has no compute unit']],
    [
      '- array: PE',
      '- compute: ALU\n  - array: PE',
      ["14:14: compute unit 'ALU' is not the last entry of the hierarchy"],
    ],
    [
      '- memory: DRAM',
      '- array: Chips\n    x: 2\n  - memory: DRAM',
      ["7:5: the hierarchy begins with the array 'Chips'"],
    ],
    [
      'memory: GLB',
      'memory: dram',
      ["10:13: two entries of the hierarchy are named 'dram', the first on line 7"],
    ],
    [
      'array: PE',
      'array: MAC',
      ["17:14: two entries of the hierarchy are named 'MAC', the first on line 14"],
    ],
    [
      'size: unlimited',
      'size: unlimited\n    keep: [inputs]',
      ["9:11: the outermost memory 'DRAM' does not keep every tensor"],
    ],
    [
      '[inputs, outputs]',
      '[inputs]\n    may_keep: [Inputs]',
      ["13:16: 'Inputs' stands in keep and in may_keep"],
    ],
    // Blocks.
    [
      '108 KB',
      '108 KB\n    block: 24 bit',
      ["12:12: expected a whole number of 16-bit words, found '24 bit'"],
    ],
    ['108 KB', '{depth: 4, block: 2}\n    block: 4 words', ['12:12: size has a block of 2 words already']],
    ['108 KB', '{depth: 4}', ["11:11: 'block' is missing"]],
  ])('%j -> %j', (from, to, expected) => {
    expect(complaints(spoil(from, to))).toEqual(expected);
  });
});

describe('the clock is asked for where a value needs it', () => {
  const clockless = (from: string, to: string) => () =>
    read(GOOD.replace('clock: 1 GHz\n', '').replace(from, to));

  test.each([
    ['4 words/cycle', '4 GB/s', '12:24: a bandwidth per second needs the clock'],
    ['energy: 1 * mac pJ', 'leak: 2 mW', '17:11: leakage in watts needs the clock'],
  ])('%j -> %j', (from, to, expected) => {
    expect(complaints(clockless(from, to))).toEqual([expected]);
  });

  test('otherwise a cycle is a nanosecond', () => {
    expect(clockless('x', 'x')().clockHz).toBe(1e9);
  });
});

describe('a hierarchy that is none', () => {
  const header = 'schema: dse.arch/1\nname: n\nword: 8 bit\n';

  test('is missing', () => {
    expect(complaints(() => read(header))).toEqual(["1:1: 'hierarchy' is missing"]);
  });

  test('is empty', () => {
    const [{ message, position, expected }] = diagnosticsOf(() => read(`${header}hierarchy: []`));
    expect(message).toBe('the hierarchy is empty');
    expect(position).toMatchObject({ line: 4, column: 12 });
    expect(expected).toBe('at least one memory and the compute unit');
  });

  test('is cyclic', () => {
    const text = `${header}hierarchy: &all\n  - memory: DRAM\n    size: unlimited\n  - *all\n`;
    expect(complaints(() => read(text))).toEqual([
      "7:5: '*all' is part of itself: the hierarchy would be cyclic",
    ]);
  });

  test('is not a list', () => {
    expect(complaints(() => read(`${header}hierarchy: 3`))).toEqual(["4:12: expected a list, found '3'"]);
  });

  test('begins with the compute unit', () => {
    expect(complaints(() => read(`${header}hierarchy:\n  - compute: MAC\n`))).toEqual([
      "5:5: the hierarchy begins with the compute unit 'MAC'",
    ]);
  });
});

test('an empty file', () => {
  expect(complaints(() => read(''))).toEqual(['1:1: expected a mapping, found nothing']);
});

test('all mistakes of a file are reported together, in file order', () => {
  const text = GOOD.replace('mac: 2', 'mac: two')
    .replace('108 KB', '108 pJ')
    .replace('array: PE', 'array: GLB')
    .replace('y: 12', 'z: 12');
  expect(complaints(() => read(text))).toEqual([
    "5:19: unknown variable 'two'",
    "11:11: expected a size (B, KB, MB, GB, bit, words), found 'pJ'",
    "14:12: two entries of the hierarchy are named 'GLB', the first on line 10",
    "16:5: unknown key 'z'",
  ]);
});

test('a wrong unit, as the user sees it', () => {
  expect(rendered(spoil('108 KB', '108 kb'))).toMatchInlineSnapshot(`
    "
    small.yaml:11:11: expected a size (B, KB, MB, GB, bit, words), found 'kb'
      11 |     size: 108 kb
         |           ^^^^^^
      did you mean 'KB'?
    "
  `);
});

test('an unknown key, as the user sees it', () => {
  expect(rendered(spoil('    keep:', '    kep:'))).toMatchInlineSnapshot(`
    "
    small.yaml:12:5: unknown key 'kep'
      12 |     kep: [inputs, outputs]
         |     ^^^
      expected one of memory, size, component, technology, kind, banks, ports, cells, word, block, multiple_buffering, min_utilization, keep, may_keep, datawidth, energy, bandwidth, drain_reads, rmw_first_update, power_gating, area
      did you mean 'keep'?
    "
  `);
});

test('a file without a compute unit, as the user sees it', () => {
  expect(rendered(spoil('  - compute: MAC\n    energy: 1 * mac pJ\n', ''))).toMatchInlineSnapshot(`
    "
    small.yaml:6:1: the hierarchy has no compute unit
      6 | hierarchy:
        | ^^^^^^^^^
      expected a last entry '- compute: NAME'
    "
  `);
});
