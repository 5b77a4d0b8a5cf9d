/** What must hold between the entries of a hierarchy. Looks at raw values, so that it speaks beside the schema. */
import type { YamlDocument } from '../spec/document.ts';
import type { Diagnostic } from '../spec/errors.ts';

type Kind = 'memory' | 'array' | 'compute';

interface Entry {
  readonly index: number;
  readonly kind: Kind;
  readonly name: string;
}

/** Mistakes in the order and the names of the hierarchy; none for entries the schema rejects anyway. */
export function structureProblems(document: YamlDocument): Diagnostic[] {
  const hierarchy = document.at(['hierarchy']);
  if (!Array.isArray(hierarchy)) return [];
  if (hierarchy.length === 0) {
    const details = { expected: 'at least one memory and the compute unit' };
    return [document.diagnostic(['hierarchy'], 'the hierarchy is empty', details)];
  }
  const entries = hierarchy.flatMap(readEntry);
  return [...orderProblems(document, entries, hierarchy.length), ...nameProblems(document, entries)];
}

function readEntry(value: unknown, index: number): Entry[] {
  if (typeof value !== 'object' || value === null) return [];
  return (['memory', 'array', 'compute'] as const).flatMap((kind) => {
    const name = (value as Record<string, unknown>)[kind];
    return typeof name === 'string' ? [{ index, kind, name }] : [];
  });
}

function orderProblems(document: YamlDocument, entries: readonly Entry[], length: number): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const [first] = entries;
  if (first?.index === 0 && first.kind !== 'memory') {
    const message = `the hierarchy begins with ${article(first.kind)} '${first.name}'`;
    problems.push(
      document.diagnostic(['hierarchy', 0], message, { expected: 'a memory that holds everything' }),
    );
  }
  const computes = entries.filter(({ kind }) => kind === 'compute');
  if (computes.length === 0 && entries.length === length) {
    const details = { part: 'key', expected: "a last entry '- compute: NAME'" } as const;
    problems.push(document.diagnostic(['hierarchy'], 'the hierarchy has no compute unit', details));
  }
  for (const { index, name } of computes.filter((entry) => entry.index < length - 1)) {
    const message = `compute unit '${name}' is not the last entry of the hierarchy`;
    problems.push(document.diagnostic(['hierarchy', index, 'compute'], message));
  }
  return problems;
}

/** Names are compared without regard to case, as mappings and flags may write them either way. */
function nameProblems(document: YamlDocument, entries: readonly Entry[]): Diagnostic[] {
  const seen = new Map<string, Entry>();
  const problems: Diagnostic[] = [];
  for (const entry of entries) {
    const { index, kind, name } = entry;
    const earlier = seen.get(name.toLowerCase());
    if (!earlier) seen.set(name.toLowerCase(), entry);
    else {
      const { line } = document.position(['hierarchy', earlier.index, earlier.kind]);
      const message = `two entries of the hierarchy are named '${name}', the first on line ${line}`;
      problems.push(document.diagnostic(['hierarchy', index, kind], message));
    }
  }
  return problems;
}

function article(kind: Kind): string {
  return kind === 'array' ? 'the array' : 'the compute unit';
}
