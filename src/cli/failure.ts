/** What a thrown error becomes: text on stderr and an exit code. */
import { LimitError } from '../search/errors.ts';
import { InfeasibleError, InputError } from '../spec/errors.ts';
import { renderDiagnostics } from '../spec/render.ts';
import { issueTracker } from '../version.ts';
import { colorOf } from './terminal.ts';

/** Prints the error and returns the exit code: 2 bad input, 3 no legal mapping, 4 stopped first, 1 our own fault. */
export function reportFailure(error: unknown): number {
  if (error instanceof InfeasibleError) return diagnosed(error, 3);
  if (error instanceof InputError) return diagnosed(error, 2);
  if (error instanceof LimitError) {
    process.stderr.write(`dse: ${error.message}\n`);
    return 4;
  }
  process.stderr.write(internalFault(error));
  return 1;
}

function diagnosed(error: InputError, code: number): number {
  process.stderr.write(`${renderDiagnostics(error, { color: colorOf(process.stderr) })}\n`);
  return code;
}

function internalFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = process.env['DSE_DEBUG'] === '1' && error instanceof Error ? `${error.stack}\n` : '';
  const tracker = issueTracker();
  return (
    `dse: internal fault: ${message}\n${stack}` +
    `This is a defect in dse, not in your input. Please report it${tracker ? ` at ${tracker}` : ''} ` +
    `with the command you ran and the output of 'dse version'; DSE_DEBUG=1 adds the stack.\n`
  );
}
