/** The hierarchy as text, one block a node, deeper under each array. Numbers of the architecture only, no mapping. */
import {
  type Architecture,
  type Compute,
  type Fanout,
  type Memory,
  computeUnits,
  instances,
  usableWords,
} from './architecture.ts';

/**
 * A drawing such as
 *
 *     GLB  55296 16-bit words (108 KB)
 *     │  keeps inputs, outputs
 *     │  read 12, fill 12, update 12 pJ per word
 *     │
 *     ╘═ PE  14 × 12 = 168 copies
 *        │  multicast, spatial reduction
 */
export function drawArchitecture(arch: Architecture): string {
  const lines: string[] = [
    `${arch.name}  ${frequency(arch.clockHz)}, ${count(computeUnits(arch), 'compute unit')}`,
    '',
  ];
  let indent = '';
  arch.nodes.forEach((node, position) => {
    const copies = instances(arch, position);
    if (node.kind === 'memory') {
      lines.push(`${indent}${node.name}${times(copies)}  ${size(node)}`);
      lines.push(...block(indent, memoryDetails(node, position === 0)));
    } else {
      lines.push(`${indent}╘═ ${node.name}${times(copies)}  ${shape(node)}`);
      indent += '   ';
      lines.push(...block(indent, arrayDetails(node)));
    }
  });
  lines.push(`${indent}${arch.compute.name}${times(computeUnits(arch))}  ${computeDetails(arch.compute)}`);
  return lines.join('\n');
}

/** Details beside the line that leads down to the next node. */
function block(indent: string, details: readonly string[]): string[] {
  return [...details.map((detail) => `${indent}│  ${detail}`), `${indent}│`];
}

function memoryDetails(memory: Memory, outermost: boolean): string[] {
  const { readPj, fillPj, updatePj, leakPjPerCycle } = memory.energy;
  const per = memory.blockSize === 1 ? 'word' : `block of ${number(memory.blockSize)} words`;
  const energies = [named('read', readPj), named('fill', fillPj), named('update', updatePj)].join(', ');
  return [
    outermost ? 'keeps every tensor' : keeps(memory),
    `${energies} pJ per ${per}${leakPjPerCycle > 0 ? `; leaks ${number(leakPjPerCycle)} pJ/cycle` : ''}`,
    ...bandwidth(memory),
  ];
}

function size(memory: Memory): string {
  const width = `${number(memory.wordBits)}-bit words`;
  if (memory.words === Infinity) return `unlimited, ${width}`;
  const usable = usableWords(memory);
  const buffered = usable === memory.words ? '' : `, ${number(usable)} usable (multiple buffering)`;
  return `${number(memory.words)} ${width} (${bytes((memory.words * memory.wordBits) / 8)})${buffered}`;
}

function keeps({ keep, mayKeep }: Memory): string {
  const parts = [
    ...(keep.length > 0 ? [`keeps ${keep.join(', ')}`] : []),
    ...(mayKeep.length > 0 ? [`may keep ${mayKeep.join(', ')}`] : []),
  ];
  return parts.join('; ') || 'keeps nothing';
}

function bandwidth(memory: Memory): string[] {
  const limits = Object.entries(memory.bandwidth).filter(([, words]) => words !== Infinity);
  if (limits.length === 0) return [];
  return [`${limits.map(([port, words]) => named(port, words)).join(', ')} words/cycle`];
}

function shape({ x, y }: Fanout): string {
  return y === 1
    ? `${count(x, 'copies', 'copies')}`
    : `${number(x)} × ${number(y)} = ${count(x * y, 'copies', 'copies')}`;
}

function arrayDetails({
  multicast,
  spatialReduction,
  haloMulticast,
  temporalReuse,
  energy,
}: Fanout): string[] {
  const sharing = [
    multicast ? 'multicast' : 'no multicast',
    spatialReduction ? 'spatial reduction' : 'no spatial reduction',
    ...(haloMulticast ? ['shares halos'] : []),
    ...(temporalReuse ? [] : ['no temporal reuse inside']),
  ].join(', ');
  const energies = Object.entries({
    hop: energy.hopPj,
    router: energy.routerPj,
    ingress: energy.ingressPj,
    reduction: energy.spatialReductionPj,
  }).filter(([, value]) => value > 0);
  if (energies.length === 0) return [sharing];
  return [sharing, `${energies.map(([action, value]) => named(action, value)).join(', ')} pJ per word`];
}

function computeDetails({ energyPj, leakPjPerCycle }: Compute): string {
  const leak = leakPjPerCycle > 0 ? `; leaks ${number(leakPjPerCycle)} pJ/cycle` : '';
  return `${number(energyPj)} pJ per multiply-accumulate${leak}`;
}

function times(copies: number): string {
  return copies === 1 ? '' : ` ×${number(copies)}`;
}

function named(name: string, value: number): string {
  return `${name} ${number(value)}`;
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

function frequency(hertz: number): string {
  return hertz >= 1e9 ? `${number(hertz / 1e9)} GHz` : `${number(hertz / 1e6)} MHz`;
}

function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${number(value / 1024 ** power)} ${units[power]}`;
}

/** Integers in full, others to four significant digits. */
function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
