import { describe, expect, test } from 'vitest';
import type { LayerReport, SearchReport } from '../../src/report/json.ts';
import { bestReport, einsumReport, totals } from '../../src/report/json.ts';
import { renderEffort, renderFront, renderLayers } from '../../src/report/search.ts';
import { ansiStyle, plainStyle } from '../../src/report/style.ts';
import { mapping, subject } from './fixture.ts';
import { schemaErrors } from './schemas.ts';

const wide = { style: plainStyle, width: Infinity };
const { arch, einsum, cost } = subject();

function layer(name: string, count: number, change: Partial<LayerReport['certificate']> = {}): LayerReport {
  const pruned = { capacity: 300, fanout: 100, constraints: 0, dominated: 0, bound: 0 };
  return {
    name,
    count,
    names: Array.from({ length: count }, (_, i) => `${name}_${i}`),
    einsum: einsumReport(einsum),
    best: bestReport(arch, einsum, { mapping, cost }),
    certificate: {
      status: 'heuristic',
      lowerBound: 1e6,
      gap: 0.25,
      mapspaceSize: '123456789012345678901',
      visited: 600,
      pruned,
      ...change,
    },
    seconds: 0.5,
  };
}

function report(layers: LayerReport[], unsolved: SearchReport['unsolved'] = []): SearchReport {
  return {
    schema: 'dse.search/1',
    arch: arch.name,
    archFile: null,
    archDigest: `sha256:${'0'.repeat(64)}`,
    objective: 'edp',
    options: {},
    layers,
    total: totals(layers),
    unsolved,
    threads: 2,
    seconds: 2,
    version: '1.2.3',
  };
}

describe('the search report', () => {
  test('marks what stays on chip and says what that gains', () => {
    const resident = { ...layer('a', 2), constraints: [{ target: 'Buffer', resident: ['A', 'Z'] }] };
    const plain = report([resident, layer('b', 1)]);
    const traffic = { words: 500, bytes: 1000, energyPj: 2000 };
    const interLayer = {
      memory: 'DRAM',
      written: traffic,
      partialSumWords: 0,
      read: traffic,
      all: { ...traffic, bytes: 4000 },
      shareOfEnergy: 0.25,
    };
    const { total } = plain;
    const without = { ...total, energyPj: 2 * total.energyPj, edpJs: 2 * total.edpJs, interLayer };
    const activation = { words: 8, readers: ['b'], added: [] };
    const residency = {
      memory: 'Buffer',
      activations: [
        { ...activation, layer: 'a_0', resident: true },
        { ...activation, layer: 'a_1', resident: false },
        { ...activation, layer: 'b', resident: false, reason: 'no layer reads it' },
      ],
      without,
    };
    const found = { ...plain, interLayer, residency };
    expect(schemaErrors('dse.search-1', JSON.parse(JSON.stringify(found)))).toEqual([]);
    const rows = renderLayers(found, 4, wide).split('\n');
    expect(rows.slice(0, 3).map((row) => row.trim().split(/\s{2,}/)[2])).toEqual([
      'on chip',
      'A Z',
      '0.01888',
    ]);
    expect(renderEffort(found).split('\n').slice(-2)).toEqual([
      'between layers through DRAM: 1.000 kB of outputs, 1.000 kB of inputs, of 4.000 kB with weights: 0.004000 uJ, ' +
        '25.0% of the energy (additions, pooling and the like are not costed)',
      'in Buffer stay the outputs of 1 of 3 layers (1 cannot): without that 2.000 kB between layers, 0.1133 uJ, ' +
        '1.920 us, 2.175e-13 J s; gain: energy -50.0%, latency 0.0%, EDP -50.0%',
    ]);
  });

  test('has a row per distinct layer and the total over their counts', () => {
    const rows = renderLayers(report([layer('a', 3), layer('b', 1)]), 4, wide).split('\n');
    expect(rows.map((row) => row.trim().split(/\s{2,}/))).toEqual([
      ['layer', 'count', 'energy uJ', 'pJ/MAC', 'cycles', 'latency', 'utilisation', 'EDP J s', 'status'],
      ['a', '3', '0.01888', '148', '64', '640.0 ns', '50.0%', '1.208e-14', 'best found, gap 25.0%'],
      ['b', '1', '0.01888', '148', '64', '640.0 ns', '50.0%', '1.208e-14', 'best found, gap 25.0%'],
      ['total', '4', '0.07552', '148', '256', '2.560 us', '50.0%', '1.933e-13'],
    ]);
  });

  test('has no total for a single layer', () => {
    expect(renderLayers(report([layer('a', 1)]), 4, wide)).not.toContain('total');
  });

  test.each([
    [{ status: 'optimal', gap: 0 }, 'optimal'],
    [{ status: 'bounded', gap: 0.0312 }, 'within 3.1%'],
    [{ status: 'bounded', gap: 0.0004 }, 'within 0.04%'],
    [{ status: 'heuristic', gap: null }, 'best found'],
  ] as const)('says what is known: %o', (certificate, text) => {
    const [, row] = renderLayers(report([layer('a', 1, certificate)]), 4, wide).split('\n');
    expect(
      row
        .trim()
        .split(/\s{2,}/)
        .at(-1),
    ).toBe(text);
  });

  test('lets columns go on a narrow terminal and colours headers and totals only', () => {
    const narrow = renderLayers(report([layer('a', 3)]), 4, { style: plainStyle, width: 90 });
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
    const [header, row, total] = renderLayers(report([layer('a', 3)]), 4, {
      ...wide,
      style: ansiStyle,
    }).split('\n');
    expect(header + total).toContain('\u001b[');
    expect(row).not.toContain('\u001b[');
  });

  test('tells the effort, what was thrown out and what has no result', () => {
    expect(renderEffort(report([layer('a', 3), layer('b', 1)]))).toBe(
      [
        '2 distinct shapes of 4 layers for edp: 1,200 mappings costed in 2.00 s on 2 threads (0.000600 M/s)',
        'candidates thrown out before costing: capacity 30.0%, fanout 10.0%',
      ].join('\n'),
    );
    const unsolved = [{ name: 'c', count: 1, reason: 'stopped' }];
    expect(renderEffort(report([layer('a', 1)], unsolved))).toMatch(
      /^1 layer for edp: .*\n.*\nnot in the total, no mapping found: c \(stopped\)$/,
    );
  });

  test('prints a front as a table', () => {
    const front = [layer('a', 1).best, { ...layer('a', 1).best, energyPj: 2e6, cycles: 32 }];
    const rows = renderFront(front, wide).split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[2]).toMatch(/^ +2\.000 +32 /);
  });

  test('keeps the schema dse.search/1', () => {
    const value = report([layer('a', 3)], [{ name: 'c', count: 1, reason: 'stopped' }]);
    expect(schemaErrors('dse.search-1', JSON.parse(JSON.stringify(value)))).toEqual([]);
    expect(schemaErrors('dse.search-1', { ...value, total: undefined })).not.toEqual([]);
    expect(schemaErrors('dse.search-1', { ...value, extra: 1 })).not.toEqual([]);
  });
});
