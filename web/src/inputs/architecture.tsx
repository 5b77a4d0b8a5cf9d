/** The inputs of one side: which architecture, its file, its knobs. */
import { useSignal } from '@preact/signals';
import type { Side } from '../side.ts';
import { chooseArchitecture, shipped } from '../state.ts';
import { FileEditor } from './file-editor.tsx';
import { openFiles } from './open-files.ts';
import { Sliders } from './sliders.tsx';

/** Value of the option for a file that is not the shipped one's. */
const OWN = '';

export function ArchitecturePanel({ side, title }: { readonly side: Side; readonly title: string }) {
  const isOver = useSignal(false);
  return (
    <section
      class={isOver.value ? 'panel over' : 'panel'}
      aria-label={title}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        isOver.value = false;
        void openFiles(side, event.dataTransfer?.files ?? []);
      }}
    >
      <h2>{title}</h2>
      <div class="fields">
        <Choice side={side} />
        <OpenButton side={side} />
      </div>
      {side.machine.value && <p class="note description">{side.machine.value.description}</p>}
      <FileEditor side={side} title={title} />
      <Sliders side={side} />
    </section>
  );
}

function Choice({ side }: { readonly side: Side }) {
  const { name, text } = side;
  const isOwn = text.value !== undefined;
  const names = shipped.value.architectures;
  return (
    <label class="field">
      Machine
      <select
        value={isOwn ? OWN : name.value}
        onChange={({ currentTarget: { value } }) => {
          if (value !== OWN) chooseArchitecture(side, value);
        }}
      >
        {isOwn && (
          <option value={OWN}>{names.includes(name.value) ? `${name.value}, edited` : name.value}</option>
        )}
        {(names.includes(name.value) || isOwn ? names : [name.value, ...names]).map((known) => (
          <option key={known} value={known}>
            {known}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The field is over its label's text, so that the keyboard reaches it. */
function OpenButton({ side }: { readonly side: Side }) {
  return (
    <label class="action open">
      Open YAML
      <input
        type="file"
        multiple
        accept=".yaml,.yml"
        title="An architecture of dse, or Timeloop's files together"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          currentTarget.value = '';
          void openFiles(side, files);
        }}
      />
    </label>
  );
}
