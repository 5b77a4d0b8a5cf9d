/** The roofline of a machine against its outermost memory, with layers as points. Points are buttons. */
import * as Plot from '@observablehq/plot';
import { FONT, NO_ARROW, X_LABEL, figuresTable, makeButtons, shown, span, tick } from './chart.js';
import { layerLabel } from './rows.js';

/**
 * @typedef {object} RooflineLayer
 * @property {string} name
 * @property {number} count how often the layer occurs
 * @property {number | null} macsPerWord of the outermost memory; a layer that moves none (null) is not drawn
 * @property {number} macsPerCycle
 */

/**
 * The key of a mark is the place of its layer.
 *
 * @param {object} chart
 * @param {import('../../search-view.ts').Roof} chart.roof
 * @param {readonly RooflineLayer[]} chart.layers
 * @param {number} chart.width in pixels
 * @param {(layer: number) => void} chart.onChoose
 */
export function rooflineChart({ roof, layers, width, onChoose }) {
  const points = layers.flatMap((layer, index) =>
    layer.macsPerWord === null
      ? []
      : [{ index, x: layer.macsPerWord, y: layer.macsPerCycle, text: describe(layer) }],
  );
  const { memory, macsPerCycle: peak, wordsPerCycle: bandwidth } = roof;
  const { left, right, bottom, line, slope } = outline(roof, points);
  const log = /** @type {const} */ ({
    type: 'log',
    grid: true,
    tickFormat: (/** @type {number} */ value) => tick(value, 'log'),
  });
  const plot = Plot.plot({
    style: FONT,
    width,
    height: 380,
    marginLeft: 60,
    marginBottom: 46,
    marginTop: 30,
    x: { ...log, domain: [left, right], label: `MACs per word of ${memory}`, ...X_LABEL },
    y: { ...log, domain: [bottom, peak * 1.6], label: 'MACs per cycle', labelArrow: NO_ARROW },
    ariaLabel: `Roofline of ${points.length} layers: at most ${shown(peak)} MACs per cycle`,
    marks: [
      Plot.line(line, { stroke: 'var(--chosen)', strokeWidth: 2 }),
      Plot.text([[right, peak]], { text: () => `${shown(peak)} MACs/cycle`, textAnchor: 'end', dy: -9 }),
      Plot.text(slope, {
        text: () => `${memory}: ${shown(bandwidth ?? 0)} words/cycle`,
        textAnchor: 'start',
        dx: 12,
        dy: 10,
      }),
      Plot.dot(points, {
        x: 'x',
        y: 'y',
        r: 5,
        fill: 'var(--accent)',
        fillOpacity: 0.8,
        stroke: 'var(--paper)',
        className: 'layers',
      }),
      Plot.tip(points, Plot.pointer({ x: 'x', y: 'y', title: 'text' })),
    ],
  });
  const buttons = points.map(({ index, text }) => ({
    key: index,
    label: `layer ${text.replaceAll('\n', ', ')}`,
  }));
  makeButtons(plot, 'layers', buttons, onChoose);
  return plot;
}

/** @param {RooflineLayer} layer */
function describe(layer) {
  const { macsPerWord, macsPerCycle } = layer;
  return `${layerLabel(layer)}\n${shown(macsPerWord ?? Infinity)} MACs per word\n${shown(macsPerCycle)} MACs per cycle`;
}

/**
 * The roof as a line, the frame that holds it and the points, and the middle of its slope.
 *
 * @param {import('../../search-view.ts').Roof} roof
 * @param {readonly { readonly x: number, readonly y: number }[]} points
 */
function outline({ macsPerCycle: peak, wordsPerCycle: bandwidth }, points) {
  const xs = [...points.map(({ x }) => x), ...(bandwidth === null ? [] : [peak / bandwidth])];
  const [least, most] = xs.length > 0 ? span(xs) : [1, 1];
  const [left, right] = [least / 2, most * 2];
  const bottom = Math.min(...points.map(({ y }) => y), peak) / 2;
  if (bandwidth === null) {
    return {
      left,
      right,
      bottom,
      line: [
        [left, peak],
        [right, peak],
      ],
      slope: [],
    };
  }
  const start = Math.max(left, bottom / bandwidth);
  const low = [start, start * bandwidth];
  const ridge = [peak / bandwidth, peak];
  const middle = [0, 1].map((axis) => Math.sqrt(low[axis] * ridge[axis]));
  return { left, right, bottom, line: [low, ridge, [right, peak]], slope: [middle] };
}

/** @param {readonly RooflineLayer[]} layers */
export function rooflineTable(layers) {
  return figuresTable(
    ['layer', 'MACs per word', 'MACs per cycle'],
    layers.map((layer) => [
      layerLabel(layer),
      layer.macsPerWord === null ? 'none moved' : shown(layer.macsPerWord),
      shown(layer.macsPerCycle),
    ]),
  );
}
