/** The front of one layer's mappings: energy over latency; the same as a table. Points are buttons. */
import { figuresTable, percent, shown } from './chart.js';
import { frontChart } from './front.js';

/** @typedef {import('../../../json.ts').BestReport} Mapping */

/**
 * The key of a point is the place of its mapping.
 *
 * @param {object} chart
 * @param {readonly Mapping[]} chart.front
 * @param {number} chart.width in pixels
 * @param {(mapping: number) => void} chart.onChoose
 */
export function mappingFrontChart({ front, width, onChoose }) {
  return frontChart({
    front: front.map(pointOf).toSorted((a, b) => a.x - b.x),
    others: [],
    xLabel: 'latency (ms)',
    yLabel: 'energy (uJ)',
    isStaircase: true,
    width,
    height: 340,
    onChoose,
  });
}

/**
 * @param {Mapping} mapping
 * @param {number} key
 */
function pointOf({ energyPj, latencySeconds, cycles, utilization, edpJs }, key) {
  const [x, y] = [latencySeconds * 1e3, energyPj * 1e-6];
  const text = [
    `${shown(y)} uJ`,
    `${shown(x)} ms, ${shown(cycles)} cycles`,
    `utilisation ${percent(utilization)}`,
    `EDP ${shown(edpJs)} J s`,
  ].join('\n');
  return { key, x, y, text };
}

/** @param {readonly Mapping[]} front */
export function mappingFrontTable(front) {
  return figuresTable(
    ['energy uJ', 'latency ms', 'cycles', 'utilisation', 'EDP J s'],
    front.map(({ energyPj, latencySeconds, cycles, utilization, edpJs }) => [
      shown(energyPj * 1e-6),
      shown(latencySeconds * 1e3),
      shown(cycles),
      percent(utilization),
      shown(edpJs),
    ]),
  );
}
