/** The text of an architecture's file: a plain field until the code editor is loaded, which happens when it is first shown. */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { Diagnostic } from 'dse/browser';
import { useEffect, useRef } from 'preact/hooks';
import type { Side } from '../side.ts';
import { settle } from '../state.ts';
import type { Editor } from './editor.ts';
import { Faults } from './faults.tsx';

export function FileEditor({ side, title }: { readonly side: Side; readonly title: string }) {
  const place = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDetailsElement>(null);
  const editor = useSignal<Editor | undefined>(undefined);
  const isWanted = useSignal(false);
  const label = `${title}: file`;
  const text = useComputed(() => side.text.value ?? side.machine.value?.text ?? '');
  const change = (next: string): void => {
    side.text.value = next;
    settle();
  };

  useEffect(() => {
    if (!isWanted.value || editor.value) return;
    void import('./editor.ts').then(({ openEditor }) => {
      if (place.current)
        editor.value = openEditor(place.current, { label, text: text.value, onChange: change });
    });
  }, [isWanted.value]);
  useEffect(() => () => editor.peek()?.close(), []);
  // At once, not after the next frame: an older text would overwrite what is being typed.
  useSignalEffect(() => editor.value?.setText(text.value));
  useSignalEffect(() => editor.value?.setFaults(side.faults.value));
  // A mistake is shown where it stands.
  useSignalEffect(() => {
    if (side.faults.value.length > 0) isWanted.value = true;
  });

  const go = (fault: Diagnostic): void => {
    if (frame.current) frame.current.open = true;
    editor.value?.go(fault);
  };
  return (
    <>
      <details
        ref={frame}
        open={isWanted.value}
        onToggle={(event) => {
          if (event.currentTarget.open) isWanted.value = true;
        }}
      >
        <summary>File</summary>
        <div ref={place} class="editor" />
        {!editor.value && isWanted.value && (
          <textarea
            aria-label={label}
            aria-describedby={`${side.id}-faults`}
            spellcheck={false}
            value={text.value}
            onInput={(event) => change(event.currentTarget.value)}
          />
        )}
      </details>
      <Faults id={`${side.id}-faults`} faults={side.faults.value} onGo={go} />
    </>
  );
}
