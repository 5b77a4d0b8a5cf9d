/** Writes an architecture in the form `loadArchitecture` reads. */
import { Document, isMap, isScalar, visit } from 'yaml';
import type { Architecture, Compute, Fanout, Memory } from './architecture.ts';

/** Text of a `dse.arch/1` file; attributes at their defaults are left out. */
export function architectureToYaml(arch: Architecture): string {
  const [first] = arch.nodes;
  const word = first.kind === 'memory' ? first.wordBits : 16;
  const document = new Document({
    schema: 'dse.arch/1',
    name: arch.name,
    ...(arch.description !== '' && { description: arch.description }),
    clock: `${arch.clockHz / 1e6} MHz`,
    word: `${word} bit`,
    hierarchy: [
      ...arch.nodes.map((node) => (node.kind === 'memory' ? memoryEntry(node, word) : arrayEntry(node))),
      computeEntry(arch.compute),
    ],
  });
  visit(document, {
    Map: (_, node) => {
      if (node.items.length < 4 && node.items.every(({ value }) => isScalar(value))) node.flow = true;
    },
    Seq: (_, node) => {
      if (node.items.every(isScalar)) node.flow = true;
    },
  });
  if (isMap(document.contents)) document.contents.flow = false;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function memoryEntry(memory: Memory, word: number): object {
  const { energy, bandwidth } = memory;
  const rate = (words: number): string | undefined =>
    words === Infinity ? undefined : `${words} words/cycle`;
  return present({
    memory: memory.name,
    size: memory.words === Infinity ? 'unlimited' : `${memory.words} words`,
    word: memory.wordBits === word ? undefined : `${memory.wordBits} bit`,
    block: memory.blockSize === 1 ? undefined : `${memory.blockSize} words`,
    multiple_buffering: memory.multipleBuffering === 1 ? undefined : memory.multipleBuffering,
    min_utilization: memory.minUtilization || undefined,
    ...keeping(memory),
    datawidth: some(
      Object.fromEntries(Object.entries(memory.datawidthBits).map(([name, bits]) => [name, `${bits} bit`])),
    ),
    energy: some({
      read: picojoules(energy.readPj),
      fill: picojoules(energy.fillPj),
      update: picojoules(energy.updatePj),
      leak: energy.leakPjPerCycle === 0 ? undefined : `${energy.leakPjPerCycle} pJ/cycle`,
      address_generation: picojoules(energy.addressGenerationPj),
      temporal_reduction: picojoules(energy.temporalReductionPj),
    }),
    bandwidth: some({
      read: rate(bandwidth.read),
      write: rate(bandwidth.write),
      shared: rate(bandwidth.shared),
    }),
    drain_reads: memory.drainReads || undefined,
    rmw_first_update: memory.rmwFirstUpdate || undefined,
    power_gating: memory.powerGating || undefined,
    area: memory.areaUm2 === 0 ? undefined : `${memory.areaUm2} um2`,
  });
}

/** Neither key: everything may be kept. */
function keeping({ keep, mayKeep }: Memory): object {
  if (keep.length === 0 && mayKeep.length === 1 && mayKeep[0] === 'all') return {};
  return { keep: [...keep], ...(mayKeep.length > 0 && { may_keep: [...mayKeep] }) };
}

function arrayEntry(array: Fanout): object {
  const { energy, latency } = array;
  const cycles = (count: number): string | undefined => (count === 0 ? undefined : `${count} cycles`);
  return present({
    array: array.name,
    x: array.x,
    y: array.y,
    multicast: array.multicast ? undefined : false,
    spatial_reduction: array.spatialReduction ? undefined : false,
    halo_multicast: array.haloMulticast || undefined,
    temporal_reuse: array.temporalReuse ? undefined : false,
    energy: some({
      hop: picojoules(energy.hopPj),
      router: picojoules(energy.routerPj),
      ingress: picojoules(energy.ingressPj),
      spatial_reduction: picojoules(energy.spatialReductionPj),
    }),
    latency: some({ fill: cycles(latency.fillCycles), drain: cycles(latency.drainCycles) }),
    area: array.areaUm2 === 0 ? undefined : `${array.areaUm2} um2`,
  });
}

function computeEntry(compute: Compute): object {
  return present({
    compute: compute.name,
    energy: picojoules(compute.energyPj),
    leak: compute.leakPjPerCycle === 0 ? undefined : `${compute.leakPjPerCycle} pJ/cycle`,
    power_gating: compute.powerGating || undefined,
    area: compute.areaUm2 === 0 ? undefined : `${compute.areaUm2} um2`,
  });
}

function picojoules(energy: number): string | undefined {
  return energy === 0 ? undefined : `${energy} pJ`;
}

function present(entries: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

function some(entries: Readonly<Record<string, unknown>>): object | undefined {
  const kept = present(entries);
  return Object.keys(kept).length === 0 ? undefined : kept;
}
