/** Where designs are mapped: in this thread, or in workers. */
import { openDesignWorkers } from '#design-workers';
import { host } from '#host';
import type { BoundResult, DesignResult, Rivals } from './design-thread.ts';
import { DesignThread } from './design-thread.ts';
import type { Preview } from './mapper.ts';
import type { Design, SweepSources } from './sweep.ts';

export interface DesignPool {
  readonly threads: number;
  /** Undefined where a rule excludes the design. */
  preview(designs: readonly Design[], thread: number): Promise<readonly (Preview | undefined)[]>;
  /** Bounds of designs of one structure, by searches that serve them all. */
  bound(designs: readonly Design[], rivals: Rivals, thread: number): Promise<BoundResult>;
  /** On a thread, from 0: each does one task at a time. */
  map(design: Design, rivals: Rivals, thread: number): Promise<DesignResult>;
  close(): Promise<void>;
}

export async function openDesignPool(sources: SweepSources, threads: number): Promise<DesignPool> {
  return threads <= 1 && host.mayBlock ? new InlineDesigns(sources) : openDesignWorkers(sources, threads);
}

class InlineDesigns implements DesignPool {
  readonly threads = 1;
  readonly #thread: DesignThread;

  constructor(sources: SweepSources) {
    this.#thread = new DesignThread(sources);
  }

  async preview(designs: readonly Design[]): Promise<readonly (Preview | undefined)[]> {
    await host.pause();
    return this.#thread.preview(designs);
  }

  async bound(designs: readonly Design[], rivals: Rivals): Promise<BoundResult> {
    await host.pause();
    return this.#thread.bound(designs, rivals);
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    // Signals and timers are heard between tasks.
    await host.pause();
    return this.#thread.map(design, rivals);
  }

  async close(): Promise<void> {
    // Nothing runs between calls.
  }
}
