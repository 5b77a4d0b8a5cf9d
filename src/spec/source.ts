/** Reads a text file the user named, refusing what cannot be one. No parsing. */
import { host } from '#host';
import { type Diagnostic, InputError, type SourcePosition } from './errors.ts';

/** Largest file read, bytes: far above any sensible description; the parser takes seconds for one this long. */
export const MAX_FILE_BYTES = 1024 * 1024;

export interface Source {
  /** The path as the user wrote it. */
  readonly file: string;
  readonly text: string;
}

/** Text of a file. Throws `InputError` if it is missing, a directory, too large (unread) or not UTF-8. */
export function readSource(path: string): Source {
  const bytes = readBytes(path);
  try {
    return { file: path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new InputError(notUtf8(path, new TextDecoder().decode(bytes)));
  }
}

/** The place of `length` characters at `offset` in a text. */
export function positionAt({ file, text }: Source, offset: number, length: number): SourcePosition {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const line = text.slice(lineStart, newline < 0 ? text.length : newline).replace(/\r$/, '');
  const column = offset - lineStart + 1;
  return {
    file,
    line: countLines(text, lineStart),
    column,
    text: line,
    length: Math.max(1, Math.min(length, line.length - column + 1)),
  };
}

function countLines(text: string, end: number): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Bytes of a file. Throws `InputError` if it is missing, a directory, or larger than `limit` bytes (unread). */
export function readBytes(path: string, limit = MAX_FILE_BYTES): Uint8Array {
  const content = host.files.read(path, limit);
  if (content.kind === 'bytes') return content.bytes;
  if (content.kind === 'too large') throw tooLarge(path, content.size, limit);
  throw new InputError({
    message:
      content.kind === 'directory'
        ? `'${path}' is a directory, not a file`
        : `cannot read '${path}': ${content.reason}`,
  });
}

function tooLarge(path: string, size: number | undefined, limit: number): InputError {
  const found = size === undefined ? 'more than the limit' : `${(size / 2 ** 20).toFixed(1)} MB`;
  return new InputError({
    message: `'${path}' is too large: ${found}`,
    expected: `a file of at most ${Math.round(limit / 2 ** 20)} MB`,
  });
}

function notUtf8(path: string, decoded: string): Diagnostic {
  const offset = Math.max(0, decoded.indexOf('\uFFFD'));
  return {
    message: 'the file is not UTF-8 text',
    position: positionAt({ file: path, text: decoded }, offset, 1),
  };
}
