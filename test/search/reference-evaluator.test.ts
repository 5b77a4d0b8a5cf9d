import { expect, test } from 'vitest';
import { Kernel, loadKernelModule } from '../../src/kernel/kernel.ts';
import { FactorDrawer } from '../../src/mapspace/draw.ts';
import { arrange, randomFrame, randomLoopOrder } from '../../src/mapspace/frame.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { Random } from '../../src/mapspace/random.ts';
import { reasonCount } from '../../src/mapspace/tiling.ts';
import { createEvaluator } from '../../src/search/evaluators.ts';
import { ReferenceEvaluator } from '../../src/search/reference-evaluator.ts';
import { array, conv, eyerissLike, gemm, machine, memory } from '../mapspace/machines.ts';

const LANES = 16;

test('gives the bits of the kernel, lane by lane, overflow included', () => {
  const arch = eyerissLike();
  const einsum = conv({ M: 16, C: 12, P: 14, Q: 14, R: 3, S: 3 });
  const space = buildMapspace(arch, einsum);
  const kernel = new Kernel(loadKernelModule(), arch, einsum, 64);
  const reference = new ReferenceEvaluator(arch, einsum);
  const random = new Random(11, 0);
  for (let batch = 0; batch < 10; batch++) {
    const frame = randomFrame(space, random);
    const { structure, cellOfSlot } = arrange(frame, randomLoopOrder(frame, random));
    const drawer = new FactorDrawer(frame, random, new Float64Array(reasonCount(arch)));
    for (const evaluator of [kernel, reference]) evaluator.setStructure(structure);
    drawer.drawLanes(kernel.factors, kernel.batch, cellOfSlot, LANES);
    // In lane 0 the innermost loop over M has all of it: more outputs than PsumSpad holds.
    cellOfSlot.forEach((cell, slot) => {
      const { dim } = frame.cells[cell];
      if (dim === 1) kernel.factors[slot * kernel.batch] = cell === lastCell(frame.cells, dim) ? 16 : 1;
    });
    cellOfSlot.forEach((_, slot) => {
      for (let lane = 0; lane < LANES; lane++) {
        reference.factors[slot * reference.batch + lane] = kernel.factors[slot * kernel.batch + lane];
      }
    });
    for (const evaluator of [kernel, reference]) evaluator.evaluate(LANES);
    expect([...reference.energyPj.subarray(0, LANES)]).toEqual([...kernel.energyPj.subarray(0, LANES)]);
    const legal = [...reference.energyPj.keys()].filter((l) => l < LANES && reference.energyPj[l] < Infinity);
    expect(legal.length).toBeGreaterThanOrEqual(LANES - 1);
    for (const lane of legal) expect(reference.cycles[lane]).toBe(kernel.cycles[lane]);
  }
});

function lastCell(cells: readonly { readonly dim: number }[], dim: number): number {
  return cells.findLastIndex((cell) => cell.dim === dim);
}

test('stands in where the kernel refuses a problem, and only there', () => {
  const module = loadKernelModule();
  const plain = machine(memory('DRAM', Infinity), array('PE', 2, 2));
  const halo = machine(memory('DRAM', Infinity), array('PE', 2, 2, { haloMulticast: true }));
  expect(createEvaluator(plain, gemm(4, 4, 4), module)).toBeInstanceOf(Kernel);
  expect(createEvaluator(halo, gemm(4, 4, 4), module)).toBeInstanceOf(ReferenceEvaluator);
});
