/** A web worker that maps designs; it keeps what it learns of their layers. */
import { expose } from 'comlink';
import type { DesignResult, Rivals } from './design-thread.ts';
import { DesignThread } from './design-thread.ts';
import type { Preview } from './mapper.ts';
import type { Design, SweepSources } from './sweep.ts';

let thread: DesignThread | undefined;

const worker = {
  /** Before anything else. */
  begin(sources: SweepSources): void {
    thread = new DesignThread(sources);
  },

  preview(designs: readonly Design[]): (Preview | undefined)[] {
    return begun().preview(designs);
  },

  map(design: Design, rivals: Rivals): Promise<DesignResult> {
    return begun().map(design, rivals);
  },
};

function begun(): DesignThread {
  if (thread) return thread;
  throw new Error('the worker knows no sweep');
}

export type DesignWorker = typeof worker;

expose(worker);
