/** Draws a mapping as a loop nest, a memory per block, with the words of its tiles. */
import type { Architecture } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import type { Einsum } from '../workload/einsum.ts';
import { tileWords } from '../workload/einsum.ts';
import type { Loop, Mapping, Station } from './mapping.ts';

/** The nest, outermost first: `for` runs in time, `parallel_for` side by side on the array named behind `#`. */
export function drawNest(mapping: Mapping, arch: Architecture, einsum: Einsum): string {
  const blocks: string[][] = [];
  const extents = einsum.dims.map(({ bound }) => bound);
  let depth = 0;
  for (const item of mapping.nest) {
    if (item.kind === 'station') blocks.push([header(item, arch, einsum, extents)]);
    else {
      extents[item.dim] /= item.factor;
      blocks.at(-1)?.push(`| ${'  '.repeat(depth++)}${loopLine(item, arch, einsum)}`);
    }
  }
  blocks.at(-1)?.push(`| ${'  '.repeat(depth)}${arch.compute.name}`);
  return layOut(blocks);
}

function header(station: Station, arch: Architecture, einsum: Einsum, extents: readonly number[]): string {
  const tiles = station.tensors.map((t) => {
    const tensor = einsum.tensors[t];
    return `${tensor.name}:${tileWords(tensor, extents)}`;
  });
  return `${memories(arch)[station.memory].name} [ ${[...tiles, ']'].join(' ')}`;
}

function loopLine(loop: Loop, arch: Architecture, einsum: Einsum): string {
  const range = `${einsum.dims[loop.dim].name} in [0:${loop.factor})`;
  if (loop.kind === 'for') return `for ${range}`;
  return `parallel_for ${range}\t# ${fanouts(arch)[loop.fanout].name} ${loop.axis}`;
}

/** Rules under the headers, notes behind tabs in one column, an empty line between blocks. */
function layOut(blocks: readonly (readonly string[])[]): string {
  const rule = '-'.repeat(Math.max(...blocks.map(([first]) => first.length)));
  const column = Math.max(...blocks.flat().map((line) => line.indexOf('\t'))) + 2;
  const aligned = (line: string): string => {
    const [code, note] = line.split('\t');
    return note === undefined ? code : `${code.padEnd(column)}${note}`;
  };
  return blocks.map(([first, ...lines]) => [first, rule, ...lines.map(aligned)].join('\n')).join('\n\n');
}
