/** A web worker that answers calls, by Comlink; its faults reach the callers. */
import type { Remote } from 'comlink';
import { wrap } from 'comlink';

export interface BrowserWorker<T> {
  /** False once a fault has ended it. */
  readonly isAlive: boolean;
  /** What a call of the worker's functions gives; rejects if the worker cannot be loaded or breaks. */
  call<R>(work: (remote: Remote<T>) => Promise<R>): Promise<R>;
  end(): void;
}

/** The worker is given, not its address: bundlers find `new Worker(new URL(…))` only as it stands. */
export function browserWorker<T>(worker: Worker): BrowserWorker<T> {
  const remote = wrap<T>(worker);
  let isAlive = true;
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      isAlive = false;
      reject(new Error(`a worker failed: ${message || 'it could not be loaded'}`));
    });
  });
  // Nobody may be calling when it breaks.
  broken.catch(() => undefined);
  return {
    get isAlive() {
      return isAlive;
    },
    call: (work) => Promise.race([work(remote), broken]),
    end: () => worker.terminate(),
  };
}
