/** The report of a traffic bound: the JSON contract `dse.bound/1`, and the curve as a table. The picture is `bound-svg.ts`. */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { memories, usableWords } from '../arch/architecture.ts';
import type { CurvePoint, TensorShare, TrafficCurve, Treatment } from '../bound/curve.ts';
import { pointAt } from '../bound/curve.ts';
import { knees } from '../bound/knees.ts';
import type { MappingFile } from '../mapping/file.ts';
import { mappingToJson } from '../mapping/write.ts';
import { packageVersion } from '../version.ts';
import { macs } from '../workload/einsum.ts';
import { count, significant } from './format.ts';
import { einsumReport } from './json.ts';
import type { EinsumReport } from './json.ts';
import { renderTable } from './table.ts';
import type { Column, TableOptions } from './table.ts';

/** What `dse bound --json` prints; schema in `schemas/dse.bound-1.schema.json`. */
export interface BoundReport {
  readonly schema: 'dse.bound/1';
  readonly layer: string;
  /** Absent for the plain two-memory machine, whose elements are one word each. */
  readonly arch?: string;
  readonly store: MemoryReport;
  readonly buffer: MemoryReport;
  readonly einsum: EinsumReport;
  /** By tensor name: kept by the buffer, streamed at every MAC, or counted once since another memory may hold it. */
  readonly tensors: Readonly<Record<string, Treatment>>;
  /** No buffer of any size has less traffic. */
  readonly compulsoryWords: number;
  /** MACs per compulsory word: the layer's greatest operational intensity. */
  readonly maxMacsPerWord: number;
  /** By ascending buffer and descending traffic; each holds until the next. */
  readonly points: readonly PointReport[];
  /** What the architecture's buffer allows; absent without one, or where it is unlimited. */
  readonly capacity?: CapacityReport;
  /** Tiles looked at, each with every loop order. */
  readonly tiles: number;
  readonly seconds: number;
  readonly version: string;
}

export interface MemoryReport {
  readonly name: string;
  /** Bits of the words it is measured in; absent for the plain machine. */
  readonly wordBits?: number;
}

export interface PointReport {
  readonly bufferWords: number;
  readonly trafficWords: number;
  readonly macsPerWord: number;
  readonly knee: boolean;
  /** Extents by dimension. */
  readonly tile: Readonly<Record<string, number>>;
  /** Dimensions of the loops outside the tile, outermost first. */
  readonly loops: readonly string[];
  /** By tensor name. */
  readonly tensors: Readonly<Record<string, TensorShare>>;
  /** For the machine of `store` and `buffer`. */
  readonly mapping: MappingFile;
}

export interface CapacityReport {
  readonly usableWords: number;
  /** Index of the point in force, and its traffic; null if no tile fits. */
  readonly point: number | null;
  readonly trafficWords: number | null;
}

/** Where the curve's buffer stands, if it was taken from an architecture, and how long the curve took. */
export interface BoundSource {
  readonly arch?: Architecture;
  readonly buffer?: Memory;
  readonly seconds: number;
}

export function boundReport(curve: TrafficCurve, { arch, buffer, seconds }: BoundSource): BoundReport {
  const { einsum, machine, treatment, compulsoryWords } = curve;
  const [store, inner] = memories(machine).map(({ name, wordBits }): MemoryReport => ({
    name,
    ...(arch && { wordBits }),
  }));
  const bent = knees(curve.points);
  return {
    schema: 'dse.bound/1',
    layer: einsum.name,
    ...(arch && { arch: arch.name }),
    store,
    buffer: inner,
    einsum: einsumReport(einsum),
    tensors: Object.fromEntries(einsum.tensors.map(({ name }, t) => [name, treatment[t]])),
    compulsoryWords,
    maxMacsPerWord: macs(einsum) / compulsoryWords,
    points: curve.points.map((point) => pointReport(curve, point, bent.includes(point))),
    ...(buffer && capacityReport(curve, usableWords(buffer))),
    tiles: curve.tiles,
    seconds,
    version: packageVersion(),
  };
}

function pointReport({ einsum, machine }: TrafficCurve, point: CurvePoint, knee: boolean): PointReport {
  const { bufferWords, trafficWords, macsPerWord, tile, order, tensors, mapping } = point;
  return {
    bufferWords,
    trafficWords,
    macsPerWord,
    knee,
    tile: Object.fromEntries(einsum.dims.map(({ name }, d) => [name, tile[d]])),
    loops: order.map((dim) => einsum.dims[dim].name),
    tensors: Object.fromEntries(einsum.tensors.map(({ name }, t) => [name, tensors[t]])),
    mapping: mappingToJson(mapping, machine, einsum),
  };
}

function capacityReport(curve: TrafficCurve, usable: number): Pick<BoundReport, 'capacity'> {
  if (usable === Infinity) return {};
  const point = pointAt(curve, usable);
  const index = point ? curve.points.indexOf(point) : null;
  return { capacity: { usableWords: usable, point: index, trafficWords: point?.trafficWords ?? null } };
}

/** The curve: a row a doubling of the buffer, the knees, the architecture's buffer and the end; or every point. */
export function renderBound(report: BoundReport, options: TableOptions, all = false): string {
  const shown = all ? report.points : report.points.filter((_, i) => isTold(report, i));
  const columns: Column<PointReport>[] = [
    { header: 'buffer words', align: 'right', cell: ({ bufferWords }) => count(bufferWords) },
    { header: 'traffic words', align: 'right', cell: ({ trafficWords }) => count(trafficWords) },
    { header: 'x floor', align: 'right', cell: (point) => timesFloor(report, point.trafficWords) },
    { header: 'MACs/word', align: 'right', cell: ({ macsPerWord }) => significant(macsPerWord) },
    { header: '', align: 'left', cell: (point) => remarks(report, point).join(', ') },
    { header: 'tile', align: 'left', expendable: 1, cell: tileText },
    { header: 'loops outside', align: 'left', expendable: 2, cell: (point) => loopText(report, point) },
  ];
  const marked = ({ knee }: PointReport): ((line: string) => string) =>
    knee ? options.style.bold : (line) => line;
  return renderTable(columns, shown, options, marked);
}

/** The first and last points, those worth a remark, and the best at each power of two. */
function isTold(report: BoundReport, i: number): boolean {
  const next = report.points[i + 1];
  if (i === 0 || !next || remarks(report, report.points[i]).length > 0) return true;
  const doubling = 2 ** (Math.ceil(Math.log2(next.bufferWords)) - 1);
  return doubling >= report.points[i].bufferWords;
}

function remarks({ points, capacity, buffer, compulsoryWords }: BoundReport, point: PointReport): string[] {
  const inForce = capacity && capacity.point !== null && points[capacity.point] === point;
  return [
    ...(point.knee ? ['knee'] : []),
    ...(inForce ? [buffer.name] : []),
    ...(point.trafficWords === compulsoryWords ? ['floor'] : []),
  ];
}

/** Extents above 1. */
function tileText({ tile }: PointReport): string {
  const extents = Object.entries(tile).filter(([, extent]) => extent > 1);
  return extents.length > 0 ? extents.map(([name, extent]) => `${name}=${extent}`).join(' ') : '1';
}

function loopText({ einsum }: BoundReport, { loops, tile }: PointReport): string {
  return loops.map((name) => `${name}=${einsum.dims[name] / tile[name]}`).join(' ');
}

function timesFloor({ compulsoryWords }: BoundReport, words: number): string {
  return significant(words / compulsoryWords, 3);
}

/** What the curve says in words: the floor, where it is reached, the knees' meaning, the architecture's buffer. */
export function renderBoundSummary(report: BoundReport, { style }: TableOptions): string {
  const lines: readonly (readonly [string, string])[] = [
    ['floor', floorText(report)],
    ['reached', reachedText(report)],
    ...(report.capacity ? [[report.buffer.name, capacityText(report)] as const] : []),
    ...tensorLines(report),
    ['proof', proofText(report)],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${style.bold(name.padEnd(width))}  ${value}`).join('\n');
}

function proofText({ tiles, points }: BoundReport): string {
  const plural = points.length === 1 ? '' : 's';
  return `all ${count(tiles)} tiles, each in its best loop order: ${count(points.length)} point${plural}`;
}

function floorText({ compulsoryWords, maxMacsPerWord, einsum }: BoundReport): string {
  const intensity = `at most ${significant(maxMacsPerWord)} MACs per word`;
  return `${count(compulsoryWords)} words for ${count(einsum.macs)} MACs, whatever the buffer: ${intensity}`;
}

function reachedText(report: BoundReport): string {
  const { trafficWords, bufferWords } = report.points[report.points.length - 1];
  if (trafficWords === report.compulsoryWords) return `with ${count(bufferWords)} words of buffer`;
  return `never; ${count(trafficWords)} words with ${count(bufferWords)} words of buffer or more`;
}

function capacityText(report: BoundReport): string {
  const { usableWords: usable, trafficWords } = report.capacity as CapacityReport;
  if (trafficWords === null) return `${count(usable)} words: too small for any tile`;
  const intensity = significant(report.einsum.macs / trafficWords);
  return (
    `${count(usable)} words: at least ${count(trafficWords)} words of traffic, ` +
    `${timesFloor(report, trafficWords)} x the floor, ${intensity} MACs per word`
  );
}

/** Only tensors the buffer does not keep need a word. */
function tensorLines({ tensors, buffer }: BoundReport): (readonly [string, string])[] {
  const text = { streamed: 'a word at every MAC', once: 'each word once: another memory may hold it' };
  return Object.entries(tensors).flatMap(([name, treatment]) =>
    treatment === 'kept' ? [] : [[name, `not in ${buffer.name}, ${text[treatment]}`] as const],
  );
}
