/** What is asked of all sides: layers, objective, options; the buttons that search and stop. */
import type { ObjectiveChoice } from '../question.ts';
import { OBJECTIVES, layer, layerFaults, layers, objective, uneven } from '../question.ts';
import { compare, isComparing, run, settle, shipped, sides, stop } from '../state.ts';
import { CopyLink } from './copy.tsx';
import { Faults } from './faults.tsx';
import { LayerPicker } from './layer-picker.tsx';

export function QuestionPanel() {
  const isSearching = sides.value.some((side) => side.isSearching.value);
  return (
    <section class="panel question" aria-label="Question">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <h2>Question</h2>
        <div class="fields">
          <LayerPicker networks={shipped.value.workloads} />
          <LayerField />
          <ObjectiveField />
        </div>
        <div class="fields">
          <Option label="uneven mappings" value={uneven.value} onChange={setUneven} />
          <Option label="compare two architectures" value={isComparing.value} onChange={compare} />
        </div>
        <div class="fields buttons">
          <button type="submit" class="action primary">
            Search
          </button>
          <button type="button" class="action" disabled={!isSearching} onClick={stop}>
            Cancel
          </button>
          <CopyLink />
        </div>
      </form>
    </section>
  );
}

function LayerField() {
  const isWrong = layerFaults.value.length > 0;
  const macs = layers.value.reduce((sum, one) => sum + one.count * one.macs, 0);
  return (
    <div class="field grow">
      <label for="layer">Layers, or a shape</label>
      <input
        id="layer"
        value={layer.value}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={isWrong}
        aria-describedby="layer-hint layer-faults"
        onInput={({ currentTarget }) => {
          layer.value = currentTarget.value;
          settle();
        }}
      />
      <span id="layer-hint" class="note">
        {isWrong ? 'as in ' : `${shapeText()}, ${count(macs)} MACs; or `}
        <code>conv:M=64,C=64,P=56,Q=56,R=3,S=3</code>
      </span>
      <Faults id="layer-faults" faults={layerFaults.value} />
    </div>
  );
}

function shapeText(): string {
  const [first, ...others] = layers.value;
  if (!first) return '';
  return others.length === 0 ? first.bounds : `${layers.value.length} layers`;
}

const NUMBER = new Intl.NumberFormat('en');
const count = (value: number): string => NUMBER.format(value);

function ObjectiveField() {
  return (
    <label class="field">
      Least
      <select
        value={objective.value}
        onChange={({ currentTarget: { value } }) => {
          objective.value = value;
          run();
        }}
      >
        {OBJECTIVES.map(({ text, label }: ObjectiveChoice) => (
          <option key={text} value={text}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

function setUneven(isWanted: boolean): void {
  uneven.value = isWanted;
  run();
}

interface OptionProps {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (isWanted: boolean) => void;
}

function Option({ label, value, onChange }: OptionProps) {
  return (
    <label class="option">
      <input
        type="checkbox"
        checked={value}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />{' '}
      {label}
    </label>
  );
}
