import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { MAPPING, OTHERS, PROBLEM, SUBTREE } from '../timeloop/seeds.ts';
import { dse } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'dse-timeloop-'));
const files = ['arch.yaml', 'problem.yaml', 'mapping.yaml', 'tables.yaml'];

beforeAll(() => {
  [SUBTREE, PROBLEM, MAPPING, OTHERS].forEach((text, i) => writeFileSync(join(folder, files[i]), text));
});

describe("Timeloop's files on the command line", () => {
  test('eval takes them instead of --arch, --layer and --mapping', async () => {
    const { code, stdout, stderr } = await dse(['eval', ...files, '--json'], { cwd: folder });
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'dse.eval/1', computes: 48, cycles: 12 });
  });

  test('--semantics timeloop reports what Timeloop would', async () => {
    const { code, stdout } = await dse(['eval', ...files, '--semantics', 'timeloop', '--json'], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      semantics: 'timeloop',
      cycles: 12,
      arithmetic: { computes: 48 },
    });
  });

  test('convert writes files that eval takes, and the command that does', async () => {
    const converted = await dse(['convert', ...files, '-o', 'out'], { cwd: folder });
    expect(converted.code).toBe(0);
    const [, layer] = /--layer '([^']*)'/.exec(converted.stdout) ?? [];
    const options = ['--arch', 'out/arch.yaml', '--layer', layer, '--mapping', 'out/mapping.yaml'];
    const direct = await dse(['eval', ...files, '--json'], { cwd: folder });
    const again = await dse(['eval', ...options, '--json'], { cwd: folder });
    const cost = (text: string) => (({ energyPj, cycles }) => ({ energyPj, cycles }))(JSON.parse(text));
    expect(cost(again.stdout)).toEqual(cost(direct.stdout));
    const back = await dse(['convert', ...options, '-o', 'back.yaml'], { cwd: folder });
    expect([back.code, back.stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'back.yaml'), 'utf8')).toContain('type: spatial');
  });

  test('convert keeps constraints: a search of what it wrote finds the same', async () => {
    const inputs = ['arch.yaml', 'problem.yaml', 'tables.yaml'];
    const converted = await dse(['convert', ...inputs, '-o', 'ours'], { cwd: folder });
    expect(converted.stdout).toContain('--constraints ours/constraints.yaml');
    const [, layer] = /--layer '([^']*)'/.exec(converted.stdout) ?? [];
    const own = ['--arch', 'ours/arch.yaml', '--layer', layer, '--constraints', 'ours/constraints.yaml'];
    const [direct, again] = await Promise.all(
      [inputs, own].map((args) =>
        dse(['search', ...args, '--objective', 'energy', '--json'], { cwd: folder }),
      ),
    );
    expect([direct.code, again.code]).toEqual([0, 0]);
    const best = (text: string): unknown =>
      (({ energyPj, cycles }) => ({ energyPj, cycles }))(JSON.parse(text).layers[0].best);
    expect(best(again.stdout)).toEqual(best(direct.stdout));
  });

  test('search proves the best mapping and writes it so that eval gives the same numbers', async () => {
    const inputs = ['arch.yaml', 'problem.yaml', 'tables.yaml'];
    const found = await dse(['search', ...inputs, '-o', 'found.yaml', '--json'], { cwd: folder });
    expect(found.code).toBe(0);
    expect(found.stderr).toContain('the search is exact');
    const { layers } = JSON.parse(found.stdout);
    expect(layers[0].certificate.status).toBe('optimal');
    const written = await dse(['eval', 'arch.yaml', 'problem.yaml', 'found.yaml', 'tables.yaml', '--json'], {
      cwd: folder,
    });
    expect(written.code).toBe(0);
    const { energyPj, cycles } = JSON.parse(written.stdout);
    expect({ energyPj, cycles }).toEqual({
      energyPj: layers[0].best.energyPj,
      cycles: layers[0].best.cycles,
    });
  });

  test('a misspelt key stops it, with the place; --lenient only warns', async () => {
    writeFileSync(join(folder, 'bad.yaml'), MAPPING.replace('permutation: R P', 'permutaton: R P'));
    const bad = files.with(2, 'bad.yaml');
    const strict = await dse(['eval', ...bad], { cwd: folder });
    expect(strict.code).toBe(2);
    expect(strict.stderr).toMatch(/^bad\.yaml:2:\d+: unknown key 'permutaton'/);
    const lenient = await dse(['eval', ...bad, '--lenient'], { cwd: folder });
    expect(lenient.code).toBe(0);
    expect(lenient.stderr).toContain("unknown key 'permutaton'");
  });
});
