/** Draws the report of a sweep: the front among all mapped designs, hypervolume, parallel coordinates, one design. */
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
  scaleType,
  show,
  shown,
  span,
} from './dom.js';

/** @type {{ report: import('../../sweep.ts').SweepReport, view: import('../sweep.ts').SweepView }} */
const { report, view } = pageData();
/** @typedef {readonly number[]} Row A design's number, parameters, metrics. */
const firstMetric = 1 + view.parameters.length;
const names = [...view.parameters, ...view.metrics.map(({ label, unit }) => `${label} (${unit})`)];
const onFront = new Set(report.front.map(({ id }) => id));
const front = view.rows
  .filter(([id]) => onFront.has(id))
  .toSorted((a, b) => a[firstMetric + view.x] - b[firstMetric + view.x] || a[0] - b[0]);
const others = view.rows.filter(([id]) => !onFront.has(id));
/** More lines than this hide each other; of the other designs so many at even distances are drawn. */
const MOST_LINES = 1000;
const FRONT_MARKS = '.front circle';

/** @param {Row} row */
function x(row) {
  return row[firstMetric + view.x];
}

/** @param {Row} row */
function y(row) {
  return row[firstMetric + view.y];
}

/** @param {Row} row */
function describe([id, ...values]) {
  return [`design ${id}`, ...values.map((value, i) => `${names[i]}  ${shown(value)}`)].join('\n');
}

/** @param {number} metric */
function axis(metric) {
  const values = view.rows.map((row) => row[firstMetric + metric]);
  const { label, unit } = view.metrics[metric];
  const type = scaleType(values);
  return {
    type,
    label: `${label} (${unit})`,
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

/**
 * On a logarithmic axis 1, 2 and 5 of each decade have a number.
 *
 * @param {number} value
 * @param {'log' | 'linear'} type
 */
function tick(value, type) {
  const [mantissa, exponent] = value.toExponential().split('e');
  if (type === 'log' && !['1', '2', '5'].includes(mantissa)) return '';
  return Math.abs(Number(exponent)) > 3
    ? `${Number(Number(mantissa).toFixed(3))}e${Number(exponent)}`
    : String(Number(value.toPrecision(6)));
}

function drawFront() {
  const isStaircase = report.objectives.length === 2;
  const plot = Plot.plot({
    style: FONT,
    width: place('front').clientWidth,
    height: 460,
    marginLeft: 70,
    marginBottom: 46,
    marginTop: 26,
    marginRight: 36,
    x: { ...axis(view.x), ...X_LABEL },
    y: axis(view.y),
    ariaLabel: 'Pareto front',
    marks: [
      Plot.dot(others, { x, y, r: 2, fill: 'var(--faint)', fillOpacity: others.length > 2000 ? 0.25 : 0.6 }),
      ...(isStaircase
        ? [Plot.line(front, { x, y, curve: 'step-after', stroke: 'var(--accent)', strokeOpacity: 0.6 })]
        : []),
      Plot.dot(front, { x, y, r: 5, fill: 'var(--accent)', stroke: 'var(--paper)', className: 'front' }),
      Plot.tip(view.rows, Plot.pointer({ x, y, title: describe })),
    ],
  });
  makeButtons(plot.querySelectorAll(FRONT_MARKS), label, (i) => choose(front[i]));
  // Plot holds the design next to the pointer.
  plot.addEventListener('click', () => plot.value && choose(plot.value));
  const pruned =
    report.done > view.rows.length ? ' Designs that were pruned or cannot be are not drawn.' : '';
  const more =
    report.objectives.length <= 2 ? '' : ' The front is that of all objectives: here it may look dominated.';
  show(
    'front',
    plot,
    `Both are best when small.${more}${pruned} Click a design, or choose it with Tab and Enter.`,
  );
}

/** @param {number} i */
function label(i) {
  return describe(front[i]).replaceAll('\n', ', ');
}

/**
 * Places on each axis from 0 (least) to 1 (most).
 *
 * @returns {readonly ((value: number) => number)[]}
 */
function positions() {
  return names.map((_, i) => {
    const values = view.rows.map((row) => row[i + 1]);
    const scale = scaleType(values) === 'log' ? Math.log : Number;
    const [least, most] = span(values).map(scale);
    return (value) => (most === least ? 0.5 : (scale(value) - least) / (most - least));
  });
}

const position = positions();

/** @param {readonly Row[]} rows */
function segments(rows) {
  return rows.flatMap(([id, ...values]) =>
    values.map((value, i) => ({ id, name: names[i], t: position[i](value) })),
  );
}

/** @param {Row | undefined} chosen */
function drawParallel(chosen) {
  const step = Math.max(1, Math.ceil(others.length / MOST_LINES));
  const drawn = others.filter((_, i) => i % step === 0);
  const ends = names.map((name, i) => {
    const [least, most] = span(view.rows.map((row) => row[i + 1]));
    return { name, least: shown(least), most: shown(most) };
  });
  const line = { x: 'name', y: 't', z: 'id' };
  const plot = Plot.plot({
    style: FONT,
    width: place('parallel').clientWidth,
    height: 340,
    marginTop: 46,
    marginBottom: 26,
    marginLeft: 50,
    marginRight: 50,
    x: { type: 'point', domain: names, axis: 'top', label: null, tickSize: 0, tickPadding: 20, padding: 0.2 },
    y: { domain: [0, 1], axis: null },
    ariaLabel: 'Parallel coordinates of parameters and metrics',
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
  const sample = step > 1 ? `, one in ${step} of the others grey` : ', the others grey';
  show(
    'parallel',
    plot,
    `Designs on the front are blue${sample}, the chosen one orange. Axes that span more than a decade are logarithmic.`,
  );
}

function drawHypervolume() {
  const plot = Plot.plot({
    style: FONT,
    width: place('hypervolume').clientWidth,
    height: 220,
    marginLeft: 60,
    marginBottom: 46,
    x: { label: 'designs done', ...X_LABEL },
    y: { label: 'share of the box (%)', grid: true, zero: true, labelArrow: NO_ARROW },
    ariaLabel: 'Hypervolume over the designs done',
    marks: [
      Plot.line(view.hypervolume, {
        x: 'done',
        y: ({ share }) => 100 * share,
        curve: 'step-after',
        stroke: 'var(--accent)',
        strokeWidth: 2,
      }),
      Plot.ruleY([0]),
    ],
  });
  show(
    'hypervolume',
    plot,
    'Share of the box from 0 to 1.1 times the worst mapped values of all objectives that the front dominates, in the order the designs were done.',
  );
}

/** @param {Row} row */
function choose(row) {
  const [id, ...values] = row;
  const lines = values.map((value, i) =>
    element('tr', {}, element('td', {}, names[i]), element('td', { class: 'right' }, shown(value))),
  );
  place('design').replaceChildren(
    element('h3', {}, `Design ${id}`),
    element('table', {}, element('tbody', {}, ...lines)),
    element(
      'p',
      { class: 'note' },
      `${onFront.has(id) ? 'On the front. ' : ''}dse sweep FILE --design ${id} prints its architecture file.`,
    ),
  );
  press('data-design', id);
  highlight(document.querySelectorAll(FRONT_MARKS), (index) => front[index][0] === id);
  drawParallel(row);
}

if (view.rows.length > 0) {
  drawFront();
  drawHypervolume();
  for (const button of document.querySelectorAll('[data-design]')) {
    const id = Number(button.getAttribute('data-design'));
    button.addEventListener('click', () => {
      const row = front.find(([own]) => own === id);
      if (row) choose(row);
    });
  }
  choose(front[Math.floor(front.length / 2)]);
} else {
  place('front').replaceChildren('No design was mapped.');
}
