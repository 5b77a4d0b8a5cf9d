/** Draws the report of a search: energy and utilisation per layer, the roofline, the chosen layer. */
import {
  FONT,
  NO_ARROW,
  Plot,
  X_LABEL,
  element,
  highlight,
  makeButtons,
  pageData,
  place,
  press,
  show,
  shown,
} from './dom.js';

/** @type {{ report: import('../../json.ts').SearchReport, view: import('../search.ts').SearchView }} */
const { report, view } = pageData();
/** The chart needs one row per layer, whatever their names. */
const rows = report.layers.map(({ name, count }, index) => ({
  index,
  label: count > 1 ? `${name} (${count}x)` : name,
}));
const labels = new Map(rows.map(({ index, label }) => [index, label]));
const parts = [...new Set(view.layers.flatMap(({ energy }) => energy.map(({ part }) => part)))];
const PALETTE = [
  '#4269d0',
  '#efb118',
  '#ff725c',
  '#6cc5b0',
  '#3ca951',
  '#ff8ab7',
  '#a463f2',
  '#97bbf5',
  '#9c6b4e',
];
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
const LAYER_MARKS = '.layers circle';

/** @param {string} part */
function colour(part) {
  return PALETTE[parts.indexOf(part) % PALETTE.length];
}

/** @param {number | undefined} tensor */
function shade(tensor) {
  if (tensor === undefined) return 1;
  return tensor < 0 ? LEAKAGE : SHADES[Math.min(tensor, SHADES.length - 1)];
}

const rowScale = {
  domain: rows.map(({ index }) => index),
  tickFormat: (/** @type {number} */ index) => labels.get(index) ?? '',
  label: null,
  tickSize: 0,
};
const height = 70 + 24 * rows.length;
const marginLeft = 20 + 7 * Math.max(...rows.map(({ label }) => label.length));

function drawEnergy() {
  const totals = view.layers.map(({ energy }, i) =>
    energy.reduce((sum, { energyPj }) => sum + energyPj * report.layers[i].count, 0),
  );
  const most = Math.max(...totals);
  const [unit, scale] = UNITS.findLast(([, factor]) => most * factor >= 1) ?? UNITS[0];
  const shares = view.layers.flatMap(({ energy }, index) =>
    energy.map((share) => ({
      ...share,
      index,
      value: share.energyPj * report.layers[index].count * scale,
      of: (share.energyPj * report.layers[index].count) / totals[index],
    })),
  );
  const plot = Plot.plot({
    style: FONT,
    width: place('energy').clientWidth,
    height,
    marginLeft,
    marginTop: 10,
    marginBottom: 46,
    x: {
      label: `energy of all occurrences (${unit})`,
      grid: true,
      ...X_LABEL,
    },
    y: rowScale,
    opacity: { type: 'identity' },
    ariaLabel: 'Energy per memory and tensor of each layer',
    marks: [
      Plot.barX(shares, {
        x: 'value',
        y: 'index',
        fill: ({ part }) => colour(part),
        fillOpacity: ({ tensorIndex }) => shade(tensorIndex),
        stroke: 'var(--paper)',
        strokeWidth: 0.6,
        title: ({ part, tensor, value, of }) =>
          `${part}${tensor ? `, ${tensor}` : ''}\n${shown(value)} ${unit}, ${(100 * of).toFixed(1)}%`,
        tip: true,
      }),
      Plot.ruleX([0]),
    ],
  });
  show('energy', plot, 'Each layer times its count, from the outermost memory (left) to the compute unit.');
}

function drawLegend() {
  const swatch = (/** @type {string} */ fill, /** @type {number} */ opacity) =>
    element('span', { class: 'swatch', style: `background:${fill};opacity:${opacity}` });
  const tensors = new Map(
    view.layers.flatMap(({ energy }) =>
      energy.flatMap(({ tensor, tensorIndex }) =>
        tensor === undefined ? [] : [/** @type {const} */ ([tensor, shade(tensorIndex)])],
      ),
    ),
  );
  place('legend').replaceChildren(
    ...parts.map((part) => element('span', {}, swatch(colour(part), 1), part)),
    ...[...tensors].map(([tensor, opacity]) => element('span', {}, swatch('var(--ink)', opacity), tensor)),
  );
}

function drawUtilization() {
  const plot = Plot.plot({
    style: FONT,
    width: place('utilization').clientWidth,
    height,
    marginLeft,
    marginRight: 50,
    marginTop: 10,
    marginBottom: 46,
    x: {
      label: 'utilisation (%)',
      domain: [0, 100],
      grid: true,
      ...X_LABEL,
    },
    y: rowScale,
    ariaLabel: 'Utilisation of each layer',
    marks: [
      Plot.barX(report.layers, {
        x: ({ best }) => 100 * best.utilization,
        y: (_, i) => i,
        fill: 'var(--accent)',
      }),
      Plot.text(report.layers, {
        x: ({ best }) => 100 * best.utilization,
        y: (_, i) => i,
        text: ({ best }) => `${(100 * best.utilization).toFixed(1)}%`,
        textAnchor: 'start',
        dx: 4,
      }),
      Plot.ruleX([0]),
    ],
  });
  show('utilization', plot, 'MACs over what all units could do in the cycles of the layer.');
}

/** Layers that move words of the outermost memory. */
const points = view.layers.flatMap(({ macsPerWord, macsPerCycle }, index) =>
  macsPerWord === null ? [] : [{ index, x: macsPerWord, y: macsPerCycle }],
);

function drawRoofline() {
  const { macsPerCycle: peak, wordsPerCycle: bandwidth, memory } = view.roof;
  const xs = points.map(({ x }) => x);
  const ridge = bandwidth === null ? [] : [peak / bandwidth];
  const left = Math.min(...xs, ...ridge) / 2;
  const right = Math.max(...xs, ...ridge) * 2;
  const bottom = Math.min(...points.map(({ y }) => y), peak) / 2;
  const roof =
    bandwidth === null
      ? [[left, peak]]
      : [
          [Math.max(left, bottom / bandwidth), Math.max(left, bottom / bandwidth) * bandwidth],
          [peak / bandwidth, peak],
        ];
  const slopeMiddle =
    bandwidth === null ? [] : [[0, 1].map((axis) => Math.sqrt(roof[0][axis] * roof[1][axis]))];
  const plot = Plot.plot({
    style: FONT,
    width: place('roofline').clientWidth,
    height: 380,
    marginLeft: 60,
    marginBottom: 46,
    marginTop: 30,
    x: {
      type: 'log',
      domain: [left, right],
      label: `MACs per word of ${memory}`,
      grid: true,
      ...X_LABEL,
    },
    y: {
      type: 'log',
      domain: [bottom, peak * 1.6],
      label: 'MACs per cycle',
      grid: true,
      labelArrow: NO_ARROW,
    },
    ariaLabel: 'Roofline',
    marks: [
      Plot.line([...roof, [right, peak]], { stroke: 'var(--chosen)', strokeWidth: 2 }),
      Plot.text([[right, peak]], { text: () => `${shown(peak)} MACs/cycle`, textAnchor: 'end', dy: -9 }),
      Plot.text(slopeMiddle, {
        text: () => `${memory}: ${shown(bandwidth ?? 0)} words/cycle`,
        textAnchor: 'end',
        dx: -10,
        dy: -6,
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
      Plot.tip(
        points,
        Plot.pointer({
          x: 'x',
          y: 'y',
          title: ({ index, x, y }) =>
            `${labels.get(index)}\n${shown(x)} MACs per word\n${shown(y)} MACs per cycle`,
        }),
      ),
    ],
  });
  makeButtons(
    plot.querySelectorAll(LAYER_MARKS),
    (i) => `layer ${labels.get(points[i].index)}`,
    (i) => choose(points[i].index),
  );
  const limit = bandwidth === null ? `; the bandwidth of ${memory} is unlimited` : '';
  show(
    'roofline',
    plot,
    `What compute units and ${memory} allow at most${limit}. Choose a layer to see its nest.`,
  );
}

/** @param {number} index */
function choose(index) {
  const { name, einsum, best, names } = report.layers[index];
  const { nest, explanation } = view.layers[index];
  const dims = Object.entries(einsum.dims).map(([dim, bound]) => `${dim}=${bound}`);
  const also = names.length > 1 ? ` Also: ${names.slice(1).join(', ')}.` : '';
  place('layer').replaceChildren(
    element('h2', {}, `Loop nest of ${name}`),
    element(
      'p',
      { class: 'note' },
      `${dims.join(' ')}; ${shown(best.energyPj * 1e-6)} uJ, ${shown(best.cycles)} cycles.${also}`,
    ),
    element('pre', { tabindex: '0' }, nest),
  );
  place('explanation').replaceChildren(
    ...(explanation
      ? [
          element('h2', {}, `Why this mapping of ${name} is the best`),
          element('pre', { tabindex: '0' }, explanation),
        ]
      : []),
  );
  press('data-layer', index);
  highlight(document.querySelectorAll(LAYER_MARKS), (point) => points[point].index === index);
}

drawLegend();
drawEnergy();
drawUtilization();
drawRoofline();
for (const button of document.querySelectorAll('[data-layer]')) {
  button.addEventListener('click', () => choose(Number(button.getAttribute('data-layer'))));
}
choose(0);
