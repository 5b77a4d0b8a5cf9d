/** The best mappings so far, against which the kernel cuts: one value, or the points of a front. */
import type { Engine } from './engine.ts';
import { header } from './pool.ts';
import type { TraceStep } from './trace.ts';
import { readTrace } from './trace.ts';

/**
 * How a mapping was reached: its chain, or its place among those another thread was given; undefined for what is known
 * from elsewhere.
 */
export type Origin = readonly TraceStep[] | number | undefined;

/** Never changed: the same object means that nothing better was found. */
export interface Incumbent {
  /** In the objective's unit; Infinity for none, and for the front. */
  readonly value: number;
  /** Of the front by ascending cycles: energy in pJ and cycles of each point in turn. */
  readonly points: Float64Array;
  /** Of the value, or one for each point. */
  readonly origins: readonly Origin[];
}

interface Point {
  readonly energyPj: number;
  readonly cycles: number;
}

/** What is known from elsewhere: a value, or points of which the front is taken. */
export function knownIncumbent(value: number, points: readonly Point[]): Incumbent {
  return frontOf(
    value,
    points.map((point) => ({ ...point, origin: undefined })),
  );
}

/** The better of two of the same search, or the front of both. */
export function joinIncumbents(a: Incumbent, b: Incumbent): Incumbent {
  if (a === b) return a;
  if (a.points.length + b.points.length === 0) return b.value < a.value ? b : a;
  return frontOf(a.value, [...pointsOf(a), ...pointsOf(b)]);
}

/** Makes the kernel cut against an incumbent; points carry their places in it, from 1, instead of a trace. */
export function writeIncumbent(engine: Engine, { value, points }: Incumbent): void {
  const { image, layout: L } = engine;
  const h = header(engine);
  const at = h.readI32('H_FRONT');
  const count = Math.min(points.length / 2, h.readI32('H_FRONT_ROOM'));
  const view = new DataView(image.memory.buffer);
  h.f64('H_BEST_F', value);
  h.i32('H_FRONT_COUNT', count);
  for (let i = 0; i < count; i++) {
    view.setFloat64(at + i * L.FRONT_POINT, points[2 * i], true);
    view.setFloat64(at + i * L.FRONT_POINT + 8, points[2 * i + 1], true);
    view.setUint32(at + i * L.FRONT_POINT + 16, i + 1, true);
  }
}

/** What the kernel has now, before the pool that holds its traces is used again; `before` itself if that stands. */
export function takeIncumbent(engine: Engine, before: Incumbent): Incumbent {
  const h = header(engine);
  if (h.readI32('H_OBJECTIVE') === engine.layout.OBJECTIVE_FRONT) return takeFront(engine, before);
  const value = h.readF64('H_BEST_F');
  if (value >= before.value) return before;
  return { ...before, value, origins: [readTrace(engine, h.readI32('H_BEST_TRACE') >>> 0)] };
}

function takeFront(engine: Engine, before: Incumbent): Incumbent {
  const { image, layout: L } = engine;
  const h = header(engine);
  const at = h.readI32('H_FRONT');
  const view = new DataView(image.memory.buffer);
  const places = Array.from({ length: h.readI32('H_FRONT_COUNT') }, (_, i) => at + i * L.FRONT_POINT);
  const traces = places.map((place) => view.getUint32(place + 16, true));
  const isKnown = (trace: number): boolean => trace <= before.origins.length;
  if (traces.every(isKnown) && traces.length === before.origins.length) return before;
  places.forEach((place, i) => view.setUint32(place + 16, i + 1, true));
  return {
    ...before,
    points: Float64Array.from(
      places.flatMap((place) => [view.getFloat64(place, true), view.getFloat64(place + 8, true)]),
    ),
    origins: traces.map((trace) => (isKnown(trace) ? before.origins[trace - 1] : readTrace(engine, trace))),
  };
}

function pointsOf({ points, origins }: Incumbent): (Point & { origin: Origin })[] {
  return origins.map((origin, i) => ({ energyPj: points[2 * i], cycles: points[2 * i + 1], origin }));
}

function frontOf(value: number, points: readonly (Point & { origin: Origin })[]): Incumbent {
  let least = Infinity;
  const front = points
    .toSorted((a, b) => a.cycles - b.cycles || a.energyPj - b.energyPj)
    .filter(({ energyPj }) => {
      const isBetter = energyPj < least;
      least = Math.min(least, energyPj);
      return isBetter;
    });
  return {
    value,
    points: Float64Array.from(front.flatMap(({ energyPj, cycles }) => [energyPj, cycles])),
    origins: front.map(({ origin }) => origin),
  };
}
