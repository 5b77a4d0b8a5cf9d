/** One self-contained HTML file: markup, style, data, the drawing libraries and a client script; it loads nothing. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Column } from '../table.ts';

export interface Page {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** What the client script draws, as JSON. */
  readonly data: object;
  readonly client: 'search' | 'sweep';
}

/** The policy makes the browser enforce that the page needs no network. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";

export function htmlPage({ title, body, data, client }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
${asset('client/charts/charts.css')}${asset('client/style.css')}</style>
</head>
<body>
${body}
<script type="application/json" id="data">${inlineJson(data)}</script>
${libraries().map(inlineScript).join('\n')}
<script type="module">
${clientScript(`client/${client}.js`)}</script>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** A table of a report with its name; `first` makes HTML of the first cell's text. */
export function htmlTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  label: string,
  first: (text: string, index: number) => string = escapeHtml,
): string {
  const cells = (tag: string, contents: readonly string[], attributes = ''): string =>
    contents
      .map((content, c) => `<${tag}${attributes} class="${columns[c].align}">${content}</${tag}>`)
      .join('');
  const headers = columns.map(({ header }) => escapeHtml(header));
  const head = cells('th', headers, ' scope="col"');
  const body = rows.map((row, index) => {
    const texts = columns.map(({ cell }) => cell(row));
    return `<tr>${cells('td', [first(texts[0], index), ...texts.slice(1).map(escapeHtml)])}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(label)}"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** Names with their values. */
export function htmlFacts(facts: readonly (readonly [string, string])[]): string {
  const items = facts.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="facts">${items.join('')}</dl>`;
}

/** `<` may begin the end of the element, and nowhere in JSON is it needed outside strings. */
function inlineJson(data: object): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

function inlineScript(source: string): string {
  return `<script>\n${source.replaceAll('</script', '<\\/script')}\n</script>`;
}

/** D3, which Plot takes from the global scope, then Plot; the builds their packages ship for browsers. */
function libraries(): string[] {
  const require = createRequire(import.meta.url);
  const d3 = join(dirname(require.resolve('d3')), '../dist/d3.min.js');
  const plot = join(dirname(require.resolve('@observablehq/plot')), '../dist/plot.umd.min.js');
  return [d3, plot].map((file) => readFileSync(file, 'utf8'));
}

/**
 * A client module and, before it, what it imports from beside it, as one module: an inlined one cannot be imported.
 * Packages it imports are in the global scope by then.
 */
function clientScript(path: string, included = new Set<string>()): string {
  if (included.has(path)) return '';
  included.add(path);
  const text = asset(path);
  const imported = [...text.matchAll(/^import [^;]* from '(\.[^']*)';$/gm)].map(([, to]) =>
    clientScript(join(dirname(path), to), included),
  );
  const own = text
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^export (?=function|const)/gm, '')
    .replace(/^export \{\};$/gm, '');
  return [...imported, own].join('\n');
}

function asset(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
