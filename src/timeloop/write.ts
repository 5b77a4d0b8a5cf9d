/** Our architectures, layers and mappings as the YAML files Timeloop reads. */
import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
import type { Architecture, Fanout, Memory } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import type { Mapping, SpatialLoop, TemporalLoop } from '../mapping/mapping.ts';
import { InputError } from '../spec/errors.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Diagnostic } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Level } from './levels.ts';
import { levelsOf, unshared } from './levels.ts';
import { writeConstraints } from './write-constraints.ts';

/** All sections of one file. */
export function timeloopToYaml(arch: Architecture, einsum?: Einsum, mapping?: Mapping): string {
  return toText({
    ...architectureSection(arch),
    ...(einsum && problemSection(einsum)),
    ...(einsum && mapping && { mapping: mappingSection(arch, einsum, mapping) }),
    ...tableSections(arch),
  });
}

/** All sections a search needs, and the rules that Timeloop has no form for. */
export function timeloopSearchToYaml(
  arch: Architecture,
  einsum: Einsum,
  rules: Constraints,
): { readonly text: string; readonly leftOut: readonly Diagnostic[] } {
  const { targets, leftOut } = writeConstraints(arch, einsum, rules, dimensionLetters(einsum));
  const text = toText({
    ...architectureSection(arch),
    ...problemSection(einsum),
    architecture_constraints: { targets },
    ...tableSections(arch),
  });
  return { text, leftOut };
}

/** The mapping alone, for a Timeloop run that has the other files. */
export function timeloopMappingToYaml(arch: Architecture, einsum: Einsum, mapping: Mapping): string {
  return toText({ mapping: mappingSection(arch, einsum, mapping) });
}

function toText(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Collection: (_, node) => {
      if ((isMap(node) || isSeq(node)) && isFlat(node)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function isFlat(node: { readonly items: readonly unknown[] }): boolean {
  return node.items.every((item) => {
    const value =
      typeof item === 'object' && item !== null && 'value' in item && 'key' in item ? item.value : item;
    return isScalar(value) || (isSeq(value) && value.items.every(isScalar));
  });
}

function architectureSection(arch: Architecture): object {
  let mesh = { meshX: 1, meshY: 1 };
  const local: object[] = [];
  const component = (name: string, className: string, attributes: object): void => {
    const copies = mesh.meshX * mesh.meshY;
    local.push({
      name: copies > 1 ? `${name}[0..${copies - 1}]` : name,
      class: className,
      attributes: { ...attributes, ...mesh },
    });
  };
  for (const { name, memory, array } of levelsOf(arch)) {
    const fanout = array === undefined ? undefined : fanouts(arch)[array];
    const own = memory === undefined ? undefined : memories(arch)[memory];
    component(name, own ? className(own) : 'dummy_storage', {
      ...memoryAttributes(own),
      ...networkAttributes(fanout),
    });
    if (fanout) mesh = { meshX: mesh.meshX * fanout.x, meshY: mesh.meshY * fanout.y };
  }
  component(arch.compute.name, 'intmac', {});
  const attributes = { global_cycle_seconds: 1 / arch.clockHz };
  return { architecture: { version: 0.4, subtree: [{ name: 'system', attributes, local }] } };
}

function className({ words }: Memory): string {
  return words === Infinity ? 'DRAM' : 'SRAM';
}

function memoryAttributes(memory: Memory | undefined): object {
  if (!memory) return { depth: 1, width: 1, datawidth: 1, cluster_size: 1 };
  const { words, wordBits, blockSize, multipleBuffering, minUtilization, bandwidth } = memory;
  return {
    ...(words !== Infinity && { entries: words }),
    word_bits: wordBits,
    block_size: blockSize,
    cluster_size: 1,
    width: wordBits * blockSize,
    ...(multipleBuffering !== 1 && { multiple_buffering: multipleBuffering }),
    ...(minUtilization !== 0 && { min_utilization: minUtilization }),
    ...(bandwidth.read !== Infinity && { read_bandwidth: bandwidth.read }),
    ...(bandwidth.write !== Infinity && { write_bandwidth: bandwidth.write }),
    ...(bandwidth.shared !== Infinity && { shared_bandwidth: bandwidth.shared }),
    addr_gen_energy: memory.energy.addressGenerationPj,
    reduction_supported: true,
  };
}

function networkAttributes(fanout: Fanout | undefined): object {
  if (!fanout) return {};
  const { hopPj, routerPj } = fanout.energy;
  const { fillCycles, drainCycles } = fanout.latency;
  return {
    energy_per_hop: hopPj,
    router_energy: routerPj,
    ...(fillCycles > 0 && { network_fill_latency: fillCycles }),
    ...(drainCycles > 0 && { network_drain_latency: drainCycles }),
  };
}

function tableSections(arch: Architecture): object {
  const actions = (energies: Readonly<Record<string, number>>): object[] =>
    Object.entries(energies).map(([name, energy]) => ({ name, arguments: {}, energy }));
  const energies = memories(arch).map(({ name, energy }) => ({
    name: `system.${name}`,
    actions: actions({
      read: energy.readPj,
      write: energy.fillPj,
      update: energy.updatePj,
      leak: energy.leakPjPerCycle,
    }),
  }));
  const areas = [...memories(arch), arch.compute].map(({ name, areaUm2 }) => ({
    name: `system.${name}`,
    area: areaUm2,
  }));
  const compute = {
    name: `system.${arch.compute.name}`,
    actions: actions({ compute: arch.compute.energyPj }),
  };
  return { ERT: { version: 0.4, tables: [...energies, compute] }, ART: { version: 0.4, tables: areas } };
}

/** Timeloop's dimensions have one letter: names that have more get the first letter that is free. */
export function dimensionLetters(einsum: Einsum): string[] {
  const taken = new Set(einsum.dims.map(({ name }) => name).filter((name) => name.length === 1));
  return einsum.dims.map(({ name }) => {
    if (name.length === 1) return name;
    const letters = [
      ...name.toUpperCase().replace(/[^A-Z]/g, ''),
      ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    ];
    const letter = letters.find((candidate) => !taken.has(candidate));
    if (letter === undefined)
      throw new InputError({ message: `${einsum.name} has more dimensions than there are letters` });
    taken.add(letter);
    return letter;
  });
}

function problemSection(einsum: Einsum): object {
  const letters = dimensionLetters(einsum);
  const coefficients = new Map<number, string>();
  for (const { coefficient } of einsum.tensors.flatMap(({ ranks }) => ranks.flat())) {
    if (coefficient !== 1)
      coefficients.set(coefficient, `Coefficient${coefficient < 0 ? 'Minus' : ''}${Math.abs(coefficient)}`);
  }
  const spaces = einsum.tensors.map(({ name, role, ranks }) => ({
    name,
    projection: ranks.map((rank) =>
      rank.map(({ dim, coefficient }) =>
        [letters[dim], coefficients.get(coefficient)].filter((part) => part !== undefined),
      ),
    ),
    ...(role === 'outputs' && { read_write: true }),
  }));
  const named = [...coefficients].map(([value, name]) => ({ name, default: value }));
  return {
    problem: {
      version: 0.4,
      shape: { name: einsum.name, dimensions: letters, data_spaces: spaces, coefficients: named },
      instance: Object.fromEntries(einsum.dims.map(({ bound }, dim) => [letters[dim], bound])),
    },
  };
}

/** Throws `InputError` for nests that Timeloop cannot state: a memory held twice, or loops where it has no place. */
function mappingSection(arch: Architecture, einsum: Einsum, mapping: Mapping): object[] {
  const letters = dimensionLetters(einsum);
  const names = einsum.tensors.map(({ name }) => name);
  const blocks = placeLoops(arch, mapping);
  return levelsOf(arch)
    .map((level, i) => ({ level, ...blocks[i] }))
    .toReversed()
    .flatMap(({ level: { name, memory, array }, tensors, temporal, x, y }) => [
      {
        target: name,
        type: 'bypass',
        keep: names.filter((_, t) => tensors.includes(t)),
        bypass: names.filter((_, t) => !tensors.includes(t)),
      },
      ...(array === undefined
        ? []
        : [{ ...spatialDirective(name, x, y, letters), ...unshared(fanouts(arch)[array], einsum) }]),
      {
        target: name,
        type: 'temporal',
        ...factors(temporal, letters),
        ...(memory !== undefined && rereading(memories(arch)[memory], einsum)),
      },
    ]);
}

function rereading({ rmwFirstUpdate }: Memory, { tensors }: Einsum): object {
  const results = tensors.filter(({ role }) => role === 'outputs').map(({ name }) => name);
  return rmwFirstUpdate ? { rmw_first_update: results } : {};
}

function spatialDirective(
  target: string,
  x: readonly SpatialLoop[],
  y: readonly SpatialLoop[],
  letters: readonly string[],
): object {
  // Dimensions that are not listed follow, on Y: they have one iteration.
  return {
    target,
    type: 'spatial',
    ...factors([...y, ...x], letters),
    split: new Set(x.map(({ dim }) => dim)).size,
  };
}

/** Loops outermost first become factors and a permutation, innermost first. */
function factors(loops: readonly (TemporalLoop | SpatialLoop)[], letters: readonly string[]): object {
  const inward = loops.toReversed();
  const order = [...new Set(inward.map(({ dim }) => dim))];
  const rest = letters.flatMap((_, dim) => (order.includes(dim) ? [] : [dim]));
  const bound = (dim: number): number =>
    loops.reduce((product, loop) => (loop.dim === dim ? product * loop.factor : product), 1);
  return {
    factors: letters.map((letter, dim) => `${letter}=${bound(dim)}`).join(' '),
    permutation: [...order, ...rest].map((dim) => letters[dim]).join(''),
  };
}

interface Placed {
  tensors: readonly number[];
  readonly temporal: TemporalLoop[];
  readonly x: SpatialLoop[];
  readonly y: SpatialLoop[];
}

/** Goes down the levels with the nest: at each, a station, then temporal loops, then those of the array. */
function placeLoops(arch: Architecture, mapping: Mapping): Placed[] {
  const levels = levelsOf(arch);
  const placed = levels.map((): Placed => ({ tensors: [], temporal: [], x: [], y: [] }));
  const held = mapping.nest.flatMap((item) => (item.kind === 'station' ? [item.memory] : []));
  const twice = held.find((memory, i) => held.indexOf(memory) !== i);
  if (twice !== undefined) refuse(`${memories(arch)[twice].name} starts to hold tensors at two places`);
  let at = 0;
  let spread = false;
  for (const item of mapping.nest) {
    if (item.kind === 'for') {
      if (spread || repeats(placed[at].temporal, item)) at = levelAfter(levels, at, held);
      spread = false;
      placed[at].temporal.push(item);
      continue;
    }
    const target = levels.findIndex(({ memory, array }) =>
      item.kind === 'station' ? memory === item.memory : array === item.fanout,
    );
    if (target < at) refuse('its loops and memories are not in the order of the hardware');
    at = target;
    if (item.kind === 'station') placed[at].tensors = item.tensors;
    else placed[at][item.axis].push(item);
    spread = item.kind === 'parallel';
  }
  return placed;
}

/** One level's block has each dimension once. */
function repeats(block: readonly TemporalLoop[], { dim }: TemporalLoop): boolean {
  return block.length > 0 && block[block.length - 1].dim !== dim && block.some((loop) => loop.dim === dim);
}

/** Where more loops go: a level further in that holds nothing. */
function levelAfter(levels: readonly Level[], at: number, held: readonly number[]): number {
  const next = levels[at + 1];
  if (next && (next.memory === undefined || !held.includes(next.memory))) return at + 1;
  return refuse(
    `between ${levels[at].name} and ${next?.name ?? 'the compute units'} is no level for its temporal loops`,
  );
}

function refuse(reason: string): never {
  throw new InputError({ message: `Timeloop has no form for this mapping: ${reason}` });
}
