/** What a result can be taken away as: JSON, mapping, pictures, the architecture's file, the command line. */
import { useRef } from 'preact/hooks';
import { architectureFile } from '../engine.ts';
import { explain, layer, objective, uneven } from '../question.ts';
import type { Side } from '../side.ts';
import { chosenLayer } from '../state.ts';
import { command } from './command.ts';
import { Copy } from './copy.tsx';
import { save } from './save.ts';
import { picturesIn } from './pictures.ts';

export function Export({ side }: { readonly side: Side }) {
  const frame = useRef<HTMLDivElement>(null);
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
    explain: explain.value,
  });
  const saveFile = async (): Promise<void> => {
    const file = await architectureFile(side.input.value);
    if (file) save(file.file, file.text, 'application/yaml');
  };
  const savePictures = (): void => {
    for (const { file, svg } of picturesIn(frame.current?.parentElement)) save(file, svg, 'image/svg+xml');
  };
  return (
    <div class="export" ref={frame}>
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
        <button type="button" onClick={savePictures}>
          Pictures (SVG)
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
