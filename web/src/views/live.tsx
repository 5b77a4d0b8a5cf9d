/** A search while it runs: best, bound and gap in numbers and over time. */
import { count, percent, significant } from '../../../src/report/format.ts';
import { Figure } from './figure.tsx';
import { LiveChart } from './live-chart.tsx';
import type { Quantity } from './objective.ts';
import type { Trace } from './trace.ts';

export function Live({ trace, quantity }: { readonly trace: Trace; readonly quantity: Quantity }) {
  const now = trace.at(-1);
  if (!now) return <p class="standing">Searching …</p>;
  const { best, bound, gap, evaluations, layer, index, layers } = now;
  const { name, unit } = quantity;
  const value = (one: number | undefined): string =>
    one === undefined ? 'none yet' : `${significant(one)} ${unit}`;
  return (
    <div class="standing live">
      <dl class="facts">
        <Fact name={layers > 1 ? `layer ${index} of ${layers}` : 'layer'} value={layer} />
        <Fact name={`best ${name}`} value={value(best?.value)} />
        <Fact name="lower bound" value={value(bound)} />
        <Fact name="gap" value={gap === undefined ? 'unknown' : percent(gap)} />
        <Fact name="costed" value={count(evaluations)} />
      </dl>
      <LiveFigure trace={trace} unit={unit} />
    </div>
  );
}

export function LiveFigure({ trace, unit }: { readonly trace: Trace; readonly unit: string }) {
  return (
    <Figure name="best-and-bound" caption="The gap between the two is what is not yet proved.">
      <LiveChart trace={trace} unit={unit} />
    </Figure>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
