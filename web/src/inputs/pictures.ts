/** The pictures of the views as files of their own: the page's style is written into them. */

export interface Picture {
  readonly file: string;
  readonly svg: string;
}

/** What a style sheet may set and a picture needs. */
const STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font', 'text-anchor'];

/** Of an element marked with `data-picture`; undefined while nothing is drawn in it. */
export function pictureOf(frame: HTMLElement): Picture | undefined {
  const svg = frame instanceof SVGSVGElement ? frame : frame.querySelector('svg');
  return svg ? { file: `${frame.dataset.picture}.svg`, svg: standalone(svg) } : undefined;
}

function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const shown = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  for (const [i, element] of shown.entries()) {
    const style = getComputedStyle(element);
    for (const name of STYLES) copies[i].style.setProperty(name, style.getPropertyValue(name));
  }
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const { width, height } = svg.getBoundingClientRect();
  if (!svg.hasAttribute('width')) copy.setAttribute('width', String(width));
  if (!svg.hasAttribute('height')) copy.setAttribute('height', String(height));
  return new XMLSerializer().serializeToString(copy);
}
