/** Reads a text file the user named, refusing what cannot be one. No parsing. */
import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
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
  const text = new TextDecoder().decode(bytes);
  if (!isUtf8(bytes)) throw new InputError(notUtf8(path, text));
  return { file: path, text };
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
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const stat = fstatSync(handle);
    if (stat.isDirectory()) throw new InputError({ message: `'${path}' is a directory, not a file` });
    if (stat.size > limit) throw tooLarge(path, `${(stat.size / 2 ** 20).toFixed(1)} MB`, limit);
    return readAtMost(handle, path, limit, stat.size);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError({ message: unreadable(path, error) });
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Pipes and devices report no size, so the limit is kept while reading too. */
function readAtMost(handle: number, path: string, limit: number, size: number): Uint8Array {
  const chunks: Buffer[] = [];
  for (let total = 0; ;) {
    // A regular file fits the first chunk, and is not copied.
    const chunk = Buffer.allocUnsafe(Math.max(65_536, size - total));
    const count = readSync(handle, chunk);
    if (count === 0) return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > limit) throw tooLarge(path, 'more than the limit', limit);
  }
}

function tooLarge(path: string, size: string, limit: number): InputError {
  return new InputError({
    message: `'${path}' is too large: ${size}`,
    expected: `a file of at most ${Math.round(limit / 2 ** 20)} MB`,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

function unreadable(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return `cannot read '${path}': ${(code && REASONS[code]) ?? message}`;
}

function notUtf8(path: string, decoded: string): Diagnostic {
  const offset = Math.max(0, decoded.indexOf('\uFFFD'));
  return {
    message: 'the file is not UTF-8 text',
    position: positionAt({ file: path, text: decoded }, offset, 1),
  };
}
