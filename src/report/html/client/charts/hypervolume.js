/** How the share of the box that the front dominates grew while designs were done. */
import * as Plot from '@observablehq/plot';
import { FONT, NO_ARROW, X_LABEL, figuresTable, percent } from './chart.js';

/**
 * @param {object} chart
 * @param {readonly import('../../sweep-view.ts').HypervolumePoint[]} chart.points
 * @param {number} chart.width in pixels
 */
export function hypervolumeChart({ points, width }) {
  return Plot.plot({
    style: FONT,
    width,
    height: 220,
    marginLeft: 60,
    marginBottom: 46,
    x: { label: 'designs done', ticks: Math.min(width / 90, points[points.length - 1].done), ...X_LABEL },
    y: { label: 'share of the box (%)', grid: true, zero: true, labelArrow: NO_ARROW },
    ariaLabel: `Hypervolume over the designs done, ${percent(points[points.length - 1].share)} at the end`,
    marks: [
      Plot.line(points, {
        x: 'done',
        y: ({ share }) => 100 * share,
        curve: 'step-after',
        stroke: 'var(--accent)',
        strokeWidth: 2,
      }),
      Plot.ruleY([0]),
    ],
  });
}

/** @param {readonly import('../../sweep-view.ts').HypervolumePoint[]} points */
export function hypervolumeTable(points) {
  return figuresTable(
    ['designs done', 'share of the box'],
    points.map(({ done, share }) => [String(done), percent(share)]),
  );
}
