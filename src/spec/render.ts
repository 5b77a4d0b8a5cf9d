/** Diagnostics as a person reads them: place, message, source line, caret, what to do. No decision what is wrong. */
import type { Diagnostic, InputError, SourcePosition } from './errors.ts';

/** Characters of a source line shown around the caret. */
const WINDOW = 110;

export interface RenderOptions {
  /** ANSI colours; default false. */
  readonly color?: boolean;
}

/**
 * All diagnostics of an error, a blank line between two:
 *
 *     eyeriss.yaml:12:11: expected a size (B, KB, MB, GB, bit, words), found 'pJ'
 *       12 |     size: 108 pJ
 *          |           ^^^^^^
 */
export function renderDiagnostics(error: InputError, options: RenderOptions = {}): string {
  return error.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join('\n\n');
}

function renderDiagnostic(diagnostic: Diagnostic, { color = false }: RenderOptions): string {
  const { message, position, expected, suggestion } = diagnostic;
  const place = position ? `${position.file}:${position.line}:${position.column}: ` : '';
  const lines = [`${style(printable(place), BOLD, color)}${style(printable(message), RED, color)}`];
  if (position) lines.push(...excerpt(position, color));
  if (expected) lines.push(`  expected ${printable(expected)}`);
  if (suggestion) lines.push(`  ${printable(suggestion)}`);
  return lines.join('\n');
}

/** The source line and the caret under it, cut to a window around the caret. */
function excerpt(position: SourcePosition, color: boolean): string[] {
  const start = Math.max(0, position.column - 1 - WINDOW / 2);
  const shown = position.text.slice(start, start + WINDOW);
  const offset = Math.min(position.column - 1 - start, shown.length);
  const length = Math.max(1, Math.min(position.length, shown.length - offset));
  const gutter = String(position.line);
  const caret = ' '.repeat(offset) + style('^'.repeat(length), RED, color);
  return [`  ${gutter} | ${printable(shown)}`, `  ${' '.repeat(gutter.length)} | ${caret}`];
}

/** Control and format characters (tabs too, so that the caret stays in place) never reach the terminal. */
function printable(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, ' ');
}

const BOLD = 1;
const RED = 31;

function style(text: string, code: number, color: boolean): string {
  return color && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
}
