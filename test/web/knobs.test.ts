/** Knobs: their scales, and the files they turn. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { architectureSource, listArchitectures, loadArchitecture } from '../../src/arch/load.ts';
import { withArray, withMemory } from '../../src/arch/vary.ts';
import { parseArchitecture } from '../../src/api/architecture.ts';
import type { Knob } from '../../web/src/knobs.ts';
import { knobText, knobValues, scaleOf } from '../../web/src/knobs.ts';
import { machineOf, turned } from '../../web/src/machine.ts';

const knob = fc.record({
  key: fc.constant('GLB.size'),
  label: fc.constant('GLB size'),
  unit: fc.constant('words'),
  kind: fc.constantFrom('size', 'count', 'energy'),
  base: fc.integer({ min: 1, max: 1e6 }),
  sets: fc.constant({}),
}) satisfies fc.Arbitrary<Knob>;

test('the slider stands at the file’s value, and where it is put its value leads back', () => {
  fc.assert(
    fc.property(knob, fc.double({ min: 0, max: 1, noNaN: true }), (one, share) => {
      const { min, max, value, place } = scaleOf(one);
      expect(value(place(one.base))).toBe(one.base);
      const put = Math.round(min + share * (max - min));
      const shown = value(put);
      expect(shown).toBeGreaterThan(0);
      expect(value(place(shown))).toBe(shown);
    }),
  );
});

test('a sweep’s values begin and end where asked, grow, and are each there once', () => {
  fc.assert(
    fc.property(
      knob,
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 0, max: 1000 }),
      (one, from, more) => {
        const values = knobValues(one, from, from + more, 7);
        expect(values[0]).toBe(from);
        expect(values.at(-1)).toBe(from + more);
        expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
      },
    ),
  );
});

test('values are shown with their units', () => {
  const [size] = machineOf(text('eyeriss'), 'eyeriss.yaml').knobs;
  expect(knobText(size, size.base)).toBe('108 KB');
  expect(knobText(size, 12)).toBe('12 words');
  expect(knobText(size, 1)).toBe('1 word');
  expect(knobText({ ...size, kind: 'energy' }, 400)).toBe('400 pJ');
});

describe.each(listArchitectures())('%s', (name) => {
  const own = text(name);
  const { knobs } = machineOf(own, `${name}.yaml`);

  test('as the file says, its knobs change nothing but the text', () => {
    const settings = Object.fromEntries(knobs.map(({ key, base }) => [key, base]));
    const sizes = ({ nodes }: ReturnType<typeof parseArchitecture>): unknown =>
      nodes.map((node) => (node.kind === 'memory' ? [node.words, node.energy] : [node.x, node.y]));
    expect(sizes(parseArchitecture(turned(own, 'a.yaml', settings)))).toEqual(sizes(parseArchitecture(own)));
  });

  test('a turned size or side is what the API makes of it', () => {
    for (const { key, base, kind } of knobs.filter((one) => one.kind !== 'energy')) {
      const [node, field] = key.split('.');
      const changed = parseArchitecture(turned(own, 'a.yaml', { [key]: 2 * base }));
      const arch = loadArchitecture(name);
      const expected =
        kind === 'size'
          ? withMemory(arch, node, { words: 2 * base })
          : withArray(arch, node, { [field]: 2 * base });
      expect(changed.nodes).toEqual(expected.nodes);
    }
  });
});

test('a turned energy keeps the ratios of the file; comments stay', () => {
  const own = text('two-level').replace('write: 100 pJ', 'write: 250 pJ');
  const after = turned(own, 'a.yaml', { 'DRAM.energy': 40 });
  const [dram] = parseArchitecture(after).nodes;
  expect(dram).toMatchObject({ energy: { readPj: 40, fillPj: 100, updatePj: 100 } });
  expect(after).toContain('# assumption: one cycle is one nanosecond');
});

test('what several memories share in a file is not changed in all of them', () => {
  const own = text('two-level')
    .replace('energy: { read: 100 pJ, write: 100 pJ }', 'energy: &e { read: 100 pJ, write: 100 pJ }')
    .replace('energy: { read: 1 pJ, write: 1 pJ }', 'energy: *e');
  const [dram, buffer] = parseArchitecture(turned(own, 'a.yaml', { 'DRAM.energy': 40 })).nodes;
  expect(dram).toMatchObject({ energy: { readPj: 40 } });
  expect(buffer).toMatchObject({ energy: { readPj: 100 } });
});

function text(name: string): string {
  return architectureSource(name).text;
}
