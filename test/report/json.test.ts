import { describe, expect, test } from 'vitest';
import { einsumReport, evalReport, rejectionReport, totals, withoutTyped } from '../../src/report/json.ts';
import { gemm, machine, subject } from './fixture.ts';
import { schemaErrors } from './schemas.ts';

/** As it arrives on the other side: Infinity would become null, undefined would vanish. */
function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe('evalReport', () => {
  test('keeps the schema dse.eval/1', () => {
    expect(schemaErrors('dse.eval-1', throughJson(evalReport(subject())))).toEqual([]);
  });

  test('holds the numbers of the cost unrounded', () => {
    const source = subject(0.3);
    const report = throughJson(evalReport(source));
    expect(report.energyPj).toBe(source.cost.energyPj);
    expect(report.edpJs).toBe(source.cost.edpJs);
    expect(report.levels[2].tensors['Z']).toEqual(source.cost.memories[2].tensors[2]);
    expect(report.networks[0].tensors['B']).toEqual(source.cost.networks[0].tensors[1]);
  });

  test('says null for an unlimited memory and leaves an unknown area out', () => {
    const report = throughJson(evalReport(subject()));
    expect(report.levels.map((level) => level.usableWords)).toEqual([null, 64, 8]);
    expect(report).not.toHaveProperty('areaUm2');
  });

  test('the schema refuses a missing, a misspelt and a negative field', () => {
    const report = throughJson(evalReport(subject()));
    const { cycles, ...rest } = report;
    expect(schemaErrors('dse.eval-1', rest)).not.toEqual([]);
    expect(schemaErrors('dse.eval-1', { ...rest, cycle: cycles })).not.toEqual([]);
    expect(schemaErrors('dse.eval-1', { ...report, energyPj: -1 })).not.toEqual([]);
  });
});

describe('rejectionReport', () => {
  test('keeps the schema and carries each reason with its place', () => {
    const position = { file: 'm.yaml', line: 3, column: 7, text: '  - for: M=3', length: 3 };
    const report = rejectionReport(machine(), gemm, [
      { message: 'M is short', position, suggestion: 'M=4' },
      { message: 'no place' },
    ]);
    expect(schemaErrors('dse.eval-1', throughJson(report))).toEqual([]);
    expect(throughJson(report.violations)).toEqual([
      { message: 'M is short', suggestion: 'M=4', file: 'm.yaml', line: 3, column: 7 },
      { message: 'no place' },
    ]);
  });
});

describe('totals', () => {
  test('are sums times counts, and EDP is the product of the sums', () => {
    const best = (energyPj: number, cycles: number) => ({
      energyPj,
      cycles,
      latencySeconds: cycles * 1e-8,
      edpJs: 0,
    });
    const total = totals([
      { count: 3, best: best(100, 10) },
      { count: 1, best: best(50, 40) },
    ]);
    expect(total.energyPj).toBe(350);
    expect(total.cycles).toBe(70);
    expect(total.latencySeconds).toBeCloseTo(70e-8, 15);
    expect(total.edpJs).toBeCloseTo(350e-12 * 70e-8, 25);
  });
});

describe('einsumReport', () => {
  test('writes index expressions as sums of dimensions', () => {
    const term = (dim: number, coefficient: number) => ({ dim, coefficient });
    const rank = [term(0, 2), term(1, 1)];
    const report = einsumReport({
      name: 'free',
      dims: gemm.dims,
      tensors: [
        { name: 'I', role: 'inputs', ranks: [rank, [term(2, -1), term(0, -3)], []] },
        { name: 'O', role: 'outputs', ranks: [[term(2, 1)]] },
      ],
    });
    expect(report.tensors['I']).toEqual({ role: 'inputs', ranks: ['2M+N', '-K-3M', '0'] });
    expect(report.dims).toEqual({ M: 4, N: 4, K: 8 });
    expect(report.macs).toBe(128);
  });
});

test('withoutTyped leaves the report as the schema has it', () => {
  const report = { a: 1, typed: { b: 2 } };
  expect(withoutTyped(report)).toEqual({ a: 1 });
  expect(report.typed.b).toBe(2);
});
