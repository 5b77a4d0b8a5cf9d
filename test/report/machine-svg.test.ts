import { describe, expect, test } from 'vitest';
import { drawMachine } from '../../src/report/machine-svg.ts';
import { mapping, subject } from './fixture.ts';

const drawing = { ...subject(), mapping };

interface Rectangle {
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
}

function rectangles(svg: string): Rectangle[] {
  return [...svg.matchAll(/<rect x="(\S+)" y="\S+" width="(\S+)" height="(\S+)" fill="(\S+)"/g)].map(
    ([, x, width, height, fill]) => ({ x: Number(x), width: Number(width), height: Number(height), fill }),
  );
}

describe('drawMachine', () => {
  const svg = drawMachine(drawing);
  const frames = rectangles(svg).filter(({ fill }) => fill === 'none');

  test('draws memories of the chip as squares of one scale, all instances together', () => {
    // The buffer holds 64 words, the four registers 8 each: half the area.
    const squares = frames.filter(({ width, height }) => width === height);
    const [buffer, array, registers] = squares.map(({ width }) => width);
    expect(squares).toHaveLength(3);
    expect(array).toBe(20);
    expect((registers / buffer) ** 2).toBeCloseTo(0.5, 2);
  });

  test('fills squares by area with the tiles of the instances at work', () => {
    // Of four registers two hold one sum of the eight words each.
    const [, outputs] = rectangles(svg).filter(
      ({ fill, height, width }) => fill === '#3ca951' && height !== 11 && height !== 16 && width > 50,
    );
    expect(outputs.height / outputs.width).toBeCloseTo((2 * 1) / (4 * 8), 2);
  });

  test('divides the bar of an instance as its words are', () => {
    const bars = rectangles(svg).filter(({ height, fill }) => height === 16 && fill !== 'none');
    const total = frames.find(({ height }) => height === 16)?.width ?? 0;
    const shares = bars.map(({ width }) => width / total);
    const expected = [32 / 80, 32 / 80, 16 / 80, 16 / 64, 16 / 64, 16 / 64, 1 / 8];
    shares.forEach((share, i) => expect(share).toBeCloseTo(expected[i], 2));
    expect(shares).toHaveLength(expected.length);
  });

  test('says in words what it shows', () => {
    expect(svg).toContain('<title>gemm4x4x8 on small</title>');
    expect(svg).toContain('PE: 2 of 2 across: M 2; 1 of 2 down.');
    expect(svg).toContain('Buffer: A 16, B 16, Z 16 of 64 words.');
  });

  test('escapes names', () => {
    const arch = { ...drawing.arch, name: '<a & "b">' };
    expect(drawMachine({ ...drawing, arch })).toContain('on &lt;a &amp; &quot;b&quot;&gt;</title>');
  });
});
