/**
 * The picture of a mapping on its machine, outermost first: memories as squares of one scale with the tiles that fill
 * them, arrays as grids with the units at work.
 */
import type { Architecture, Fanout, Memory } from '../arch/architecture.ts';
import { fanouts, memories, wordsPerElement } from '../arch/architecture.ts';
import type { Mapping, SpatialLoop } from '../mapping/mapping.ts';
import type { Cost, MemoryCost } from '../model/cost.ts';
import type { Einsum } from '../workload/einsum.ts';
import { brief, compact, count, percent, si } from './format.ts';
import { ADVANCE, FONT, cut, escaped, heading, note, px, svgDocument, textAt } from './svg.ts';

/** A mapping of a layer on a machine, and what it costs there. */
export interface MachineSubject {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly mapping: Mapping;
  readonly cost: Cost;
}

/** Pixels: the picture, its three columns, the largest square or grid, the bar of one instance. */
const WIDTH = 760;
const NAMES = 16;
const SHAPES = 190;
const BARS = 380;
const BAR = { width: WIDTH - BARS - 16, height: 16 };
const LARGEST = 150;
const LEAST = 2;
const ROW = 58;
const GAP = 14;
const LINE = 17;
/** A square or grid is divided into its instances where each has so many pixels. */
const CELL = 4;

/** Of tensors by their place in the Einsum; each with a contrast of 3 to white and to dark pages. */
export const TENSOR_COLOURS = ['#4269d0', '#c27d00', '#3ca951', '#a463f2', '#e0533d', '#1f9a86'];

interface Row {
  readonly height: number;
  readonly draw: (top: number) => readonly string[];
}

/** The whole document, closed by a newline. */
export function drawMachine(subject: MachineSubject): string {
  const { arch, einsum, cost } = subject;
  const side = squareScale(arch, cost);
  const rows = [
    ...arch.nodes.map((node) =>
      node.kind === 'memory' ? memoryRow(subject, node, side) : arrayRow(subject, node),
    ),
    computeRow(subject),
  ];
  const top = 88;
  let bottom = top;
  const drawn = rows.flatMap(({ height, draw }) => {
    const parts = draw(bottom);
    bottom += height + GAP;
    return parts;
  });
  const title = `${einsum.name} on ${arch.name}`;
  const scale = 'Squares: all instances of a memory together, to one scale. Bars: one instance.';
  return svgDocument({
    width: WIDTH,
    height: bottom,
    title,
    description: rowTexts(subject).join(' '),
    parts: [heading(title, NAMES, 26), note(scale, NAMES, 46), ...legend(einsum), ...drawn],
  });
}

function legend({ tensors }: Einsum): string[] {
  let x = NAMES;
  return tensors.flatMap(({ name }, t) => {
    const at = x;
    x += 18 + widthOf(name) + 14;
    return [box(at, 58, 11, 11, colourOf(t)), textAt(name, at + 16, 68)];
  });
}

// ----------------------------------------------------------------------------------------------------------- memory

/** From bits to the side of a square in pixels: the largest memory on the chip, over all instances, is the largest square. */
function squareScale(arch: Architecture, cost: Cost): (bits: number) => number {
  const inner = memories(arch).map(
    (memory, i) => memory.words * memory.wordBits * cost.memories[i].instances,
  );
  const most = Math.max(...inner.slice(1).filter(Number.isFinite));
  return (bits) => Math.max(LEAST, LARGEST * Math.sqrt(bits / most));
}

function memoryRow(subject: MachineSubject, memory: Memory, side: (bits: number) => number): Row {
  const { arch } = subject;
  const at = memories(arch).indexOf(memory);
  const cost = subject.cost.memories[at];
  const bits = memory.words * memory.wordBits * cost.instances;
  const square = at === 0 || bits === Infinity ? 0 : side(bits);
  const height = Math.max(ROW, square);
  return {
    height,
    draw: (top) => {
      const middle = top + height / 2;
      return [
        ...named(memory.name, instancesText(cost), middle),
        ...(square > 0 ? squareOf(subject, memory, cost, square, middle) : offScale(memory, middle)),
        ...barOf(subject, memory, cost, middle),
      ];
    },
  };
}

function instancesText({ instances, utilizedInstances }: MemoryCost): string {
  return instances === 1 ? 'one instance' : `${count(utilizedInstances)} of ${count(instances)} used`;
}

/** Filled from below as far as the tiles of the used instances reach, by area. */
function squareOf(
  { einsum }: MachineSubject,
  memory: Memory,
  cost: MemoryCost,
  side: number,
  middle: number,
): string[] {
  const top = middle - side / 2;
  const used = cost.utilizedInstances / cost.instances;
  let floor = top + side;
  const fills = tiles(einsum, memory, cost).map(({ tensor, words }) => {
    const height = (side * used * words) / memory.words;
    floor -= height;
    return box(SHAPES, floor, side, height, colourOf(tensor));
  });
  const perSide = Math.ceil(Math.sqrt(cost.instances));
  const lines =
    cost.instances > 1 && side / perSide >= CELL ? grid(SHAPES, top, side, side, perSide, perSide) : [];
  return [...fills, ...lines, outline(SHAPES, top, side, side)];
}

function offScale({ words, wordBits }: Memory, middle: number): string[] {
  const size = words === Infinity ? 'unlimited' : si((words * wordBits) / 8, 'B', brief);
  return [note(`${size},`, SHAPES, middle - 3), note('not to scale', SHAPES, middle + LINE - 3)];
}

/** One instance: its tiles and what is left. */
function barOf({ einsum }: MachineSubject, memory: Memory, cost: MemoryCost, middle: number): string[] {
  const held = tiles(einsum, memory, cost);
  const sum = held.reduce((total, { words }) => total + words, 0);
  const capacity = memory.words === Infinity ? sum : memory.words;
  const top = middle - BAR.height;
  let x = BARS;
  const fills = held.map(({ tensor, words }) => {
    const width = capacity > 0 ? (BAR.width * words) / capacity : 0;
    x += width;
    return box(x - width, top, width, BAR.height, colourOf(tensor));
  });
  const about = `${filling(memory, sum)}: ${heldText(einsum, held)}`;
  return [
    ...fills,
    outline(BARS, top, BAR.width, BAR.height),
    note(cut(about, Math.floor((1.1 * BAR.width) / (FONT * ADVANCE))), BARS, middle + LINE),
  ];
}

function filling({ words }: Memory, used: number): string {
  return words === Infinity
    ? `${compact(used)} words`
    : `${percent(used / words)} of ${compact(words)} words`;
}

function heldText({ tensors }: Einsum, held: readonly Tile[]): string {
  if (held.length === 0) return 'nothing kept';
  return held.map(({ tensor, words }) => `${tensors[tensor].name} ${compact(words)}`).join(', ');
}

interface Tile {
  readonly tensor: number;
  /** Memory words of one instance. */
  readonly words: number;
}

function tiles(einsum: Einsum, memory: Memory, cost: MemoryCost): Tile[] {
  return cost.tensors.flatMap(({ kept, tileWords }, tensor) =>
    kept ? [{ tensor, words: tileWords * wordsPerElement(memory, einsum.tensors[tensor]) }] : [],
  );
}

// ------------------------------------------------------------------------------------------------------------ array

function arrayRow(subject: MachineSubject, array: Fanout): Row {
  const cell = Math.min(10, LARGEST / Math.max(array.x, array.y));
  const [width, high] = [array.x * cell, array.y * cell];
  const height = Math.max(ROW, high);
  const [x, y] = [axisUse(subject, array, 'x'), axisUse(subject, array, 'y')];
  return {
    height,
    draw: (top) => {
      const middle = top + height / 2;
      const upper = middle - high / 2;
      return [
        ...named(array.name, `array of ${array.x} x ${array.y}`, middle),
        `<g opacity="0.8">${box(SHAPES, upper, x.used * cell, y.used * cell, 'currentColor')}</g>`,
        ...(cell >= CELL ? grid(SHAPES, upper, width, high, array.x, array.y) : []),
        outline(SHAPES, upper, width, high),
        textAt(axisText(x, array.x, 'across'), BARS, middle - 3),
        ...(array.y > 1 ? [textAt(axisText(y, array.y, 'down'), BARS, middle + LINE - 3)] : []),
      ];
    },
  };
}

interface AxisUse {
  readonly used: number;
  /** `P 7`, outermost first. */
  readonly loops: readonly string[];
}

function axisUse({ arch, einsum, mapping }: MachineSubject, array: Fanout, axis: 'x' | 'y'): AxisUse {
  const at = fanouts(arch).indexOf(array);
  const loops = mapping.nest.filter(
    (item): item is SpatialLoop => item.kind === 'parallel' && item.fanout === at && item.axis === axis,
  );
  return {
    used: loops.reduce((product, { factor }) => product * factor, 1),
    loops: loops.map(({ dim, factor }) => `${einsum.dims[dim].name} ${factor}`),
  };
}

function axisText({ used, loops }: AxisUse, size: number, direction: string): string {
  return `${used} of ${size} ${direction}${loops.length > 0 ? `: ${loops.join(', ')}` : ''}`;
}

function computeRow({ arch, cost }: MachineSubject): Row {
  return {
    height: ROW / 2,
    draw: (top) => [
      ...named(arch.compute.name, `${count(cost.utilizedUnits)} used`, top + ROW / 4),
      textAt(
        `${percent(cost.utilization)} of all units busy, mean of ${count(cost.cycles)} cycles`,
        SHAPES,
        top + ROW / 4 + 4,
      ),
    ],
  };
}

// ------------------------------------------------------------------------------------------------------------ parts

/** What the picture shows, in words. */
function rowTexts(subject: MachineSubject): string[] {
  const { arch, einsum, cost } = subject;
  return arch.nodes.map((node) => {
    if (node.kind === 'array') {
      const [x, y] = [axisUse(subject, node, 'x'), axisUse(subject, node, 'y')];
      return `${node.name}: ${axisText(x, node.x, 'across')}; ${axisText(y, node.y, 'down')}.`;
    }
    const held = tiles(einsum, node, cost.memories[memories(arch).indexOf(node)]);
    return `${node.name}: ${heldText(einsum, held)} of ${brief(node.words)} words.`;
  });
}

function named(name: string, about: string, middle: number): string[] {
  const room = Math.floor((SHAPES - NAMES) / (FONT * ADVANCE));
  return [
    `<g font-weight="600">${textAt(cut(name, room), NAMES, middle - 3)}</g>`,
    note(about, NAMES, middle + LINE - 3),
  ];
}

function box(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${escaped(fill)}"/>`;
}

function outline(x: number, y: number, width: number, height: number): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="none" stroke="currentColor" opacity="0.6"/>`;
}

function grid(x: number, y: number, width: number, height: number, columns: number, rows: number): string[] {
  const across = Array.from(
    { length: columns - 1 },
    (_, i) => `M${px(x + ((i + 1) * width) / columns)} ${px(y)}v${px(height)}`,
  );
  const down = Array.from(
    { length: rows - 1 },
    (_, i) => `M${px(x)} ${px(y + ((i + 1) * height) / rows)}h${px(width)}`,
  );
  return [`<path d="${[...across, ...down].join('')}" stroke="currentColor" opacity="0.25"/>`];
}

function widthOf(text: string): number {
  return text.length * FONT * ADVANCE;
}

function colourOf(tensor: number): string {
  return TENSOR_COLOURS[tensor % TENSOR_COLOURS.length];
}
