/** What is found on one architecture: how the search goes, what is best, what it costs, why. */
import { useEffect, useMemo } from 'preact/hooks';
import { LAYER_COLUMNS, layerRows, renderEffort, searchFacts } from '../../../src/report/search.ts';
import { createDetail } from '../detail.ts';
import type { Found } from '../engine.ts';
import type { Side } from '../side.ts';
import { chosenLayer } from '../state.ts';
import { DataTable } from './data-table.tsx';
import { EnergyFigures } from './energy.tsx';
import { Facts } from './facts.tsx';
import { LayerDetail } from './layer-detail.tsx';
import { Outcome } from './outcome.tsx';
import './views.css';

export function Result({ side }: { readonly side: Side }) {
  const detail = useMemo(() => createDetail(side), [side]);
  const isSearching = side.isSearching.value;
  // The engine has one thread: what is asked of an old result gives way.
  useEffect(() => {
    if (isSearching) detail.stop();
  }, [isSearching, detail]);
  const found = side.found.value;
  return (
    <>
      <Outcome side={side} layer={detail.layer.value} />
      {found && (
        <div class={isSearching ? 'answer dimmed' : 'answer'}>
          <Facts facts={searchFacts(found.report, found.shown.computeUnits)} />
          <Layers found={found} chosen={detail.layer.value} />
          <LayerDetail found={found} detail={detail} id={side.id} />
          <EnergyFigures
            found={found}
            chosen={detail.layer.value}
            id={side.id}
            onChoose={chooseLayer(found)}
          />
        </div>
      )}
    </>
  );
}

function chooseLayer({ report }: Found): (layer: number) => void {
  return (layer) => (chosenLayer.value = report.layers[layer].name);
}

function Layers({ found, chosen }: { readonly found: Found; readonly chosen: number }) {
  const { report, shown } = found;
  const choose = chooseLayer(found);
  return (
    <>
      <h3>Layers</h3>
      <DataTable
        columns={LAYER_COLUMNS}
        rows={layerRows(report, shown.computeUnits)}
        label="layers"
        chosen={chosen}
        first={(text, index) =>
          index < report.layers.length ? (
            <button type="button" aria-pressed={index === chosen} onClick={() => choose(index)}>
              {text}
            </button>
          ) : (
            <strong>{text}</strong>
          )
        }
      />
      <p class="note lines">{renderEffort(report)}</p>
    </>
  );
}
