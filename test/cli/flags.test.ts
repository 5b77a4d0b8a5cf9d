import { describe, expect, test } from 'vitest';
import { choice, choices, parameter, seconds, wholeNumber } from '../../src/cli/flags.ts';
import { InputError } from '../../src/spec/errors.ts';

const objective = choices('--objective', ['edp', 'energy', 'latency']);

function diagnosticOf(call: () => unknown): InputError['diagnostics'][number] {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.diagnostics[0];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('flag values', () => {
  test('a choice is one of its words, a misspelt one is named with the nearest', () => {
    expect(choice('--strategy', ['random', 'anneal'])('anneal')).toBe('anneal');
    const { message, expected, suggestion } = diagnosticOf(() => objective('engery'));
    expect(message).toContain("--objective: 'engery'");
    expect(expected).toBe('one of edp, energy, latency');
    expect(suggestion).toBe("did you mean 'energy'?");
  });

  test('choices are joined by commas, each once', () => {
    expect(objective('energy,latency,energy')).toEqual(['energy', 'latency']);
    expect(() => objective('energy,')).toThrow(InputError);
  });

  test.each(['0', '-1', '1.5', 'many', '', '0x10', 'NaN', '1e999', 'Infinity'])(
    'a number of threads is not %j',
    (text) => {
      expect(() => wholeNumber('--threads', 1, 1024)(text)).toThrow(InputError);
    },
  );

  test('whole numbers may be written 2000, 1_000_000 or 1e6', () => {
    expect(['2000', '1_000_000', '1e6'].map(wholeNumber('--evaluations', 1))).toEqual([2000, 1e6, 1e6]);
    expect(() => wholeNumber('--threads', 1, 1024)('1025')).toThrow(InputError);
  });

  test.each(['0', '-2', 'NaN', 'Infinity', '1s', ''])('a time is not %j', (text) => {
    expect(() => seconds('--time')(text)).toThrow(InputError);
  });

  test('times may have fractions', () => {
    expect(['0.5', '.25', '10', '1e3'].map(seconds('--time'))).toEqual([0.5, 0.25, 10, 1000]);
  });

  test('parameters collect over repeated flags, the last of a name wins', () => {
    const param = parameter('--param');
    expect(param('seq=128', param('batch=4'))).toEqual({ batch: 4, seq: 128 });
    expect(param('batch=8', param('batch=4'))).toEqual({ batch: 8 });
    for (const text of ['batch', 'batch=', 'batch=1.5', '=4', 'batch=-1']) {
      expect(() => param(text)).toThrow(InputError);
    }
  });
});
