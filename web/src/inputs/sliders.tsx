/** Sliders: the knobs of a machine. The optimum follows as they move. */
import type { Knob } from '../knobs.ts';
import { knobText, scaleOf } from '../knobs.ts';
import type { Side } from '../side.ts';
import { turn } from '../state.ts';

export function Sliders({ side }: { readonly side: Side }) {
  const knobs = side.machine.value?.knobs ?? [];
  const turnedKeys = Object.keys(side.settings.value);
  return (
    <fieldset class="sliders">
      <legend>What if</legend>
      {knobs.map((knob) => (
        <Slider key={knob.key} side={side} knob={knob} />
      ))}
      <button
        type="button"
        disabled={turnedKeys.length === 0}
        onClick={() => turnedKeys.forEach((key) => turn(side, key, undefined))}
      >
        Reset all to the file
      </button>
    </fieldset>
  );
}

function Slider({ side, knob }: { readonly side: Side; readonly knob: Knob }) {
  const scale = scaleOf(knob);
  const isTurned = knob.key in side.settings.value;
  const value = side.settings.value[knob.key] ?? knob.base;
  const id = `${side.id}-${knob.key}`;
  const move = (place: number): void => {
    const next = scale.value(place);
    turn(side, knob.key, next === knob.base ? undefined : next);
  };
  return (
    <div class="slider">
      <label for={id}>{knob.label}</label>
      <output for={id}>{knobText(knob, value)}</output>
      <input
        id={id}
        type="range"
        min={scale.min}
        max={scale.max}
        value={scale.place(value)}
        aria-valuetext={knobText(knob, value)}
        onInput={(event) => move(event.currentTarget.valueAsNumber)}
      />
      <button
        type="button"
        class="reset"
        disabled={!isTurned}
        aria-label={`Reset ${knob.label} to ${knobText(knob, knob.base)}`}
        onClick={() => turn(side, knob.key, undefined)}
      >
        Reset
      </button>
    </div>
  );
}
