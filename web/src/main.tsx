/** The page: what is asked, and what is found as text. */
import { render } from 'preact';
import {
  arch,
  failure,
  found,
  isSearching,
  layer,
  loadNames,
  progress,
  run,
  shipped,
  stop,
} from './state.ts';

function Question() {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <label>
        Architecture{' '}
        <select name="arch" value={arch.value} onChange={(event) => (arch.value = event.currentTarget.value)}>
          {shipped.value.architectures.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>{' '}
      <label>
        Layer{' '}
        <input
          name="layer"
          value={layer.value}
          onInput={(event) => (layer.value = event.currentTarget.value)}
        />
      </label>{' '}
      <button type="submit">Search</button>{' '}
      <button type="button" disabled={!isSearching.value} onClick={stop}>
        Stop
      </button>
    </form>
  );
}

function Progress() {
  const now = progress.value;
  if (!isSearching.value) return null;
  const gap = now?.gap === undefined ? '' : `, gap ${(now.gap * 100).toFixed(1)} %`;
  return <p role="status">{now ? `${now.layer}: best ${now.best?.value ?? 'none'}${gap}` : 'Searching …'}</p>;
}

function Answer() {
  if (failure.value) return <pre role="alert">{failure.value.message}</pre>;
  if (!found.value) return null;
  const { report, nests } = found.value;
  return (
    <>
      {report.layers.map(({ name, best, certificate }, i) => (
        <section key={name}>
          <h2>{name}</h2>
          <p>
            {best.energyPj} pJ, {best.cycles} cycles, {certificate.status}
          </p>
          <pre>{nests[i]}</pre>
        </section>
      ))}
    </>
  );
}

function App() {
  return (
    <main>
      <h1>dse</h1>
      <Question />
      <Progress />
      <Answer />
    </main>
  );
}

render(<App />, document.querySelector('#app')!);
void loadNames();
void run();
