/** Draws the report of a search: energy and utilisation per layer, the roofline, the chosen layer. */
import { chooseMark, element, figure, shown } from './charts/chart.js';
import { energyChart, energyLegend, energyTable } from './charts/energy.js';
import { mappingFrontChart, mappingFrontTable } from './charts/mappings.js';
import { nestDrawing } from './charts/nest.js';
import { rooflineChart, rooflineTable } from './charts/roofline.js';
import { utilizationChart } from './charts/utilization.js';
import { onNewWidth, pageData, place, press, show } from './page.js';

/** @type {{ report: import('../../json.ts').SearchReport, view: import('../search-view.ts').SearchView }} */
const { report, view } = pageData();
const layers = report.layers.map(({ name, count, best }, i) => ({
  name,
  count,
  utilization: best.utilization,
  ...view.layers[i],
}));
/** The layer shown, and of its front the mapping. */
let chosen = { layer: 0, mapping: bestOnFront(0) };

function drawLayers() {
  place('legend').replaceChildren(energyLegend(layers));
  show('energy', (width) =>
    figure(
      energyChart({ layers, width }),
      'Each layer times its count, from the outermost memory (left) to the compute unit.',
      energyTable(layers),
    ),
  );
  show('utilization', (width) =>
    figure(
      utilizationChart({ layers, width }),
      'MACs over what all units could do in the cycles of the layer; the table of layers has the figures.',
    ),
  );
  const { memory, wordsPerCycle } = view.roof;
  const limit = wordsPerCycle === null ? `; the bandwidth of ${memory} is unlimited` : '';
  show('roofline', (width) =>
    figure(
      rooflineChart({ roof: view.roof, layers, width, onChoose: (layer) => choose(layer) }),
      `What compute units and ${memory} allow at most${limit}. Choose a layer to see its nest.`,
      rooflineTable(layers),
    ),
  );
}

function drawFront() {
  const { name, front } = report.layers[chosen.layer];
  if (!front) return;
  place('pareto').replaceChildren(element('h2', {}, `Front of ${name}`), element('div', { id: 'front' }));
  show('front', (width) =>
    figure(
      mappingFrontChart({ front, width, onChoose: (mapping) => choose(chosen.layer, mapping) }),
      'Mappings that no other one beats; both are best when small. Choose one to see its nest.',
      mappingFrontTable(front),
    ),
  );
}

/**
 * The best mapping's place on the front of its layer.
 *
 * @param {number} layer
 */
function bestOnFront(layer) {
  const { best, front = [] } = report.layers[layer];
  return front.findIndex(({ energyPj, cycles }) => energyPj === best.energyPj && cycles === best.cycles);
}

function drawNest() {
  const { name, einsum, best: figures, names, front } = report.layers[chosen.layer];
  const { front: drawings, explanation, ...best } = view.layers[chosen.layer];
  const { nest, picture } = drawings?.[chosen.mapping] ?? best;
  const { energyPj, cycles } = front?.[chosen.mapping] ?? figures;
  const dims = Object.entries(einsum.dims).map(([dim, bound]) => `${dim}=${bound}`);
  const also = names.length > 1 ? ` Also: ${names.slice(1).join(', ')}.` : '';
  place('layer').replaceChildren(
    element('h2', {}, `Loop nest of ${name}`),
    element(
      'p',
      { class: 'note' },
      `${dims.join(' ')}; ${shown(energyPj * 1e-6)} uJ, ${shown(cycles)} cycles.${also}`,
    ),
    nestDrawing(nest),
  );
  place('machine').innerHTML = picture;
  place('explanation').replaceChildren(
    ...(explanation
      ? [
          element('h2', {}, `Why this mapping of ${name} is the best`),
          element('pre', { tabindex: '0' }, explanation),
        ]
      : []),
  );
}

/**
 * @param {number} layer
 * @param {number} [mapping] on the front of the layer; else the best
 */
function choose(layer, mapping = bestOnFront(layer)) {
  const isNewLayer = layer !== chosen.layer;
  chosen = { layer, mapping };
  if (isNewLayer) drawFront();
  drawNest();
  mark();
}

function mark() {
  press('data-layer', chosen.layer);
  chooseMark(place('roofline'), chosen.layer);
  chooseMark(place('pareto'), chosen.mapping);
}

function draw() {
  drawLayers();
  drawFront();
  drawNest();
  mark();
}

for (const button of document.querySelectorAll('[data-layer]')) {
  button.addEventListener('click', () => choose(Number(button.getAttribute('data-layer'))));
}
draw();
onNewWidth(draw);
