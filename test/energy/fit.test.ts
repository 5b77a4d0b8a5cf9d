import { describe, expect, test } from 'vitest';
import { estimate } from '../../src/energy/estimate.ts';
import { SRAM_READ_PJ, SRAM_WRITE_PJ } from '../../src/energy/memories.ts';
import type { SramRequest } from '../../src/energy/request.ts';
import { energyScale } from '../../src/energy/technology.ts';
import { BANKED, FITTED, HELD_OUT, ONE_BANK, type SramPoint, deviation } from './points.ts';

const request = ({ bytes, widthBits, banks, ports, technologyNm }: SramPoint): SramRequest => ({
  component: 'sram',
  sizeBits: bytes * 8,
  widthBits,
  banks,
  ports,
  technologyNm,
  cells: 'high_performance',
});

type Metric = 'readPj' | 'writePj' | 'leakMw' | 'areaUm2';
const ratios = (points: readonly SramPoint[], metric: Metric): number[] =>
  points.map((point) => estimate(request(point))[metric] / (point[metric] ?? Number.NaN));

describe('the SRAM laws', () => {
  test.each([
    ['read', SRAM_READ_PJ, 'readPj'],
    ['write', SRAM_WRITE_PJ, 'writePj'],
  ] as const)('%s: factor, width and size are the least squares over the fitted points', (_, law, metric) => {
    const rows = FITTED.map((point) => [1, Math.log(point.widthBits), Math.log(point.bytes * 8)]);
    const targets = FITTED.map((point) =>
      Math.log(point[metric] / energyScale('sram', point.technologyNm) / point.ports ** law.ports),
    );
    const [factor, width, size] = leastSquares(rows, targets);
    expect(law.factor).toBeCloseTo(Math.exp(factor), 6);
    expect(law.width).toBeCloseTo(width, 3);
    expect(law.size).toBeCloseTo(size, 3);
  });

  test.each([
    ['readPj', FITTED, 1.27, 1.56],
    ['writePj', FITTED, 1.14, 1.48],
    ['readPj', HELD_OUT, 1.14, 1.68],
    ['writePj', HELD_OUT, 1.15, 1.16],
    ['readPj', BANKED, 1.15, 1.31],
    ['writePj', BANKED, 1.48, 1.57],
    ['leakMw', ONE_BANK, 1.04, 1.06],
    ['leakMw', BANKED, 1.11, 1.13],
  ] as const)('%s within the stated factors (%#)', (metric, points, median, worst) => {
    const found = deviation(ratios(points, metric));
    expect(found.median).toBeLessThanOrEqual(median);
    expect(found.worst).toBeLessThanOrEqual(worst);
  });
});

/** Solves the normal equations by Gauss-Jordan elimination. */
function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const n = rows[0].length;
  const dot = (of: (row: readonly number[], index: number) => number): number =>
    rows.reduce((sum, row, index) => sum + of(row, index), 0);
  const system = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_unused, j) => dot((row) => row[i] * row[j])),
    dot((row, index) => row[i] * targets[index]),
  ]);
  for (let pivot = 0; pivot < n; pivot++) {
    for (let row = 0; row < n; row++) {
      if (row === pivot) continue;
      const factor = system[row][pivot] / system[pivot][pivot];
      system[row] = system[row].map((value, column) => value - factor * system[pivot][column]);
    }
  }
  return system.map((row, index) => row[n] / row[index]);
}
