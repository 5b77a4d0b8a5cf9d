/** What spec and arch tests share: the diagnostics a call throws, and where they point. */
import { expect } from 'vitest';
import { type Diagnostic, InputError } from '../../src/spec/errors.ts';
import { renderDiagnostics } from '../../src/spec/render.ts';

export function diagnosticsOf(run: () => unknown): readonly Diagnostic[] {
  return inputError(run).diagnostics;
}

/** `line:column: message` of each diagnostic. */
export function complaints(run: () => unknown): string[] {
  return diagnosticsOf(run).map(({ message, position }) =>
    position ? `${position.line}:${position.column}: ${message}` : message,
  );
}

export function rendered(run: () => unknown): string {
  return `\n${renderDiagnostics(inputError(run))}\n`;
}

function inputError(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('expected an InputError');
}
