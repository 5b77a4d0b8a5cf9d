/** The mapped designs of a sweep, for its charts: those on the front and the others, with the names of their values. */
import { shown } from './chart.js';

/** @typedef {readonly number[]} Row A design's number, parameters, metrics. */

/**
 * @typedef {object} Designs
 * @property {readonly string[]} names of the values, with units
 * @property {number} x place of the value that the front is drawn over, and of that which it is drawn up
 * @property {number} y
 * @property {readonly Row[]} front ascending in x
 * @property {readonly Row[]} others
 * @property {boolean} isStaircase whether x and y are all that the front trades off
 */

/**
 * @param {import('../../../sweep.ts').SweepReport} report
 * @param {import('../../sweep-view.ts').SweepView} view
 * @returns {Designs}
 */
export function designsOf(report, view) {
  const onFront = new Set(report.front.map(({ id }) => id));
  const [x, y] = [view.x, view.y].map((metric) => view.parameters.length + metric);
  return {
    names: [...view.parameters, ...view.metrics.map(({ label, unit }) => `${label} (${unit})`)],
    x,
    y,
    front: view.rows
      .filter(([id]) => onFront.has(id))
      .toSorted(([a, ...one], [b, ...other]) => one[x] - other[x] || a - b),
    others: view.rows.filter(([id]) => !onFront.has(id)),
    isStaircase: report.objectives.length === 2,
  };
}

/**
 * What the chart of the front draws; the key of a point is its design's number.
 *
 * @param {Designs} designs
 */
export function designPoints({ names, x, y, front, others, isStaircase }) {
  const point = (/** @type {Row} */ [key, ...values]) => ({
    key,
    x: values[x],
    y: values[y],
    text: [`design ${key}`, ...values.map((value, i) => `${names[i]}  ${shown(value)}`)].join('\n'),
  });
  return {
    front: front.map(point),
    others: others.map(point),
    xLabel: names[x],
    yLabel: names[y],
    isStaircase,
  };
}
