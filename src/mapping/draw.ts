/** Draws a mapping as a loop nest, a memory per block, with the words of its tiles. */
import type { Architecture } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import type { Einsum } from '../workload/einsum.ts';
import { tileWords } from '../workload/einsum.ts';
import type { Loop, Mapping } from './mapping.ts';

/** A memory's tiles, and the loops that run inside them. */
export interface NestBlock {
  readonly memory: string;
  /** One for each tensor that is kept here; words of one instance. */
  readonly tiles: readonly { readonly tensor: string; readonly words: number }[];
  /** Outermost first. */
  readonly loops: readonly NestLoop[];
}

export interface NestLoop {
  readonly dim: string;
  readonly factor: number;
  /** Of a loop that runs side by side: the array's name and axis, such as `PE x`. */
  readonly array?: string;
}

/** The nest as blocks, outermost first. */
export function nestBlocks(mapping: Mapping, arch: Architecture, einsum: Einsum): NestBlock[] {
  const blocks: (NestBlock & { readonly loops: NestLoop[] })[] = [];
  const extents = einsum.dims.map(({ bound }) => bound);
  for (const item of mapping.nest) {
    if (item.kind === 'station') {
      const tiles = item.tensors.map((t) => einsum.tensors[t]);
      blocks.push({
        memory: memories(arch)[item.memory].name,
        tiles: tiles.map((tensor) => ({ tensor: tensor.name, words: tileWords(tensor, extents) })),
        loops: [],
      });
    } else {
      extents[item.dim] /= item.factor;
      blocks.at(-1)?.loops.push(nestLoop(item, arch, einsum));
    }
  }
  return blocks;
}

function nestLoop(loop: Loop, arch: Architecture, einsum: Einsum): NestLoop {
  const steps = { dim: einsum.dims[loop.dim].name, factor: loop.factor };
  return loop.kind === 'for' ? steps : { ...steps, array: `${fanouts(arch)[loop.fanout].name} ${loop.axis}` };
}

/** The nest, outermost first: `for` runs in time, `parallel_for` side by side on the array named behind `#`. */
export function drawNest(mapping: Mapping, arch: Architecture, einsum: Einsum): string {
  let depth = 0;
  const indented = (text: string): string => `| ${'  '.repeat(depth)}${text}`;
  const blocks = nestBlocks(mapping, arch, einsum).map(({ memory, tiles, loops }) => {
    const words = tiles.map(({ tensor, words: own }) => `${tensor}:${own}`);
    const lines = loops.map((loop) => {
      const line = indented(loopText(loop));
      depth++;
      return line;
    });
    return [`${memory} [ ${[...words, ']'].join(' ')}`, ...lines];
  });
  blocks.at(-1)?.push(indented(arch.compute.name));
  return layOut(blocks);
}

function loopText({ dim, factor, array }: NestLoop): string {
  const range = `${dim} in [0:${factor})`;
  return array === undefined ? `for ${range}` : `parallel_for ${range}\t# ${array}`;
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
