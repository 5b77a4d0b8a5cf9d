/** Energy per memory and tensor of each layer, stacked; its legend; the same as a table. */
import * as Plot from '@observablehq/plot';
import { FONT, X_LABEL, element, figuresTable, percent, shown } from './chart.js';
import { partColours } from './parts.js';
import { layerLabel, layerRows } from './rows.js';

/**
 * @typedef {object} EnergyLayer
 * @property {string} name
 * @property {number} count how often the layer occurs
 * @property {readonly import('../../search-view.ts').EnergyShare[]} energy of one occurrence, outermost part first
 */

const UNITS = /** @type {const} */ ([
  ['pJ', 1],
  ['nJ', 1e-3],
  ['uJ', 1e-6],
  ['mJ', 1e-9],
  ['J', 1e-12],
]);
/** Of a tensor by its place in the Einsum; leakage and parts without tensors are solid and lightest. */
const SHADES = [1, 0.7, 0.45, 0.3];
const LEAKAGE = 0.18;

/** @param {number | undefined} tensor */
function shade(tensor) {
  if (tensor === undefined) return 1;
  return tensor < 0 ? LEAKAGE : SHADES[Math.min(tensor, SHADES.length - 1)];
}

/**
 * Shares of all occurrences in one unit, and their part of the layer's energy.
 *
 * @param {readonly EnergyLayer[]} layers
 */
function stacked(layers) {
  const totals = layers.map(({ energy, count }) =>
    energy.reduce((sum, { energyPj }) => sum + energyPj * count, 0),
  );
  const most = Math.max(...totals);
  const [unit, scale] = UNITS.findLast(([, factor]) => most * factor >= 1) ?? UNITS[0];
  const shares = layers.flatMap(({ energy, count }, index) =>
    energy.map((share) => ({
      ...share,
      index,
      value: share.energyPj * count * scale,
      of: (share.energyPj * count) / totals[index],
    })),
  );
  return { unit, shares };
}

/** @param {{ readonly part: string, readonly tensor?: string }} share */
function shareName({ part, tensor }) {
  return tensor === undefined ? part : `${part}, ${tensor}`;
}

/**
 * @param {object} chart
 * @param {readonly EnergyLayer[]} chart.layers
 * @param {number} chart.width in pixels
 */
export function energyChart({ layers, width }) {
  const { unit, shares } = stacked(layers);
  const colours = partColours(layers);
  return Plot.plot({
    style: FONT,
    width,
    ...layerRows(layers),
    x: { label: `energy of all occurrences (${unit})`, grid: true, ticks: width / 90, ...X_LABEL },
    opacity: { type: 'identity' },
    ariaLabel: `Energy per memory and tensor of ${layers.length} layers, in ${unit}`,
    marks: [
      Plot.barX(shares, {
        x: 'value',
        y: 'index',
        fill: ({ part }) => colours.get(part),
        fillOpacity: ({ tensorIndex }) => shade(tensorIndex),
        // The faint ones keep an edge that is seen.
        stroke: ({ part }) => colours.get(part),
        strokeWidth: 0.8,
        title: (share) => `${shareName(share)}\n${shown(share.value)} ${unit}, ${percent(share.of)}`,
        tip: true,
      }),
      Plot.ruleX([0]),
    ],
  });
}

/**
 * What colours (parts) and shades (tensors) mean.
 *
 * @param {readonly EnergyLayer[]} layers
 */
export function energyLegend(layers) {
  const swatch = (/** @type {string} */ fill, /** @type {number} */ opacity) =>
    element('span', { class: 'swatch', style: `background:${fill};opacity:${opacity}` });
  const tensors = new Map(
    layers.flatMap(({ energy }) =>
      energy.flatMap(({ tensor, tensorIndex }) =>
        tensor === undefined ? [] : [/** @type {const} */ ([tensor, shade(tensorIndex)])],
      ),
    ),
  );
  return element(
    'div',
    { class: 'legend' },
    ...[...partColours(layers)].map(([part, fill]) => element('span', {}, swatch(fill, 1), part)),
    ...[...tensors].map(([tensor, opacity]) => element('span', {}, swatch('var(--ink)', opacity), tensor)),
  );
}

/**
 * A row a layer, a column for each part and tensor.
 *
 * @param {readonly EnergyLayer[]} layers
 */
export function energyTable(layers) {
  const { unit, shares } = stacked(layers);
  const columns = [...new Set(shares.map(shareName))];
  const rows = layers.map(({ name, count }, index) => {
    const own = new Map(shares.filter((share) => share.index === index).map((s) => [shareName(s), s.value]));
    return [layerLabel({ name, count }), ...columns.map((column) => shown(own.get(column) ?? 0))];
  });
  return figuresTable([`layer (${unit})`, ...columns], rows);
}
