/** How several searches share the threads of a pool: side by side while there is room, in the order they came. */

export class Lanes {
  #free: number;
  readonly #all: number;
  readonly #waiting: { readonly wanted: number; readonly start: () => void }[] = [];

  constructor(threads: number) {
    this.#all = threads;
    this.#free = threads;
  }

  /** Runs `work` once so many lanes are free (or all, if there are fewer) and whoever came before has begun. */
  async run<T>(lanes: number, work: () => Promise<T>): Promise<T> {
    const wanted = Math.min(lanes, this.#all);
    await new Promise<void>((start) => {
      this.#waiting.push({ wanted, start });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#free += wanted;
      this.#admit();
    }
  }

  /** Nobody who still waits will begin. */
  close(): void {
    this.#waiting.length = 0;
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && next.wanted <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.wanted;
      next.start();
    }
  }
}
