/** One line on stderr that is overwritten while work goes on: on a terminal only, and not for short work. */

/** Work that ends sooner shows nothing. */
const QUIET_MS = 1000;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #started = performance.now();
  #text: (() => string) | undefined;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Shows the text, cut to the terminal's width; off a terminal not at all, else once a second and a redraw have passed. */
  update(text: () => string): void {
    if (!this.#stream.isTTY) return;
    this.#text = text;
    const now = performance.now();
    const due = Math.max(this.#started + QUIET_MS, this.#drawn + REDRAW_MS);
    if (now >= due) this.#draw();
    // What no other text follows in time must be shown, too.
    else this.#timer ??= setTimeout(() => this.#draw(), due - now).unref();
  }

  /** Removes the line. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#drawn > 0) this.#stream.write(CLEAR_LINE);
    this.#drawn = 0;
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawn = performance.now();
    this.#stream.write(CLEAR_LINE + (this.#text?.() ?? '').slice(0, (this.#stream.columns || 80) - 1));
  }
}
