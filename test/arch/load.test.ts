import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fanout, Memory } from '../../src/arch/architecture.ts';
import {
  architectureSource,
  listArchitectures,
  loadArchitecture,
  parseArchitecture,
} from '../../src/arch/load.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { diagnosticsOf } from '../spec/support.ts';

const HEAD = 'schema: dse.arch/1\nname: n\nclock: 2 GHz\nword: 16 bit\nvariables: { mac: 2, ram: 6 * mac }\n';
const FIRST = '  - memory: DRAM\n    size: unlimited\n';
const LAST =
  '  - compute: MAC\n    energy: mac pJ\n    leak: 1 mW\n    area: 1 mm2\n    power_gating: true\n';

const build = (entry: string, head = HEAD) =>
  parseArchitecture(parseYaml(`${head}hierarchy:\n${FIRST}${entry}${LAST}`, 'n.yaml'));
const memory = (keys: string) => build(`  - memory: M\n${keys.replace(/^/gm, '    ')}\n`).nodes[1] as Memory;
const array = (keys: string) => build(`  - array: A\n${keys.replace(/^/gm, '    ')}\n`).nodes[1] as Fanout;

describe('a memory', () => {
  test('without more than a name and a size has every default', () => {
    expect(memory('size: 4 words')).toEqual({
      kind: 'memory',
      name: 'M',
      words: 4,
      wordBits: 16,
      blockSize: 1,
      multipleBuffering: 1,
      minUtilization: 0,
      keep: [],
      mayKeep: ['all'],
      datawidthBits: {},
      energy: {
        readPj: 0,
        fillPj: 0,
        updatePj: 0,
        leakPjPerCycle: 0,
        addressGenerationPj: 0,
        temporalReductionPj: 0,
      },
      bandwidth: { read: Infinity, write: Infinity, shared: Infinity },
      drainReads: false,
      rmwFirstUpdate: false,
      powerGating: false,
      areaUm2: 0,
    });
  });

  test.each([
    ['size: 108 KB', 55296],
    ['size: 108 KB\nword: 24 bit', 36864],
    ['size: 100 B\nword: 24 bit', 33],
    ['size: 4096 words\nword: 24 bit', 4096],
    ['size: 32 * mac words', 64],
    ['size: {depth: 16384, block: 8}', 131072],
    ['size: unlimited', Infinity],
  ])('%j holds %d words', (keys, words) => {
    expect(memory(keys).words).toBe(words);
  });

  test.each([
    ['block: 4 words', 4],
    ['block: 64 bit', 4],
    ['block: 8 B', 4],
  ])('%j moves %d words', (block, words) => {
    expect(memory(`size: unlimited\n${block}`).blockSize).toBe(words);
  });

  test('{depth, block} gives the block too', () => {
    expect(memory('size: {depth: 16, block: 8}').blockSize).toBe(8);
  });

  test('write is the energy of fills and updates, unless they have their own', () => {
    expect(memory('size: 4 words\nenergy: {read: ram pJ, write: 3 pJ}').energy).toMatchObject({
      readPj: 12,
      fillPj: 3,
      updatePj: 3,
    });
    expect(memory('size: 4 words\nenergy: {write: 3 pJ, fill: 4 pJ, update: 500 fJ}').energy).toMatchObject({
      fillPj: 4,
      updatePj: 0.5,
    });
  });

  test('other energies, leakage in watts by the clock', () => {
    const energy = '{leak: 3 mW, address_generation: 1 pJ, temporal_reduction: 2 pJ}';
    expect(memory(`size: 4 words\nenergy: ${energy}`).energy).toMatchObject({
      leakPjPerCycle: 1.5, // 3 mW over 2 GHz
      addressGenerationPj: 1,
      temporalReductionPj: 2,
    });
    expect(memory('size: 4 words\nenergy: {leak: 0.25 pJ/cycle}').energy.leakPjPerCycle).toBe(0.25);
  });

  test('bandwidth in words per cycle, whatever its unit', () => {
    const limits = '{read: 64 bit/cycle, write: 16 GB/s, shared: 3 words/cycle}';
    expect(memory(`size: 4 words\nbandwidth: ${limits}`).bandwidth).toEqual({ read: 4, write: 4, shared: 3 });
    expect(memory(`size: 4 words\nword: 8 bit\nbandwidth: ${limits}`).bandwidth.write).toBe(8);
  });

  test.each([
    ['', [], ['all']],
    ['keep: [inputs]', ['inputs'], []],
    ['may_keep: [weights]', [], ['weights']],
    ['keep: [inputs]\nmay_keep: [Z]', ['inputs'], ['Z']],
  ])('%j keeps %j and may keep %j', (keys, keep, mayKeep) => {
    expect(memory(`size: 4 words\n${keys}`)).toMatchObject({ keep, mayKeep });
  });

  test('switches and shares', () => {
    const keys = [
      'size: 4 words',
      'multiple_buffering: 2',
      'min_utilization: 0.25',
      'datawidth: {Outputs: 32 bit}',
      'drain_reads: true',
      'rmw_first_update: true',
      'power_gating: true',
      'area: 0.5 mm2',
    ].join('\n');
    expect(memory(keys)).toMatchObject({
      multipleBuffering: 2,
      minUtilization: 0.25,
      datawidthBits: { outputs: 32 },
      drainReads: true,
      rmwFirstUpdate: true,
      powerGating: true,
      areaUm2: 500_000,
    });
  });
});

describe('an array', () => {
  test('without more than a name and x has every default', () => {
    expect(array('x: 7 * mac')).toEqual({
      kind: 'array',
      name: 'A',
      x: 14,
      y: 1,
      multicast: true,
      spatialReduction: true,
      haloMulticast: false,
      temporalReuse: true,
      energy: { hopPj: 0, routerPj: 0, ingressPj: 0, spatialReductionPj: 0 },
      latency: { fillCycles: 0, drainCycles: 0 },
      areaUm2: 0,
    });
  });

  test('a hop may be a wire that carries the default word', () => {
    const energy =
      'energy: {hop: {length: 500 um, energy: 80 fJ/bit/mm}, router: 1 pJ, ingress: 2 pJ, spatial_reduction: 3 pJ}';
    const { energy: read } = array(`x: 2\n${energy}`);
    expect(read.hopPj).toBeCloseTo(0.5 * 0.08 * 16, 12);
    expect(read).toMatchObject({ routerPj: 1, ingressPj: 2, spatialReductionPj: 3 });
  });

  test('switches and latencies', () => {
    const keys =
      'x: 2\ny: 3\nmulticast: false\nspatial_reduction: false\nhalo_multicast: true\nlatency: {fill: 4 cycles, drain: 5 cycles}\narea: 7 um2';
    expect(array(keys)).toMatchObject({
      y: 3,
      multicast: false,
      spatialReduction: false,
      haloMulticast: true,
      temporalReuse: true,
      latency: { fillCycles: 4, drainCycles: 5 },
      areaUm2: 7,
    });
  });
});

test('the compute unit', () => {
  expect(build('').compute).toEqual({
    name: 'MAC',
    energyPj: 2,
    leakPjPerCycle: 0.5,
    powerGating: true,
    areaUm2: 1e6,
  });
});

describe('finding a file', () => {
  const home = process.cwd();
  let folder: string;
  const local = (name: string) => `${HEAD.replace('name: n', `name: ${name}`)}hierarchy:\n${FIRST}${LAST}`;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dse-arch-'));
    mkdirSync(join(folder, 'sub'));
    mkdirSync(join(folder, 'nvdla'));
    writeFileSync(join(folder, 'mine.yaml'), local('mine'));
    writeFileSync(join(folder, 'simba.yaml'), local('local-simba'));
    writeFileSync(join(folder, 'sub', 'deep.yaml'), local('deep'));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['eyeriss', 'eyeriss'],
    ['eyeriss.yaml', 'eyeriss'],
    ['eyeriss-v0.4', 'eyeriss-v0.4'],
    ['mine', 'mine'],
    ['mine.yaml', 'mine'],
    ['sub/deep.yaml', 'deep'],
    ['sub/deep', 'deep'],
    // A local file wins over a shipped one; a folder of that name does not.
    ['simba', 'local-simba'],
    ['simba.yaml', 'local-simba'],
    ['nvdla', 'nvdla'],
  ])('%s is %s', (given, name) => {
    expect(loadArchitecture(given).name).toBe(name);
  });

  test('an unknown name comes with the nearest and all shipped ones', () => {
    const [diagnostic] = diagnosticsOf(() => loadArchitecture('eyeris'));
    expect(diagnostic.message).toBe("no architecture 'eyeris'");
    expect(diagnostic.suggestion).toBe("did you mean 'eyeriss'?");
    expect(diagnostic.expected).toContain('two-level');
  });

  test('a path that leads nowhere, and a folder', () => {
    expect(diagnosticsOf(() => loadArchitecture('sub/none.yaml'))[0].message).toBe(
      "cannot read 'sub/none.yaml': no such file",
    );
    expect(diagnosticsOf(() => loadArchitecture('sub'))[0].message).toBe("'sub' is a directory, not a file");
  });

  test('a name too long for a file is an unknown name, a path too long says so', () => {
    const name = 'x'.repeat(5000);
    expect(diagnosticsOf(() => loadArchitecture(name))[0].message).toBe(`no architecture '${name}'`);
    expect(diagnosticsOf(() => loadArchitecture(`sub/${name}`))[0].message).toContain('the name is too long');
  });

  test('the source is the text that would be read', () => {
    expect(architectureSource('mine')).toEqual({ file: 'mine.yaml', text: local('mine') });
  });
});

test('constraints are left to the reader of constraints, with their place', () => {
  expect(loadArchitecture('eyeriss').constraints?.path).toEqual(['constraints']);
  expect(loadArchitecture('two-level').constraints).toBeUndefined();
});

test('the shipped architectures are listed by name', () => {
  expect(listArchitectures()).toEqual([
    'a100',
    'eyeriss',
    'eyeriss-v0.4',
    'gemmini',
    'h100',
    'nvdla',
    'shidiannao',
    'simba',
    'tpu-v1',
    'two-level',
  ]);
});
