/** One layer: the machine with its best mapping, the loop nest, the front, why it is the best. */
import { count, jouleSeconds, percent, si } from '../../../src/report/format.ts';
import type { Detail } from '../detail.ts';
import type { Found, ShownMapping } from '../engine.ts';
import { Chart } from './chart.tsx';
import { Explanation } from './explanation.tsx';
import { Facts } from './facts.tsx';
import { MachinePicture } from './machine-picture.tsx';
import { Nest } from './nest.tsx';

export interface LayerDetailProps {
  readonly found: Found;
  readonly detail: Detail;
  /** Of the side, for the names of its pictures. */
  readonly id: string;
}

export function LayerDetail({ found, detail, id }: LayerDetailProps) {
  const layer = found.report.layers[detail.layer.value];
  const shown = detail.shown.value;
  if (!shown) return null;
  const { name, names, einsum, front } = layer;
  const dims = Object.entries(einsum.dims).map(([dim, bound]) => `${dim}=${bound}`);
  return (
    <section class="layer" aria-label={`layer ${name}`}>
      <h3>{name}</h3>
      <p class="note">
        {dims.join(' ')}
        {names.length > 1 && `. Also: ${names.slice(1).join(', ')}.`}
      </p>
      {front && (
        <Chart
          name={`front-${id}`}
          caption={`The ${count(front.length)} mappings that no other one beats; both axes are best when small. Choose one to see it.`}
          of={[front]}
          chosen={detail.mapping.value}
          draw={(charts, width) =>
            charts.mappingFrontChart({
              front,
              width,
              onChoose: (mapping) => void detail.chooseMapping(mapping),
            })
          }
          table={(charts) => charts.mappingFrontTable(front)}
        />
      )}
      {front && <Facts facts={mappingFacts(shown)} />}
      {detail.failure.value && <pre role="alert">{detail.failure.value}</pre>}
      <div class="picture-nest">
        <MachinePicture name={`machine-${id}`} picture={shown.picture} />
        <Nest shown={shown} />
      </div>
      <Explanation found={found} detail={detail} />
    </section>
  );
}

function mappingFacts({ best }: ShownMapping): (readonly [string, string])[] {
  return [
    ['energy of this mapping', si(best.energyPj * 1e-12, 'J')],
    ['latency', `${si(best.latencySeconds, 's')} (${count(best.cycles)} cycles)`],
    ['utilisation', percent(best.utilization)],
    ['EDP', `${jouleSeconds(best.edpJs)} J s`],
  ];
}
