import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../src/api/evaluate.ts';
import type { EvalReport, SearchReport } from '../../src/report/json.ts';
import { schemaErrors } from '../report/schemas.ts';
import { dse, finished, shell, start } from './run.ts';
import type { Outcome } from './run.ts';

const STAGE = ['search', '--arch', 'eyeriss', '--layer', 'resnet50.conv3', '--evaluations', '600'];
const SMALL = ['search', '--arch', 'two-level', '--layer', 'gemm:M=4,N=4,K=4'];

let folder: string;

/** One search of the stage, as JSON saved in a file and as a folder of mappings. */
let stage: { readonly report: SearchReport; readonly saved: string; readonly output: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dse-search-'));
  const [saved, output] = [join(folder, 'stage.json'), join(folder, 'stage')];
  const { code, stdout, stderr } = await dse([...STAGE, '--json', '--threads', '2', '-o', output]);
  expect([code, stderr]).toEqual([0, '']);
  writeFileSync(saved, stdout);
  stage = { report: parsed(stdout), saved, output };
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
    const { saved, report } = stage;
    expect(report.layers.map((layer) => layer.count)).toEqual([1, 1, 4, 1, 3, 3]);
    for (const { name, best } of report.layers) {
      const evaluated = evaluate({ arch: 'eyeriss', layer: `resnet50.${name}`, mapping: saved });
      const { energyPj, cycles, latencySeconds, edpJs, utilization } = evaluated;
      expect({ energyPj, cycles, latencySeconds, edpJs, utilization, mapping: best.mapping }).toEqual(best);
    }
    const { name, best } = report.layers[3];
    const subject = ['--arch', 'eyeriss', '--layer', `resnet50.${name}`];
    writeFileSync(join(folder, 'one.json'), JSON.stringify(best.mapping));
    for (const mapping of [saved, join(folder, 'one.json'), join(stage.output, `${name}.yaml`)]) {
      const { stdout } = await dse(['eval', ...subject, '--mapping', mapping, '--json']);
      expect((JSON.parse(stdout) as EvalReport).energyPj).toBe(best.energyPj);
    }
  });

  test('the total is the sum over layers times their counts', () => {
    const { layers, total } = stage.report;
    const energy = layers.reduce((sum, { count, best }) => sum + count * best.energyPj, 0);
    const seconds = layers.reduce((sum, { count, best }) => sum + count * best.latencySeconds, 0);
    expect(total.energyPj).toBe(energy);
    expect(total.edpJs / (energy * 1e-12 * seconds)).toBeCloseTo(1, 12);
  });

  test('-o writes a file per shape into a folder', () => {
    expect(readdirSync(stage.output)).toHaveLength(6);
    const file = join(stage.output, 'conv3_1.b.yaml');
    expect(readFileSync(file, 'utf8')).toMatch(/^schema: dse\.mapping\/1\nnest:/);
  });

  test('gives the same for one and two threads, and another result for another seed', async () => {
    const run = async (...args: string[]) =>
      timeless(
        parsed(
          (await dse([...STAGE.slice(0, -1), '9000', '--layer', 'resnet50.conv3_2.b', '--json', ...args]))
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

  test('weighted sums and orders of quantities are named in the report and proved', async () => {
    const run = async (...args: string[]): Promise<SearchReport> =>
      parsed((await dse([...SMALL, '--json', ...args])).stdout);
    const weighted = await run('--objective', 'weighted:energy=1,latency=250');
    expect(weighted.objective).toBe('weighted:energy=1,latency=250');
    const { best, certificate } = weighted.layers[0];
    expect(certificate.status).toBe('optimal');
    expect(certificate.lowerBound! / (best.energyPj + 250 * best.cycles)).toBeCloseTo(1, 9);
    const ordered = await run('--objective', 'lex:latency,energy');
    expect(ordered.objective).toBe('lex:latency,energy');
    expect(ordered.layers[0].certificate).toMatchObject({
      status: 'optimal',
      lowerBound: ordered.layers[0].best.cycles,
    });
  });

  test('--gap ends the proof early; what proves nothing refuses it', async () => {
    const { layers } = parsed((await dse([...SMALL, '--gap', '20%', '--json'])).stdout);
    expect(layers[0].certificate.gap).toBeLessThanOrEqual(0.2);
    const { code, stderr } = await dse([...SMALL, '--gap', '1%', '--strategy', 'random']);
    expect(code).toBe(2);
    expect(stderr).toContain("'random' proves none");
  });

  test('--time too short for a proof gives every layer a mapping and a bound', async () => {
    const stage = ['search', '--arch', 'eyeriss', '--layer', 'resnet50.conv3', '--time', '0.01', '--json'];
    const { layers, unsolved } = parsed((await dse(stage)).stdout);
    expect(unsolved).toEqual([]);
    for (const { certificate } of layers) {
      expect(certificate.status).toBe('bounded');
      expect(certificate.gap).toBeGreaterThan(0);
    }
  });

  test('constraints of a file hold beside those of the architecture', async () => {
    const file = join(folder, 'constraints.yaml');
    writeFileSync(file, '- target: Buffer\n  factors: [M=2]\n');
    const { stdout } = await dse([...SMALL, '--constraints', file, '--evaluations', '200', '--json']);
    const nest = JSON.stringify(parsed(stdout).layers[0].best.mapping);
    expect(nest.slice(nest.indexOf('Buffer'))).toContain('M=2');
  });
});

/** Stops a search once it has found something: a busy machine may need longer to load and find. */
async function interrupted(args: readonly string[], signal: NodeJS.Signals): Promise<Outcome> {
  for (let milliseconds = 1500; ; milliseconds *= 2) {
    const child = start(args);
    const outcome = finished(child);
    await sleep(milliseconds);
    child.kill(signal);
    const { code, ...streams } = await outcome;
    // Too early is null, ended by the signal while loading, or 4, stopped before the first mapping.
    if ((code !== null && code !== 4) || milliseconds > 10_000) return { code, ...streams };
  }
}

// Side by side, since these mostly wait.
describe.concurrent('limits and interrupts', () => {
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

  test('SIGINT prints the best found so far and exits 0', async () => {
    const { code, stdout, stderr } = await interrupted([...LONG, '--threads', '2'], 'SIGINT');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('stopped: the best found so far');
    expect(stdout).toMatch(/^conv3_2\.b +1 /m);
  });

  test('SIGTERM ends a stage with what it has, and names the rest', async () => {
    const stage = [...LONG, '--layer', 'resnet50.conv3', '--json'];
    const { code, stdout } = await interrupted(stage, 'SIGTERM');
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
