/** The two sides' totals beside each other. */
import { a, b } from '../state.ts';

export function Comparison() {
  const [one, other] = [a.found.value?.report, b.found.value?.report];
  if (!one || !other) return null;
  const ratio = other.total.energyPj / one.total.energyPj;
  return (
    <p>
      {other.arch} takes {ratio.toPrecision(3)} × the energy of {one.arch}.
    </p>
  );
}
