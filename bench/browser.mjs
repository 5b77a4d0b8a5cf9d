/** The engine in Chromium against the same engine in Node, in turn on one thread each; and how soon the page answers. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { search } from '../dist/index.js';
import { median } from './median.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';

const RANDOM = {
  arch: 'eyeriss',
  layer: 'resnet50.conv3_2.b',
  strategy: 'random',
  evaluations: 200_000,
  threads: 1,
};
const EXACT = { arch: 'eyeriss', layer: 'resnet50.conv3', objective: 'energy', threads: 1 };

/** Seconds of all searches of a request. */
function seconds({ layers }) {
  return layers.reduce((sum, layer) => sum + layer.seconds, 0);
}

/** Medians of Node's and Chromium's seconds, and of Node's over Chromium's. */
async function sideBySide(page, request, rounds) {
  const node = [];
  const browser = [];
  // The first round compiles.
  for (let round = 0; round <= rounds; round++) {
    node.push(seconds(await search(request)));
    browser.push(
      seconds(await page.evaluate(async (own) => dse.searchReport(await dse.search(own)), request)),
    );
  }
  const ratios = node.map((own, i) => own / browser[i]).slice(1);
  return { node: median(node.slice(1)), browser: median(browser.slice(1)), ratio: median(ratios) };
}

/** Milliseconds until resnet50.conv3 on eyeriss is proved: since the page was ready, of new browsers' first visits. */
async function answerTimes(url, rounds) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction(() => /optimal/.test(document.body.innerText));
    times.push(
      await page.evaluate(
        () => performance.now() - performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
      ),
    );
    await browser.close();
  }
  return median(times);
}

function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Builds pages and serves them; `use` is given their address. */
async function served(configFile, use) {
  const outDir = mkdtempSync(join(tmpdir(), 'dse-bench-'));
  const config = {
    configFile: join(root, configFile),
    logLevel: 'silent',
    build: { outDir, emptyOutDir: true },
  };
  await build(config);
  const server = await preview({ ...config, preview: { port: 0 } });
  try {
    return await use(server.resolvedUrls.local[0]);
  } finally {
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

export async function browserBench({ rounds = 5 } = {}) {
  const engine = await served('test/browser/vite.config.ts', async (url) => {
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(`${url}test/browser/harness.html`);
    await page.waitForFunction(() => 'dse' in globalThis);
    const random = await sideBySide(page, RANDOM, rounds);
    const exact = await sideBySide(page, EXACT, rounds);
    await browser.close();
    return { random, exact };
  });
  const answerMs = await served('web/vite.config.ts', (url) => answerTimes(url, rounds));
  return { ...engine, answerMs };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is not installed`);
  const { random, exact, answerMs } = await browserBench();
  const rate = (time) => `${Math.round(RANDOM.evaluations / time)} evaluations/s`;
  const ms = (time) => `${Math.round(time * 1000)} ms`;
  console.log(
    `random: Node ${rate(random.node)}, Chromium ${rate(random.browser)}: ${random.ratio.toFixed(2)}x`,
  );
  console.log(`exact:  Node ${ms(exact.node)}, Chromium ${ms(exact.browser)}: ${exact.ratio.toFixed(2)}x`);
  console.log(`the page shows resnet50.conv3 on eyeriss proved ${Math.round(answerMs)} ms after it is ready`);
}
