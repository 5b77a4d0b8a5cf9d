import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Architecture, Memory } from '../../src/arch/architecture.ts';
import { fanouts, memories } from '../../src/arch/architecture.ts';
import { parseArchitecture } from '../../src/arch/load.ts';
import { drawProvenance } from '../../src/arch/provenance.ts';
import { withMemory } from '../../src/arch/vary.ts';
import { architectureToYaml } from '../../src/arch/write.ts';
import { estimate } from '../../src/energy/estimate.ts';
import { InputError } from '../../src/spec/errors.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { complaints, diagnosticsOf } from '../spec/support.ts';

const DOCS = readFileSync(new URL('../../docs/energy.md', import.meta.url), 'utf8');
/** The file docs/energy.md shows. */
const TEXT = /```yaml\n(.*?)```/s.exec(DOCS)?.[1] ?? '';

const read = (text: string): Architecture => parseArchitecture(parseYaml(text, 'lib.yaml'));
const replaced = (...pairs: [string, string][]): string =>
  pairs.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, TEXT);
const memory = (arch: Architecture, name: string): Memory =>
  memories(arch).find((node) => node.name === name) as Memory;

describe('a file that names components', () => {
  const arch = read(TEXT);
  const glb = estimate({
    component: 'sram',
    technologyNm: 65,
    sizeBits: 108 * 8192,
    widthBits: 64,
    banks: 2,
  });

  test('takes from the library what it does not give itself', () => {
    const { energy, areaUm2 } = memory(arch, 'GLB');
    expect(energy.readPj).toBe(20);
    expect([energy.fillPj, energy.updatePj]).toEqual([glb.writePj, glb.writePj]);
    // 200 MHz: a cycle of 5 ns. 1 mW is 1 pJ/ns.
    expect(energy.leakPjPerCycle).toBeCloseTo(glb.leakMw * 5, 12);
    expect(areaUm2).toBe(glb.areaUm2);
    expect(memory(arch, 'DRAM').energy.readPj).toBe(8 * 16);
  });

  test('wires and adders of an array, and the compute unit', () => {
    const { energy } = fanouts(arch)[0];
    expect(energy.hopPj).toBe(
      estimate({ component: 'wire', technologyNm: 65, lengthMm: 0.2, widthBits: 16 }).energyPj,
    );
    expect(energy.spatialReductionPj).toBe(
      estimate({ component: 'adder', technologyNm: 65, type: 'int32' }).energyPj,
    );
    const mac = estimate({ component: 'mac', technologyNm: 65, type: 'int16' });
    const { energyPj, leakPjPerCycle, areaUm2 } = arch.compute;
    expect([energyPj, areaUm2]).toEqual([mac.energyPj, mac.areaUm2]);
    expect(leakPjPerCycle).toBeCloseTo(mac.leakMw * 5, 12);
  });

  test("every field of the file goes before the library's", () => {
    const own = replaced(
      ['energy: { read: 20 pJ }', 'energy: { read: 20 pJ, write: 21 pJ, leak: 2 pJ/cycle }\n    area: 3 um2'],
      ['type: int16', 'energy: 4 pJ\n    leak: 5 pJ/cycle\n    area: 6 um2\n    type: int16'],
    );
    const given = read(own);
    const { energy, areaUm2 } = memory(given, 'GLB');
    expect(energy).toMatchObject({ readPj: 20, fillPj: 21, updatePj: 21, leakPjPerCycle: 2 });
    expect(areaUm2).toBe(3);
    expect(given.compute).toMatchObject({ energyPj: 4, leakPjPerCycle: 5, areaUm2: 6 });
  });

  test("an entry's technology goes before the file's", () => {
    const newer = read(replaced(['component: regfile', 'component: regfile\n    technology: 28 nm']));
    const spad = estimate({ component: 'regfile', technologyNm: 28, sizeBits: 224 * 16, widthBits: 16 });
    expect(memory(newer, 'Spad').energy.readPj).toBe(spad.readPj);
    expect(memory(newer, 'GLB')).toEqual(memory(arch, 'GLB'));
  });

  test('an adder may stand for the temporal reduction of a memory', () => {
    const adding = read(
      replaced(['{ read: 20 pJ }', '{ read: 20 pJ, temporal_reduction: { adder: fp32 } }']),
    );
    const { energyPj } = estimate({ component: 'adder', technologyNm: 65, type: 'fp32' });
    expect(memory(adding, 'GLB').energy.temporalReductionPj).toBe(energyPj);
  });

  test('is written with the numbers it has, and read back the same', () => {
    const again = read(architectureToYaml(arch));
    for (const { name, energy, areaUm2 } of memories(arch)) {
      expect(memory(again, name)).toMatchObject({ energy, areaUm2 });
    }
  });

  test('says where each number is from, as docs/energy.md shows', () => {
    expect(DOCS).toContain(`\n${drawProvenance(arch)}\n`);
  });

  test('a file of its own numbers says so', () => {
    const own =
      'schema: dse.arch/1\nname: own\nword: 8 bit\nhierarchy: [{memory: M, size: 8 B}, {compute: C}]';
    expect(drawProvenance(read(own))).toBe('numbers: all from the file of own');
  });
});

describe('withMemory', () => {
  const arch = read(TEXT);

  test('estimates anew what came from the library, and keeps what the file gave', () => {
    const words = 2 * memory(arch, 'GLB').words;
    const before = memory(arch, 'GLB');
    const after = memory(withMemory(arch, 'GLB', { words }), 'GLB');
    expect(after.energy.readPj).toBe(20);
    expect(after.energy.fillPj).toBeGreaterThan(before.energy.fillPj);
    expect(after.energy.leakPjPerCycle).toBeGreaterThan(before.energy.leakPjPerCycle);
    expect(after.areaUm2).toBeGreaterThan(before.areaUm2);
    const written = read(replaced(['size: 108 KB', 'size: 216 KB']));
    expect(after).toEqual(memory(written, 'GLB'));
    expect(withMemory(withMemory(arch, 'GLB', { words }), 'GLB', { words: words / 2 })).toEqual(arch);
  });

  test('a wider block costs more per access', () => {
    const wide = memory(withMemory(arch, 'GLB', { blockSize: 8 }), 'GLB');
    expect(wide.energy.fillPj).toBeGreaterThan(memory(arch, 'GLB').energy.fillPj);
  });

  test('given energies and areas go before the library', () => {
    const { energy } = memory(arch, 'Spad');
    const changed = memory(withMemory(arch, 'Spad', { words: 64, energy, areaUm2: 7 }), 'Spad');
    expect(changed.energy).toEqual(energy);
    expect(changed.areaUm2).toBe(7);
  });

  test('refuses a size the library does not model', () => {
    expect(() => withMemory(arch, 'Spad', { words: 2 ** 20 })).toThrow(InputError);
    expect(() => withMemory(arch, 'GLB', { words: 2 ** 40 })).toThrow(
      'an SRAM of 2097152 MB is not modelled',
    );
  });
});

describe('mistakes in naming components, their line and column', () => {
  const line = (part: string): number => TEXT.slice(0, TEXT.indexOf(part)).split('\n').length;
  test.each([
    ['size: 108 KB', 'size: 108 MB', 'size: 108 KB', 11, 'an SRAM of 108 MB is not modelled'],
    ['size: 224 words', 'size: 224 KB', 'size: 224 words', 11, 'a register file of 229376 B is not modelled'],
    [
      'block: 4 words',
      'block: 128 words',
      'block: 4',
      12,
      'an SRAM with accesses of 2048 bit is not modelled',
    ],
    ['banks: 2', 'banks: 128', 'banks: 2', 12, 'banks is 128'],
    ['component: sram', 'component: dram', 'banks: 2', 12, "'banks' has no meaning here"],
    [
      'component: sram',
      'component: srma',
      'component: sram',
      16,
      "expected one of 'sram', 'regfile', 'dram', found 'srma'",
    ],
    ['technology: 65 nm', 'technology: 60 nm', 'technology: 65', 13, 'technology 60 nm is not modelled'],
    [
      'technology: 65 nm',
      'technology: 65',
      'technology: 65',
      13,
      "expected a technology (nm), found no unit in '65'",
    ],
    ['type: int16', 'type: int17', 'type: int16', 11, 'expected one of'],
    ['adder: int32', 'adder: int33', 'adder: int32', 35, 'expected one of'],
    ['kind: lpddr4', 'cells: low_power', 'kind: lpddr4', 12, "'cells' has no meaning here"],
  ])('%s → %s', (from, to, at, column, message) => {
    const found = complaints(() => read(replaced([from, to])));
    expect(
      found.some((text) => text.startsWith(`${line(at)}:${column}: ${message}`)),
      found.join('\n'),
    ).toBe(true);
  });

  test('a component without a technology, a clock, a type, a kind', () => {
    const without = (start: string) =>
      complaints(() => read(TEXT.replace(new RegExp(`^ *${start}.*\n`, 'm'), '')));
    expect(without('technology:').join('\n')).toContain("the library's sram needs a technology");
    expect(without('technology:').join('\n')).toContain("the library's wire needs a technology");
    expect(without('clock:').join('\n')).toContain('the leakage of a component needs the clock');
    expect(without('type:').join('\n')).toContain("component 'mac' has no type");
    expect(without('kind:').join('\n')).toContain('kind is missing');
  });

  test('the nearest technology is suggested', () => {
    const [{ suggestion, expected }] = diagnosticsOf(() => read(replaced(['65 nm', '30 nm'])));
    expect(suggestion).toBe("the nearest is '32 nm'");
    expect(expected).toBe('one of 65, 45, 40, 32, 28, 22, 16, 14, 12, 10, 7 nm');
  });
});
