/** One line on stderr that is overwritten while work goes on: on a terminal only, and not for short work. */

/** Work that ends sooner shows nothing. */
const QUIET_MS = 1000;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #started = performance.now();
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Shows the text, cut to the terminal's width; ignored off a terminal, in the first second and too soon after the last. */
  update(text: () => string): void {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#started < QUIET_MS || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    this.#stream.write(CLEAR_LINE + text().slice(0, (this.#stream.columns ?? 80) - 1));
  }

  /** Removes the line. */
  clear(): void {
    if (this.#drawn > 0) this.#stream.write(CLEAR_LINE);
    this.#drawn = 0;
  }
}
