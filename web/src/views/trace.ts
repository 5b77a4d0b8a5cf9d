/** Best and bound over the time of one search. */
import type { RequestProgress } from 'dse/browser';

/** Progress of one layer's search, oldest first. */
export type Trace = readonly RequestProgress[];

/** A layer's trace ends where the next one's begins. */
export function traced(trace: Trace, now: RequestProgress): Trace {
  const isSame = trace.at(-1)?.index === now.index;
  return isSame ? [...trace, now] : [now];
}
