/** What went wrong with the user's input, and where. Everything a door prints about bad input comes from here. */

/** A place in a file the user wrote; line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The source line itself, for the caret. */
  readonly text: string;
  /** Characters the caret underlines. */
  readonly length: number;
}

export interface Diagnostic {
  /** What was found. */
  readonly message: string;
  readonly position?: SourcePosition;
  /** What was expected. */
  readonly expected?: string;
  /** What the user could do about it. */
  readonly suggestion?: string;
}

/** Bad input: exit code 2. Holds every diagnostic, in file order. */
export class InputError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[] | Diagnostic) {
    const list = Array.isArray(diagnostics)
      ? (diagnostics as readonly Diagnostic[])
      : [diagnostics as Diagnostic];
    super(list.map((diagnostic) => diagnostic.message).join('\n'));
    this.name = 'InputError';
    this.diagnostics = list;
  }
}

/** No mapping can be legal: exit code 3. The diagnostics name the reason and the smallest change that helps. */
export class InfeasibleError extends InputError {
  constructor(diagnostics: readonly Diagnostic[] | Diagnostic) {
    super(diagnostics);
    this.name = 'InfeasibleError';
  }
}
