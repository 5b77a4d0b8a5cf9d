/** How a search stands: running, ended with its certificate in words, stopped, failed. */
import { useEffect, useState } from 'preact/hooks';
import type { RequestProgress } from 'dse/browser';
import type { Found } from '../engine.ts';
import { objective } from '../question.ts';
import type { Side } from '../side.ts';
import { certificateSentences } from './certificate.ts';
import { Live, LiveFigure } from './live.tsx';
import { firstQuantity } from './objective.ts';
import type { Trace } from './trace.ts';
import { traced } from './trace.ts';

/** Fewer points are no curve. */
const CURVE = 3;

export function Outcome({ side, layer }: { readonly side: Side; readonly layer: number }) {
  const { isSearching, progress, found, failure } = side;
  const trace = useTrace(progress.value);
  const isLong = isSearching.value && (progress.value !== undefined || !found.value);
  return (
    <div class="outcome">
      {failure.value && <pre role="alert">{failure.value.message}</pre>}
      {isLong && <Live trace={trace} quantity={firstQuantity(objective.value)} />}
      {!isLong && found.value && <Ended found={found.value} layer={layer} trace={trace} />}
    </div>
  );
}

interface EndedProps {
  readonly found: Found;
  readonly layer: number;
  readonly trace: Trace;
}

function Ended({ found: { report, interrupted }, layer, trace }: EndedProps) {
  const quantity = firstQuantity(report.objective);
  // Layers whose search had found nothing yet are left out of the result.
  const isCut = interrupted || report.unsolved.length > 0;
  const { name, certificate } = report.layers[layer];
  const [proof, effort] = certificateSentences(report.layers[layer], quantity);
  return (
    <div class="standing">
      <div>
        <p role="status" class={`proof ${certificate.status}`}>
          <strong>{name}</strong> {isCut && 'Stopped. '}
          {proof}
        </p>
        <p class="note">{effort}</p>
      </div>
      {trace.length >= CURVE && <LiveFigure trace={trace} unit={quantity.unit} />}
    </div>
  );
}

/** Of the search under way, or of the last one. */
function useTrace(now: RequestProgress | undefined): Trace {
  const [trace, setTrace] = useState<Trace>([]);
  useEffect(() => setTrace((before) => (now ? traced(before, now) : before)), [now]);
  return trace;
}
