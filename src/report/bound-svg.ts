/**
 * The picture of a traffic bound: least traffic against buffer size, both logarithmic, as one SVG document.
 * Text takes `currentColor`, so that the picture suits light and dark pages; labels that find no room are left out.
 */
import type { BoundReport, PointReport } from './bound.ts';
import { brief, compact, significant } from './format.ts';
import { ADVANCE, FONT, cut, heading, note, px, svgDocument, textAt } from './svg.ts';

/** Pixels of the picture, and of the plot in it. */
const WIDTH = 760;
const HEIGHT = 460;
const LEFT = 84;
const RIGHT = WIDTH - 28;
const TOP = 64;
const BOTTOM = HEIGHT - 56;

const LINE = 16;
/** Lines of text that the label of a knee may lie above it. */
const NEAR_ROWS = 4;

const CURVE = '#2f81f7';
const CAPACITY = '#d4731c';

interface Scale {
  readonly from: number;
  readonly to: number;
  readonly pixels: (value: number) => number;
}

/** A rectangle in pixels; a line is one without width or height. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Label {
  readonly text: string;
  readonly box: Box;
}

/** The whole document, closed by a newline. */
export function drawBound(report: BoundReport): string {
  const x = horizontalScale(report);
  const y = verticalScale(report);
  const steps = staircase(report.points, x, y);
  const capacity = capacityLine(report, x);
  const obstacles = [...steps, ...(capacity ? [capacity] : []), floorBox(report, y)];
  const labels = placeLabels(report, x, y, obstacles);
  const parts = [
    ...headings(report),
    ...axes(report, x, y),
    ...floorLine(report, y),
    ...curve(steps),
    ...(capacity ? [dashed(capacity, CAPACITY)] : []),
    ...report.points.filter(({ knee }) => knee).map((point) => dot(point, x, y)),
    ...labels.map(({ text, box }) => textAt(text, box.left, box.bottom - 4)),
  ];
  const [title, description] = [titleOf(report), aboutOf(report)];
  return svgDocument({ width: WIDTH, height: HEIGHT, title, description, parts });
}

function aboutOf({ points, buffer }: BoundReport): string {
  const [first, last] = [points[0], points[points.length - 1]];
  return (
    `From ${words(first.trafficWords)} with ${words(first.bufferWords)} of ${buffer.name} ` +
    `down to ${words(last.trafficWords)} with ${words(last.bufferWords)}.`
  );
}

function titleOf({ layer, store, buffer }: BoundReport): string {
  return `Least traffic between ${store.name} and ${buffer.name}: ${layer}`;
}

function headings(report: BoundReport): string[] {
  const { maxMacsPerWord, compulsoryWords, einsum, arch } = report;
  const facts = [
    ...(arch ? [arch] : []),
    `${compact(einsum.macs)} MACs`,
    `floor ${words(compulsoryWords)}, at most ${significant(maxMacsPerWord, 3)} MACs per word`,
  ];
  const room = (size: number): number => Math.floor((RIGHT - LEFT) / (size * ADVANCE));
  return [
    heading(cut(titleOf(report), room(16)), LEFT, 26),
    note(cut(facts.join(' · '), room(FONT)), LEFT, 47),
  ];
}

// ------------------------------------------------------------------------------------------------------------- axes

function horizontalScale({ points, capacity }: BoundReport): Scale {
  const [first, last] = [points[0].bufferWords, points[points.length - 1].bufferWords];
  const here = capacity?.usableWords ?? first;
  // Room for the label of a knee at the curve's end.
  const end = last * Math.max(10, (last / first) ** 0.4);
  return logScale(Math.min(first, here) / 1.5, Math.max(end, here * 1.5), LEFT, RIGHT);
}

function verticalScale({ points, compulsoryWords }: BoundReport): Scale {
  const least = compulsoryWords;
  const most = Math.max(points[0].trafficWords * 1.5, least * 12);
  // Room for the floor's label below its line.
  return logScale(least / (most / least) ** 0.12 / 1.1, most, BOTTOM, TOP);
}

function logScale(from: number, to: number, start: number, end: number): Scale {
  const slope = (end - start) / Math.log(to / from);
  return { from, to, pixels: (value) => start + slope * Math.log(value / from) };
}

/** Powers of ten within the scale; with fewer than three of them, also their 2- and 5-fold. */
function ticks({ from, to }: Scale): number[] {
  const decades = Array.from(
    { length: Math.ceil(Math.log10(to)) - Math.floor(Math.log10(from)) + 1 },
    (_, i) => 10 ** (Math.floor(Math.log10(from)) + i),
  );
  const inside = (value: number): boolean => value >= from && value <= to;
  const powers = decades.filter(inside);
  return powers.length >= 3 ? powers : decades.flatMap((ten) => [ten, 2 * ten, 5 * ten]).filter(inside);
}

function axes({ store, buffer }: BoundReport, x: Scale, y: Scale): string[] {
  const middle = (LEFT + RIGHT) / 2;
  const centre = (TOP + BOTTOM) / 2;
  return [
    ...ticks(x).map((value) => rule(x.pixels(value), TOP, x.pixels(value), BOTTOM)),
    ...ticks(y).map((value) => rule(LEFT, y.pixels(value), RIGHT, y.pixels(value))),
    `<path d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}" fill="none" stroke="currentColor"/>`,
    ...ticks(x).map((value) => textAt(compact(value), x.pixels(value), BOTTOM + 18, 'middle')),
    ...ticks(y).map((value) => textAt(compact(value), LEFT - 8, y.pixels(value) + 4, 'end')),
    textAt(`${buffer.name}${unitOf(buffer.wordBits)}`, middle, HEIGHT - 14, 'middle'),
    `<g transform="translate(20 ${centre}) rotate(-90)">` +
      `${textAt(`traffic with ${store.name}${unitOf(store.wordBits)}`, 0, 0, 'middle')}</g>`,
  ];
}

function unitOf(wordBits: number | undefined): string {
  return wordBits === undefined ? ' (words)' : ` (words of ${brief(wordBits)} bit)`;
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  return `<path d="M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}" stroke="currentColor" opacity="0.14"/>`;
}

// ------------------------------------------------------------------------------------------------------------ curve

/** The curve as lines: down at each point, then level until the next. */
function staircase(points: readonly PointReport[], x: Scale, y: Scale): Box[] {
  return points.flatMap(({ bufferWords, trafficWords }, i) => {
    const left = x.pixels(bufferWords);
    const level = y.pixels(trafficWords);
    const top = i === 0 ? TOP : y.pixels(points[i - 1].trafficWords);
    const right = i + 1 < points.length ? x.pixels(points[i + 1].bufferWords) : RIGHT;
    return [
      { left, right: left, top, bottom: level },
      { left, right, top: level, bottom: level },
    ];
  });
}

/** The line, over a tint of all that is possible above it. */
function curve(steps: readonly Box[]): string[] {
  const path = steps.map(({ left, right, top, bottom }) =>
    left === right ? `M${px(left)} ${px(top)}V${px(bottom)}` : `H${px(right)}`,
  );
  const line = path.map((step, i) => (i === 0 ? step : step.replace(/^M\S+ \S+V/, 'V'))).join('');
  return [
    `<path d="${line}V${TOP}Z" fill="${CURVE}" opacity="0.1"/>`,
    `<path d="${line}" fill="none" stroke="${CURVE}" stroke-width="2" stroke-linejoin="round"/>`,
  ];
}

function dot({ bufferWords, trafficWords }: PointReport, x: Scale, y: Scale): string {
  const [cx, cy] = [x.pixels(bufferWords), y.pixels(trafficWords)].map(px);
  return `<circle cx="${cx}" cy="${cy}" r="4.5" fill="${CURVE}"/>`;
}

function floorLine(report: BoundReport, y: Scale): string[] {
  const level = y.pixels(report.compulsoryWords);
  const { left, bottom } = floorBox(report, y);
  const line = dashed({ left: LEFT, right: RIGHT, top: level, bottom: level }, 'currentColor');
  return [line, textAt(floorText(report), left, bottom - 4)];
}

function floorText({ compulsoryWords }: BoundReport): string {
  return `floor: ${words(compulsoryWords)}, whatever the buffer`;
}

/** The label of the floor: under its line, where no curve comes. */
function floorBox(report: BoundReport, y: Scale): Box {
  return boxAt(floorText(report), LEFT + 8, y.pixels(report.compulsoryWords) + 3);
}

function capacityLine({ capacity }: BoundReport, x: Scale): Box | undefined {
  if (!capacity) return undefined;
  const at = x.pixels(capacity.usableWords);
  return { left: at, right: at, top: TOP, bottom: BOTTOM };
}

function dashed({ left, top, right, bottom }: Box, color: string): string {
  const d = `M${px(left)} ${px(top)}L${px(right)} ${px(bottom)}`;
  return `<path d="${d}" stroke="${color}" stroke-width="1.5" stroke-dasharray="5 4"/>`;
}

// ----------------------------------------------------------------------------------------------------------- labels

/** The labels that have room, each clear of the curve, of lines and of those placed before. */
function placeLabels(report: BoundReport, x: Scale, y: Scale, obstacles: readonly Box[]): Label[] {
  const wanted = [...capacityLabel(report, x), ...kneeLabels(report, x, y)];
  const placed: Label[] = [];
  for (const { text, places } of wanted) {
    const taken = [...obstacles, ...placed.map(({ box }) => box)];
    const box = places
      .map(([left, top]) => boxAt(text, left, top))
      .find((spot) => inPlot(spot) && !taken.some((other) => overlap(spot, other)));
    if (box) placed.push({ text, box });
  }
  return placed;
}

interface WantedLabel {
  readonly text: string;
  /** Left and top corners, best first. */
  readonly places: readonly (readonly [number, number])[];
}

/** Beside its line, as high as there is room. */
function capacityLabel({ capacity, buffer }: BoundReport, x: Scale): WantedLabel[] {
  if (!capacity) return [];
  const { usableWords, trafficWords } = capacity;
  const most = trafficWords === null ? 'no tile fits' : `${compact(trafficWords)} moved`;
  const text = `${buffer.name} ${words(usableWords)}: ${most}`;
  const at = x.pixels(usableWords);
  const wide = widthOf(text);
  const rows = rowsUp(BOTTOM).toReversed();
  return [{ text, places: rows.flatMap((top) => [[at + 8, top] as const, [at - 8 - wide, top] as const]) }];
}

function kneeLabels({ points }: BoundReport, x: Scale, y: Scale): WantedLabel[] {
  const bent = points.filter(({ knee }) => knee);
  return bent.map(({ bufferWords, trafficWords }) => {
    const text = `${words(bufferWords)}: ${compact(trafficWords)} moved`;
    const rows = rowsUp(y.pixels(trafficWords)).slice(0, NEAR_ROWS);
    const wide = widthOf(text);
    const lefts = [8, -wide / 3, (-2 * wide) / 3, -8 - wide].map((by) => x.pixels(bufferWords) + by);
    return { text, places: rows.flatMap((top) => lefts.map((left) => [left, top] as const)) };
  });
}

/** Tops of lines of text from just above a level to the top of the plot. */
function rowsUp(level: number): number[] {
  const rows = Math.max(1, Math.floor((level - TOP) / LINE));
  return Array.from({ length: rows }, (_, i) => level - (i + 1) * LINE - 4).filter((top) => top >= TOP);
}

function boxAt(text: string, left: number, top: number): Box {
  return { left, top, right: left + widthOf(text), bottom: top + LINE };
}

function widthOf(text: string): number {
  return text.length * FONT * ADVANCE;
}

function inPlot({ left, right, top, bottom }: Box): boolean {
  return left >= LEFT && right <= WIDTH - 4 && top >= TOP && bottom <= BOTTOM;
}

/** Two pixels between them at least. */
function overlap(a: Box, b: Box): boolean {
  return a.left < b.right + 2 && b.left < a.right + 2 && a.top < b.bottom + 2 && b.top < a.bottom + 2;
}

// ------------------------------------------------------------------------------------------------------------- text

function words(value: number): string {
  return `${compact(value)} words`;
}
