/** A mapspace with its keep choices made: fixed stations, open loops. Loop order and factors are still free. */
import type { Station } from '../mapping/mapping.ts';
import type { Level, Mapspace, MemoryLevel } from './mapspace.ts';
import { countOrders, orders, randomOrder } from './order.ts';
import type { Random } from './random.ts';
import type { Slot, Structure, StructureItem } from './structure.ts';

/** A loop whose factor is open, and the level it belongs to. */
export interface Cell extends Slot {
  readonly level: number;
}

export interface Frame {
  readonly space: Mapspace;
  /** By level: index into a memory's `keeps`; 0 for arrays. */
  readonly choice: readonly number[];
  /** By level: the station of a memory that keeps something. */
  readonly stations: readonly (Station | undefined)[];
  /** Outermost first; within a memory in no particular order. */
  readonly cells: readonly Cell[];
  /** By level: its cells. */
  readonly cellsOfLevel: readonly (readonly number[])[];
}

/** By level: the dimensions of a memory's loops, outermost first; unused for arrays and idle memories. */
export type LoopOrder = readonly (readonly number[])[];

/** A structure and, slot by slot, the cell whose factor stands there. */
export interface Arrangement {
  readonly structure: Structure;
  readonly cellOfSlot: Int32Array;
}

export function frameOf(space: Mapspace, choice: readonly number[]): Frame {
  const stations = space.levels.map((level, l): Station | undefined => {
    if (level.kind === 'array' || level.keeps[choice[l]].length === 0) return undefined;
    return { kind: 'station', memory: level.memory, tensors: level.keeps[choice[l]] };
  });
  const cells = space.levels.flatMap((level, l) =>
    level.kind === 'array' || stations[l] ? level.slots.map((slot): Cell => ({ ...slot, level: l })) : [],
  );
  return withCells({ space, choice, stations }, cells);
}

/** A frame with other cells. */
export function withCells(frame: Omit<Frame, 'cells' | 'cellsOfLevel'>, cells: readonly Cell[]): Frame {
  const cellsOfLevel = frame.space.levels.map((_, l) =>
    cells.flatMap((cell, c) => (cell.level === l ? [c] : [])),
  );
  return { ...frame, cells, cellsOfLevel };
}

/** The frame of every combination of keep choices. */
export function* frames(space: Mapspace): Generator<Frame> {
  for (const choice of combinations(space.levels.map((level) => keepCount(level)))) {
    yield frameOf(space, choice);
  }
}

export function randomFrame(space: Mapspace, random: Random): Frame {
  return frameOf(space, randomChoice(space, random));
}

/** Each memory's keep list drawn by itself, all the same. */
export function randomChoice(space: Mapspace, random: Random): number[] {
  return space.levels.map((level) => (level.kind === 'memory' ? random.below(level.keeps.length) : 0));
}

/** Every loop order of a frame, loops of bound 1 included. */
export function* loopOrders(frame: Frame): Generator<LoopOrder> {
  const choices = frame.space.levels.map((level, l) =>
    level.kind === 'memory' && frame.stations[l] ? [...orders(loopDims(level), level.before)] : [[]],
  );
  for (const picks of combinations(choices.map((list) => list.length))) {
    yield picks.map((pick, l) => choices[l][pick]);
  }
}

export function randomLoopOrder(frame: Frame, random: Random): number[][] {
  return frame.space.levels.map((level, l) =>
    level.kind === 'memory' && frame.stations[l] ? randomOrder(loopDims(level), level.before, random) : [],
  );
}

/** Number of orders of one memory's loops. */
export function orderCount(level: MemoryLevel): bigint {
  return countOrders(loopDims(level), level.before);
}

/** Where each tensor lives: the outermost memory's station, then those of memories with residents. They begin every nest. */
export function homeStations({ homes }: Mapspace): Station[] {
  const others = [...new Set(homes.filter((home) => home > 0))].toSorted((a, b) => a - b);
  return [0, ...others].map((memory) => ({
    kind: 'station',
    memory,
    tensors: homes.flatMap((home, tensor) => (home === memory ? [tensor] : [])),
  }));
}

/** The structure with the given loop order, which lists every dimension that has a cell. */
export function arrange(frame: Frame, order: LoopOrder): Arrangement {
  const items: StructureItem[] = [];
  const cellOfSlot: number[] = [];
  frame.cellsOfLevel.forEach((own, l) => {
    const station = frame.stations[l];
    if (station) items.push(...(l === 0 ? homeStations(frame.space) : [station]));
    for (const cell of arrangedCells(frame, own, order[l])) {
      items.push(frame.cells[cell]);
      cellOfSlot.push(cell);
    }
  });
  return { structure: { items }, cellOfSlot: Int32Array.from(cellOfSlot) };
}

/** A memory's cells in loop order; an array's as they are. */
function arrangedCells(frame: Frame, own: readonly number[], dims: readonly number[]): readonly number[] {
  if (own.length === 0 || frame.cells[own[0]].fanout >= 0) return own;
  return dims.map((dim) => own.find((cell) => frame.cells[cell].dim === dim) as number);
}

/** Every structure of the space, each once. */
export function* structures(space: Mapspace): Generator<Structure> {
  for (const frame of frames(space)) {
    for (const order of loopOrders(frame)) yield arrange(frame, order).structure;
  }
}

/** All index vectors below the given counts, the last index fastest. */
export function* combinations(counts: readonly number[]): Generator<number[]> {
  const picks = counts.map(() => 0);
  if (counts.includes(0)) return;
  for (;;) {
    yield [...picks];
    const at = picks.findLastIndex((pick, i) => pick + 1 < counts[i]);
    if (at < 0) return;
    picks[at]++;
    picks.fill(0, at + 1);
  }
}

function keepCount(level: Level): number {
  return level.kind === 'memory' ? level.keeps.length : 1;
}

function loopDims(level: MemoryLevel): number[] {
  return level.slots.map((slot) => slot.dim);
}
