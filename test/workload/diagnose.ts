/** What an action that must fail says, and where. */
import { type Diagnostic, InputError } from '../../src/spec/errors.ts';

export interface Complaint extends Diagnostic {
  /** The characters the caret underlines. */
  readonly underlined: string;
}

/** The first diagnostic of the InputError that the action throws. Throws if there is none. */
export function complaint(action: () => unknown): Complaint {
  try {
    action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [diagnostic] = error.diagnostics;
    const { text = '', column = 1, length = 0 } = diagnostic.position ?? {};
    return { ...diagnostic, underlined: text.slice(column - 1, column - 1 + length) };
  }
  throw new Error('expected an InputError');
}
