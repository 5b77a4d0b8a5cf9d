/** Files in memory, under POSIX names: what a browser has for a file system. The working directory is the empty path. */
import type { Files } from './host.ts';

export interface MemoryFiles extends Files {
  /** Adds a file or replaces it. */
  readonly write: (path: string, content: string | Uint8Array) => void;
}

/** `shipped` is the folder under which `content` lies, by path. */
export function memoryFiles(shipped: string, content: Readonly<Record<string, string>>): MemoryFiles {
  const files = new Map<string, string | Uint8Array>();
  for (const [path, text] of Object.entries(content)) files.set(join(shipped, path), text);
  const below = (folder: string): string[] => {
    const start = join(folder) === '.' ? '' : `${join(folder)}/`;
    return [...files.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
  };
  const isFile = (path: string): boolean => files.has(join(path));
  return {
    write: (path, written) => void files.set(join(path), written),
    shipped: (folder) => `${shipped}/${folder}/`,
    read(path, limit) {
      const found = files.get(join(path));
      if (found === undefined) {
        return below(path).length > 0
          ? { kind: 'directory' }
          : { kind: 'unreadable', reason: 'no such file' };
      }
      const bytes = typeof found === 'string' ? new TextEncoder().encode(found) : found;
      return bytes.length > limit ? { kind: 'too large', size: bytes.length } : { kind: 'bytes', bytes };
    },
    isFile,
    exists: (path) => isFile(path) || below(path).length > 0,
    list: (folder) => [...new Set(below(folder).map((path) => path.split('/', 1)[0]))],
    basename: (path) => path.replace(/\/+$/, '').split('/').at(-1) ?? '',
    dirname: (path) => join(path, '..'),
    join,
    resolve: (folder, path) => (isAbsolute(path) ? join(path) : join(folder, path)),
    isAbsolute,
  };
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** The parts as one path without `.`, `//` and, where something stands before them, `..`. */
function join(...parts: string[]): string {
  const whole = parts.filter((part) => part !== '').join('/');
  const steps: string[] = [];
  for (const step of whole.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else if (step !== '..' || !isAbsolute(whole)) steps.push(step);
  }
  const path = steps.join('/');
  if (isAbsolute(whole)) return `/${path}`;
  return path === '' ? '.' : path;
}
