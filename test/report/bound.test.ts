/** The picture and the table of traffic bounds: labels are clear of each other, text is escaped, columns give way. */
import { describe, expect, test } from 'vitest';
import { trafficBound } from '../../src/api/bound.ts';
import type { BoundRequest } from '../../src/api/bound.ts';
import { drawBound } from '../../src/report/bound-svg.ts';
import { renderBound } from '../../src/report/bound.ts';
import { plainStyle } from '../../src/report/style.ts';
import { memories } from '../../src/arch/architecture.ts';
import type { Architecture } from '../../src/arch/architecture.ts';
import { twoMemories } from '../../src/bound/machine.ts';
import { schemaErrors } from './schemas.ts';

interface Text {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Boxes of all upright text, at the mean width of a character in a sans-serif face. */
function texts(svg: string): Text[] {
  return [...svg.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"([^>]*)>([^<]*)</g)].flatMap((match) => {
    const [x, y] = [Number(match[1]), Number(match[2])];
    if (x === 0) return [];
    const size = Number(/font-size="(\d+)"/.exec(match[3])?.[1] ?? 12);
    const width = match[4].length * size * 0.55;
    const shift = match[3].includes('"middle"') ? width / 2 : match[3].includes('"end"') ? width : 0;
    const box = { left: x - shift, right: x - shift + width, top: y - size * 0.8, bottom: y + size * 0.2 };
    return [{ text: match[4], ...box }];
  });
}

function overlap(a: Text, b: Text): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function tinyMachine(words: number): Architecture {
  const machine = twoMemories();
  const [store, buffer] = memories(machine);
  return { ...machine, nodes: [store, { ...buffer, words }] };
}

const SUBJECTS: readonly BoundRequest[] = [
  { layer: 'gemm:M=1,N=1,K=1' },
  { layer: 'gemm:M=1,N=4096,K=4096', arch: 'simba' },
  { layer: 'gemm:M=512,N=512,K=512' },
  { layer: 'gemm:M=2048,N=11008,K=4096', arch: 'tpu-v1' },
  { layer: 'conv:N=1,M=64,C=64,P=28,Q=28,R=3,S=3', arch: 'eyeriss' },
  { layer: 'dwconv:N=1,G=32,P=56,Q=56,R=3,S=3', arch: 'eyeriss', keep: ['all'] },
];

describe('drawBound', () => {
  test.each(SUBJECTS)('draws $layer on $arch without text over text or outside', (subject) => {
    const svg = drawBound(trafficBound(subject));
    const boxes = texts(svg);
    expect(boxes.length).toBeGreaterThan(6);
    for (const [i, box] of boxes.entries()) {
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.right).toBeLessThanOrEqual(760);
      for (const other of boxes.slice(i + 1)) {
        expect(overlap(box, other), `'${box.text}' over '${other.text}'`).toBe(false);
      }
    }
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('escapes names', () => {
    const report = trafficBound({ layer: 'gemm:M=4,N=4,K=4' });
    const svg = drawBound({ ...report, layer: '<a & "b">' });
    expect(svg).toContain('&lt;a &amp; &quot;b&quot;&gt;');
    expect(svg).not.toContain('<a');
  });

  test('marks each knee and the buffer of the architecture', () => {
    const report = trafficBound({ layer: 'gemm:M=512,N=512,K=512', arch: 'simba', keep: ['all'] });
    const svg = drawBound(report);
    expect(svg.match(/<circle/g)).toHaveLength(report.points.filter(({ knee }) => knee).length);
    expect(svg).toContain('GlobalBuffer 65.5k words');
  });
});

describe('renderBound', () => {
  test('gives way to a narrow terminal', () => {
    const report = trafficBound({ layer: 'conv:N=1,M=64,C=64,P=28,Q=28,R=3,S=3' });
    const lines = renderBound(report, { style: plainStyle, width: 80 }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toContain('traffic words');
  });
});

describe('trafficBound', () => {
  test('a buffer too small for any tile has no traffic, within the schema', () => {
    const { typed, ...report } = trafficBound({
      layer: 'gemm:M=4,N=4,K=4',
      arch: tinyMachine(2),
    });
    expect(report.capacity).toEqual({ usableWords: 2, point: null, trafficWords: null });
    expect(schemaErrors('dse.bound-1', report)).toEqual([]);
    expect(drawBound(report)).toContain('no tile fits');
    expect(typed.curve.points).toHaveLength(report.points.length);
  });

  test('an unlimited buffer marks nothing', () => {
    expect(trafficBound({ layer: 'gemm:M=4,N=4,K=4', arch: tinyMachine(Infinity) })).not.toHaveProperty(
      'capacity',
    );
  });
});
