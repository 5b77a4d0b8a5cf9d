/** Sweep files: what they mean, and what is wrong with them. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/spec/errors.ts';
import { parametersOf } from '../../src/explore/designs.ts';
import { explore } from '../../src/explore/explore.ts';
import { parseSweep } from '../../src/explore/read-sweep.ts';
import { sampleDesigns } from '../../src/explore/samplers.ts';
import { sources } from './support.ts';

function axis(range: object): readonly number[] {
  return parseSweep(sources({ parameters: { words: range }, set: {} })).axes[0].values;
}

test('ranges are stepped, geometric or evenly spaced, ends included', () => {
  expect(axis({ from: 8, to: 20, step: 4 })).toEqual([8, 12, 16, 20]);
  expect(axis({ from: 16, to: 512, factor: 2 })).toEqual([16, 32, 64, 128, 256, 512]);
  expect(axis({ from: 0.1, to: 0.5, count: 5 })).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  expect(axis({ from: 5, to: 5, count: 1 })).toEqual([5]);
});

test('derived parameters follow others, rules on parameters need no mapping', async () => {
  const given = sources({
    parameters: { words: [12, 24], units: [1, 2], both: 'words * units' },
    set: { 'Buffer.size': 'both words', 'PE.x': 'units' },
    constraints: ['both <= 24'],
  });
  const own = parseSweep(given);
  expect(sampleDesigns(own).map(({ digits }) => parametersOf(own, digits).both)).toEqual([12, 24, 24, 48]);
  const { records } = await explore(given, { threads: 1 });
  expect(records.filter(({ status }) => status === 'excluded').map(({ id }) => id)).toEqual([3]);
});

describe('mistakes have a place', () => {
  test.each([
    [{ parameters: { words: { from: 9, to: 3, step: 1 } } }, 'goes from 9 down to 3'],
    [{ parameters: { words: { from: 1, to: 3, step: 0 } } }, 'the step is 0'],
    [{ parameters: { words: { from: 1, to: 3, factor: 1 } } }, 'the factor is 1'],
    [{ parameters: { words: { from: 0, to: 3, factor: 2 } } }, 'starts above 0'],
    [{ parameters: { words: { from: 1, to: 3 } } }, 'has no steps'],
    [{ parameters: { words: { from: 1, to: 9, step: 2, count: 3 } } }, 'both step and count'],
    [{ parameters: { words: [8, 8] } }, 'stands twice'],
    [{ parameters: { words: [8], twice: 'word * 2' } }, "unknown parameter 'word'"],
    [{ parameters: { area: [8] } }, "'area' is a metric"],
    [{ set: { 'Bufer.size': '8 words' } }, "the architecture has no 'Bufer'"],
    [{ constraints: ['area <= 12'] }, 'no unit'],
    [{ constraints: ['area <= 12 cm2'] }, "unknown unit 'cm2'"],
    [{ constraints: ['wrds <= 12'] }, "unknown parameter 'wrds'"],
    [{ network: 'resnet51' }, 'resnet51'],
    [{ arch: 'gird.yaml' }, 'gird'],
    [{ objectives: ['speed'] }, 'speed'],
  ])('%j', (changes, message) => {
    const error = attempt(() => sources({ set: {}, ...changes }));
    expect(error.message).toContain(message);
    expect(error.diagnostics[0].position?.file).toBe('tiny.yaml');
  });

  test.each([
    [{ constraints: ['10 / (units - 1) <= 3'] }, '10 / (units - 1) <= 3', "<= 3' is not a finite number"],
    [{ set: { 'Buffer.size': 'words / 0 words' } }, 'Buffer.size: ', "'words / 0' is not a finite number"],
    [{ set: { 'Buffer.area': '1 / (units - 1) um2' } }, 'Buffer.area: ', 'is not a finite number'],
    [{ set: { 'Buffer.sise': '3 words' } }, 'Buffer.sise: ', "unknown key 'sise'"],
  ])(
    'a value that a design cannot have is shown where the sweep says it: %j',
    async (changes, line, message) => {
      const given = sources({ parameters: { words: [12, 24], units: [1, 2] }, set: {}, ...changes });
      const error = await explore(given, { threads: 1 }).catch((thrown: unknown) => thrown as InputError);
      const [diagnostic] = (error as InputError).diagnostics;
      expect(diagnostic.message).toContain(message);
      expect(diagnostic.message).toContain('(in design words=12 units=1)');
      expect(diagnostic.position?.file).toBe('tiny.yaml');
      expect(diagnostic.position?.text).toContain(line);
    },
  );

  test('an expression that divides by zero names the design', async () => {
    const given = sources({ parameters: { words: [8, 12], units: [0, 1], each: 'words / units' }, set: {} });
    await expect(explore(given, { threads: 1 })).rejects.toThrow(/finite.*words=8 units=0/s);
  });

  test('a value the architecture cannot have names the design and the place', async () => {
    const given = sources({ parameters: { units: [1, 1.5] }, set: { 'PE.x': 'units' } });
    await expect(explore(given, { threads: 1 })).rejects.toThrow('in design units=1.5');
  });
});

function attempt(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
