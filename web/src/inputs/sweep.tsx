/** The small sweep's question: one or two parameters with their ranges, two objectives. */
import { MOST_VALUES, SWEEP_METRICS } from '../link.ts';
import { layer, objective } from '../question.ts';
import { a } from '../state.ts';
import type { Knob } from '../knobs.ts';
import { knobText, knobValues } from '../knobs.ts';
import type { SweepAxis } from '../sweeping.ts';
import {
  MOST_DESIGNS,
  axes,
  designs,
  isSweeping,
  runSweep,
  stopSweep,
  sweepObjectives,
} from '../sweeping.ts';

export function SweepPanel() {
  const machine = a.machine.value;
  const knobs = machine?.knobs ?? [];
  const known = axes.value.filter(({ knob }) => knobs.some(({ key }) => key === knob));
  const isTooLarge = designs.value > MOST_DESIGNS;
  const metrics = SWEEP_METRICS.filter(
    (name) => name !== 'area' || machine?.hasArea || sweepObjectives.value.includes(name),
  );
  return (
    <details class="panel" open={axes.value.length > 0}>
      <summary>
        <h2>Sweep</h2>
      </summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void runSweep(a, layer.value, mappingObjective());
        }}
      >
        <p class="note">
          Every combination of one or two parameters of {machine?.name ?? 'the machine'}, every layer mapped
          optimally: which designs are on the Pareto front?
        </p>
        <AxisFields index={0} knobs={knobs} />
        {known.length > 0 && <AxisFields index={1} knobs={knobs} />}
        <div class="fields">
          {[0, 1].map((index) => (
            <label class="field" key={index}>
              {index === 0 ? 'Trade' : 'against'}
              <select
                value={sweepObjectives.value[index]}
                onChange={({ currentTarget: { value } }) =>
                  (sweepObjectives.value = sweepObjectives.value.map((old, i) => (i === index ? value : old)))
                }
              >
                {metrics.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </div>
        <div class="fields buttons">
          <button type="submit" class="action primary" disabled={known.length === 0 || isTooLarge}>
            Sweep {known.length > 0 && designs.value} designs
          </button>
          <button type="button" class="action" disabled={!isSweeping.value} onClick={stopSweep}>
            Cancel the sweep
          </button>
          {isTooLarge && (
            <span class="note">at most {MOST_DESIGNS} designs in the page; more with dse sweep</span>
          )}
        </div>
      </form>
    </details>
  );
}

/** A front is no objective of a mapping in a sweep. */
function mappingObjective(): string {
  return ['edp', 'energy', 'latency', 'ed2p'].includes(objective.value) ? objective.value : 'edp';
}

function AxisFields({ index, knobs }: { readonly index: number; readonly knobs: readonly Knob[] }) {
  const axis: SweepAxis | undefined = axes.value[index];
  const knob = knobs.find(({ key }) => key === axis?.knob);
  const others = axes.value.filter((_, i) => i !== index).map(({ knob: key }) => key);
  const set = (changed: Partial<SweepAxis>): void => {
    if (axis) axes.value = axes.value.map((old, i) => (i === index ? { ...old, ...changed } : old));
  };
  const field = (label: string, key: 'from' | 'to' | 'count', max?: number) => (
    <label class="field number">
      {label}
      <input
        type="number"
        min={knob?.kind === 'energy' && key !== 'count' ? 0.001 : 1}
        max={max}
        step={knob?.kind === 'energy' && key !== 'count' ? 'any' : 1}
        required
        value={axis?.[key]}
        onInput={({ currentTarget }) => {
          if (currentTarget.checkValidity()) set({ [key]: currentTarget.valueAsNumber });
        }}
      />
    </label>
  );
  return (
    <div class="fields">
      <label class="field">
        {index === 0 ? 'Vary' : 'and vary'}
        <select
          value={knob?.key ?? ''}
          onChange={({ currentTarget: { value } }) =>
            choose(
              index,
              knobs.find(({ key }) => key === value),
            )
          }
        >
          <option value="">nothing</option>
          {knobs
            .filter(({ key }) => !others.includes(key))
            .map(({ key, label }) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
        </select>
      </label>
      {axis && knob && (
        <>
          {field(`from (${knob.unit})`, 'from')}
          {field(`to (${knob.unit})`, 'to')}
          {field('values', 'count', MOST_VALUES)}
          <span class="note">
            {knobValues(knob, axis.from, axis.to, axis.count)
              .map((value) => knobText(knob, value))
              .join(', ')}
          </span>
        </>
      )}
    </div>
  );
}

/** From a quarter of what the file says to four times that. */
function choose(index: number, knob: Knob | undefined): void {
  const kept = axes.value.filter((_, i) => i !== index);
  if (!knob) return void (axes.value = kept);
  const from = knob.kind === 'energy' ? knob.base / 4 : Math.max(1, Math.round(knob.base / 4));
  const to = knob.kind === 'count' ? 2 * knob.base : 4 * knob.base;
  axes.value = axes.value
    .slice(0, index)
    .concat({ knob: knob.key, from, to, count: knob.kind === 'count' ? 8 : 9 }, axes.value.slice(index + 1));
}
