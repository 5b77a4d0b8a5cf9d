/** The designs of the small sweep and their front. */
import { swept } from '../sweeping.ts';

export function SweepResult() {
  const found = swept.value;
  if (!found) return null;
  return <p>{`${found.report.front.length} of ${found.report.done} designs are on the front`}</p>;
}
