/** The HTML reports in a real browser: what they draw, hover, click and keyboard, schemes, print, phones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { searchHtml, sweepHtml } from '../../src/api/html.ts';
import { search } from '../../src/api/search.ts';
import type { SearchOutcome } from '../../src/api/search.ts';
import { sweep } from '../../src/api/sweep.ts';
import type { SweepOutcome } from '../../src/api/sweep.ts';
import { drawMachine } from '../../src/report/machine-svg.ts';
import { SWEEP, folder as machines } from '../explore/support.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { contrasts } from './contrast.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

/** A page with everything it said and asked for. */
interface Open {
  readonly page: Page;
  readonly address: string;
  readonly requests: string[];
  readonly complaints: string[];
}

let folder: string;
let browser: Browser;
let found: SearchOutcome;
let swept: SweepOutcome;
let searched: Open;
let explored: Open;

beforeAll(async () => {
  if (!hasChromium) return;
  folder = mkdtempSync(join(tmpdir(), 'dse-browser-'));
  const objectives = ['energy', 'latency'] as const;
  found = await search({ arch: 'eyeriss', layer: 'resnet50.conv3_1', objective: objectives, threads: 1 });
  // Capacities are free here, so that the front has several designs.
  swept = await sweep({ sweep: { ...SWEEP, arch: join(machines, 'grid.yaml') }, threads: 1 });
  browser = await launchChromium();
  searched = await open('search.html', searchHtml(found));
  explored = await open('sweep.html', sweepHtml(swept));
});

afterAll(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function open(name: string, html: string): Promise<Open> {
  const file = join(folder, name);
  writeFileSync(file, html);
  const page = await browser.newPage({ viewport: DESKTOP });
  const address = pathToFileURL(file).href;
  const opened: Open = { page, address, requests: [], complaints: [] };
  page.on('request', (request) => opened.requests.push(request.url()));
  page.on('console', (message) => opened.complaints.push(message.text()));
  page.on('pageerror', (error) => opened.complaints.push(error.message));
  return opened;
}

/** Loads the page anew, as a reader with that screen finds it. */
async function load({ page, address }: Open, viewport = DESKTOP): Promise<Page> {
  await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
  await page.setViewportSize(viewport);
  await page.goto(address);
  return page;
}

describe.skipIf(!hasChromium)('the pages of a search and of a sweep', () => {
  const both = [
    ['search', () => searched],
    ['sweep', () => explored],
  ] as const;

  test.each(both)('%s: asks for nothing but itself and complains of nothing', async (_, opened) => {
    const { address, requests, complaints } = opened();
    await load(opened());
    await load(opened(), PHONE);
    expect(new Set(requests)).toEqual(new Set([address]));
    expect(complaints).toEqual([]);
  });

  test.each(both)('%s: fits a phone, also after a turn, without scrolling sideways', async (_, opened) => {
    const page = await load(opened(), PHONE);
    for (const viewport of [PHONE, { width: PHONE.height, height: PHONE.width }, PHONE]) {
      await page.setViewportSize(viewport);
      await expect.poll(() => overhang(page)).toBeLessThanOrEqual(0);
      // Charts are drawn anew a moment after the turn.
      const narrowest = () =>
        page.$$eval('figure > svg', (all) => Math.min(...all.map((svg) => svg.clientWidth)));
      await expect.poll(narrowest).toBeGreaterThan(200);
    }
  });

  test.each(both)(
    '%s: is light, dark or on white paper, with a contrast of 4.5 in all text',
    async (_, opened) => {
      const page = await load(opened());
      for (const { paper, ...media } of [
        { colorScheme: 'light', media: 'screen', paper: 'rgb(255, 255, 255)' },
        { colorScheme: 'dark', media: 'screen', paper: 'rgb(20, 23, 28)' },
        { colorScheme: 'dark', media: 'print', paper: 'rgb(255, 255, 255)' },
      ] as const) {
        await page.emulateMedia(media);
        expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(paper);
        const texts = await page.evaluate(contrasts);
        expect(texts.length).toBeGreaterThan(50);
        expect(texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
      }
    },
  );

  test.each(both)('%s: prints whole, charts no wider than the paper', async (_, opened) => {
    const page = await load(opened());
    await page.emulateMedia({ media: 'print' });
    // 190 mm at 96 dpi, without a new drawing: the page is printed as it was drawn for the screen.
    await page.evaluate(() => (document.body.style.width = '718px'));
    const rights = await page.$$eval('figure', (all) => all.map((one) => one.getBoundingClientRect().right));
    const edge = await page.evaluate(() => document.body.getBoundingClientRect().right);
    for (const right of rights) expect(right).toBeLessThanOrEqual(edge + 1);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  });

  test.each(both)(
    '%s: has a language, headings in order, names for all that can be used',
    async (_, opened) => {
      const page = await load(opened());
      expect(await page.getAttribute('html', 'lang')).toBe('en');
      const levels = await page.$$eval('h1, h2, h3', (all) => all.map(({ tagName }) => Number(tagName[1])));
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      levels.forEach((level, i) => expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1));
      expect(await page.locator('main').count()).toBe(1);
      expect(await page.locator('figure svg:not(svg svg):not([aria-label])').count()).toBe(0);
      const unnamed = await page.$$eval('button, [role=button], [tabindex]', (all) =>
        all
          .filter((one) => !(one.getAttribute('aria-label') ?? one.textContent))
          .map(({ outerHTML }) => outerHTML),
      );
      expect(unnamed).toEqual([]);
      expect(await page.locator('th:not([scope])').count()).toBe(0);
    },
  );
});

describe.skipIf(!hasChromium)('the page of a sweep', () => {
  let page: Page;
  beforeEach(async () => {
    page = await load(explored);
  });

  test('shows a design of the front under the pointer, and opens it by a click', async () => {
    const [first] = swept.front;
    const mark = page.locator(`#front svg [data-key="${first.id}"]`);
    await mark.hover();
    await expect.poll(() => tip(page, '#front')).toContain(`design ${first.id}`);
    expect(await tip(page, '#front')).toContain(`words  ${first.parameters['words']}`);
    expect(await page.textContent('#design h3')).not.toBe(`Design ${first.id}`);
    await mark.click();
    expect(await page.textContent('#design h3')).toBe(`Design ${first.id}`);
    expect(await mark.getAttribute('aria-pressed')).toBe('true');
    expect(await page.textContent('#design')).toContain(`--design ${first.id}`);
  });

  test('opens by Tab and Enter what a click opens, in the chart and in the table, with a visible focus', async () => {
    const ids = swept.front.map(({ id }) => id);
    await page.focus('body');
    const reached = await tabThrough(page, '#front svg [data-key]', ids.length);
    expect(reached.toSorted((a, b) => a - b)).toEqual(ids.toSorted((a, b) => a - b));
    await expect.poll(() => tip(page, '#front')).toContain(`design ${reached.at(-1)}`);
    await expectVisibleFocus(page);
    await page.keyboard.press('Enter');
    expect(await page.textContent('#design h3')).toBe(`Design ${reached.at(-1)}`);
    const button = page.locator(`[data-design="${reached[0]}"]`);
    await button.focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await expectVisibleFocus(page);
    await page.keyboard.press('Enter');
    expect(await page.textContent('#design h3')).toBe(`Design ${reached[0]}`);
    expect(await button.getAttribute('aria-pressed')).toBe('true');
  });

  test('draws every mapped design, an axis for each parameter and metric, and the hypervolume', async () => {
    const mapped = swept.typed.records.filter(({ status }) => status === 'mapped').length;
    expect(await page.locator('#front svg circle').count()).toBe(mapped);
    const axes = await page.locator('#parallel svg [aria-label="x-axis tick label"] text').allTextContents();
    expect(axes).toEqual(['words', 'units', 'rf', 'energy (uJ)', 'latency (ms)', 'EDP (J s)', 'area (mm2)']);
    // Each design once, the chosen one a second time.
    expect(await page.locator('#parallel svg [aria-label="line"] path').count()).toBe(mapped + 1);
    expect(await page.locator('#hypervolume svg [aria-label="line"] path').count()).toBe(1);
    expect(await page.textContent('#hypervolume figcaption')).toContain(
      'pruned leave it as it is: they could not be on the front',
    );
  });
});

describe.skipIf(!hasChromium)('the page of a search', () => {
  let page: Page;
  beforeEach(async () => {
    page = await load(searched);
  });

  test('stacks energy per memory and tensor: bars of a layer are as long as its energy', async () => {
    const boxes = await page.$$eval('#energy svg [aria-label="bar"] rect', (all) =>
      all.map((bar) => ['y', 'width'].map((name) => Number(bar.getAttribute(name)))),
    );
    const lengths = new Map<number, number>();
    for (const [y, width] of boxes) lengths.set(y, (lengths.get(y) ?? 0) + width);
    const drawn = [...lengths].toSorted(([a], [b]) => a - b).map(([, length]) => length);
    const energies = found.layers.map(({ count, best }) => count * best.energyPj);
    expect(drawn).toHaveLength(energies.length);
    drawn.forEach((length, i) => expect(length / drawn[0]).toBeCloseTo(energies[i] / energies[0], 2));
    const legend = await page.textContent('#legend');
    for (const name of ['DRAM', 'GLB', 'psum_spad', 'Weights', 'Outputs']) expect(legend).toContain(name);
  });

  test('gives the same energies as a table', async () => {
    await page.click('#energy summary');
    const rows = page.locator('#energy tbody tr');
    expect(await rows.count()).toBe(found.layers.length);
    expect(await rows.first().textContent()).toContain(found.layers[0].name);
    expect(await page.locator('#energy th').first().textContent()).toBe('layer (mJ)');
  });

  test('shows utilisation and the roofline; a layer chosen there shows its nest', async () => {
    const shares = await page.locator('#utilization svg [aria-label="text"] text').allTextContents();
    expect(shares).toEqual(found.layers.map(({ best }) => `${(100 * best.utilization).toFixed(1)}%`));
    expect(await page.locator('#roofline svg [data-key]').count()).toBe(found.layers.length);
    const { name } = found.layers[1];
    await page.locator('#roofline svg [data-key="1"]').focus();
    await expect.poll(() => tip(page, '#roofline')).toContain(name);
    await page.keyboard.press('Enter');
    expect(await page.textContent('#layer h2')).toBe(`Loop nest of ${name}`);
    expect(await page.locator('[data-layer="1"]').getAttribute('aria-pressed')).toBe('true');
  });

  test('draws the loop nest: a block for each memory, the loops of the mapping in order', async () => {
    const [{ typed, best }] = found.layers;
    const stations = typed.best.mapping.nest.filter(({ kind }) => kind === 'station').length;
    expect(await page.locator('.nest > li').count()).toBe(stations);
    const loops = await page.locator('.nest li li').allTextContents();
    expect(loops).toHaveLength(typed.best.mapping.nest.length - stations + 1);
    expect(loops.at(-1)).toBe('MAC');
    expect(await page.textContent('#layer .note')).toContain(`${best.cycles.toLocaleString('en')} cycles`);
  });

  test('draws the machine with the mapping of the layer', async () => {
    const [{ name, typed }] = found.layers;
    expect(await page.textContent('#machine svg title')).toBe(`${name} on eyeriss`);
    const picture = drawMachine({ arch: found.typed.architecture, einsum: typed.einsum, ...typed.best });
    const [, said] = /<desc>(.*)<\/desc>/.exec(picture) ?? [];
    expect(await page.textContent('#machine svg desc')).toBe(said);
  });

  test('draws the front of a layer; a mapping chosen there shows its nest', async () => {
    const place = found.layers.findIndex(({ front = [] }) => front.length > 1);
    const { name, front = [] } = found.layers[place];
    await page.click(`[data-layer="${place}"]`);
    expect(await page.textContent('#pareto h2')).toBe(`Front of ${name}`);
    const marks = page.locator('#pareto svg [data-key]');
    expect(await marks.count()).toBe(front.length);
    const last = page.locator(`#pareto svg [data-key="${front.length - 1}"]`);
    const before = await page.locator('.nest').innerText();
    const drawn = await page.locator('#machine svg').innerHTML();
    await last.hover();
    const cycles = `${front[front.length - 1].cycles.toLocaleString('en')} cycles`;
    await expect.poll(() => tip(page, '#pareto')).toContain(cycles);
    await last.click();
    expect(await page.textContent('#layer .note')).toContain(cycles);
    expect(await page.locator('.nest').innerText()).not.toBe(before);
    expect(await page.locator('#machine svg').innerHTML()).not.toBe(drawn);
    expect(await last.getAttribute('aria-pressed')).toBe('true');
  });
});

/** Pixels that the page is wider than the window. */
function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What the tip of a chart says. */
async function tip(page: Page, chart: string): Promise<string> {
  const tips: Locator = page.locator(`${chart} svg [aria-label="tip"]`);
  return (await tips.allTextContents()).join('');
}

/** Keys of the marks that Tab reaches, until there are `wanted`. */
async function tabThrough(page: Page, marks: string, wanted: number): Promise<number[]> {
  const keys: number[] = [];
  for (let presses = 0; keys.length < wanted && presses < 100; presses++) {
    await page.keyboard.press('Tab');
    const key = await page.evaluate(
      (selector) =>
        document.activeElement?.matches(selector) ? document.activeElement.getAttribute('data-key') : null,
      marks,
    );
    if (key !== null) keys.push(Number(key));
  }
  return keys;
}

async function expectVisibleFocus(page: Page): Promise<void> {
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
    return { outlineStyle, width: parseFloat(outlineWidth) };
  });
  expect(outline.outlineStyle).toBe('solid');
  expect(outline.width).toBeGreaterThanOrEqual(2);
}
