/** The same bytes from `dse search --json` for any number of threads. */
import { expect, test } from 'vitest';
import type { SearchReport } from '../../src/report/json.ts';
import { dse } from './run.ts';

/** The report's bytes without what depends on the machine. */
function timeless(text: string): string {
  const { layers, ...report } = JSON.parse(text) as SearchReport;
  return JSON.stringify({
    ...report,
    seconds: 0,
    threads: 0,
    layers: layers.map((layer) => ({ ...layer, seconds: 0 })),
  });
}

test.each([
  ['several layers', [1, 2, 4], ['--arch', 'gemmini', '--layer', 'vgg16', '--objective', 'edp']],
  [
    'a front of several layers',
    [1, 2, 2],
    ['--arch', 'gemmini', '--layer', 'bert_base', '--objective', 'energy,latency'],
  ],
  [
    'one large layer, in parts',
    [1, 2, 4],
    ['--arch', 'nvdla', '--layer', 'vgg16@batch=8.conv1_2', '--objective', 'energy'],
  ],
])('an exact search of %s', async (_, used, args) => {
  const outcomes = [];
  for (const threads of ['1', '2', '4']) {
    outcomes.push(await dse(['search', ...args, '--json', '--threads', threads]));
  }
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(outcomes.map(({ stdout }) => (JSON.parse(stdout) as SearchReport).threads)).toEqual(used);
  const [one, two, four] = outcomes.map(({ stdout }) => timeless(stdout));
  expect(two).toBe(one);
  expect(four).toBe(one);
});
