/** Parallel coordinates: an axis for each parameter and metric, a line for each design. */
import * as Plot from '@observablehq/plot';
import { FONT, scaleType, shown, span } from './chart.js';

/** @typedef {readonly number[]} Row A value for each axis. */

/** More lines than this hide each other; of the other designs so many at even distances are drawn. */
const MOST_LINES = 1000;
/** Axes closer than this, in pixels, have names that overlap. */
const AXIS_WIDTH = 96;

/**
 * The drawing, and of how many other designs one is drawn.
 *
 * @param {object} chart
 * @param {readonly string[]} chart.names of the axes
 * @param {readonly Row[]} chart.front
 * @param {readonly Row[]} chart.others
 * @param {Row | undefined} chart.chosen
 * @param {number} chart.width in pixels; the drawing is wider if its axes need it
 */
export function parallelChart({ names, front, others, chosen, width }) {
  const step = Math.max(1, Math.ceil(others.length / MOST_LINES));
  const drawn = others.filter((_, i) => i % step === 0);
  const all = [...front, ...others];
  const positions = names.map((_, i) => positionOf(all.map((row) => row[i])));
  const segments = (/** @type {readonly Row[]} */ rows) =>
    rows.flatMap((row, z) => row.map((value, i) => ({ z, name: names[i], t: positions[i](value) })));
  const ends = names.map((name, i) => {
    const [least, most] = span(all.map((row) => row[i]));
    return { name, least: shown(least), most: shown(most) };
  });
  const line = { x: 'name', y: 't', z: 'z' };
  const plot = Plot.plot({
    style: { ...FONT, maxWidth: 'none' },
    width: Math.max(width, AXIS_WIDTH * names.length),
    height: 340,
    marginTop: 46,
    marginBottom: 26,
    marginLeft: 50,
    marginRight: 50,
    x: { type: 'point', domain: names, axis: 'top', label: null, tickSize: 0, tickPadding: 20, padding: 0.2 },
    y: { domain: [0, 1], axis: null },
    ariaLabel: `Parallel coordinates of ${names.join(', ')} for ${all.length} designs`,
    marks: [
      Plot.ruleX(names, { stroke: 'var(--faint)' }),
      Plot.line(segments(drawn), {
        ...line,
        stroke: 'var(--faint)',
        strokeOpacity: drawn.length > 200 ? 0.15 : 0.35,
        strokeWidth: 1,
      }),
      Plot.line(segments(front), { ...line, stroke: 'var(--accent)', strokeOpacity: 0.6, strokeWidth: 1.2 }),
      ...(chosen
        ? [Plot.line(segments([chosen]), { ...line, stroke: 'var(--chosen)', strokeWidth: 3 })]
        : []),
      Plot.text(ends, { x: 'name', y: 1, text: 'most', dy: -9, fill: 'var(--muted)' }),
      Plot.text(ends, { x: 'name', y: 0, text: 'least', dy: 11, fill: 'var(--muted)' }),
    ],
  });
  return { plot, step };
}

/**
 * Place on an axis from 0 (least) to 1 (most).
 *
 * @param {readonly number[]} values of all designs
 * @returns {(value: number) => number}
 */
function positionOf(values) {
  const scale = scaleType(values) === 'log' ? Math.log : Number;
  const [least, most] = span(values).map(scale);
  return (value) => (most === least ? 0.5 : (scale(value) - least) / (most - least));
}
