import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Memory } from '../../src/arch/architecture.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import { leastCycles, leastEnergyPj, lowerBound } from '../../src/search/bound.ts';
import { OBJECTIVE_NAMES, objectiveValue } from '../../src/search/objective.ts';
import type { Problem } from '../mapspace/arbitraries.ts';
import { problems, smallWords } from '../mapspace/arbitraries.ts';
import { conv, gemm, machine, memory } from '../mapspace/machines.ts';
import { legalMappings } from '../mapspace/naive.ts';

type Change = Partial<Memory> & { readonly leak: number; readonly halo: boolean };

const changes: fc.Arbitrary<Change> = fc.record({
  leak: fc.constantFrom(0, 5),
  halo: fc.boolean(),
  blockSize: fc.constantFrom(1, 2, 3),
  datawidthBits: fc.constantFrom<Memory['datawidthBits']>({}, { inputs: 8 }, { outputs: 32 }),
  bandwidth: fc.record({
    read: fc.constantFrom(0.25, Infinity),
    write: fc.constantFrom(0.5, Infinity),
    shared: fc.constantFrom(0.3, Infinity),
  }),
});

/**
 * The problem with an outermost memory that leaks and transfers blocks, at limited rates, of elements of several
 * widths, and arrays that may share halos.
 */
function changed({ arch, einsum }: Problem, { leak, halo, ...change }: Change): Problem {
  const [outermost, ...inner] = arch.nodes;
  const memory = { ...(outermost as Memory), ...change };
  const energy = { ...memory.energy, leakPjPerCycle: leak };
  const nodes = inner.map((node) => (node.kind === 'array' ? { ...node, haloMulticast: halo } : node));
  return { arch: { ...arch, nodes: [{ ...memory, energy }, ...nodes] }, einsum };
}

test('no legal mapping is below the bound, whatever the objective', () => {
  fc.assert(
    fc.property(problems(smallWords), changes, (problem, change) => {
      const { arch, einsum } = changed(problem, change);
      const mappings = [...legalMappings(arch, einsum).values()];
      if (mappings.length === 0) return;
      const space = buildMapspace(arch, einsum);
      for (const mapping of mappings) {
        const { energyPj, cycles } = evaluateMapping(arch, einsum, mapping);
        for (const quantity of [...OBJECTIVE_NAMES, { weights: { energy: 1, latency: 20 } }]) {
          expect(objectiveValue(quantity, energyPj, cycles)).toBeGreaterThanOrEqual(
            lowerBound(space, quantity),
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('with one memory, the bound counts every operand read and every update', () => {
  const arch = machine(memory('DRAM', Infinity));
  const einsum = gemm(2, 3, 4);
  // 24 multiply-accumulates at 1 pJ, each with two reads of 200 pJ and an update of 260 pJ.
  expect(leastEnergyPj(buildMapspace(arch, einsum))).toBeCloseTo(24 * (1 + 2 * 200 + 260), 6);
  expect(leastCycles(buildMapspace(arch, einsum))).toBe(24);
});

test('strided gaps that no multiply-accumulate touches are not counted', () => {
  const arch = machine(memory('DRAM', Infinity), memory('RF', 64, { keep: ['all'] }));
  const energy = (P: number): number => leastEnergyPj(buildMapspace(arch, conv({ P, stride: 3 })));
  // One more output reads one more input word and fills it, reads one more weight from RF, and updates one more output.
  const rf = 1 + 64 / 64;
  expect(energy(5) - energy(4)).toBeCloseTo(1 + 200 + 260 + 2 * rf + 1.1 * rf + 1.3 * rf, 6);
});
