/** Both kernel builds against the reference model: energies and cycles of random legal mappings, to the last bit. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Kernel, loadKernelModule } from '../../src/kernel/kernel.ts';
import { kernelRefusal } from '../../src/kernel/support.ts';
import type { Mapping } from '../../src/mapping/mapping.ts';
import { fromMapping } from '../../src/mapspace/structure.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import type { Case } from '../support/arbitraries.ts';
import { cases } from '../support/arbitraries.ts';

const supported = cases({ maxMacs: 1_000_000 }).filter(
  ({ arch, einsum, mapping }) => kernelRefusal(arch, einsum) === null && !splitsArray(mapping),
);

describe.each(['scalar', 'simd'] as const)('%s kernel', (kind) => {
  const module = loadKernelModule(kind);

  test('equals the reference in every lane', () => {
    fc.assert(
      fc.property(supported, fc.integer({ min: 1, max: 7 }), (example, lanes) => {
        const kernel = new Kernel(module, example.arch, example.einsum, 8);
        const cost = evaluateMapping(example.arch, example.einsum, example.mapping);
        load(kernel, example, lanes);
        kernel.evaluate(lanes);
        for (let lane = 0; lane < lanes; lane++) {
          expect([kernel.energyPj[lane], kernel.cycles[lane]]).toEqual([cost.energyPj, cost.cycles]);
        }
      }),
      { numRuns: 1500, seed: 20 },
    );
  });
});

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

function load(kernel: Kernel, { mapping }: Case, lanes: number): void {
  const { structure, factors } = fromMapping(mapping);
  kernel.setStructure(structure);
  factors.forEach((factor, slot) =>
    kernel.factors.fill(factor, slot * kernel.batch, slot * kernel.batch + lanes),
  );
}
