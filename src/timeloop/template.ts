/**
 * Jinja templates around Timeloop's YAML files: variables, conditions and the front end's include functions. Nothing
 * in a template runs as code, and loops are refused.
 */
import { host } from '#host';
import { Template } from '@huggingface/jinja';
import { InputError } from '../spec/errors.ts';
import type { Source } from '../spec/source.ts';
import { positionAt, readSource } from '../spec/source.ts';

/** What a template asks to include: `key` of each file; the values of several files are joined lists. */
export type Include = (paths: readonly string[], key: readonly string[]) => string;

const { files } = host;
const MAX_TEXT = 4 * 1024 * 1024;
/** Statements a description needs; loops and macros could make a template run for ever. */
const STATEMENTS = new Set(['set', 'if', 'elif', 'else', 'endif', 'endset']);

export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%');
}

/** Renders a file's text. Throws `InputError` that points at the statement or expression at fault. */
export function render(
  source: Source,
  parameters: Readonly<Record<string, string>>,
  include: Include,
): string {
  refuseLoops(source);
  const folder = files.dirname(source.file);
  const searched = [folder];
  const find = (path: unknown): string => findFile(String(path), searched, source);
  const functions = {
    cwd: () => folder,
    add_to_path: (path: unknown) => {
      searched.push(files.resolve(folder, String(path)));
      return '';
    },
    path_exists: (path: unknown) => candidates(String(path), searched).some(files.exists),
    include: (path: unknown, ...keys: unknown[]) => include([find(path)], keyPath(keys)),
    include_all: (pattern: unknown, ...keys: unknown[]) =>
      include(matching(String(pattern), searched), keyPath(keys)),
    include_text: (path: unknown) => readSource(find(path)).text,
  };
  const text = run(source, { ...parameters, ...functions });
  if (text.length > MAX_TEXT)
    throw new InputError({
      message: 'the template makes too long a text',
      position: positionAt(source, 0, 1),
    });
  return text;
}

function run(source: Source, context: Record<string, unknown>): string {
  try {
    return new Template(withoutComments(source.text)).render(context);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const offset = Math.max(0, source.text.search(/\{[{%]/));
    const message = `cannot render the template: ${(error as Error).message}`;
    throw new InputError({ message, position: positionAt(source, offset, 2) });
  }
}

/** Templates in YAML comments are text. */
function withoutComments(text: string): string {
  return text.replace(/^\s*#.*$/gm, '');
}

function refuseLoops(source: Source): void {
  for (const match of source.text.matchAll(/\{%-?\s*(\w+)/g)) {
    if (STATEMENTS.has(match[1])) continue;
    const message = `'{% ${match[1]} %}' is not supported in a template`;
    throw new InputError({
      message,
      position: positionAt(source, match.index, match[0].length),
      expected: 'set, if, else',
    });
  }
}

function keyPath(keys: readonly unknown[]): string[] {
  return keys.flatMap((key) => (typeof key === 'string' ? key.split('.') : []));
}

function candidates(path: string, folders: readonly string[]): string[] {
  return [path, ...folders.map((folder) => files.join(folder, path))];
}

function findFile(path: string, folders: readonly string[], source: Source): string {
  const found = candidates(path, folders).find(files.exists);
  if (found !== undefined) return found;
  const offset = Math.max(0, source.text.indexOf(path.slice(path.lastIndexOf('/') + 1)));
  throw new InputError({
    message: `the included file '${path}' does not exist`,
    position: positionAt(source, offset, 1),
  });
}

/** Files of one folder whose names fit a pattern with `*`, in alphabetical order. */
function matching(pattern: string, folders: readonly string[]): string[] {
  const slash = pattern.lastIndexOf('/') + 1;
  const parts = pattern.slice(slash).split('*');
  const fits = (name: string): boolean =>
    name.length >= parts.join('').length &&
    name.startsWith(parts[0]) &&
    name.endsWith(parts[parts.length - 1]);
  for (const folder of candidates(pattern.slice(0, slash), folders)) {
    if (!files.exists(folder)) continue;
    const names = files.list(folder).filter(fits).toSorted();
    if (names.length > 0) return names.map((name) => files.join(folder, name));
  }
  return [];
}
