/** The page in Chromium: inputs, sliders, files, links, keyboard, phones. What is found is held against the engine in Node. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { search } from '../../src/api/search.ts';
import { sweep } from '../../src/api/sweep.ts';
import type { SearchReport } from '../../src/index.ts';
import type { Linked } from '../../web/src/link.ts';
import { fromFragment, toFragment } from '../../web/src/link.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import type { Site } from '../support/site.ts';
import { serve, viteBuild } from '../support/site.ts';
import { SUBTREE, PROBLEM } from '../timeloop/seeds.ts';
import { contrasts } from './contrast.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
const LAYER = 'conv:M=16,C=8,P=7,Q=7,R=3,S=3';
const SMALL: Linked = { version: 1, a: { name: 'two-level' }, layer: LAYER };
const PROVED = 'Proved optimal';

let browser: Browser;
let site: Site;
/** What pages wrote to their consoles: nothing, one hopes. */
const complaints: string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  site = await serve({ page: await viteBuild('web') });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  site?.close();
});

/** A tab of its own, with nothing remembered. */
async function open(question: Linked | string = SMALL, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const fragment = typeof question === 'string' ? question : `#${await toFragment(question)}`;
  await page.goto(site.url('page/') + fragment);
  return page;
}

async function saved(page: Page, button: Locator): Promise<{ readonly name: string; readonly text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

/** The result as its button saves it, once the page's command line is this. */
async function result(page: Page, command: string): Promise<SearchReport> {
  await eventually(() => page.getByLabel('Command line').first().innerText()).toBe(command);
  await answered(page);
  const { text } = await saved(page, page.getByRole('button', { name: 'Result (JSON)' }).first());
  return JSON.parse(text) as SearchReport;
}

async function answered(page: Page, sides = 1): Promise<void> {
  await eventually(() => page.getByText(PROVED).count()).toBeGreaterThanOrEqual(sides);
  await eventually(() => page.getByRole('button', { name: 'Cancel', exact: true }).isDisabled()).toBe(true);
}

/** The machine may be busy with other tests. */
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 30_000 });

/** What must not depend on where it was found. */
function figures({ layers, total, objective, archDigest }: SearchReport): object {
  const found = layers.map(({ name, best, front, certificate: { status, lowerBound } }) => ({
    name,
    best,
    front,
    status,
    lowerBound,
  }));
  return JSON.parse(JSON.stringify({ found, total, objective, archDigest })) as object;
}

/** Drops files onto an element as a file manager does. */
async function drop(target: Locator, files: Readonly<Record<string, string>>): Promise<void> {
  await target.evaluate((element, contents) => {
    const dataTransfer = new DataTransfer();
    for (const [name, text] of Object.entries(contents)) dataTransfer.items.add(new File([text], name));
    for (const type of ['dragover', 'drop'])
      element.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }, files);
}

const widest = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
const panel = (page: Page): Locator => page.getByRole('region', { name: 'Architecture', exact: true });
const linkOf = async (page: Page): Promise<Linked | undefined> =>
  fromFragment(new URL(page.url()).hash.slice(1));

describe.skipIf(!hasChromium)('the page', () => {
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  test('searches resnet50.conv3 on eyeriss at once and shows every layer as Node finds it', async () => {
    const page = await open('');
    const found = await result(page, 'npx dse search --arch eyeriss --layer resnet50.conv3');
    const node = await search({ arch: 'eyeriss', layer: 'resnet50.conv3', threads: 1 });
    expect(figures(found)).toEqual(figures(node));
    for (const { name } of node.layers)
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(1);
    const mapping = page.getByRole('button', { name: 'Mapping of conv3_1.a (YAML)' });
    expect((await saved(page, mapping)).text).toContain('schema: dse.mapping/1');
  });

  test('the optimum follows a dragged slider; the file it saves gives Node the same', async () => {
    const page = await open();
    await answered(page);
    const slider = page.getByLabel('Buffer size', { exact: true });
    const box = (await slider.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 1; step <= 8; step++) await page.mouse.move(x - (step * box.width) / 18, y);
    await page.mouse.up();
    const found = await result(page, `npx dse search --arch my-two-level.yaml --layer ${LAYER}`);
    const file = await saved(page, page.getByRole('button', { name: 'my-two-level.yaml' }));
    const path = join(mkdtempSync(join(tmpdir(), 'dse-page-')), file.name);
    writeFileSync(path, file.text);
    expect(figures(found)).toEqual(figures(await search({ arch: path, layer: LAYER, threads: 1 })));
    expect(file.text).toContain('# ');

    await page.getByRole('button', { name: 'Reset all to the file' }).click();
    const back = await result(page, `npx dse search --arch two-level --layer ${LAYER}`);
    expect(figures(back)).toEqual(figures(await search({ arch: 'two-level', layer: LAYER, threads: 1 })));
    expect(back.total.energyPj).not.toBe(found.total.energyPj);
  });

  test('a broken file is marked at its line, the answer before stays; mending it searches again', async () => {
    const page = await open();
    await answered(page);
    const broken = readFileSync('archs/two-level.yaml', 'utf8').replace('\nclock:', '\nclok:');
    const line = broken.split('\n').findIndex((text) => text.startsWith('clok:')) + 1;
    await drop(panel(page), { 'mine.yaml': broken });
    const place = page.getByRole('button', { name: `line ${line}, column 1` });
    await place.waitFor();
    expect(await page.locator('.faults').last().innerText()).toMatch(
      /unknown key 'clok'.*expected.*did you mean 'clock'/,
    );
    await page.locator('.cm-lintRange-error', { hasText: 'clok' }).waitFor();
    expect(await page.getByText('The inputs cannot be read').count()).toBe(1);
    await place.click();
    await page.keyboard.press('ControlOrMeta+ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('c');
    const found = await result(page, `npx dse search --arch mine.yaml --layer ${LAYER}`);
    expect(found.layers[0].certificate.status).toBe('optimal');
    expect(await page.locator('.cm-lintRange-error').count()).toBe(0);
  });

  test("Timeloop's files are dropped together and become ours, with their layer", async () => {
    const page = await open();
    await drop(panel(page), { 'arch.yaml': SUBTREE, 'problem.yaml': PROBLEM });
    await page.getByText("converted from Timeloop's form").waitFor();
    await eventually(() => page.getByLabel('Layers, or a shape').inputValue()).toContain('P=16');
    await answered(page);
    await drop(panel(page), { 'arch.yaml': SUBTREE });
    await page.getByText("no 'problem:' section in arch.yaml").waitFor();
  });

  test('a link holds the whole question, in another browser too', async () => {
    const question: Linked = {
      version: 1,
      a: { name: 'two-level', settings: { 'DRAM.energy': 50 } },
      b: {
        name: 'mine.yaml',
        text: readFileSync('archs/two-level.yaml', 'utf8').replace('name: two-level', 'name: other'),
      },
      layer: LAYER,
      objective: 'energy',
      uneven: true,
      sweep: {
        axes: [{ knob: 'Buffer.size', from: 256, to: 4096, count: 3 }],
        objectives: ['energy', 'edp'],
      },
    };
    const page = await open({ ...SMALL, layer: 'gemm:M=4,N=4,K=4' });
    await page.getByLabel('Least').selectOption('energy');
    await page.getByLabel('uneven mappings').check();
    await page.getByLabel('compare two architectures').check();
    await drop(page.getByRole('region', { name: 'Architecture B' }), { 'mine.yaml': question.b!.text! });
    await page.getByLabel('Layers, or a shape').fill(LAYER);
    await page.getByLabel('DRAM energy per access').first().fill('-8');
    await answered(page, 2);
    await eventually(async () => (await linkOf(page))?.layer).toBe(LAYER);
    const link = (await linkOf(page))!;
    expect({ ...link, a: question.a, sweep: question.sweep }).toEqual(question);
    expect(Object.keys(link.a.settings!)).toEqual(['DRAM.energy']);

    const command = `npx dse search --arch my-two-level.yaml --layer ${LAYER} --objective energy --uneven`;
    const found = await result(page, command);
    const copy = await open(new URL(page.url()).hash);
    await answered(copy, 2);
    expect(figures(await result(copy, command))).toEqual(figures(found));
    expect(await linkOf(copy)).toEqual(link);
    await copy.goto(site.url('page/') + `#${await toFragment(question)}`);
    await eventually(() => copy.getByLabel('from (words)').inputValue()).toBe('256');
  });

  test('a broken link is said, and the page works all the same', async () => {
    const whole = await toFragment(SMALL);
    for (const fragment of [`#${whole.slice(0, 20)}`, '#%%%']) {
      const page = await open(fragment);
      await page.getByText('This link cannot be read').waitFor();
      await page.getByRole('button', { name: 'Dismiss' }).click();
      expect(await page.getByText('This link cannot be read').count()).toBe(0);
      await answered(page);
    }
  });

  test('a cancelled search keeps the best so far', async () => {
    const page = await open({
      version: 1,
      a: { name: 'h100' },
      layer: 'conv:M=512,C=720,P=180,Q=180,R=5,S=5',
    });
    await page.getByText('lower bound').first().waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByText('Stopped').waitFor();
    const { text } = await saved(page, page.getByRole('button', { name: 'Result (JSON)' }));
    const [{ best, certificate }] = (JSON.parse(text) as SearchReport).layers;
    expect(best.energyPj).toBeGreaterThan(0);
    expect(certificate.status).not.toBe('optimal');
    // The engine is free for the next question.
    await page.getByLabel(/^Machine/).selectOption('two-level');
    await page.getByLabel('Layers, or a shape').fill(LAYER);
    await answered(page);
  });

  test('two machines stand side by side, and a wrong layer is said under its field', async () => {
    const page = await open({ ...SMALL, b: { name: 'eyeriss' } });
    await answered(page, 2);
    expect(await page.getByRole('region', { name: 'Results B' }).innerText()).toContain(PROVED);
    await page.getByLabel('compare two architectures').uncheck();
    expect(await page.getByRole('region', { name: 'Results B' }).count()).toBe(0);
    const field = page.getByLabel('Layers, or a shape');
    await field.fill('resnet50.conv9');
    const described = (await field.getAttribute('aria-describedby'))!.split(' ').at(-1)!;
    await eventually(() => page.locator(`#${described}`).innerText()).toContain("did you mean 'conv1'");
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Network').selectOption('alexnet');
    await eventually(() => field.inputValue()).toBe('alexnet.conv1');
    expect(await field.getAttribute('aria-invalid')).toBe('false');
  });

  test('a small sweep finds the front that Node finds', async () => {
    const page = await open();
    await answered(page);
    await page.getByRole('heading', { name: 'Sweep' }).click();
    await page.getByLabel(/^Vary/).selectOption('Buffer size');
    await page.getByLabel('values').fill('3');
    await page.getByLabel('and vary').selectOption('DRAM energy per access');
    await page.getByLabel('values').last().fill('2');
    await page.getByRole('button', { name: 'Sweep 6 designs' }).click();
    const { front } = await sweep({
      sweep: {
        schema: 'dse.sweep/1',
        name: 'small',
        arch: 'two-level',
        network: LAYER,
        parameters: { size: [256, 1024, 4096], pj: [25, 400] },
        set: { 'Buffer.size': 'size words', 'DRAM.energy.read': 'pj pJ', 'DRAM.energy.write': 'pj pJ' },
        objectives: ['energy', 'latency'],
      },
      threads: 1,
    });
    expect(front.length).toBeLessThan(6);
    const shown = page.getByRole('region', { name: 'Sweep' });
    await eventually(() => shown.innerText()).toContain(`6 of 6 designs done, ${front.length} on the front`);
  });

  test('works by keyboard alone', async () => {
    const page = await open();
    await answered(page);
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        const label = await page.evaluate(() => {
          const element = document.activeElement as HTMLInputElement | null;
          return element?.ariaLabel ?? element?.labels?.[0]?.innerText ?? element?.innerText ?? '';
        });
        if (name.test(label)) return;
      }
      throw new Error(`Tab does not reach ${name}`);
    };
    await tabTo(/^Layers/);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('gemm:M=8,N=8,K=8');
    await page.keyboard.press('Enter');
    await result(page, 'npx dse search --arch two-level --layer gemm:M=8,N=8,K=8');
    await page.getByLabel('Layers, or a shape').focus();
    await tabTo(/^File$/);
    await page.keyboard.press('Enter');
    await page.locator('.cm-content').waitFor();
    await tabTo(/file$/);
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.type('# mine');
    await page.keyboard.press('Enter');
    await result(page, 'npx dse search --arch my-two-level.yaml --layer gemm:M=8,N=8,K=8');
    await page.locator('.cm-content').focus();
    await tabTo(/^Buffer size/);
    const before = await page.getByLabel('Buffer size', { exact: true }).getAttribute('aria-valuetext');
    await page.keyboard.press('ArrowRight');
    const after = await page.getByLabel('Buffer size', { exact: true }).getAttribute('aria-valuetext');
    expect(after).not.toBe(before);
    await answered(page);
  });

  test.each(['light', 'dark'] as const)(
    'on a phone, %s: nothing scrolls sideways, every text can be read',
    async (colorScheme) => {
      const page = await open({ ...SMALL, b: { name: 'eyeriss' } }, { viewport: PHONE, colorScheme });
      await answered(page, 2);
      expect(await widest(page)).toBe(PHONE.width);
      const faint = async (): Promise<object[]> =>
        (await page.evaluate(contrasts)).filter(({ contrast }) => contrast < 4.5);
      await drop(page.getByRole('region', { name: 'Architecture A' }), {
        'mine.yaml': 'schema: dse.arch/1\nname: 7\n',
      });
      await page.locator('.cm-lintRange-error').first().waitFor();
      await page.getByRole('heading', { name: 'Sweep' }).click();
      expect(await widest(page)).toBe(PHONE.width);
      expect(await faint()).toEqual([]);
    },
  );

  test('two tabs search side by side', async () => {
    const [one, other] = await Promise.all([open(), open({ ...SMALL, a: { name: 'eyeriss' } })]);
    await Promise.all([answered(one), answered(other)]);
    expect(await one.title()).toBe(`${LAYER} on two-level – dse`);
  });
});
