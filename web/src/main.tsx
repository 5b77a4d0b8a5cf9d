/** The page: its frame, and where inputs and views stand in it. */
import { render } from 'preact';
import './style.css';
import { ArchitecturePanel } from './inputs/architecture.tsx';
import { Export } from './inputs/export.tsx';
import { Notice } from './inputs/notice.tsx';
import { QuestionPanel } from './inputs/question.tsx';
import { SweepPanel } from './inputs/sweep.tsx';
import { startLinking } from './permalink.ts';
import type { Side } from './side.ts';
import { a, b, isComparing, loadNames } from './state.ts';
import { Comparison } from './views/comparison.tsx';
import { Result } from './views/result.tsx';
import { SweepResult } from './views/sweep-result.tsx';

function Column({ side }: { readonly side: Side }) {
  const title = isComparing.value ? `Architecture ${side.id.toUpperCase()}` : 'Architecture';
  return (
    <div class="column">
      <ArchitecturePanel side={side} title={title} />
      <section
        class={side.isStale.value ? 'results stale' : 'results'}
        aria-label={isComparing.value ? `Results ${side.id.toUpperCase()}` : 'Results'}
        aria-busy={side.isSearching.value}
      >
        <Result side={side} />
        <Export side={side} />
      </section>
    </div>
  );
}

function App() {
  return (
    <>
      <header>
        <h1>dse</h1>
        <p>
          Proved-optimal mappings of DNN layers on accelerators. Everything runs in this tab; nothing is
          uploaded.
        </p>
      </header>
      <main class={isComparing.value ? 'comparing' : 'single'}>
        <Notice />
        <QuestionPanel />
        <Column side={a} />
        {isComparing.value && <Column side={b} />}
        {isComparing.value && (
          <section class="wide" aria-label="Comparison">
            <Comparison />
          </section>
        )}
        <section class="wide" aria-label="Sweep">
          <SweepPanel />
          <SweepResult />
        </section>
      </main>
    </>
  );
}

render(<App />, document.querySelector('#app')!);
void loadNames();
void startLinking();
