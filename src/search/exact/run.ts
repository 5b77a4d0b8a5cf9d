/** Runs an exact search in this thread, giving way to the event loop so that signals and timers are heard. */
import { host } from '#host';
import type { Mapspace } from '../../mapspace/mapspace.ts';
import type { ExactOptions, ExactResult } from './exact.ts';
import { ExactSearch } from './exact.ts';

/** Milliseconds between two looks at the event loop. */
const TURN_MS = 50;

/** `searchExact` for a caller with other things to hear; time and the signal end it with what it has. */
export async function runExact(space: Mapspace, options: ExactOptions): Promise<ExactResult> {
  const deadline = performance.now() + (options.timeSeconds ?? Infinity) * 1000;
  const search = new ExactSearch(space, options);
  let turned = performance.now();
  while (search.step()) {
    const now = performance.now();
    if (now > deadline || options.signal?.aborted) break;
    if (now - turned < TURN_MS) continue;
    await host.pause();
    turned = performance.now();
  }
  return search.result();
}
