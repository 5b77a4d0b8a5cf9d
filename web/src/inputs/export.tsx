/** What a result can be taken away as: JSON, mapping, the architecture's file, the command line. */
import { architectureFile } from '../engine.ts';
import { layer, objective, uneven } from '../question.ts';
import type { Side } from '../side.ts';
import { chosenLayer } from '../state.ts';
import { command } from './command.ts';
import { Copy } from './copy.tsx';
import { save } from './save.ts';

export function Export({ side }: { readonly side: Side }) {
  const found = side.found.value;
  if (!found) return null;
  const { report, mappings } = found;
  const at = Math.max(
    0,
    report.layers.findIndex(({ name }) => name === chosenLayer.value),
  );
  const { name } = report.layers[at];
  const isFile = report.archFile?.endsWith('.yaml') ?? false;
  const line = command({
    arch: report.archFile ?? report.arch,
    layer: layer.value,
    objective: objective.value,
    uneven: uneven.value,
  });
  const saveFile = async (): Promise<void> => {
    const file = await architectureFile(side.input.value);
    if (file) save(file.file, file.text, 'application/yaml');
  };
  return (
    <div class="export">
      <h3>Take away</h3>
      <p class="buttons">
        <button
          type="button"
          onClick={() =>
            save(
              `${report.arch}.search.json`,
              `${JSON.stringify(report, undefined, 2)}\n`,
              'application/json',
            )
          }
        >
          Result (JSON)
        </button>
        <button
          type="button"
          onClick={() => save(`${report.arch}-${name}.yaml`, mappings[at], 'application/yaml')}
        >
          Mapping of {name} (YAML)
        </button>
        {isFile && (
          <button type="button" onClick={() => void saveFile()}>
            {report.archFile}
          </button>
        )}
      </p>
      <p class="note">The same in a terminal{isFile && `, with ${report.archFile} saved beside`}:</p>
      <pre tabindex={0} aria-label="Command line">
        {line}
      </pre>
      <Copy text={() => line}>Copy command</Copy>
    </div>
  );
}
