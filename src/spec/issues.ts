/** zod's issues as diagnostics in the words of a person who wrote a YAML file. */
import type { core } from 'zod';
import type { Path, YamlDocument } from './document.ts';
import type { Diagnostic } from './errors.ts';
import { didYouMean } from './suggest.ts';

type Issue = core.$ZodIssue;

/** Unknown keys of one mapping that are reported. */
const MAX_KEYS = 20;

/**
 * Error map for `safeParse`: the message of an unknown-key issue becomes the comma-separated keys its object knows,
 * which zod does not report otherwise.
 */
export function knownKeys(issue: core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const schema = issue.inst as { readonly def?: { readonly shape?: object } } | undefined;
  return Object.keys(schema?.def?.shape ?? {}).join(',');
}

/** Diagnostics of one issue of a parse with `knownKeys`; `root` is the path of the parsed value in the file. */
export function issueDiagnostics(document: YamlDocument, issue: Issue, root: Path): Diagnostic[] {
  const path = [...root, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, MAX_KEYS)
        .map((key) => unknownKey(document, path, key, issue.message.split(',')));
    case 'invalid_union':
      return unionDiagnostics(document, issue, path);
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => issueDiagnostics(document, inner, path));
    case 'custom':
      return [document.diagnostic(path, issue.message, issue.params)];
    default:
      return [simpleDiagnostic(document, issue, path)];
  }
}

function unknownKey(document: YamlDocument, path: Path, key: string, known: readonly string[]): Diagnostic {
  const suggestion = didYouMean(key, known);
  return document.diagnostic([...path, key], `unknown key '${key.slice(0, 40)}'`, {
    part: 'key',
    expected: known.length > 0 && known[0] !== '' ? `one of ${known.join(', ')}` : undefined,
    suggestion,
  });
}

/**
 * The alternative that the value comes nearest to: among those that know its first key (`memory:` says what an entry
 * is), the one with the fewest complaints. If the value is of none of their kinds, all kinds by name.
 */
function unionDiagnostics(
  document: YamlDocument,
  issue: core.$ZodIssueInvalidUnion,
  path: Path,
): Diagnostic[] {
  const near = issue.errors.filter((branch) => !branch.some(isWrongKind));
  if (near.length > 0) {
    const value = document.at(path);
    const first = typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
    const knowing = near.filter((branch) => !branch.some((inner) => rejects(inner, first)));
    const best = (knowing.length > 0 ? knowing : near).reduce((a, b) => (strays(b) < strays(a) ? b : a));
    return best.flatMap((inner) => issueDiagnostics(document, inner, path));
  }
  return [wrong(document, path, expectation(issue))];
}

function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isWrongKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function rejects(issue: Issue, key: string | undefined): boolean {
  return issue.path.length === 0 && issue.code === 'unrecognized_keys' && issue.keys.includes(key ?? '');
}

/** Keys an alternative does not know, and issues beside them. */
function strays(branch: readonly Issue[]): number {
  return branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

function simpleDiagnostic(document: YamlDocument, issue: Issue, path: Path): Diagnostic {
  switch (issue.code) {
    case 'invalid_type':
      return wrong(document, path, expectation(issue));
    case 'invalid_value': {
      const suggestion = didYouMean(String(document.at(path)), issue.values.map(String));
      return { ...wrong(document, path, expectation(issue)), suggestion };
    }
    case 'too_small':
      return wrong(
        document,
        path,
        bounded(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum),
      );
    case 'too_big':
      return wrong(
        document,
        path,
        bounded(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum),
      );
    case 'not_multiple_of':
      return wrong(document, path, `a multiple of ${issue.divisor}`);
    default:
      return document.diagnostic(path, `${document.found(path)}: ${issue.message}`);
  }
}

function wrong(document: YamlDocument, path: Path, expected: string): Diagnostic {
  if (document.at(path) !== undefined) {
    return document.diagnostic(path, `expected ${expected}, found ${document.found(path)}`);
  }
  return document.diagnostic(path.slice(0, -1), `'${String(path.at(-1))}' is missing`, { expected });
}

function bounded(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'array') return `a list of ${relation} ${limit}`;
  if (origin === 'string') return `${relation} ${limit} characters`;
  return `${origin === 'int' ? 'an integer' : 'a number'} of ${relation} ${limit}`;
}

const ZOD_SAYS_NOTHING = 'Invalid input';

const KINDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
};

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_union') {
    // A schema's own error text says what it expects; zod's says nothing.
    if (issue.message !== ZOD_SAYS_NOTHING) return issue.message;
    return [...new Set(issue.errors.flat().filter(isWrongKind).map(expectation))].join(' or ');
  }
  if (issue.code !== 'invalid_value') return issue.message;
  const values = issue.values.map((value) => `'${String(value)}'`);
  return values.length === 1 ? values[0] : `one of ${values.join(', ')}`;
}
