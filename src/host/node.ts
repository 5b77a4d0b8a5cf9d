/** Node as a host: the file system, and the package's own files beside the code. */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { About, FileContent, Host } from './host.ts';

/** From `src/host` and from `dist/host` alike. */
function inPackage(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

interface PackageFile {
  readonly version: string;
  readonly bugs?: string | { readonly url?: string };
}

export const host: Host = {
  about(): About {
    const { version, bugs } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as PackageFile;
    return { version, issues: typeof bugs === 'string' ? bugs : bugs?.url };
  },
  kernelBytes: (name) => new Uint8Array(readFileSync(inPackage(`build/${name}.wasm`))),
  cores: availableParallelism,
  mayBlock: true,
  pause: () => setImmediate(),
  files: {
    shipped: (folder) => fileURLToPath(inPackage(`${folder}/`)),
    read,
    isFile(path) {
      try {
        return !statSync(path).isDirectory();
      } catch {
        // What cannot even be looked at is left to the reader to explain.
        return false;
      }
    },
    exists: existsSync,
    list: (folder) => readdirSync(folder),
    basename: (path) => basename(path),
    dirname,
    join,
    resolve,
    isAbsolute,
  },
};

function read(path: string, limit: number): FileContent {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return { kind: 'directory' };
    if (stat.size > limit) return { kind: 'too large', size: stat.size };
    return readAtMost(handle, limit, stat.size);
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error) };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Pipes and devices report no size, so the limit is kept while reading too. */
function readAtMost(handle: number, limit: number, size: number): FileContent {
  const chunks: Buffer[] = [];
  for (let total = 0; ;) {
    // A regular file fits the first chunk, and is not copied.
    const chunk = Buffer.allocUnsafe(Math.max(65_536, size - total));
    const count = readSync(handle, chunk);
    if (count === 0) return { kind: 'bytes', bytes: chunks.length === 1 ? chunks[0] : Buffer.concat(chunks) };
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > limit) return { kind: 'too large' };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the system allows',
  EROFS: 'the file system is read-only',
};

/** Why the system refused a file operation, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && REASONS[code]) ?? message;
}
