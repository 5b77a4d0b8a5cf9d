import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EvalReport, SearchReport } from '../../src/report/json.ts';
import { schemaErrors } from '../report/schemas.ts';
import { dse, finished, shell, start } from './run.ts';

const STAGE = ['search', '--arch', 'eyeriss', '--layer', 'resnet50.conv3', '--evaluations', '600'];
const SMALL = ['search', '--arch', 'two-level', '--layer', 'gemm:M=4,N=4,K=4'];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dse-search-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function parsed(text: string): SearchReport {
  const report = JSON.parse(text) as SearchReport;
  expect(schemaErrors('dse.search-1', report)).toEqual([]);
  return report;
}

/** What must not depend on the machine or on threads. */
function timeless({ layers, ...report }: SearchReport): object {
  return { ...report, seconds: 0, threads: 0, layers: layers.map((layer) => ({ ...layer, seconds: 0 })) };
}

describe('dse search of a stage', () => {
  test('has a row for each distinct shape with its count, and the total', async () => {
    const { code, stdout, stderr } = await dse(STAGE);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const rows = stdout.split('\n\n')[0].split('\n');
    const names = rows.map((row) => row.split(/\s+/).slice(0, 2).join(' '));
    expect(names).toEqual([
      'layer count',
      'conv3_1.a 1',
      'conv3_1.b 1',
      'conv3_1.c 4',
      'conv3_1.proj 1',
      'conv3_2.a 3',
      'conv3_2.b 3',
      'total 13',
    ]);
    expect(stdout).not.toContain('for M in');
    expect(stdout).toMatch(/6 distinct shapes of 13 layers for edp: 3,600 mappings costed/);
  });

  test('in JSON keeps the schema; dse eval gives every mapping the same numbers to the last bit', async () => {
    const { stdout } = await dse([...STAGE, '--json', '--threads', '2']);
    const report = parsed(stdout);
    const saved = join(folder, 'stage.json');
    writeFileSync(saved, stdout);
    expect(report.layers.map((layer) => layer.count)).toEqual([1, 1, 4, 1, 3, 3]);
    for (const { name, best } of report.layers) {
      const args = ['eval', '--arch', 'eyeriss', '--layer', `resnet50.${name}`, '--json', '--mapping'];
      const evaluated = JSON.parse((await dse([...args, saved])).stdout) as EvalReport;
      const { energyPj, cycles, latencySeconds, edpJs, utilization } = evaluated;
      expect({ energyPj, cycles, latencySeconds, edpJs, utilization, mapping: best.mapping }).toEqual(best);
    }
    const { best } = report.layers[3];
    writeFileSync(join(folder, 'one.json'), JSON.stringify(best.mapping));
    const layer = 'resnet50.conv3_1.proj';
    const one = await dse([
      'eval',
      '--arch',
      'eyeriss',
      '--layer',
      layer,
      '--json',
      '--mapping',
      join(folder, 'one.json'),
    ]);
    expect((JSON.parse(one.stdout) as EvalReport).energyPj).toBe(best.energyPj);
  });

  test('gives the same for one and two threads, and another result for another seed', async () => {
    const run = async (...args: string[]) =>
      timeless(
        parsed(
          (await dse([...STAGE.slice(0, -1), '20000', '--layer', 'resnet50.conv3_2.b', '--json', ...args]))
            .stdout,
        ),
      );
    const [one, two, other] = [
      await run('--threads', '1', '--seed', '7'),
      await run('--threads', '2', '--seed', '7'),
      await run('--seed', '8'),
    ];
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test('the total is the sum over layers times their counts', async () => {
    const { layers, total } = parsed((await dse([...STAGE, '--json'])).stdout);
    const energy = layers.reduce((sum, { count, best }) => sum + count * best.energyPj, 0);
    const seconds = layers.reduce((sum, { count, best }) => sum + count * best.latencySeconds, 0);
    expect(total.energyPj).toBe(energy);
    expect(total.edpJs / (energy * 1e-12 * seconds)).toBeCloseTo(1, 12);
  });

  test('-o writes a file per shape into a folder', async () => {
    const output = join(folder, 'stage');
    expect((await dse([...STAGE, '-o', output])).code).toBe(0);
    expect(readdirSync(output)).toHaveLength(6);
    expect(readFileSync(join(output, 'conv3_1.b.yaml'), 'utf8')).toMatch(/^schema: dse\.mapping\/1\nnest:/);
  });
});

describe('dse search of one layer', () => {
  test('draws the nest and the tables of eval', async () => {
    const { stdout } = await dse([...SMALL, '--evaluations', '200']);
    for (const text of ['gemm on two-level', 'DRAM [', 'for ', 'energy by part', 'bottleneck']) {
      expect(stdout).toContain(text);
    }
  });

  test('-o writes a file that eval reads back', async () => {
    const output = join(folder, 'best.yaml');
    const report = parsed((await dse([...SMALL, '--evaluations', '200', '-o', output, '--json'])).stdout);
    const args = [
      'eval',
      '--arch',
      'two-level',
      '--layer',
      'gemm:M=4,N=4,K=4',
      '--mapping',
      output,
      '--json',
    ];
    expect((JSON.parse((await dse(args)).stdout) as EvalReport).edpJs).toBe(report.layers[0].best.edpJs);
  });

  test('-o into a missing folder is refused before the search', async () => {
    const { code, stderr } = await dse([...SMALL, '-o', join(folder, 'none', 'best.yaml'), '--time', '60']);
    expect(code).toBe(2);
    expect(stderr).toContain('--output');
  });

  test('exhaustive search proves its result, and annealing finds nothing better', async () => {
    const exact = parsed((await dse([...SMALL, '--strategy', 'exhaustive', '--json'])).stdout).layers[0];
    const found = parsed((await dse([...SMALL, '--evaluations', '5000', '--json'])).stdout).layers[0];
    expect(exact.certificate.status).toBe('optimal');
    expect(exact.certificate.gap).toBe(0);
    expect(found.certificate.status).toBe('heuristic');
    expect(found.best.edpJs).toBeGreaterThanOrEqual(exact.best.edpJs);
  });

  test('several objectives give the front, which no mapping in it dominates', async () => {
    const args = [
      ...STAGE.slice(0, -1),
      '5000',
      '--layer',
      'resnet50.conv3_2.b',
      '--objective',
      'energy,latency',
    ];
    const { objective, layers } = parsed((await dse([...args, '--json'])).stdout);
    expect(objective).toBe('energy,latency');
    const front = layers[0].front!;
    expect(front[0]).toEqual(layers[0].best);
    front.slice(1).forEach((point, i) => {
      expect(point.energyPj).toBeGreaterThan(front[i].energyPj);
      expect(point.cycles).toBeLessThan(front[i].cycles);
    });
    expect((await dse(args)).stdout).toContain('front of conv3_2.b');
  });

  test('constraints of a file hold beside those of the architecture', async () => {
    const file = join(folder, 'constraints.yaml');
    writeFileSync(file, '- target: Buffer\n  factors: [M=2]\n');
    const { stdout } = await dse([...SMALL, '--constraints', file, '--evaluations', '200', '--json']);
    const nest = JSON.stringify(parsed(stdout).layers[0].best.mapping);
    expect(nest.slice(nest.indexOf('Buffer'))).toContain('M=2');
  });
});

describe('limits and interrupts', () => {
  const LONG = ['search', '--arch', 'eyeriss', '--layer', 'resnet50.conv3_2.b', '--evaluations', '1e12'];

  test('--time ends a search with its best', async () => {
    const report = parsed((await dse([...LONG, '--time', '1.5', '--json'])).stdout);
    expect(report.layers[0].best.energyPj).toBeGreaterThan(0);
    expect(report.layers[0].certificate.visited).toBeLessThan(1e12);
  });

  test('a time too short for any mapping: exit 4', async () => {
    const { code, stdout, stderr } = await dse([...LONG, '--time', '1e-9']);
    expect(code).toBe(4);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/stopped before it found a legal mapping/);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s prints the best found so far and exits 0', async (signal) => {
    const child = start([...LONG, '--threads', '2']);
    const outcome = finished(child);
    // Long enough to load and to find a first mapping on a slow machine.
    await sleep(4000);
    child.kill(signal);
    const { code, stdout, stderr } = await outcome;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('stopped: the best found so far');
    expect(stdout).toMatch(/^conv3_2\.b +1 /m);
  });

  test('an interrupted stage reports what it has and names the rest', async () => {
    const child = start([...LONG, '--layer', 'resnet50.conv3', '--json']);
    const outcome = finished(child);
    await sleep(4000);
    child.kill('SIGINT');
    const { code, stdout } = await outcome;
    expect(code).toBe(0);
    const { layers, unsolved } = parsed(stdout);
    expect(layers.map(({ name }) => name)).toEqual(['conv3_1.a']);
    expect(unsolved.map(({ name }) => name)).toContain('conv3_2.b');
  });
});

describe('streams', () => {
  test('a closed pipe is no error', async () => {
    const { stdout, stderr } = await shell('(dse workloads; echo "exit $?" >&2) | head -n 1');
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('exit 0\n');
    const search = await shell(
      `(dse ${SMALL.join(' ')} --evaluations 200 --json; echo "exit $?" >&2) | true`,
    );
    expect(search.stderr).toBe('exit 0\n');
  });

  test('off a terminal there is no colour and no progress, whatever the environment says', async () => {
    const args = [...SMALL, '--evaluations', '200'];
    for (const env of [{}, { NO_COLOR: '1' }, { FORCE_COLOR: '1' }] as Record<string, string>[]) {
      const { stdout, stderr } = await dse(args, { env });
      expect(stdout).not.toContain('\u001b');
      expect(stderr).toBe('');
    }
  });
});
