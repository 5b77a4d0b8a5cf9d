/** Draws the report of a sweep: the front among all mapped designs, hypervolume, parallel coordinates, one design. */
import { chooseMark, element, figure, shown } from './charts/chart.js';
import { designPoints, designsOf } from './charts/designs.js';
import { frontChart } from './charts/front.js';
import { hypervolumeChart, hypervolumeTable } from './charts/hypervolume.js';
import { parallelChart } from './charts/parallel.js';
import { onNewWidth, pageData, place, press, show } from './page.js';

/** @type {{ report: import('../../sweep.ts').SweepReport, view: import('../sweep-view.ts').SweepView }} */
const { report, view } = pageData();
const designs = designsOf(report, view);
const { names, front, others } = designs;
const rows = new Map(view.rows.map((row) => [row[0], row]));
const onFront = new Set(report.front.map(({ id }) => id));
let [chosen] = front[Math.floor(front.length / 2)] ?? [];

function drawFront() {
  const pruned =
    report.done > view.rows.length ? ' Designs that were pruned or cannot be are not drawn.' : '';
  const more =
    report.objectives.length <= 2 ? '' : ' The front is that of all objectives: here it may look dominated.';
  show('front', (width) =>
    figure(
      frontChart({ ...designPoints(designs), width, height: 460, onChoose: choose }),
      `Both are best when small.${more}${pruned} Click a design, or choose it with Tab and Enter; the table below lists the front.`,
    ),
  );
}

function drawParallel() {
  const values = (/** @type {readonly number[]} */ [, ...own]) => own;
  const row = rows.get(chosen);
  show('parallel', (width) => {
    const { plot, step } = parallelChart({
      names,
      front: front.map(values),
      others: others.map(values),
      chosen: row && values(row),
      width,
    });
    const sample = step > 1 ? `, one in ${step} of the others grey` : ', the others grey';
    return figure(
      element(
        'div',
        { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'parallel coordinates' },
        plot,
      ),
      `Designs on the front are blue${sample}, the chosen one orange. Axes that span more than a decade are logarithmic.`,
    );
  });
}

function drawHypervolume() {
  const { points, reference } = view.hypervolume;
  const corner = reference.map(({ label, value, unit }) => `${label} ${shown(value)} ${unit}`).join(', ');
  const pruned =
    report.done > view.rows.length
      ? ' Designs that were pruned leave it as it is: they could not be on the front.'
      : '';
  show('hypervolume', (width) =>
    figure(
      hypervolumeChart({ points, width }),
      `Share of the box from 0 to the reference point that the front dominates, in the order the designs were done. The reference is 1.1 times the worst mapped value of each objective (${corner}): it depends on what was mapped, so shares of different sweeps do not compare.${pruned}`,
      hypervolumeTable(points),
    ),
  );
}

function drawDesign() {
  const [, ...values] = rows.get(chosen) ?? [];
  const lines = values.map((value, i) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, names[i]),
      element('td', { class: 'right' }, shown(value)),
    ),
  );
  place('design').replaceChildren(
    element('h3', {}, `Design ${chosen}`),
    element('table', {}, element('tbody', {}, ...lines)),
    element(
      'p',
      { class: 'note' },
      `${onFront.has(chosen) ? 'On the front. ' : ''}dse sweep FILE --design ${chosen} prints its architecture file.`,
    ),
  );
}

/** @param {number} id */
function choose(id) {
  chosen = id;
  drawDesign();
  drawParallel();
  mark();
}

function mark() {
  press('data-design', chosen);
  chooseMark(place('front'), chosen);
}

function draw() {
  drawFront();
  drawHypervolume();
  drawParallel();
  drawDesign();
  mark();
}

if (view.rows.length > 0) {
  for (const button of document.querySelectorAll('[data-design]')) {
    button.addEventListener('click', () => choose(Number(button.getAttribute('data-design'))));
  }
  draw();
  onNewWidth(draw);
} else {
  place('front').replaceChildren('No design was mapped.');
}
