/** What the pages of both reports use: elements, numbers, figures. Runs in the browser. */

/** @type {typeof import('@observablehq/plot')} */
export const Plot = Reflect.get(globalThis, 'Plot');

/** Style of every plot. */
export const FONT = { fontSize: '12px', fontFamily: 'inherit' };

/** Axes carry names and units, no arrows. */
export const NO_ARROW = /** @type {const} */ ('none');
export const X_LABEL = /** @type {const} */ ({
  labelAnchor: 'center',
  labelArrow: NO_ARROW,
  labelOffset: 38,
});

/** The page's data. */
export function pageData() {
  return JSON.parse(place('data').textContent ?? '');
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function place(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

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

/**
 * Replaces what a place shows.
 *
 * @param {string} id
 * @param {Node} drawing
 * @param {string} caption
 */
export function show(id, drawing, caption) {
  place(id).replaceChildren(element('figure', {}, drawing, element('figcaption', {}, caption)));
}

/**
 * Makes marks buttons for the mouse and the keyboard.
 *
 * @param {Iterable<Element>} marks
 * @param {(index: number) => string} label of a mark by its place in the data
 * @param {(index: number) => void} open
 */
export function makeButtons(marks, label, open) {
  for (const mark of marks) {
    const index = dataIndex(mark);
    mark.setAttribute('tabindex', '0');
    mark.setAttribute('role', 'button');
    mark.setAttribute('aria-label', label(index));
    mark.addEventListener('click', (event) => {
      event.stopPropagation();
      open(index);
    });
    mark.addEventListener('keydown', (event) => {
      if (!(event instanceof KeyboardEvent) || !['Enter', ' '].includes(event.key)) return;
      event.preventDefault();
      open(index);
    });
  }
}

/**
 * Place of a mark's datum, which Plot binds to it as D3 does.
 *
 * @param {Element} mark
 * @returns {number}
 */
export function dataIndex(mark) {
  return Reflect.get(mark, '__data__');
}

/**
 * Colours the chosen marks.
 *
 * @param {Iterable<Element>} marks
 * @param {(index: number) => boolean} isChosen
 */
export function highlight(marks, isChosen) {
  for (const mark of marks) {
    mark.setAttribute('fill', isChosen(dataIndex(mark)) ? 'var(--chosen)' : 'var(--accent)');
  }
}

/**
 * Shows which button of the tables is the chosen one.
 *
 * @param {string} attribute that the buttons carry
 * @param {number} chosen its value
 */
export function press(attribute, chosen) {
  for (const button of document.querySelectorAll(`[${attribute}]`)) {
    const isChosen = button.getAttribute(attribute) === String(chosen);
    button.setAttribute('aria-pressed', String(isChosen));
    button.closest('tr')?.classList.toggle('chosen', isChosen);
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
