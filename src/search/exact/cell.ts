/** A few words that two threads see at once: what one wants of the other, and how far that is. */

const BYTES = 16;

export class Cell {
  /** Shared memory, to be sent to the other thread. */
  readonly buffer: SharedArrayBuffer;
  readonly #wanted: Int32Array<SharedArrayBuffer>;
  readonly #bound: BigInt64Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#wanted = new Int32Array(buffer, 0, 1);
    this.#bound = new BigInt64Array(buffer, 8, 1);
  }

  /** Undefined where threads share no memory. */
  static make(): Cell | undefined {
    return typeof SharedArrayBuffer === 'undefined' ? undefined : new Cell(new SharedArrayBuffer(BYTES));
  }

  /** Number of the order that is wanted; 0 for none. */
  get wanted(): number {
    return Atomics.load(this.#wanted, 0);
  }

  set wanted(order: number) {
    Atomics.store(this.#wanted, 0, order);
  }

  /** Least bound of what is left of it. */
  get bound(): number {
    return new Float64Array(new BigInt64Array([Atomics.load(this.#bound, 0)]).buffer)[0];
  }

  set bound(value: number) {
    Atomics.store(this.#bound, 0, new BigInt64Array(new Float64Array([value]).buffer)[0]);
  }
}
