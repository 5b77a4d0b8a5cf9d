import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Kind, parseQuantity } from '../../src/spec/quantity.ts';
import { complaints, diagnosticsOf } from './support.ts';

test.each<[string, Kind, number, string]>([
  ['108 KB', 'size', 108 * 1024 * 8, 'bits'],
  ['24 MB', 'size', 24 * 2 ** 20 * 8, 'bits'],
  ['224 words', 'size', 224, 'words'],
  ['1 word', 'size', 1, 'words'],
  ['16 bit', 'width', 16, 'bits'],
  ['2 B', 'width', 16, 'bits'],
  ['200 MHz', 'frequency', 200e6, 'hertz'],
  ['2.2 pJ', 'energy', 2.2, 'picojoules'],
  ['1.3 nJ', 'energy', 1300, 'picojoules'],
  ['0 pJ', 'energy', 0, 'picojoules'],
  ['200 * mac pJ', 'energy', 440, 'picojoules'],
  ['4 words/cycle', 'bandwidth', 4, 'words per cycle'],
  ['4 words / cycle', 'bandwidth', 4, 'words per cycle'],
  ['64 B/cycle', 'bandwidth', 512, 'bits per cycle'],
  ['25.6 GB/s', 'bandwidth', 25.6e9 * 8, 'bits per second'],
  ['1.2 mm2', 'area', 1.2e6, 'square micrometres'],
  ['200 um', 'length', 0.2, 'millimetres'],
  ['80 fJ/bit/mm', 'wireEnergy', 0.08, 'picojoules per bit and millimetre'],
  ['30 mW', 'leak', 0.03, 'watts'],
  ['0.1 pJ/cycle', 'leak', 0.1, 'picojoules per cycle'],
  ['256 cycles', 'cycles', 256, 'cycles'],
])('%s as %s', (text, kind, value, base) => {
  const quantity = parseQuantity(text, kind, { mac: 2.2 });
  expect(quantity.base).toBe(base);
  expect(quantity.value).toBeCloseTo(value, 9);
});

test.each<[string | number, Kind, string]>([
  ['108 pJ', 'size', "expected a size (B, KB, MB, GB, bit, words), found 'pJ'"],
  ['108', 'size', "expected a size (B, KB, MB, GB, bit, words), found no unit in '108'"],
  [108, 'size', "expected a size (B, KB, MB, GB, bit, words), found no unit in '108'"],
  ['108 kb', 'size', "expected a size (B, KB, MB, GB, bit, words), found 'kb'"],
  ['0 KB', 'size', "a size must be more than zero, found '0 KB'"],
  ['-4 KB', 'size', "a size must be more than zero, found '-4 KB'"],
  ['-1 pJ', 'energy', "an energy must not be negative, found '-1 pJ'"],
  ['lots', 'size', "expected a size (B, KB, MB, GB, bit, words): unknown variable 'lots'"],
  [NaN, 'energy', "expected an energy (fJ, pJ, nJ): unknown variable 'NaN'"],
  ['1e400 pJ', 'energy', "expected an energy (fJ, pJ, nJ): '1e400' is not a finite number"],
  ['3 GHz', 'energy', "expected an energy (fJ, pJ, nJ), found 'GHz'"],
  ['4 KB KB', 'size', "expected a size (B, KB, MB, GB, bit, words), found 'KB KB'"],
  ['4 constructor', 'size', "expected a size (B, KB, MB, GB, bit, words), found 'constructor'"],
])('%j is no %s', (input, kind, message) => {
  expect(complaints(() => parseQuantity(input, kind))).toEqual([message]);
});

test('a unit in the wrong case is suggested', () => {
  expect(diagnosticsOf(() => parseQuantity('108 kb', 'size'))[0].suggestion).toBe("did you mean 'KB'?");
  expect(diagnosticsOf(() => parseQuantity('1 mhz', 'frequency'))[0].suggestion).toBe("did you mean 'MHz'?");
});

test('prefixes of a size are powers of 1024, those of a rate powers of 1000', () => {
  const number = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(number, (n) => {
      expect(parseQuantity(`${n} MB`, 'size')).toEqual(parseQuantity(`${n * 1024} KB`, 'size'));
      expect(parseQuantity(`${n} GB/s`, 'bandwidth')).toEqual(parseQuantity(`${n * 1000} MB/s`, 'bandwidth'));
    }),
    { numRuns: 50 },
  );
});
