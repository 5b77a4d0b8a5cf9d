/** Fills a node's energy, leakage and area from the library. Which of its fields are the file's own, the node says. */
import { estimate } from '../energy/estimate.ts';
import type { MemoryRequest } from '../energy/request.ts';
import type { Compute, Fanout, Memory } from './architecture.ts';

/**
 * The memory with those numbers that its `library` names, estimated for its present size and width.
 *
 * @throws InputError if the library does not model that size or width
 */
export function estimatedMemory(memory: Memory, clockHz: number): Memory {
  let { energy, areaUm2 } = memory;
  const estimates = memory.estimates?.map(({ request, fields }) => {
    if (request.component === 'adder') {
      energy = { ...energy, temporalReductionPj: estimate(request).energyPj };
      return { request, fields };
    }
    const sized = { ...(request as MemoryRequest), ...accessSize(memory) };
    const cost = estimate(sized);
    const supplied = (field: (typeof fields)[number], value: number, own: number): number =>
      fields.includes(field) ? value : own;
    energy = {
      ...energy,
      readPj: supplied('read', cost.readPj, energy.readPj),
      fillPj: supplied('fill', cost.writePj, energy.fillPj),
      updatePj: supplied('update', cost.writePj, energy.updatePj),
      leakPjPerCycle: supplied('leak', pjPerCycle(cost.leakMw, clockHz), energy.leakPjPerCycle),
    };
    areaUm2 = supplied('area', cost.areaUm2, areaUm2);
    return { request: sized, fields };
  });
  return estimates ? { ...memory, energy, areaUm2, estimates } : memory;
}

/** The size the library wants to know: of the whole memory, and of one access. */
export function accessSize({
  words,
  wordBits,
  blockSize,
}: Pick<Memory, 'words' | 'wordBits' | 'blockSize'>): {
  sizeBits: number;
  widthBits: number;
} {
  return { sizeBits: words * wordBits, widthBits: wordBits * blockSize };
}

/** The compute unit with those numbers that its `library` names. */
export function estimatedCompute(compute: Compute, clockHz: number): Compute {
  return (compute.estimates ?? []).reduce((unit, { request, fields }) => {
    if (request.component !== 'mac') return unit;
    const { energyPj, leakMw, areaUm2 } = estimate(request);
    return {
      ...unit,
      energyPj: fields.includes('energy') ? energyPj : unit.energyPj,
      leakPjPerCycle: fields.includes('leak') ? pjPerCycle(leakMw, clockHz) : unit.leakPjPerCycle,
      areaUm2: fields.includes('area') ? areaUm2 : unit.areaUm2,
    };
  }, compute);
}

/** The array with those energies that its `library` names. */
export function estimatedArray(array: Fanout): Fanout {
  return (array.estimates ?? []).reduce((fanout, { request }) => {
    const { energy } = fanout;
    if (request.component === 'wire')
      return { ...fanout, energy: { ...energy, hopPj: estimate(request).energyPj } };
    if (request.component === 'adder')
      return { ...fanout, energy: { ...energy, spatialReductionPj: estimate(request).energyPj } };
    return fanout;
  }, array);
}

/** 1 mW is 10⁹ pJ/s. */
function pjPerCycle(milliwatts: number, clockHz: number): number {
  return (milliwatts * 1e9) / clockHz;
}
