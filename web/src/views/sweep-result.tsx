/** The designs of a sweep: the front among all of them, parallel coordinates, the table; a chosen design can be taken over. */
import { signal } from '@preact/signals';
import { designPoints, designsOf } from '../../../src/report/html/client/charts/designs.js';
import { count } from '../../../src/report/format.ts';
import { frontColumns } from '../../../src/report/sweep-columns.ts';
import { knobText } from '../knobs.ts';
import { a, turn } from '../state.ts';
import type { SweepResult as Result } from '../sweeping.ts';
import { isSweeping, sweepFailure, sweepProgress, swept } from '../sweeping.ts';
import { Chart } from './chart.tsx';
import { DataTable } from './data-table.tsx';
import { Facts } from './facts.tsx';
import './views.css';

export function SweepResult() {
  const found = swept.value;
  return (
    <>
      {isSweeping.value && <Progress />}
      {sweepFailure.value && <pre role="alert">{sweepFailure.value.message}</pre>}
      {found && (
        <div class={isSweeping.value ? 'answer dimmed' : 'answer'}>
          {found.view.rows.length > 0 ? (
            <Designs found={found} />
          ) : (
            <p role="status">No design was mapped.</p>
          )}
        </div>
      )}
    </>
  );
}

function Progress() {
  const now = sweepProgress.value;
  return (
    <div class="live">
      <label>
        {now
          ? `${count(now.done)} of ${count(now.designs)} designs done, ${count(now.front)} on the front`
          : 'Sweeping …'}{' '}
        <progress value={now?.done} max={now?.designs} />
      </label>
    </div>
  );
}

/** Of one sweep: another one has other designs. */
interface Choice {
  readonly found: Result;
  readonly id: number;
}

const choice = signal<Choice | undefined>(undefined);

function Designs({ found }: { readonly found: Result }) {
  const { report, view, interrupted } = found;
  const designs = designsOf(report, view);
  const chosen = choice.value?.found === found ? choice.value.id : undefined;
  const choose = (id: number): void => {
    choice.value = { found, id };
    takeOver(found, id);
  };
  const row = view.rows.find(([id]) => id === chosen);
  return (
    <>
      <p role="status" class="note">
        {interrupted && 'Stopped. '}
        {`${count(report.done)} of ${count(report.designs)} designs done, ${count(report.front.length)} on the front; every layer of each mapped for ${report.mapping}.`}
      </p>
      <Chart
        name="sweep-front"
        caption="Both are best when small; grey designs are beaten. Choose a design of the front to turn the sliders to it."
        of={[found]}
        chosen={chosen}
        draw={(charts, width) =>
          charts.frontChart({ ...designPoints(designs), width, height: 380, onChoose: choose })
        }
      />
      {row && <Facts facts={designFacts(found, row)} />}
      <Parallel found={found} chosen={chosen} />
      <div class="front-table">
        <DataTable
          columns={frontColumns(report)}
          rows={report.front}
          label="designs on the front"
          chosen={report.front.findIndex(({ id }) => id === chosen)}
          first={(text, index) => (
            <button
              type="button"
              aria-pressed={report.front[index].id === chosen}
              onClick={() => choose(report.front[index].id)}
            >
              {text}
            </button>
          )}
        />
      </div>
    </>
  );
}

function Parallel({ found, chosen }: { readonly found: Result; readonly chosen?: number }) {
  const { names, front, others } = designsOf(found.report, found.view);
  const values = ([, ...own]: readonly number[]): number[] => own;
  const row = found.view.rows.find(([id]) => id === chosen);
  return (
    <Chart
      name="sweep-parallel"
      caption="Designs on the front are blue, the others grey, the chosen one orange. Axes that span more than a decade are logarithmic."
      of={[found, chosen]}
      draw={(charts, width) =>
        charts.parallelChart({
          names,
          front: front.map(values),
          others: others.map(values),
          chosen: row && values(row),
          width,
        }).plot
      }
    />
  );
}

/** Turns the sliders to a design. */
function takeOver({ knobs, view }: Result, design: number): void {
  const [, ...values] = view.rows.find(([id]) => id === design) ?? [];
  for (const [i, name] of view.parameters.entries()) {
    if (name in knobs) turn(a, knobs[name].key, values[i]);
  }
}

function designFacts(
  { knobs, view }: Result,
  [id, ...values]: readonly number[],
): (readonly [string, string])[] {
  return [
    ['design', count(id)],
    ...view.parameters.map((name, i): readonly [string, string] =>
      name in knobs ? [knobs[name].label, knobText(knobs[name], values[i])] : [name, count(values[i])],
    ),
  ];
}
