/** The Pareto front: points that no other one beats, among all others. Points are buttons. */
import * as Plot from '@observablehq/plot';
import { FONT, NO_ARROW, X_LABEL, makeButtons, scaleType, span, tick } from './chart.js';

/**
 * @typedef {object} Point
 * @property {number} key by which it is chosen
 * @property {number} x
 * @property {number} y
 * @property {string} text what the tip shows, in lines
 */

/** More points than this are drawn fainter, so that dense places show. */
const CROWD = 2000;

/**
 * @param {object} chart
 * @param {readonly Point[]} chart.front ascending in x
 * @param {readonly Point[]} chart.others
 * @param {string} chart.xLabel name and unit; smaller is better on both axes
 * @param {string} chart.yLabel
 * @param {boolean} chart.isStaircase whether x and y are all that the front trades off: then a line joins it
 * @param {number} chart.width in pixels
 * @param {number} chart.height
 * @param {(key: number) => void} chart.onChoose
 */
export function frontChart({ front, others, xLabel, yLabel, isStaircase, width, height, onChoose }) {
  const all = [...others, ...front];
  const plot = Plot.plot({
    style: FONT,
    width,
    height,
    marginLeft: 70,
    marginBottom: 46,
    marginTop: 26,
    marginRight: 36,
    x: { ...axis(all.map(({ x }) => x)), label: xLabel, ...X_LABEL, ticks: width / 90 },
    y: { ...axis(all.map(({ y }) => y)), label: yLabel, ticks: height / 60 },
    ariaLabel: `Pareto front: ${yLabel} over ${xLabel}, ${front.length} points on the front of ${all.length}`,
    marks: [
      Plot.dot(others, {
        x: 'x',
        y: 'y',
        r: 2,
        fill: 'var(--faint)',
        fillOpacity: others.length > CROWD ? 0.25 : 0.6,
      }),
      ...(isStaircase
        ? [
            Plot.line(front, {
              x: 'x',
              y: 'y',
              curve: 'step-after',
              stroke: 'var(--accent)',
              strokeOpacity: 0.6,
            }),
          ]
        : []),
      Plot.dot(front, {
        x: 'x',
        y: 'y',
        r: 5,
        fill: 'var(--accent)',
        stroke: 'var(--paper)',
        className: 'front',
      }),
      Plot.tip(all, Plot.pointer({ x: 'x', y: 'y', title: 'text' })),
    ],
  });
  const buttons = front.map(({ key, text }) => ({ key, label: text.replaceAll('\n', ', ') }));
  makeButtons(plot, 'front', buttons, onChoose);
  // Plot holds the point next to the pointer.
  plot.addEventListener('click', () => plot.value && onChoose(plot.value.key));
  return plot;
}

/** @param {readonly number[]} values */
function axis(values) {
  const type = scaleType(values);
  return {
    type,
    domain: withMargin(values, type),
    grid: true,
    labelArrow: NO_ARROW,
    tickFormat: (/** @type {number} */ value) => tick(value, type),
  };
}

/**
 * Marks at the least and the greatest value stay clear of the frame.
 *
 * @param {readonly number[]} values
 * @param {'log' | 'linear'} type
 */
function withMargin(values, type) {
  const [least, most] = span(values);
  if (type === 'log') {
    const factor = (most / least) ** 0.05;
    return [least / factor, most * factor];
  }
  const margin = 0.05 * (most - least || Math.abs(most) || 1);
  return [least - margin, most + margin];
}
