/** Pieces of SVG text that the pictures share. Text takes `currentColor`, so that they suit light and dark pages. */

export const FONT = 12;
/** Mean advance of a sans-serif character, in font sizes; on the wide side. */
export const ADVANCE = 0.6;

/** As a document of its own the picture follows the reader's scheme; set in a page, it takes the page's `color`. */
const STYLE =
  '<style>svg:root{color-scheme:light dark;color:#1f2328}@media(prefers-color-scheme:dark){svg:root{color:#e6edf3}}</style>';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** For readers who do not see it. */
  readonly title: string;
  readonly description: string;
  readonly parts: readonly string[];
}

/** The whole document, closed by a newline. */
export function svgDocument({ width, height, title, description, parts }: Picture): string {
  const opening =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" fill="currentColor" font-family="system-ui, sans-serif" font-size="${FONT}">`;
  const named = `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>`;
  return `${opening}\n${named}\n${STYLE}\n${parts.join('\n')}\n</svg>\n`;
}

export function textAt(text: string, x: number, y: number, anchor?: 'middle' | 'end'): string {
  return `<text x="${px(x)}" y="${px(y)}"${anchor ? ` text-anchor="${anchor}"` : ''}>${escaped(text)}</text>`;
}

export function heading(text: string, x: number, y: number): string {
  return `<text x="${px(x)}" y="${px(y)}" font-size="16" font-weight="600">${escaped(text)}</text>`;
}

export function note(text: string, x: number, y: number, anchor?: 'middle' | 'end'): string {
  return `<g opacity="0.75">${textAt(text, x, y, anchor)}</g>`;
}

/** A tenth of a pixel is enough. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** As much of the text as fits, with an ellipsis. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
