/** Two architectures beside each other: totals with ratios, energies on one scale, machines. */
import { count, jouleSeconds, percent, si, significant } from '../../../src/report/format.ts';
import { layerRows } from '../../../src/report/search.ts';
import type { Column } from '../../../src/report/table.ts';
import type { Found } from '../engine.ts';
import { a, b, chosenLayer } from '../state.ts';
import { Chart } from './chart.tsx';
import { DataTable } from './data-table.tsx';
import { MachinePicture } from './machine-picture.tsx';
import './views.css';

export function Comparison() {
  const [one, other] = [a.found.value, b.found.value];
  if (!one || !other) return <p class="note">The comparison is shown once both searches have ended.</p>;
  const isSearching = a.isSearching.value || b.isSearching.value;
  return (
    <div class={isSearching ? 'answer dimmed' : 'answer'}>
      <h3>Totals</h3>
      <DataTable
        columns={totalColumns(one, other)}
        rows={totalRows(one, other)}
        label="totals of both architectures"
      />
      <h3>Energy</h3>
      <Energies one={one} other={other} />
      <h3>Machines</h3>
      <div class="pair">
        {[one, other].map((found, i) => (
          <MachinePicture
            key={i}
            name={`comparison-machine-${'ab'[i]}`}
            picture={found.shown.layers[layerOf(found)].picture}
          />
        ))}
      </div>
    </div>
  );
}

function layerOf({ report }: Found): number {
  return Math.max(
    0,
    report.layers.findIndex(({ name }) => name === chosenLayer.value),
  );
}

interface TotalRow {
  readonly name: string;
  readonly text: (value: number) => string;
  readonly values: readonly [number, number];
}

function totalRows(one: Found, other: Found): TotalRow[] {
  const row = (name: string, of: (found: Found) => number, text: (value: number) => string): TotalRow => ({
    name,
    text,
    values: [of(one), of(other)],
  });
  return [
    row(
      'energy',
      ({ report }) => report.total.energyPj * 1e-12,
      (value) => si(value, 'J'),
    ),
    row(
      'latency',
      ({ report }) => report.total.latencySeconds,
      (value) => si(value, 's'),
    ),
    row('cycles', ({ report }) => report.total.cycles, count),
    row(
      'EDP',
      ({ report }) => report.total.edpJs,
      (value) => `${jouleSeconds(value)} J s`,
    ),
    row('utilisation', utilization, percent),
    row('compute units', ({ shown }) => shown.computeUnits, count),
  ];
}

/** Of all layers together, as the total of the table of layers has it. */
function utilization({ report, shown }: Found): number {
  return layerRows(report, shown.computeUnits).at(-1)?.utilization ?? 0;
}

function totalColumns(one: Found, other: Found): Column<TotalRow>[] {
  const value = (index: 0 | 1, { report }: Found): Column<TotalRow> => ({
    header: `${'AB'[index]}: ${report.arch}`,
    align: 'right',
    cell: ({ values, text }) => text(values[index]),
  });
  return [
    { header: 'total', align: 'left', cell: ({ name }) => name },
    value(0, one),
    value(1, other),
    { header: 'B / A', align: 'right', cell: ({ values }) => significant(values[1] / values[0], 3) },
  ];
}

/** Layer by layer where both have them: a row each of A and B, on one scale. */
function Energies({ one, other }: { readonly one: Found; readonly other: Found }) {
  const layers = one.report.layers.flatMap(({ name }) =>
    [one, other].flatMap(({ report, shown }, side) => {
      const at = report.layers.findIndex((layer) => layer.name === name);
      if (at < 0) return [];
      const { count: times } = report.layers[at];
      return [{ name: `${'AB'[side]} ${name}`, count: times, energy: shown.layers[at].energy }];
    }),
  );
  return (
    <Chart
      name="comparison-energy"
      caption={`A is ${one.report.arch}, B is ${other.report.arch}; each layer times its count.`}
      of={[one, other]}
      draw={(charts, width) => charts.energyChart({ layers, width })}
      legend={(charts) => charts.energyLegend(layers)}
      table={(charts) => charts.energyTable(layers)}
    />
  );
}
