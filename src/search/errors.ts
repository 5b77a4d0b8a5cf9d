/** The one way a search ends without a result although mappings may exist. */

/** A limit (evaluations, time, an interrupt) was reached before any legal mapping was found: exit code 4. */
export class LimitError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LimitError';
  }
}
