import { describe, expect, test } from 'vitest';
import { describeLatencyLimit, energyParts, latencyLimit } from '../../src/report/bottleneck.ts';
import { renderCost, renderMemories, renderTotals } from '../../src/report/eval.ts';
import { plainStyle } from '../../src/report/style.ts';
import { subject } from './fixture.ts';

const wide = { style: plainStyle, width: Infinity };

describe('latencyLimit', () => {
  test('names compute and the idle units when no memory is slower', () => {
    const { arch, cost } = subject();
    const limit = latencyLimit(arch, cost);
    expect(limit).toEqual({ kind: 'compute', busyUnits: 2, units: 4 });
    expect(describeLatencyLimit(limit)).toBe('compute (2 of 4 units at work; the mapping leaves 2 idle)');
  });

  test('names the memory and the port that is slower than compute', () => {
    // 64 words of operands and 16 sums through a DRAM of half a word per cycle: 160 cycles against 64 of compute.
    const { arch, cost } = subject(0.5);
    expect(cost.cycles).toBe(160);
    expect(latencyLimit(arch, cost)).toMatchObject({
      kind: 'memory',
      memory: 'DRAM',
      load: { port: 'shared', demanded: 0.5, offered: 0.5, share: 1 },
    });
  });

  test('names the networks when filling them takes longer than everything else', () => {
    const { arch, cost } = subject();
    const limit = latencyLimit(arch, { ...cost, cycles: cost.cycles + 1000 });
    expect(limit).toEqual({ kind: 'network', cycles: 1000 });
    expect(describeLatencyLimit(limit)).toContain('1000 cycles');
  });
});

describe('energyParts', () => {
  test('lists every part once and adds up to the total', () => {
    const { arch, cost } = subject();
    const parts = energyParts(arch, cost);
    expect(parts.map(({ name }) => name)).toEqual(['DRAM', 'Buffer', 'Register', 'PE', 'MAC']);
    expect(parts.reduce((sum, part) => sum + part.energyPj, 0)).toBeCloseTo(cost.energyPj, 9);
    expect(parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 12);
  });
});

describe('the eval report', () => {
  test('has a block per memory with a line for each tensor it keeps', () => {
    const lines = renderMemories(subject(), wide).split('\n');
    const names = lines.map((line) => line.split(/\s{2,}/).find((cell) => cell !== ''));
    expect(names).toEqual(['memory', 'DRAM', 'A', 'B', 'Z', 'Buffer', 'A', 'B', 'Z', 'Register', 'Z']);
    expect(lines.find((line) => line.startsWith('Buffer'))).toContain('48 of 64 (75.0%)');
    expect(lines[6]).toMatch(/^ {2}A +16 +128 +32 +0 /);
  });

  test('closes with the totals and the bottleneck', () => {
    expect(renderTotals(subject(0.5), wide)).toBe(
      [
        'MACs         128',
        'energy       0.01888 uJ (147.5 pJ/MAC)',
        'cycles       160',
        'latency      1.600 us at 100 MHz',
        'utilisation  20.0% of 4 units',
        'EDP          3.021e-14 J s',
        'bottleneck   latency: DRAM, its shared bandwidth (0.5 of 0.5 words/cycle and instance)',
        '             energy: DRAM (84.7% of the energy, 40.0% of it A)',
      ].join('\n'),
    );
  });

  test('tells what crosses each network', () => {
    expect(renderCost(subject(), wide)).toMatch(/PE: Buffer to Register[\s\S]* B +64 +2\.000 +0 +128/);
  });

  test('fits an 80-column terminal', () => {
    const lines = renderCost(subject(0.5), { style: plainStyle, width: 80 }).split('\n');
    const tables = lines.filter((line) => !line.includes('latency: '));
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
