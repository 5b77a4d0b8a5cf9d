/** How a search is helped by threads beside its own: what the pool offers it. Knows no platform. */

/** One end of a line between two threads. What is sent is plain data, copied unless its memory is shared. */
export interface Line {
  send(message: object): void;
  /** The next message that came in, or undefined; does not wait. */
  receive(): unknown;
  close(): void;
}

/** What a search asks for help with. */
export interface Helpers {
  /** Milliseconds of work that must be left for a thread to be worth sending, besides copying what it needs. */
  readonly worthMs: number;
  /** Threads are wanted from now on. They may come at any time, or never. */
  invite(): void;
  /** Lines to those that came since. */
  arrivals(): readonly Line[];
  /** No more are wanted. */
  dismiss(): void;
}
