/** A mapping's loop nest: a block for each memory with its tiles and how full it is, the loops inside it. */
import { element, percent, shown } from './chart.js';

/**
 * @param {import('../../search-view.ts').NestView} nest
 */
export function nestDrawing(nest) {
  let depth = 0;
  const blocks = nest.blocks.map((block) => {
    const lines = block.loops.map((loop) => loopLine(loop, depth++));
    return blockOf(block, lines);
  });
  const compute = element('li', { style: indent(depth) }, nest.compute);
  const lines = blocks.at(-1)?.querySelector('ol');
  lines?.append(compute);
  return element('ol', { class: 'nest' }, ...blocks);
}

/**
 * @param {import('../../search-view.ts').NestBlockView} block
 * @param {readonly HTMLElement[]} lines
 */
function blockOf({ memory, tiles, usedWords, usableWords }, lines) {
  const words = tiles.map(({ tensor, words: own }) => `${tensor} ${shown(own)}`).join(', ');
  const fill =
    usableWords === null
      ? []
      : [
          element(
            'span',
            { class: 'bar' },
            element('span', { style: `width:${(100 * usedWords) / usableWords}%` }),
          ),
          `${percent(usedWords / usableWords)} of ${shown(usableWords)} words`,
        ];
  return element(
    'li',
    {},
    element('div', { class: 'memory' }, element('strong', {}, memory), element('span', {}, words)),
    element('div', { class: 'fill' }, ...fill),
    element('ol', {}, ...lines),
  );
}

/**
 * @param {import('../../../../mapping/draw.ts').NestLoop} loop
 * @param {number} depth
 */
function loopLine({ dim, factor, array }, depth) {
  const range = `${dim} in [0:${factor})`;
  return array === undefined
    ? element('li', { style: indent(depth) }, `for ${range}`)
    : element(
        'li',
        { style: indent(depth), class: 'parallel' },
        `parallel_for ${range}`,
        element('span', {}, array),
      );
}

/** @param {number} depth */
function indent(depth) {
  return `padding-left:${depth}ch`;
}
