/** The page: its frame, and where inputs and views stand in it. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { onBreakdown } from './engine.ts';
import { ArchitecturePanel } from './inputs/architecture.tsx';
import { Export } from './inputs/export.tsx';
import { Notice } from './inputs/notice.tsx';
import { openFiles } from './inputs/open-files.ts';
import { QuestionPanel } from './inputs/question.tsx';
import { SweepPanel } from './inputs/sweep.tsx';
import { startLinking } from './permalink.ts';
import { layer } from './question.ts';
import type { Side } from './side.ts';
import { a, isComparing, loadNames, notice, sides } from './state.ts';
import '../../src/report/html/client/charts/charts.css';
import '../../src/report/html/client/style.css';
import './style.css';
import { Comparison } from './views/comparison.tsx';
import { Result } from './views/result.tsx';
import { SweepResult } from './views/sweep-result.tsx';

function Results({ side }: { readonly side: Side }) {
  const title = isComparing.value ? `Results ${side.id.toUpperCase()}` : 'Results';
  return (
    <section class={side.isStale.value ? 'results stale' : 'results'} aria-labelledby={`${side.id}-results`}>
      <h2 id={`${side.id}-results`} tabIndex={-1}>
        {title}
      </h2>
      {side.isStale.value && <p class="note">The inputs cannot be read; this is the answer before.</p>}
      <Result side={side} />
      <Export side={side} />
    </section>
  );
}

function App() {
  return (
    <>
      <button type="button" class="action skip" onClick={() => document.getElementById('a-results')?.focus()}>
        Skip to the results
      </button>
      <header>
        <h1>dse</h1>
        <p>
          The best mapping of a DNN layer onto an accelerator, with its proof. Everything runs in this tab;
          nothing is uploaded.
        </p>
      </header>
      <main class={isComparing.value ? 'comparing' : 'single'}>
        <Notice />
        <QuestionPanel />
        {sides.value.map((side) => (
          <ArchitecturePanel
            key={side.id}
            side={side}
            title={isComparing.value ? `Architecture ${side.id.toUpperCase()}` : 'Architecture'}
          />
        ))}
        {isComparing.value && (
          <section class="wide" aria-labelledby="comparison">
            <h2 id="comparison">Comparison</h2>
            <Comparison />
          </section>
        )}
        {sides.value.map((side) => (
          <Results key={side.id} side={side} />
        ))}
        <section class="wide" aria-label="Sweep">
          <SweepPanel />
          <SweepResult />
        </section>
      </main>
    </>
  );
}

/** Files dropped beside a panel are meant for the first; the browser would leave the page for them. */
function acceptDrops(): void {
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    void openFiles(a, event.dataTransfer?.files ?? []);
  });
}

onBreakdown((reason) => {
  const text = `The engine's thread stopped: ${reason || 'it could not be loaded'}. Load the page again.`;
  notice.value = { kind: 'error', text };
});
effect(() => {
  document.title = `${layer.value} on ${a.name.value} – dse`;
});
const place = document.querySelector('#app')!;
// What stood there says why there may be nothing.
place.replaceChildren();
render(<App />, place);
acceptDrops();
// The search goes first: reading the list of networks would hold it up.
void startLinking();
void loadNames();
