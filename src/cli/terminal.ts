/** The terminal behind stdout and stderr: colour and width. */
import { ansiStyle, styleFor } from '../report/style.ts';
import type { TableOptions } from '../report/table.ts';

/** How reports on stdout are laid out: colour and a limited width only on a terminal. */
export function layout(stream: NodeJS.WriteStream = process.stdout): TableOptions {
  return {
    style: styleFor(stream, process.env),
    // A pseudo-terminal may say that it has no columns.
    width: stream.isTTY ? stream.columns || 80 : Infinity,
  };
}

export function colorOf(stream: NodeJS.WriteStream): boolean {
  return styleFor(stream, process.env) === ansiStyle;
}

/** One report on stdout, closed by a newline. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Exactly one JSON object on stdout. */
export function printJson(report: object): void {
  print(JSON.stringify(report, undefined, 2));
}
