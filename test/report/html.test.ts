import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepHtml } from '../../src/api/html.ts';
import { sweep } from '../../src/api/sweep.ts';
import type { SweepOutcome } from '../../src/api/sweep.ts';
import { parseSweep } from '../../src/explore/read-sweep.ts';
import { hypervolume } from '../../src/explore/pareto.ts';
import { searchPage } from '../../src/report/html/search.ts';
import type { SearchView } from '../../src/report/html/search-view.ts';
import { sweepView } from '../../src/report/html/sweep-view.ts';
import type { SweepView } from '../../src/report/html/sweep-view.ts';
import type { LayerReport, SearchReport } from '../../src/report/json.ts';
import { bestReport, einsumReport, totals } from '../../src/report/json.ts';
import { sweepParquet } from '../../src/report/parquet.ts';
import { sweepCsv, sweepJsonl, sweepReport } from '../../src/report/sweep.ts';
import type { SweepFound } from '../../src/report/sweep.ts';
import { folder as machines, sources, sweepText } from '../explore/support.ts';
import { mapping, subject } from './fixture.ts';

const HOSTILE = '</script><script>alert(1)</script>&"';

/** A report of one layer whose name would end a script if it were not escaped. */
function searchHtmlOf(dramWordsPerCycle?: number): string {
  const { arch, einsum, cost } = subject(dramWordsPerCycle);
  const layer: LayerReport = {
    name: HOSTILE,
    count: 3,
    names: [HOSTILE, 'b', 'c'],
    einsum: einsumReport(einsum),
    best: bestReport(arch, einsum, { mapping, cost }),
    certificate: {
      status: 'optimal',
      lowerBound: null,
      gap: 0,
      mapspaceSize: '600',
      visited: 600,
      pruned: { capacity: 0, fanout: 0, constraints: 0, dominated: 0, bound: 0 },
    },
    seconds: 0.5,
  };
  const report: SearchReport = {
    schema: 'dse.search/1',
    arch: arch.name,
    archFile: null,
    archDigest: `sha256:${'0'.repeat(64)}`,
    objective: 'edp',
    options: {},
    layers: [layer],
    total: totals([layer]),
    unsolved: [],
    threads: 1,
    seconds: 1,
    version: '1.2.3',
  };
  return searchPage({ report, arch, found: [{ einsum, best: { mapping, cost } }] });
}

let folder: string;
let outcome: SweepOutcome;
let sweepFound: SweepFound;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dse-html-'));
  const file = join(machines, 'html.yaml');
  // Register files of 3 words to 12; no buffer of 2 words can hold a tile of each tensor.
  writeFileSync(file, sweepText({ parameters: { words: [2, 12, 24, 48], units: [1, 2], rf: [3, 6] } }));
  outcome = await sweep({ sweep: file, threads: 1 });
  const { typed, designs } = outcome;
  sweepFound = { sweep: typed.sweep, records: typed.records, designs, points: [] };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The text of each script, by its place. */
function scripts(page: string): string[] {
  return [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text);
}

function dataOf<View, Report>(page: string): { readonly report: Report; readonly view: View } {
  return JSON.parse(scripts(page)[0]) as { report: Report; view: View };
}

describe.each([
  ['a search', () => searchHtmlOf()],
  ['a sweep', () => sweepHtml(outcome)],
])('the page of %s', (_, page) => {
  test('loads nothing, and forbids the browser to', () => {
    const html = page();
    expect(html).toMatch(/Content-Security-Policy" content="default-src 'none';/);
    const markup = html.replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, '$1');
    expect(markup).not.toMatch(/https?:|\bsrc=|\bhref=|@import|url\(/);
    expect(scripts(html).at(-1)).not.toMatch(/https?:|\bimport\b(?! ?\(')|\bexport\b|fetch\(/);
  });

  test('holds the data, both libraries and a client script that is whole', () => {
    const all = scripts(page());
    expect(all).toHaveLength(4);
    expect(JSON.parse(all[0])).toHaveProperty('report.schema');
    expect(all[1]).toContain('d3js.org');
    expect(all[2]).toContain('@observablehq/plot');
    // Throws for what does not parse, as a module: an import or export left over, a name that two parts declare.
    expect(() => new Function(`'use strict'; {${all[3]}\n}`)).not.toThrow();
    expect(all[3]).toContain('function makeButtons');
  });
});

describe('the page of a search', () => {
  test('escapes names, in markup and in data', () => {
    const page = searchHtmlOf();
    expect(page).not.toContain(HOSTILE);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;');
    expect(dataOf<SearchView, SearchReport>(page).report.layers[0].name).toBe(HOSTILE);
  });

  test('splits the energy of a layer into parts that add up to it', () => {
    const { view, report } = dataOf<SearchView, SearchReport>(searchHtmlOf());
    const sum = view.layers[0].energy.reduce((total, { energyPj }) => total + energyPj, 0);
    expect(sum).toBeCloseTo(report.layers[0].best.energyPj, 6);
    expect(new Set(view.layers[0].energy.map(({ part }) => part))).toEqual(
      new Set(['DRAM', 'Buffer', 'Register', 'PE', 'MAC']),
    );
    expect(view.layers[0].nest).toMatchObject({
      compute: 'MAC',
      blocks: [
        { memory: 'DRAM', usableWords: null, loops: [{ dim: 'K', factor: 2 }] },
        { memory: 'Buffer', usedWords: 48, usableWords: 64, loops: [{}, {}, { dim: 'M', array: 'PE x' }] },
        { memory: 'Register', tiles: [{ tensor: 'Z', words: 1 }] },
      ],
    });
  });

  test('puts layers below both roofs, and on that of the bandwidth which limits them', () => {
    const { view } = dataOf<SearchView, SearchReport>(searchHtmlOf());
    expect(view.roof).toEqual({ macsPerCycle: 4, memory: 'DRAM', wordsPerCycle: null });
    // 32 words of A, 32 of B and 16 of Z make 128 MACs; at 0.5 words/cycle they take 160 cycles.
    expect(view.layers[0]).toMatchObject({ macsPerWord: 128 / 80, macsPerCycle: 2 });
    const slow = dataOf<SearchView, SearchReport>(searchHtmlOf(0.5)).view;
    expect(slow.roof.wordsPerCycle).toBe(0.5);
    const [{ macsPerWord, macsPerCycle }] = slow.layers;
    expect(macsPerCycle).toBeCloseTo((macsPerWord ?? 0) * 0.5, 9);
  });
});

describe('the page of a sweep', () => {
  test('holds every mapped design with its parameters and metrics, and the front as buttons', () => {
    const page = sweepHtml(outcome);
    const { view } = dataOf<SweepView, unknown>(page);
    const mapped = outcome.typed.records.filter(({ status }) => status === 'mapped');
    expect(view.rows.map(([id]) => id)).toEqual(mapped.map(({ id }) => id));
    expect(view.parameters).toEqual(['words', 'units', 'rf']);
    for (const row of view.rows) expect(row).toHaveLength(1 + 3 + view.metrics.length);
    expect([view.metrics[view.x].name, view.metrics[view.y].name]).toEqual(['edp', 'area']);
    const buttons = [...page.matchAll(/data-design="(\d+)"/g)].map(([, id]) => Number(id));
    expect(buttons).toEqual(outcome.front.map(({ id }) => id));
  });

  test('shows a hypervolume that grows and ends with the last design, and the corner of its box', () => {
    const { points, reference } = dataOf<SweepView, unknown>(sweepHtml(outcome)).view.hypervolume;
    const shares = points.map(({ share }) => share);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(points.at(-1)?.done).toBe(outcome.done);
    expect(shares.at(-1)).toBeGreaterThan(0);
    expect(shares.at(-1)).toBeLessThan(1);
    const areas = outcome.typed.records.flatMap((r) => (r.status === 'mapped' ? [r.metrics.areaUm2] : []));
    expect(reference.map(({ name }) => name)).toEqual(['edp', 'area']);
    expect(reference[1].value).toBeCloseTo(1.1 * Math.max(...areas) * 1e-6, 12);
  });

  test('shows at most 200 points of a hypervolume, the last one exactly', () => {
    const own = parseSweep(sources({ objectives: ['energy', 'latency'] }));
    const records = Array.from({ length: 1000 }, (_, id) => {
      const metrics = {
        energyPj: 1000 - id,
        latencySeconds: 1 + id,
        cycles: 1,
        edpJs: 1,
        ed2pJs2: 1,
        areaUm2: 0,
      };
      return { id, digits: [0, 0, 0], status: 'mapped' as const, metrics };
    });
    const report = sweepReport({ sweep: own, designs: 1000, records, points: [] });
    const { points } = sweepView({ report, sweep: own, records }).hypervolume;
    expect(points.length).toBeLessThanOrEqual(202);
    const vectors = records.map(({ metrics }) => [metrics.energyPj, metrics.latencySeconds]);
    expect(points.at(-1)).toEqual({ done: 1000, share: hypervolume(vectors, [1100, 1100]) });
  });
});

describe('the designs of a sweep as files', () => {
  test('are the same in CSV, JSONL and Parquet, null where not mapped', async () => {
    const rows = sweepJsonl(sweepFound)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(outcome.done);
    expect(rows.some(({ status, edpJs }) => status !== 'mapped' && edpJs === null)).toBe(true);
    const [header, ...lines] = sweepCsv(sweepFound).trimEnd().split('\n');
    expect(Object.keys(rows[0])).toEqual(header.split(','));
    expect(rows.map((row) => Object.values(row).join())).toEqual(lines);
    const file = sweepParquet(sweepFound);
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
    expect(await parquetReadObjects({ file: bytes })).toEqual(rows);
  });
});
