import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import { evaluateTimeloop } from '../../src/model/timeloop/evaluate.ts';
import { toArchitecture, toEinsum, toMapping } from '../../src/timeloop/convert.ts';
import type { TimeloopInput } from '../../src/timeloop/read.ts';
import { readTimeloopSources } from '../../src/timeloop/read.ts';

const PAGE = readFileSync(new URL('../../docs/timeloop.md', import.meta.url), 'utf8');
const [HALO, LINKS, RESIDUAL] = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]);

function read(text: string): Required<TimeloopInput> {
  return readTimeloopSources([{ file: 'example.yaml', text }]) as Required<TimeloopInput>;
}

/** Fills of the innermost memory and reads of the outermost, for the second dataspace. */
function both(text: string): { dse: number[]; timeloop: number[] } {
  const { design, problem, mapping } = read(text);
  const cost = evaluateMapping(
    toArchitecture(design),
    toEinsum(problem),
    toMapping(design, problem, mapping),
  );
  const { buffers } = evaluateTimeloop(design, problem, mapping);
  return {
    dse: [
      cost.memories.at(-1)?.tensors[1].perInstance.fills ?? -1,
      cost.memories[0].tensors[1].perInstance.reads,
    ],
    timeloop: [buffers[0].fills[1], buffers.at(-1)?.reads[1] ?? -1],
  };
}

test('the example of halos gives the numbers on the page', () => {
  expect(both(HALO)).toEqual({ dse: [18, 18], timeloop: [24, 18] });
  const split = (inner: number): string =>
    HALO.replace('L1, type: temporal, factors: P4', `L1, type: temporal, factors: P${inner}`).replace(
      'DRAM, type: temporal, factors: P4',
      `DRAM, type: temporal, factors: P${16 / inner}`,
    );
  expect(both(split(2))).toEqual({ dse: [18, 18], timeloop: [18, 18] });
  expect(both(split(8))).toEqual({ dse: [18, 18], timeloop: [20, 18] });
});

test('the example of links gives the numbers on the page', () => {
  expect(both(LINKS).dse[1]).toBe(12);
  expect(both(LINKS).timeloop[1]).toBe(6);
  expect(both(LINKS.replace('factors: P4}', 'factors: P4, no_link_transfer: [I]}')).timeloop[1]).toBe(12);
});

test('the example of residual factors is refused by one semantics and cut by the other', () => {
  const { design, problem, mapping } = read(RESIDUAL);
  expect(() => toMapping(design, problem, mapping)).toThrow(
    'residual factors exist under the timeloop semantics alone',
  );
  const { arithmetic, cycles } = evaluateTimeloop(design, problem, mapping);
  expect([arithmetic.computes, cycles]).toEqual([576, 192]);
});
