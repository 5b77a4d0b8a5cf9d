import { describe, expect, test } from 'vitest';
import { type Memory, computeUnits, fanouts, memories } from '../../src/arch/architecture.ts';
import { drawArchitecture } from '../../src/arch/draw.ts';
import { architectureSource, listArchitectures, loadArchitecture } from '../../src/arch/load.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { readOwnConstraints } from '../../src/mapspace/read-constraints.ts';
import { mapspaceSize } from '../../src/mapspace/size.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';

const LAYERS = [
  'conv:N=1,M=128,C=128,P=28,Q=28,R=3,S=3',
  'dwconv:N=1,G=128,P=28,Q=28,R=3,S=3',
  'gemm:M=784,N=512,K=128',
  'bgemm:B=12,M=128,N=128,K=64',
];

describe.each(listArchitectures())('%s', (name) => {
  const architecture = loadArchitecture(name);

  test('is named as its file and says what it is', () => {
    expect(architecture.name).toBe(name);
    expect(architecture.description.length).toBeGreaterThan(60);
  });

  test('has a place for every tensor role outside and, if it must be kept, inside', () => {
    const [outermost, ...inner] = memories(architecture);
    expect(outermost.keep.length === 0 && outermost.mayKeep.includes('all')).toBe(true);
    expect(inner.length).toBeGreaterThan(0);
    const roles = ['inputs', 'weights', 'outputs', 'all'];
    for (const { keep, mayKeep } of inner)
      expect(roles).toEqual(expect.arrayContaining([...keep, ...mayKeep]));
  });

  test('costs energy to use, more outside than inside', () => {
    expect(architecture.compute.energyPj).toBeGreaterThan(0);
    const perWord = (memory: Memory) => memory.energy.readPj / memory.blockSize;
    const [outermost, ...inner] = memories(architecture);
    for (const memory of inner) {
      expect(perWord(memory)).toBeGreaterThan(0);
      expect(perWord(memory)).toBeLessThan(perWord(outermost));
    }
  });

  test.each(LAYERS)(
    'its own constraints leave mappings of %s, and work for each axis of its arrays',
    (layer) => {
      const einsum = parseLayer(layer);
      const rules = readOwnConstraints(architecture, einsum);
      expect(mapspaceSize(buildMapspace(architecture, einsum, rules)) > 1n).toBe(true);
      // A depthwise layer has no dimension that indexes weights and outputs but not inputs.
      if (layer.startsWith('dwconv')) return;
      expect(rules.filter((rule) => rule.kind === 'axis' && rule.dims.length === 0)).toEqual([]);
    },
  );

  test('every line with a number names its source, there or above it', () => {
    const lines = architectureSource(name).text.split('\n');
    const numbers = lines.flatMap((line, index) => (isFigure(line) ? [index] : []));
    expect(numbers.length).toBeGreaterThan(3);
    const unsourced = numbers
      .filter((index) => !hasComment(lines, index))
      .map((index) => lines[index].trim());
    expect(unsourced).toEqual([]);
  });

  test('is drawn with each node and its size', () => {
    const drawing = drawArchitecture(architecture);
    for (const node of [...architecture.nodes, architecture.compute]) expect(drawing).toContain(node.name);
  });
});

/** A line that gives a number, other than names and the number of the schema. */
function isFigure(line: string): boolean {
  const [code] = line.split(' #');
  return (
    /^\s*[a-z_0-9]+:.*\d/.test(code) &&
    !/^(schema|name|description|constraints)|target:|^\s*factors:/.test(code)
  );
}

/** A comment on the line, on the lines before it, or on the line of the axis before it. */
function hasComment(lines: readonly string[], index: number): boolean {
  const above = lines[index - 1] ?? '';
  return (
    / # /.test(lines[index]) || /^\s*#/.test(above) || (/^\s*y:/.test(lines[index]) && / # /.test(above))
  );
}

describe('eyeriss, number by number', () => {
  const arch = loadArchitecture('eyeriss');
  const byName = Object.fromEntries(memories(arch).map((memory) => [memory.name, memory]));
  const mac = arch.compute.energyPj;

  test('14 by 12 PEs at 200 MHz', () => {
    expect(fanouts(arch).map(({ x, y }) => [x, y])).toEqual([[14, 12]]);
    expect(computeUnits(arch)).toBe(168);
    expect(arch.clockHz).toBe(200e6);
  });

  test('the memories and what each keeps', () => {
    const shape = memories(arch).map(({ name, words, wordBits, keep }) => [name, words, wordBits, keep]);
    expect(shape).toEqual([
      ['DRAM', Infinity, 16, []],
      ['GLB', (108 * 1024) / 2, 16, ['inputs', 'outputs']],
      ['ifmap_spad', 12, 16, ['inputs']],
      ['weights_spad', 224, 16, ['weights']],
      ['psum_spad', 24, 16, ['outputs']],
    ]);
  });

  test('energy ratios of ISCA 2016, Table IV', () => {
    const ratio = (name: string) => {
      const { readPj, fillPj, updatePj } = byName[name].energy;
      expect([fillPj, updatePj]).toEqual([readPj, readPj]);
      return readPj / mac;
    };
    expect(['DRAM', 'GLB', 'ifmap_spad', 'weights_spad', 'psum_spad'].map(ratio)).toEqual([200, 6, 1, 1, 1]);
    expect(fanouts(arch)[0].energy.hopPj / mac).toBe(2);
  });

  test('DRAM moves 480 MB/s, 1.2 words per cycle', () => {
    expect(byName.DRAM.bandwidth.shared).toBeCloseTo(1.2, 12);
  });

  test('is drawn as a hierarchy', () => {
    expect(`\n${drawArchitecture(arch)}\n`).toMatchInlineSnapshot(`
      "
      eyeriss  200 MHz, 168 compute units

      DRAM  unlimited, 16-bit words
      │  keeps every tensor
      │  read 400, fill 400, update 400 pJ per word
      │  shared 1.2 words/cycle
      │
      GLB  55296 16-bit words (108 KB)
      │  keeps inputs, outputs
      │  read 12, fill 12, update 12 pJ per word
      │  read 4, write 4 words/cycle
      │
      ╘═ PE  14 × 12 = 168 copies
         │  multicast, spatial reduction
         │  hop 4 pJ per word
         │
         ifmap_spad ×168  12 16-bit words (24 B)
         │  keeps inputs
         │  read 2, fill 2, update 2 pJ per word
         │
         weights_spad ×168  224 16-bit words (448 B)
         │  keeps weights
         │  read 2, fill 2, update 2 pJ per word
         │
         psum_spad ×168  24 16-bit words (48 B)
         │  keeps outputs
         │  read 2, fill 2, update 2 pJ per word
         │
         MAC ×168  2 pJ per multiply-accumulate
      "
    `);
  });
});

describe('known totals', () => {
  test.each([
    ['eyeriss-v0.4', 168],
    ['simba', 256],
    ['nvdla', 1024],
    ['tpu-v1', 65536],
    ['gemmini', 256],
    ['shidiannao', 64],
    ['two-level', 1],
  ])('%s has %d multiply-accumulate units', (name, units) => {
    expect(computeUnits(loadArchitecture(name))).toBe(units);
  });

  test.each([
    ['tpu-v1', 92],
    ['a100', 312],
    ['h100', 989],
  ])('%s peaks at %d Tera-operations per second', (name, tera) => {
    const arch = loadArchitecture(name);
    expect(Math.round((computeUnits(arch) * 2 * arch.clockHz) / 1e12)).toBe(tera);
  });

  test('eyeriss-v0.4 has a 128 KB buffer', () => {
    const buffer = memories(loadArchitecture('eyeriss-v0.4'))[1];
    expect((buffer.words * buffer.wordBits) / 8 / 1024).toBe(128);
  });
});
