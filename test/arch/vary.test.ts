import { describe, expect, test } from 'vitest';
import { computeUnits, memories } from '../../src/arch/architecture.ts';
import { loadArchitecture } from '../../src/arch/load.ts';
import { withArray, withMemory } from '../../src/arch/vary.ts';
import { InputError } from '../../src/spec/errors.ts';

const eyeriss = loadArchitecture('eyeriss');

describe('withMemory', () => {
  test('changes one memory of a copy and nothing else', () => {
    const larger = withMemory(eyeriss, 'GLB', { words: 1024 });
    expect(memories(larger)[1].words).toBe(1024);
    expect(memories(larger)[1].energy).toEqual(memories(eyeriss)[1].energy);
    expect(larger.nodes.filter((node, i) => node !== eyeriss.nodes[i])).toHaveLength(1);
    expect(memories(eyeriss)[1].words).toBe(108 * 512);
    expect(larger.constraints).toBe(eyeriss.constraints);
  });

  test('takes an unlimited size, refuses any that is no whole number of words', () => {
    expect(memories(withMemory(eyeriss, 'GLB', { words: Infinity }))[1].words).toBe(Infinity);
    for (const words of [0, -1, 1.5, Number.NaN]) {
      expect(() => withMemory(eyeriss, 'GLB', { words })).toThrow(InputError);
    }
  });

  test('names the nearest memory for an unknown one', () => {
    try {
      withMemory(eyeriss, 'GLP', { words: 4 });
      expect.unreachable();
    } catch (error) {
      expect((error as InputError).diagnostics[0].suggestion).toBe("did you mean 'GLB'?");
    }
    expect(() => withMemory(eyeriss, 'PE', { words: 4 })).toThrow("no memory 'PE'");
  });
});

describe('withArray', () => {
  test('changes the number of units', () => {
    expect(computeUnits(withArray(eyeriss, 'PE', { x: 28 }))).toBe(28 * 12);
    expect(computeUnits(withArray(eyeriss, 'pe', { x: 2, y: 3 }))).toBe(6);
  });

  test('refuses empty arrays and unknown names', () => {
    expect(() => withArray(eyeriss, 'PE', { y: 0 })).toThrow(InputError);
    expect(() => withArray(eyeriss, 'GLB', { x: 2 })).toThrow("no array 'GLB'");
  });
});
