/** What the charts share: elements, numbers, axes, marks that are buttons. Runs in the browser. */

/** Style of every plot. */
export const FONT = { fontSize: '12px', fontFamily: 'inherit' };

/** Axes carry names and units, no arrows. */
export const NO_ARROW = /** @type {const} */ ('none');
export const X_LABEL = /** @type {const} */ ({
  labelAnchor: 'center',
  labelArrow: NO_ARROW,
  labelOffset: 38,
});

/** Where Plot keeps the place of an SVG element's datum, as D3 does. */
const DATUM = '__data__';

/**
 * @param {string} tag
 * @param {Readonly<Record<string, string>>} attributes
 * @param {readonly (Node | string)[]} children
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Four significant digits; exponent form for the very small and the very large.
 *
 * @param {number} value
 */
export function shown(value) {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) return value.toExponential(3);
  return value.toLocaleString('en', {
    maximumSignificantDigits: Math.max(4, Math.ceil(Math.log10(magnitude + 1))),
  });
}

/** @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

/**
 * A chart with its caption and, folded, the same figures as a table.
 *
 * @param {Node} drawing
 * @param {string} caption
 * @param {HTMLElement} [table]
 */
export function figure(drawing, caption, table) {
  const folded = table ? [element('details', {}, element('summary', {}, 'As a table'), table)] : [];
  return element('figure', {}, drawing, element('figcaption', {}, caption), ...folded);
}

/**
 * The first column holds names, the others numbers.
 *
 * @param {readonly string[]} headers
 * @param {readonly (readonly string[])[]} rows
 */
export function figuresTable(headers, rows) {
  const align = (/** @type {number} */ column) => (column === 0 ? 'left' : 'right');
  const head = headers.map((text, i) => element('th', { scope: 'col', class: align(i) }, text));
  const body = rows.map((row) =>
    element('tr', {}, ...row.map((text, i) => element('td', { class: align(i) }, text))),
  );
  const table = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
  return element('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'table' }, table);
}

/**
 * Makes marks buttons for the mouse and the keyboard. A mark in focus shows the plot's tip, as one under the pointer.
 *
 * @param {Element} plot
 * @param {string} className of the marks
 * @param {readonly { readonly key: number, readonly label: string }[]} buttons in the order of the marks' data
 * @param {(key: number) => void} open
 */
export function makeButtons(plot, className, buttons, open) {
  for (const mark of plot.querySelectorAll(`.${className} circle`)) {
    const { key, label } = buttons[Reflect.get(mark, DATUM)];
    mark.setAttribute('tabindex', '0');
    mark.setAttribute('role', 'button');
    mark.setAttribute('aria-label', label);
    mark.setAttribute('data-key', String(key));
    mark.addEventListener('click', (event) => {
      event.stopPropagation();
      open(key);
    });
    mark.addEventListener('keydown', (event) => {
      if (!(event instanceof KeyboardEvent) || !['Enter', ' '].includes(event.key)) return;
      event.preventDefault();
      open(key);
    });
    mark.addEventListener('focus', () => pointAt(plot, mark));
    mark.addEventListener('blur', () => plot.dispatchEvent(new PointerEvent('pointerleave')));
  }
}

/**
 * Tells the plot that the pointer is on a mark.
 *
 * @param {Element} plot
 * @param {Element} mark
 */
function pointAt(plot, mark) {
  const { x, y, width, height } = mark.getBoundingClientRect();
  const at = { clientX: x + width / 2, clientY: y + height / 2, pointerType: 'mouse' };
  plot.dispatchEvent(new PointerEvent('pointermove', at));
}

/**
 * Shows which mark is the chosen one; the style sheet colours it.
 *
 * @param {Element} chart that holds marks which are buttons
 * @param {number} chosen key
 */
export function chooseMark(chart, chosen) {
  for (const mark of chart.querySelectorAll('svg [data-key]')) {
    mark.setAttribute('aria-pressed', String(mark.getAttribute('data-key') === String(chosen)));
  }
}

/**
 * Least and greatest.
 *
 * @param {readonly number[]} values
 * @returns {[number, number]}
 */
export function span(values) {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}

/**
 * Logarithmic where values are positive and span more than a decade.
 *
 * @param {readonly number[]} values
 * @returns {'log' | 'linear'}
 */
export function scaleType(values) {
  const [least, most] = span(values);
  return least > 0 && most > 10 * least ? 'log' : 'linear';
}

/**
 * Text of an axis' tick. On a logarithmic axis 1, 2 and 5 of each decade have a number.
 *
 * @param {number} value
 * @param {'log' | 'linear'} type
 */
export function tick(value, type) {
  const [mantissa, exponent] = value.toExponential().split('e');
  if (type === 'log' && !['1', '2', '5'].includes(mantissa)) return '';
  const isPlain = value === 0 || (Number(exponent) >= -3 && Number(exponent) < 6);
  return isPlain
    ? value.toLocaleString('en', { maximumSignificantDigits: 6 })
    : `${Number(Number(mantissa).toFixed(3))}e${Number(exponent)}`;
}
