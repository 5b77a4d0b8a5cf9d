/** What is found on one architecture. */
import type { Side } from '../side.ts';

export function Result({ side }: { readonly side: Side }) {
  const { found, failure, isSearching, progress } = side;
  const now = progress.value;
  return (
    <>
      {isSearching.value && (
        <p>
          {now
            ? `${now.layer}: best ${now.best?.value ?? 'none'}${now.gap === undefined ? '' : `, gap ${(now.gap * 100).toFixed(1)} %`}`
            : 'Searching …'}
        </p>
      )}
      {failure.value && <pre>{failure.value.message}</pre>}
      {found.value?.report.layers.map(({ name, best, certificate }, i) => (
        <section key={name}>
          <h3>{name}</h3>
          <p>
            {best.energyPj} pJ, {best.cycles} cycles, {certificate.status}
          </p>
          <pre>{found.value?.nests[i]}</pre>
        </section>
      ))}
    </>
  );
}
