/** The page's views in Chromium: each shows what the engine finds in Node. */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SearchOutcome, SearchRequest } from '../../src/api/search.ts';
import { search } from '../../src/api/search.ts';
import { sweep } from '../../src/api/sweep.ts';
import { computeUnits } from '../../src/arch/architecture.ts';
import { drawNest } from '../../src/mapping/draw.ts';
import { explanationParts, mostSentence } from '../../src/report/explain.ts';
import { count, jouleSeconds, si, significant } from '../../src/report/format.ts';
import { drawMachine } from '../../src/report/machine-svg.ts';
import { LAYER_COLUMNS, layerRows, searchFacts } from '../../src/report/search.ts';
import { frontColumns } from '../../src/report/sweep-columns.ts';
import type { Linked } from '../../web/src/link.ts';
import { toFragment } from '../../web/src/link.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import type { Site } from '../support/site.ts';
import { serve, viteBuild } from '../support/site.ts';
import { contrasts } from './contrast.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
const LAYER = 'conv:M=16,C=8,P=7,Q=7,R=3,S=3';
const LAYERS: Linked = { version: 1, a: { name: 'two-level' }, layer: 'resnet50.conv3' };
const FRONT: Linked = { version: 1, a: { name: 'eyeriss' }, layer: LAYER, objective: 'energy,latency' };

let browser: Browser;
let site: Site;
let context: BrowserContext;
/** What pages wrote to their consoles: nothing, one hopes. */
const complaints: string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  site = await serve({ page: await viteBuild('web') });
  browser = await launchChromium();
  context = await browser.newContext({ viewport: DESKTOP });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  site?.close();
});

async function open(question: Linked): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${site.url('page/')}#${await toFragment(question)}`);
  return page;
}

/** As the page is asked. */
function node(question: Linked, more: Partial<SearchRequest> = {}): Promise<SearchOutcome> {
  return search({ arch: question.a.name, layer: question.layer, threads: 1, ...more });
}

/** Waits for the answer, and for its charts. */
async function answered(page: Page): Promise<void> {
  await page.locator('.proof').first().waitFor();
  await page.locator('[data-picture="energy-a"] svg').waitFor();
}

/** Cells of a table, row by row. */
function cells(page: Page, label: string): Promise<string[][]> {
  return page
    .getByRole('group', { name: label, exact: true })
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
}

function facts(page: Page, place = '.answer > .facts'): Promise<(readonly [string, string])[]> {
  return page
    .locator(`${place} > div`)
    .evaluateAll((all) =>
      all.map((one) => [one.children[0].textContent ?? '', one.children[1].textContent ?? ''] as const),
    );
}

function described(svg: string): string {
  return /<desc>(.*)<\/desc>/.exec(svg)?.[1] ?? '';
}

describe.skipIf(!hasChromium)('the views of a search', () => {
  let page: Page;
  let found: SearchOutcome;

  beforeAll(async () => {
    found = await node(LAYERS);
    page = await open(LAYERS);
    await answered(page);
  }, 60_000);

  test('say what was proved', async () => {
    const said = await page.locator('.proof').innerText();
    expect(said).toContain('Proved optimal');
    const { lowerBound } = found.layers[0].certificate;
    expect(said).toContain(`${significant(lowerBound ?? NaN)} pJ·cycles`);
    expect(await page.locator('.outcome').innerText()).toContain(
      `${count(found.layers[0].certificate.visited)} partial mappings`,
    );
  });

  test('hold totals and the table of layers', async () => {
    const units = computeUnits(found.typed.architecture);
    expect(await facts(page)).toEqual(searchFacts(found, units));
    const rows = layerRows(found, units).map((row) => LAYER_COLUMNS.map(({ cell }) => cell(row)));
    expect(await cells(page, 'layers')).toEqual(rows);
  });

  test('show the machine, the nest and the dimensions of the layer that Enter chooses', async () => {
    for (const [i, { name, typed }] of found.layers.entries()) {
      await page.getByRole('button', { name, exact: true }).press('Enter');
      await expect.poll(() => page.locator('.machine title').textContent()).toContain(name);
      const { architecture: arch } = found.typed;
      const picture = drawMachine({ arch, einsum: typed.einsum, ...typed.best });
      expect(await page.locator('.machine desc').textContent()).toBe(described(picture));
      const nest = drawNest(typed.best.mapping, arch, typed.einsum);
      expect(await page.locator('.nest-view pre').textContent()).toBe(nest);
      expect(await page.locator('[data-picture="roofline-a"] [aria-pressed="true"]').count()).toBe(1);
      expect(await page.locator('tr.chosen').textContent()).toContain(found.layers[i].name);
    }
  });

  test('draw energy, utilisation and roofline, each with a name and its figures', async () => {
    const table = page.locator('[data-picture="energy-a"] tbody tr');
    expect(await table.count()).toBe(found.layers.length);
    const marks = page.locator('[data-picture="roofline-a"] svg [data-key]');
    expect(await marks.count()).toBe(found.layers.length);
    const unnamed = await page
      .locator('figure svg')
      .evaluateAll((all) =>
        all.filter((svg) => !svg.getAttribute('aria-label') && !svg.querySelector('title')),
      );
    expect(unnamed).toEqual([]);
  });

  test('save each picture as a file that needs no style of the page', async () => {
    const button = page.getByRole('button', { name: 'Save energy-a as SVG' });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(download.suggestedFilename()).toBe('energy-a.svg');
    const text = readFileSync(await download.path(), 'utf8');
    expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(text).toMatch(/style="[^"]*fill: rgb/);
  });

  test('fit a phone and keep contrast in both schemes', async () => {
    await page.setViewportSize(PHONE);
    const overhang = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await expect.poll(overhang).toBeLessThanOrEqual(0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const texts = await page.evaluate(contrasts);
      expect(texts.length).toBeGreaterThan(100);
      expect(texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
    }
    await page.setViewportSize(DESKTOP);
  });
});

describe.skipIf(!hasChromium)('other views', () => {
  test('a point of the front shows its mapping', async () => {
    const [{ front = [], typed }] = (await node(FRONT, { objective: ['energy', 'latency'] })).layers;
    const page = await open(FRONT);
    const marks = page.locator('[data-picture="front-a"] svg [data-key]');
    await marks.first().waitFor();
    expect(await marks.count()).toBe(front.length);
    for (const key of [front.length - 1, 0]) {
      await page.locator(`[data-picture="front-a"] svg [data-key="${key}"]`).press('Enter');
      const { energyPj, latencySeconds, cycles } = front[key];
      await expect
        .poll(() => facts(page, 'section.layer .facts'))
        .toContainEqual(['latency', `${si(latencySeconds, 's')} (${count(cycles)} cycles)`]);
      expect(await facts(page, 'section.layer .facts')).toContainEqual([
        'energy of this mapping',
        si(energyPj * 1e-12, 'J'),
      ]);
      const { architecture: arch } = (await node(FRONT)).typed;
      const drawn = drawMachine({ arch, einsum: typed.einsum, ...(typed.front ?? [])[key] });
      expect(await page.locator('.machine desc').textContent()).toBe(described(drawn));
    }
    await page.close();
  });

  test('the button tells why the mapping is the best', async () => {
    const question: Linked = { version: 1, a: { name: 'two-level' }, layer: LAYER };
    const [{ explain }] = (await node(question, { explain: true })).layers;
    if (!explain) throw new Error('Node explains nothing');
    const page = await open(question);
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.locator('.told').waitFor();
    const sentences = explanationParts(explain).flatMap((part) => part.sentences);
    expect(await page.locator('.told dd').allTextContents()).toEqual(sentences);
    expect(await cells(page, 'changes of the machine')).toHaveLength(explain.changes.length);
    expect(await page.locator('.explanation').innerText()).toContain(mostSentence(explain));
    await page.close();
  });

  test('a sweep shows its front; a chosen design turns the sliders', async () => {
    const axis = { knob: 'PE.x', from: 4, to: 12, count: 3 };
    const question: Linked = {
      version: 1,
      a: { name: 'eyeriss' },
      layer: LAYER,
      sweep: { axes: [axis], objectives: ['energy', 'latency'] },
    };
    const report = await sweep({
      sweep: {
        schema: 'dse.sweep/1',
        name: LAYER,
        arch: 'eyeriss',
        network: LAYER,
        parameters: { PE_x: [4, 8, 12] },
        set: { 'PE.x': 'PE_x' },
        objectives: ['energy', 'latency'],
      },
      threads: 1,
    });
    const page = await open(question);
    await page.getByRole('button', { name: 'Sweep 3 designs' }).click();
    await page.locator('[data-picture="sweep-front"] svg').waitFor();
    const rows = report.front.map((design) => frontColumns(report).map(({ cell }) => cell(design)));
    expect(await cells(page, 'designs on the front')).toEqual(rows);
    const { id, parameters } = report.front[0];
    await page.locator(`[data-picture="sweep-front"] svg [data-key="${id}"]`).press('Enter');
    await expect.poll(() => page.getByLabel('PE columns').first().inputValue()).toBe(String(parameters.PE_x));
    expect(await page.locator('section[aria-label="Sweep"] tr.chosen').count()).toBe(1);
    await page.close();
  });

  test('two architectures are compared: totals, ratios, energies, machines', async () => {
    const question: Linked = { version: 1, a: { name: 'eyeriss' }, b: { name: 'two-level' }, layer: LAYER };
    const [one, other] = [await node(question), await node({ ...question, a: { name: 'two-level' } })];
    const page = await open(question);
    await page.locator('[data-picture="comparison-energy"] svg').waitFor();
    const totals = await cells(page, 'totals of both architectures');
    const edp = [one, other].map(({ total }) => total.edpJs);
    expect(totals.find(([name]) => name === 'EDP')).toEqual([
      'EDP',
      ...edp.map((value) => `${jouleSeconds(value)} J s`),
      significant(edp[1] / edp[0], 3),
    ]);
    expect(await page.locator('[data-picture="comparison-energy"] tbody tr').count()).toBe(2);
    const titles = await page.locator('[data-picture^="comparison-machine"] title').allTextContents();
    expect(titles).toEqual([one, other].map(({ arch, layers }) => `${layers[0].name} on ${arch}`));
    await page.close();
  });

  test('a long search shows best, bound and gap; stopped it keeps what it has', async () => {
    const page = await open({ version: 1, a: { name: 'simba' }, layer: 'vgg16@batch=16' });
    const live = page.locator('.live');
    await expect.poll(() => live.innerText(), { timeout: 20_000 }).toMatch(/layer ([2-9]|1\d) of \d+/);
    const names = (await facts(page, '.live .facts')).map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['best EDP', 'lower bound', 'gap']));
    expect(await page.locator('.live-chart desc').textContent()).toMatch(/^After .* s/);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect.poll(() => page.locator('.proof').innerText()).toContain('Stopped.');
    await page.close();
  });

  test('a machine on which nothing fits is an error, beside no old figures', async () => {
    const settings = { 'psum_spad.size': 1, 'weights_spad.size': 1, 'GLB.size': 1 };
    const page = await open({ version: 1, a: { name: 'eyeriss', settings }, layer: LAYER });
    const alert = page.locator('.outcome [role="alert"]');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('GLB');
    expect(await page.locator('.answer').count()).toBe(0);
    await page.close();
  });

  test('two tabs search at once, each its own question', async () => {
    const layers = [LAYER, 'gemm:M=64,N=32,K=16'];
    const pages = await Promise.all(
      layers.map((layer) => open({ version: 1, a: { name: 'two-level' }, layer })),
    );
    for (const [i, page] of pages.entries()) {
      await answered(page);
      const found = await node({ version: 1, a: { name: 'two-level' }, layer: layers[i] });
      expect(await facts(page)).toEqual(searchFacts(found, computeUnits(found.typed.architecture)));
      await page.close();
    }
  });

  test('nothing was written to a console', () => {
    expect(complaints).toEqual([]);
  });
});
