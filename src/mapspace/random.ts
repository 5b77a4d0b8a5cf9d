/** Seeded random numbers, the same on every machine. Not for secrets. */

/**
 * sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, passes PractRand and BigCrush.
 * Each `(seed, stream)` pair starts its own sequence.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(seed: number, stream: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = stream | 0;
    // The author's own seeding mixes the seed in for 12 to 15 rounds.
    for (let round = 0; round < 15; round++) this.next();
  }

  /** A uniform integer in [0, 2^32). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A uniform integer in [0, n), for n up to 2^20 or so: the bias is below n / 2^32. */
  below(n: number): number {
    return Math.floor((this.next() * n) / 2 ** 32);
  }

  /** A uniform number in [0, 1). */
  unit(): number {
    return this.next() / 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** Shuffles the first `count` items in place (Fisher and Yates). */
  shuffle<T>(items: { [index: number]: T }, count: number): void {
    for (let last = count - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const item = items[last];
      items[last] = items[other];
      items[other] = item;
    }
  }
}
