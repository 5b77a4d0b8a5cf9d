/** Knees of curves whose shape is known. */
import { describe, expect, test } from 'vitest';
import type { CurvePoint } from '../../src/bound/curve.ts';
import { knees } from '../../src/bound/knees.ts';

function curveOf(sizes: readonly (readonly [bufferWords: number, trafficWords: number])[]): CurvePoint[] {
  return sizes.map(([bufferWords, trafficWords]) => ({
    bufferWords,
    trafficWords,
    macsPerWord: 1,
    tile: [],
    order: [],
    tensors: [],
    mapping: { nest: [] },
  }));
}

function kneesOf(...sizes: (readonly [number, number])[]): number[] {
  return knees(curveOf(sizes)).map(({ bufferWords }) => bufferWords);
}

/** Traffic falls with the square root of the buffer: a matrix product far from its floor. */
const slope = [4, 16, 64, 256, 1024].map((words) => [words, 4096 / Math.sqrt(words)] as const);

describe('knees', () => {
  test('an even slope has one where it ends', () => {
    expect(kneesOf(...slope)).toEqual([1024]);
  });

  test('a slope that goes on has none before its end', () => {
    expect(kneesOf(...slope, [4096, 64], [16384, 32])).toEqual([16384]);
  });

  test('a plateau begins with one', () => {
    expect(kneesOf(...slope, [1024 * 64, 127])).toEqual([1024]);
  });

  test('of near points the one that bends most', () => {
    expect(kneesOf([8, 1000], [32, 400], [40, 100], [48, 90])).toEqual([48]);
  });

  test('a single point is none', () => {
    expect(kneesOf([3, 3])).toEqual([]);
  });
});
