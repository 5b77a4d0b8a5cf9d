/** What an architecture of ours says that Timeloop's files have no word for. */
import type { Architecture, Fanout, Memory } from '../arch/architecture.ts';
import type { Diagnostic } from '../spec/errors.ts';

/** One diagnostic for each attribute that is left out of the files and counts for something. */
export function unsaid(arch: Architecture): Diagnostic[] {
  const { compute, nodes } = arch;
  const leak = compute.leakPjPerCycle > 0 ? [`the leakage of ${compute.name}`] : [];
  const what = nodes.flatMap((node) => (node.kind === 'memory' ? ofMemory(node) : ofArray(node)));
  return [...what, ...leak].map((lost) => ({
    message: `Timeloop has no form for ${lost}: it is left out`,
  }));
}

function ofMemory({ name, energy, ...memory }: Memory): string[] {
  return [
    ...(Object.keys(memory.datawidthBits).length > 0 ? [`other element widths in ${name}`] : []),
    ...(energy.temporalReductionPj > 0 ? [`the energy of additions in ${name}`] : []),
    ...(energy.leakPjPerCycle > 0 && !memory.powerGating ? [`the leakage of idle instances of ${name}`] : []),
    ...(memory.drainReads ? [`the drain reads of ${name}`] : []),
  ];
}

function ofArray({ name, energy, haloMulticast }: Fanout): string[] {
  return [
    ...(haloMulticast ? [`the halo multicast of ${name}`] : []),
    ...(energy.ingressPj > 0 ? [`the ingress energy of ${name}`] : []),
    ...(energy.spatialReductionPj > 0 ? [`the energy of additions in ${name}`] : []),
  ];
}
