/** Energy per memory and tensor, utilisation and roofline of all layers. */
import type { Found } from '../engine.ts';
import { Chart } from './chart.tsx';

export interface EnergyFiguresProps {
  readonly found: Found;
  /** Place of the layer that is marked. */
  readonly chosen: number;
  /** Of the side, for the names of its pictures. */
  readonly id: string;
  readonly onChoose: (layer: number) => void;
}

export function EnergyFigures({ found, chosen, id, onChoose }: EnergyFiguresProps) {
  const { report, shown } = found;
  const layers = report.layers.map(({ name, count, best }, i) => ({
    name,
    count,
    utilization: best.utilization,
    ...shown.layers[i],
  }));
  const { memory, wordsPerCycle } = shown.roof;
  const limit = wordsPerCycle === null ? `; the bandwidth of ${memory} is unlimited` : '';
  return (
    <>
      <h3>Energy</h3>
      <Chart
        name={`energy-${id}`}
        caption="Each layer times its count, from the outermost memory (left) to the compute unit."
        of={[found]}
        draw={(charts, width) => charts.energyChart({ layers, width })}
        legend={(charts) => charts.energyLegend(layers)}
        table={(charts) => charts.energyTable(layers)}
      />
      <div class="pair">
        <div>
          <h3>Utilisation</h3>
          <Chart
            name={`utilisation-${id}`}
            caption="MACs over what all units could do in the cycles of the layer; the table of layers has the figures."
            of={[found]}
            draw={(charts, width) => charts.utilizationChart({ layers, width })}
          />
        </div>
        <div>
          <h3>Roofline</h3>
          <Chart
            name={`roofline-${id}`}
            caption={`What compute units and ${memory} allow at most${limit}. Choose a layer to see its mapping.`}
            of={[found]}
            chosen={chosen}
            draw={(charts, width) => charts.rooflineChart({ roof: shown.roof, layers, width, onChoose })}
            table={(charts) => charts.rooflineTable(layers)}
          />
        </div>
      </div>
    </>
  );
}
