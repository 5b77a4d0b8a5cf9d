/** The engine in Chromium against the same engine in Node: the compiled package, bundled by Vite's defaults, and its example. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SearchOutcome, SearchRequest } from '../../src/browser.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import type { Site } from '../support/site.ts';
import { root, serve, viteBuild } from '../support/site.ts';

type Engine = typeof import('../../src/index.ts');
/** In the page. */
declare const dse: typeof import('../../src/browser.ts');

const ARCHS = ['eyeriss', 'simba', 'tpu-v1', 'gemmini', 'shidiannao'];
const LAYERS = ['gemm:M=64,N=64,K=64', 'resnet50.conv5_1.b', 'mobilenet_v2#3', 'alexnet.conv3'];
const PAIRS = ARCHS.flatMap((arch) => LAYERS.map((layer): SearchRequest => ({ arch, layer })));
const layer = 'conv:M=32,C=16,P=14,Q=14,R=3,S=3';
/** Other ways through the engine: several workers, a front, a network's totals, an explanation. */
const OTHERS: readonly SearchRequest[] = [
  { arch: 'eyeriss', layer, strategy: 'random', evaluations: 20_000, threads: 3 },
  { arch: 'simba', layer, strategy: 'anneal', evaluations: 20_000, seed: 7, threads: 2 },
  { arch: 'two-level', layer, objective: ['energy', 'latency'] },
  { arch: 'two-level', layer: 'gemm:M=16,N=16,K=16', explain: true },
  { arch: 'gemmini', layer: 'alexnet.fc*', over: 'network' },
];
const SWEEP = {
  schema: 'dse.sweep/1',
  name: 'Small buffers',
  arch: 'eyeriss',
  network: 'conv:M=16,C=8,P=7,Q=7,R=3,S=3',
  parameters: { glb: [27, 54, 108], columns: [7, 14] },
  set: { 'GLB.size': 'glb KB', 'PE.x': 'columns', 'GLB.area': 'glb * 0.02 mm2', 'MAC.area': '0.01 mm2' },
  objectives: ['edp', 'area'],
};
const KINDS = ['plain', 'isolated'] as const;

function compiled(file: string): string {
  return new URL(`../../dist/${file}`, import.meta.url).href;
}

/** What must not depend on where it ran. */
function comparable(report: object): string {
  const machine = (key: string, value: unknown): unknown =>
    key === 'seconds' || key === 'threads' || key === 'typed' ? undefined : value;
  return JSON.stringify(report, machine);
}

describe.skipIf(!hasChromium)('dse/browser', () => {
  let browser: Browser;
  let site: Site;
  let node: Engine;
  /** What pages wrote to their consoles: nothing, one hopes. */
  const complaints: string[] = [];

  async function open(path = 'package/test/browser/harness.html', kind: (typeof KINDS)[number] = 'plain') {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(site.url(path, kind));
    return page;
  }

  async function searched(page: Page, requests: readonly SearchRequest[]): Promise<string[]> {
    await page.waitForFunction(() => 'dse' in globalThis);
    const reports = await page.evaluate(async (list) => {
      const found: string[] = [];
      for (const request of list) found.push(JSON.stringify(dse.searchReport(await dse.search(request))));
      return found;
    }, requests);
    return reports.map((text) => comparable(JSON.parse(text) as object));
  }

  /** Of Node, once. */
  const expected = new Map<SearchRequest, string>();
  async function inNode(requests: readonly SearchRequest[]): Promise<string[]> {
    const answers: string[] = [];
    for (const request of requests) {
      const known =
        expected.get(request) ??
        comparable(JSON.parse(JSON.stringify(node.searchReport(await node.search(request)))));
      expected.set(request, known);
      answers.push(known);
    }
    return answers;
  }

  beforeAll(async () => {
    const [built, launched] = await Promise.all([
      viteBuild('-c', `${root}test/browser/vite.config.ts`),
      launchChromium(),
    ]);
    browser = launched;
    site = await serve({ package: built });
    node = (await import(compiled('index.js'))) as Engine;
  });

  afterAll(async () => {
    await browser.close();
    site.close();
  });

  afterEach(() => expect(complaints.splice(0)).toEqual([]));

  test.each(KINDS)('answers as Node does, to the last bit, on a page that is %s', async (kind) => {
    const page = await open(undefined, kind);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(kind === 'isolated');
    const requests = kind === 'plain' ? [...PAIRS, ...OTHERS] : [...PAIRS, ...OTHERS.slice(0, 2)];
    expect(await searched(page, requests)).toEqual(await inNode(requests));
    await page.close();
  });

  test('evaluates, bounds and sweeps as Node does', async () => {
    const page = await open();
    await page.waitForFunction(() => 'dse' in globalThis);
    const texts = await page.evaluate(
      async ([sweep, own]) => {
        const { layers } = await dse.search({ arch: 'eyeriss', layer: own });
        const { mapping } = layers[0].best;
        const files = [
          dse.evaluate({ arch: 'eyeriss', layer: own, mapping }),
          dse.trafficBound({ layer: own, arch: 'eyeriss' }),
          await dse.sweep({ sweep, threads: 2 }),
        ];
        return files.map((file) => JSON.stringify(file));
      },
      [SWEEP, layer] as const,
    );
    const { layers } = await node.search({ arch: 'eyeriss', layer });
    const wanted = [
      node.evaluate({ arch: 'eyeriss', layer, mapping: layers[0].best.mapping }),
      node.trafficBound({ layer, arch: 'eyeriss' }),
      await node.sweep({ sweep: SWEEP, threads: 1 }),
    ];
    expect(texts.map((text) => comparable(JSON.parse(text) as object))).toEqual(wanted.map(comparable));
    await page.close();
  });

  test.each(KINDS)('a search stopped in mid-run keeps what it found, on a page that is %s', async (kind) => {
    const page = await open(undefined, kind);
    await page.waitForFunction(() => 'dse' in globalThis);
    const stopped = await page.evaluate(async () => {
      const run = async (request: SearchRequest): Promise<SearchOutcome> => {
        const controller = new AbortController();
        const { signal } = controller;
        const onProgress: SearchRequest['onProgress'] = ({ best }) => best && controller.abort();
        return dse.search({ ...request, signal, onProgress });
      };
      const hard = await run({ arch: 'h100', layer: 'resnet50.conv5_1.b' });
      const long = await run({
        arch: 'eyeriss',
        layer: 'resnet50.conv5_1.b',
        strategy: 'anneal',
        evaluations: 10 ** 9,
        threads: 2,
      });
      return [hard, long].map(({ typed, layers: [{ best, certificate }] }) => ({
        interrupted: typed.interrupted,
        status: certificate.status,
        isMapped: best.energyPj > 0 && best.mapping.nest.length > 0,
        visited: certificate.visited,
      }));
    });
    expect(stopped[0]).toMatchObject({ interrupted: true, status: 'bounded', isMapped: true });
    expect(stopped[1]).toMatchObject({ interrupted: true, status: 'heuristic', isMapped: true });
    expect(stopped[1].visited).toBeLessThan(10 ** 8);
    await page.close();
  });

  test('two tabs search at once', async () => {
    const pages = await Promise.all([open(), open()]);
    const requests = PAIRS.slice(0, 2);
    const answers = await Promise.all(pages.map((page) => searched(page, requests)));
    const wanted = await inNode(requests);
    expect(answers).toEqual([wanted, wanted]);
    await Promise.all(pages.map((page) => page.close()));
  });

  test('reads the files it is given, and says where one is wrong', async () => {
    const page = await open();
    await page.waitForFunction(() => 'dse' in globalThis);
    const { timeloopToYaml } = (await import(
      compiled('timeloop/write.js')
    )) as typeof import('../../src/timeloop/write.ts');
    const timeloop = timeloopToYaml(node.loadArchitecture('two-level'));
    const { energies, places, converted } = await page.evaluate(async (theirs) => {
      const text = dse.architectureToYaml(dse.loadArchitecture('two-level'));
      dse.writeFile('mine.yaml', text);
      dse.writeFile('nets/own.yaml', 'schema: dse.workload/1\nname: own\nlayers:\n  a: gemm M=8 N=8 K=8\n');
      const requests = [
        { arch: 'mine.yaml', layer: 'nets/own.yaml:a' },
        { arch: dse.parseArchitecture(text), layer: 'gemm:M=8,N=8,K=8' },
        { arch: 'two-level', layer: 'gemm:M=8,N=8,K=8' },
      ];
      const found = await Promise.all(requests.map((request) => dse.search(request)));
      const failures = [
        () => dse.parseArchitecture(text.replace('hierarchy:', 'hierarchie:'), 'bad.yaml'),
        () => dse.parseArchitecture('a: [1, 2\nb: 3', 'broken.yaml'),
        () => dse.loadArchitecture('eyeris'),
        () => dse.loadWorkload('no/such.yaml'),
      ];
      const complaints = failures.map((read) => {
        try {
          read();
          return 'nothing';
        } catch (error) {
          return error instanceof dse.InputError ? dse.renderDiagnostics(error) : 'a fault';
        }
      });
      return {
        energies: found.map(({ total }) => total.energyPj),
        places: complaints,
        converted: dse.parseArchitecture(theirs, 'timeloop.yaml').nodes.map(({ name }) => name),
      };
    }, timeloop);
    expect(new Set(energies).size).toBe(1);
    expect(converted).toEqual(node.parseArchitecture(timeloop).nodes.map(({ name }) => name));
    expect(places[0]).toMatch(/bad\.yaml:\d+:1: [\s\S]*hierarchie/);
    expect(places[1]).toMatch(/broken\.yaml:2:\d+: /);
    expect(places[2]).toContain("did you mean 'eyeriss'");
    expect(places[3]).toContain("cannot read 'no/such.yaml': no such file");
    await page.close();
  });

  test('a worker that cannot be loaded is an error, not an endless search; later searches start another', async () => {
    const page = await open();
    await page.waitForFunction(() => 'dse' in globalThis);
    const run = (): Promise<string> =>
      page.evaluate(async () => {
        const done = dse.search({ arch: 'two-level', layer: 'gemm:M=8,N=8,K=8' });
        return done.then(({ layers }) => layers[0].certificate.status, String);
      });
    await page.route('**/browser-shard-worker*', (route) => route.abort());
    expect(await run()).toContain('a worker failed');
    await page.unroute('**/browser-shard-worker*');
    expect(await run()).toBe('optimal');
    expect(complaints.splice(0).join()).toMatch(/^(Failed to load resource.*)?$/);
    await page.close();
  });

  test('the example shows a proved mapping', async () => {
    const page = await open('package/examples/browser.html');
    await page.waitForFunction(() => document.querySelector('pre')?.textContent?.includes('MAC'));
    expect(await page.innerText('pre')).toMatch(/^conv3_1\.b: \d+ pJ, optimal\n\nDRAM \[/);
    await page.close();
  });
});
