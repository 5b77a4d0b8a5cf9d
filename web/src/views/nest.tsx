/** The loop nest, coloured by memory; copied as text. */
import { useEffect, useState } from 'preact/hooks';
import { nestDrawing } from '../../../src/report/html/client/charts/nest.js';
import { partColours } from '../../../src/report/html/client/charts/parts.js';
import type { ShownMapping } from '../engine.ts';
import { Made } from './element.tsx';

/** Milliseconds for which a copy is confirmed. */
const CONFIRMED_MS = 2000;

export function Nest({ shown }: { readonly shown: ShownMapping }) {
  return (
    <div class="nest-view">
      <Made make={() => nestDrawing({ nest: shown.nest, colours: partColours([shown]) })} of={[shown]} />
      <CopyButton text={shown.text} />
      <details>
        <summary>As text</summary>
        <pre tabIndex={0}>{shown.text}</pre>
      </details>
    </div>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const [said, say] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => say(''), CONFIRMED_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(text).then(
      () => say('Copied'),
      () => say('The browser did not allow it: copy the text below'),
    );
  return (
    <p class="note">
      <button type="button" onClick={() => void copy()}>
        Copy the loop nest
      </button>{' '}
      <span role="status">{said}</span>
    </p>
  );
}
