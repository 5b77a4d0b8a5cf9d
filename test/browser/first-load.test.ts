/** What a first visit to the page loads: a static folder, under a path of its own, without special headers. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import type { Site } from '../support/site.ts';
import { serve, viteBuild } from '../support/site.ts';

/** Compressed bytes of a first visit; editors, charts and what else may come later is not among them. */
const MOST_BYTES = 500_000;

describe.skipIf(!hasChromium)('a first visit', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  const complaints: string[] = [];
  const loaded: string[] = [];

  async function open(): Promise<Page> {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfinished', (request) => loaded.push(request.url()));
    await page.goto(site.url('page/'));
    return page;
  }

  beforeAll(async () => {
    [folder, browser] = await Promise.all([viteBuild('web'), launchChromium()]);
    site = await serve({ page: folder });
  });

  afterAll(async () => {
    await browser.close();
    site.close();
  });

  test('shows a proved mapping, loads little and complains of nothing', async () => {
    const page = await open();
    await page.waitForFunction(() => /optimal/.test(document.body.innerText));
    expect(await page.getByText('Loading.').count()).toBe(0);
    expect(complaints).toEqual([]);
    const files = [...new Set(loaded)].filter((url) => url.startsWith('http'));
    const bytes = files.map((url) => {
      const path = url.slice(site.url('page/').length) || 'index.html';
      return gzipSync(readFileSync(`${folder}/${path}`), { level: 9 }).length;
    });
    expect(files.some((url) => url.includes('engine-worker'))).toBe(true);
    expect(bytes.reduce((sum, count) => sum + count, 0)).toBeLessThan(MOST_BYTES);
    await page.close();
  });
});
