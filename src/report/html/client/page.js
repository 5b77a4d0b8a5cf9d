/** What the pages of both reports use: their data, their places, what is chosen. Runs in the browser. */

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

/** In pixels: a page that is not laid out yet, such as one in a hidden tab, has no width. */
const LEAST_WIDTH = 240;

/**
 * Replaces what a place shows by what is drawn for its width.
 *
 * @param {string} id
 * @param {(width: number) => HTMLElement} draw
 */
export function show(id, draw) {
  const there = place(id);
  there.replaceChildren(draw(Math.max(LEAST_WIDTH, there.clientWidth)));
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
 * Calls when the page has another width than it was drawn for, as after a turn of a phone.
 *
 * @param {() => void} draw
 */
export function onNewWidth(draw) {
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    draw();
  });
}
