/** Both kernel builds against the reference model: energies and cycles of random mappings, to the last bit. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Kernel, loadKernelModule } from '../../src/kernel/kernel.ts';
import { kernelRefusal } from '../../src/kernel/support.ts';
import { checkMapping } from '../../src/mapping/legality.ts';
import type { Mapping } from '../../src/mapping/mapping.ts';
import type { Structure } from '../../src/mapspace/structure.ts';
import { fromMapping, slots, toMapping } from '../../src/mapspace/structure.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import type { Case } from '../support/arbitraries.ts';
import { cases, withResidents } from '../support/arbitraries.ts';

const LANES = 11;

const takes = ({ arch, einsum, mapping }: Case): boolean =>
  kernelRefusal(arch, einsum) === null && !splitsArray(mapping);

describe.each(['scalar', 'simd'] as const)('%s kernel', (kind) => {
  const module = loadKernelModule(kind);

  const expectEqual = (example: Case): void => {
    const { arch, einsum, mapping } = example;
    const { structure, factors } = fromMapping(mapping);
    const lanes = Array.from({ length: LANES }, (_, turns) => rotated(structure, factors, turns));
    const kernel = new Kernel(module, arch, einsum, LANES);
    kernel.setStructure(structure);
    lanes.forEach((row, lane) => row.forEach((n, slot) => (kernel.factors[slot * kernel.batch + lane] = n)));
    kernel.evaluate(LANES);
    const found = lanes.map((_, lane) => [kernel.energyPj[lane], kernel.cycles[lane]]);
    expect(found).toEqual(lanes.map((row) => costOf(example, toMapping(structure, row))));
  };

  test('equals the reference in every lane', () => {
    fc.assert(fc.property(cases({ maxMacs: 1_000_000 }).filter(takes), expectEqual), { numRuns: 400 });
  });

  test('equals the reference where tensors are resident', () => {
    const resident = cases({ maxMacs: 4096 }).map(withResidents);
    const moved = ({ mapping, einsum }: Case): boolean =>
      mapping.nest[0].kind === 'station' && mapping.nest[0].tensors.length < einsum.tensors.length;
    fc.assert(fc.property(resident.filter(takes).filter(moved), expectEqual), { numRuns: 100 });
  });

  test('refuses exactly the lanes that overflow', () => {
    const scarce = cases({ maxMacs: 4096, capacity: 'scarce' }).filter(takes);
    fc.assert(fc.property(scarce, expectEqual), { numRuns: 200 });
  });
});

/** Energy and cycles by the reference model; infinite energy where a tile or an array overflows or a floor is missed. */
function costOf({ arch, einsum }: Case, mapping: Mapping): [number, number] {
  const cost = evaluateMapping(arch, einsum, mapping);
  const misfits = checkMapping(arch, einsum, mapping).map(({ kind }) => kind);
  return [misfits.length > 0 ? Infinity : cost.energyPj, cost.cycles];
}

/** The factors of each dimension handed on by some places among the slots of that dimension. */
function rotated(structure: Structure, factors: readonly number[], turns: number): number[] {
  const dims = slots(structure).map((slot) => slot.dim);
  return factors.map((_, slot) => {
    const own = dims.flatMap((dim, other) => (dim === dims[slot] ? [other] : []));
    return factors[own[(own.indexOf(slot) + turns) % own.length]];
  });
}

/** True if another loop of a dimension stands between two of one array: the kernel refuses that. */
function splitsArray({ nest }: Mapping): boolean {
  const loops = nest.filter((item) => item.kind !== 'station');
  return loops.some((loop, i) => {
    if (loop.kind !== 'parallel') return false;
    const later = loops.slice(i + 1).filter((other) => other.dim === loop.dim);
    const own = later.map((other) => other.kind === 'parallel' && other.fanout === loop.fanout);
    return own.lastIndexOf(true) > 0 && own.slice(0, own.lastIndexOf(true)).includes(false);
  });
}
