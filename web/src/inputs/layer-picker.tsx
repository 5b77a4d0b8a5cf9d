/** Picks layers of a shipped network; what is picked becomes the text of the layer field. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { LayerChoice } from '../engine.ts';
import { readLayers } from '../engine.ts';
import { layer } from '../question.ts';
import { run } from '../state.ts';

export function LayerPicker({ networks }: { readonly networks: readonly string[] }) {
  const choices = useSignal<readonly LayerChoice[]>([]);
  // The network with its parameters: `llama2_7b@batch=4`.
  const [source] = /^[^.:#]*/.exec(layer.value) ?? [''];
  const network = networks.find((name) => name === source.split('@', 1)[0]) ?? '';
  useEffect(() => {
    if (network === '') choices.value = [];
    // Wrong parameters are said beside the field.
    else
      void readLayers(source).then(
        (found) => (choices.value = found),
        () => undefined,
      );
  }, [network, source]);
  const pick = (selector: string): void => {
    layer.value = selector;
    run();
  };
  return (
    <>
      <label class="field">
        Network
        <select value={network} onChange={({ currentTarget: { value } }) => void pickNetwork(value, pick)}>
          {network === '' && <option value="">written out</option>}
          {networks.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Part
        <select
          value={layer.value}
          disabled={choices.value.length === 0}
          onChange={({ currentTarget: { value } }) => pick(value)}
        >
          <Parts source={source} choices={choices.value} />
        </select>
      </label>
    </>
  );
}

/** The first layer: a whole large network would take long. */
async function pickNetwork(network: string, pick: (selector: string) => void): Promise<void> {
  const [first] = await readLayers(network);
  pick(`${network}.${first.name}`);
}

function Parts({ source, choices }: { readonly source: string; readonly choices: readonly LayerChoice[] }) {
  const names = choices.map(({ name }) => name);
  const stages = stagesOf(names);
  const known = [source, ...[...stages, ...names].map((name) => `${source}.${name}`)];
  return (
    <>
      {!known.includes(layer.value) && <option value={layer.value}>as written</option>}
      <option value={source}>all {choices.length} layers</option>
      <optgroup label="stages">
        {stages.map((stage) => (
          <option key={stage} value={`${source}.${stage}`}>
            {stage}
          </option>
        ))}
      </optgroup>
      <optgroup label="layers">
        {choices.map(({ name, count }) => (
          <option key={name} value={`${source}.${name}`}>
            {count > 1 ? `${name} × ${count}` : name}
          </option>
        ))}
      </optgroup>
    </>
  );
}

/** Beginnings before `_` or `.` that several layers share. */
function stagesOf(names: readonly string[]): string[] {
  const beginnings = names.map((name) => name.split(/[._]/, 1)[0]);
  return [...new Set(beginnings)].filter(
    (stage) => !names.includes(stage) && beginnings.filter((one) => one === stage).length > 1,
  );
}
