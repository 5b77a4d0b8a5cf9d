/** The loop nest, a block for each memory; copied as text. */
import { nestDrawing } from '../../../src/report/html/client/charts/nest.js';
import type { ShownMapping } from '../engine.ts';
import { Copy } from '../inputs/copy.tsx';
import { Made } from './element.tsx';

export function Nest({ shown }: { readonly shown: ShownMapping }) {
  return (
    <div class="nest-view">
      <Made make={() => nestDrawing(shown.nest)} of={[shown]} />
      <p>
        <Copy text={() => shown.text}>Copy the loop nest</Copy>
      </p>
      <details>
        <summary>As text</summary>
        <pre tabIndex={0}>{shown.text}</pre>
      </details>
    </div>
  );
}
