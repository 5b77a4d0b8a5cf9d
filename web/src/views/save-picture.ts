/** Pictures of the page as files of their own. */

/** The SVG inside an element that names it (`data-picture`), with the colours it has on the page. */
export function savePicture(holder: HTMLElement): void {
  const svg = holder.querySelector('svg');
  if (!svg) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([pictureText(svg)], { type: 'image/svg+xml' }));
  link.download = `${holder.dataset.picture ?? 'picture'}.svg`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Custom properties and inherited values belong to the page: a file has to say them itself. */
export function pictureText(svg: SVGSVGElement): string {
  const style = getComputedStyle(svg);
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.style.color = style.color;
  copy.style.background = style.getPropertyValue('--paper');
  copy.style.fontFamily = style.fontFamily;
  const text = new XMLSerializer().serializeToString(copy);
  return text.replaceAll(
    /var\((--[\w-]+)\)/g,
    (whole, name: string) => style.getPropertyValue(name).trim() || whole,
  );
}
