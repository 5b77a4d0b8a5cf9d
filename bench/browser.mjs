/** The engine in Chromium against the same engine in Node, in turn on one thread each, by CPU time; and how soon the page answers. */
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

/** CPU seconds of this process so far, compilers and collectors included. */
function nodeCpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The same of all the browser's pages. */
async function pagesCpu(session) {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.reduce((sum, { type, cpuTime }) => (type === 'renderer' ? sum + cpuTime : sum), 0);
}

/** CPU seconds that work takes by a clock. */
async function timed(clock, work) {
  const before = await clock();
  await work();
  return (await clock()) - before;
}

/** Medians of Node's and Chromium's CPU seconds, and of Node's over Chromium's. */
async function sideBySide(page, session, request, rounds) {
  const node = [];
  const browser = [];
  // The first round compiles.
  for (let round = 0; round <= rounds; round++) {
    node.push(await timed(nodeCpu, () => search(request)));
    const inPage = () => page.evaluate(async (own) => void (await dse.search(own)), request);
    browser.push(await timed(() => pagesCpu(session), inPage));
  }
  const ratios = node.map((own, i) => own / browser[i]).slice(1);
  return { node: median(node.slice(1)), browser: median(browser.slice(1)), ratio: median(ratios) };
}

/**
 * Milliseconds until resnet50.conv3 on eyeriss is proved, of new browsers' first visits: since the document was there,
 * and since the page was ready, its inputs filled.
 */
async function answerTimes(url, rounds) {
  const times = { document: [], inputs: [] };
  for (let round = 0; round < rounds; round++) {
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(url);
    const now = () => page.evaluate(() => performance.now());
    await page.waitForSelector('input[type=range]');
    const ready = await now();
    await page.waitForFunction(() => /optimal/.test(document.body.innerText));
    const shown = await now();
    const loaded = await page.evaluate(
      () => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
    );
    times.document.push(shown - loaded);
    times.inputs.push(shown - ready);
    await browser.close();
  }
  return { document: median(times.document), inputs: median(times.inputs) };
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
    const session = await browser.newBrowserCDPSession();
    const random = await sideBySide(page, session, RANDOM, rounds);
    const exact = await sideBySide(page, session, EXACT, rounds);
    await browser.close();
    return { random, exact };
  });
  const answerMs = await served('web/vite.config.ts', (url) => answerTimes(url, rounds));
  return { ...engine, answerMs };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is not installed`);
  const { random, exact, answerMs } = await browserBench();
  const rate = (time) => `${Math.round(RANDOM.evaluations / time)} evaluations per CPU second`;
  const ms = (time) => `${Math.round(time * 1000)} ms of CPU time`;
  console.log(
    `random: Node ${rate(random.node)}, Chromium ${rate(random.browser)}: ${random.ratio.toFixed(2)}x`,
  );
  console.log(`exact:  Node ${ms(exact.node)}, Chromium ${ms(exact.browser)}: ${exact.ratio.toFixed(2)}x`);
  const [inputs, whole] = [answerMs.inputs, answerMs.document].map(Math.round);
  console.log(
    `the page shows resnet50.conv3 on eyeriss proved ${inputs} ms after its inputs are filled, ${whole} ms after its document is there`,
  );
}
