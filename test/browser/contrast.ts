/** Contrast of text in a page, by WCAG 2.2; runs in the browser. */

export interface TextContrast {
  readonly text: string;
  readonly contrast: number;
}

/** Of every text that is shown: relative luminance of its colour against the nearest background behind it. */
export function contrasts(): TextContrast[] {
  const shown = (element: Element): boolean =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    ![...element.childNodes].every((node) => node.nodeType !== Node.TEXT_NODE || !node.textContent?.trim());
  return [...document.querySelectorAll('body *')]
    .filter((element) => !element.closest('script, style') && shown(element))
    .map((element) => {
      const style = getComputedStyle(element);
      const colour = element instanceof SVGElement ? style.fill : style.color;
      const [a, b] = [luminance(colour), luminance(behind(element))].toSorted((x, y) => y - x);
      return { text: (element.textContent ?? '').slice(0, 40), contrast: (a + 0.05) / (b + 0.05) };
    });

  function behind(element: Element): string {
    for (let one: Element | null = element; one; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one);
      if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  }

  function luminance(colour: string): number {
    const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((text) => {
      const share = Number(text) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}
