/** What the commands that take Timeloop's files share. */
import type { Diagnostic } from '../spec/errors.ts';
import { InputError } from '../spec/errors.ts';
import { renderDiagnostics } from '../spec/render.ts';
import { colorOf } from './terminal.ts';

/** Warnings on stderr, in the form of errors. */
export function printWarnings(warnings: readonly Diagnostic[]): void {
  if (warnings.length === 0) return;
  const text = renderDiagnostics(new InputError(warnings), { color: colorOf(process.stderr) });
  process.stderr.write(`${text}\nwarnings: ${warnings.length}\n`);
}
