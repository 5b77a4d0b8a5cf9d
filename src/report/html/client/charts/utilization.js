/** Utilisation of each layer. */
import * as Plot from '@observablehq/plot';
import { FONT, X_LABEL, percent } from './chart.js';
import { layerRows } from './rows.js';

/**
 * @param {object} chart
 * @param {readonly { readonly name: string, readonly count: number, readonly utilization: number }[]} chart.layers
 * @param {number} chart.width in pixels
 */
export function utilizationChart({ layers, width }) {
  const bar = /** @type {const} */ ({
    x: (/** @type {{ utilization: number }} */ { utilization }) => 100 * utilization,
    y: (/** @type {unknown} */ _, /** @type {number} */ i) => i,
  });
  return Plot.plot({
    style: FONT,
    width,
    ...layerRows(layers),
    marginRight: 50,
    x: { label: 'utilisation (%)', domain: [0, 100], grid: true, ticks: width / 90, ...X_LABEL },
    ariaLabel: `Utilisation of ${layers.length} layers`,
    marks: [
      Plot.barX(layers, { ...bar, fill: 'var(--accent)' }),
      Plot.text(layers, {
        ...bar,
        text: ({ utilization }) => percent(utilization),
        textAnchor: 'start',
        dx: 4,
      }),
      Plot.ruleX([0]),
    ],
  });
}
