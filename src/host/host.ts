/** What the engine asks of what it runs on: Node (`node.ts`) or a browser (`browser.ts`). `#host` is one of the two. */

export interface Host {
  /** What package.json says of the package. */
  readonly about: () => About;
  /** Bytes of a WebAssembly build. */
  readonly kernelBytes: (name: KernelName) => Uint8Array<ArrayBuffer>;
  /** Threads that can run at once. */
  readonly cores: () => number;
  /** False where work in this thread would freeze a page. */
  readonly mayBlock: boolean;
  /** Gives way to the event loop, so that messages, signals and timers are heard. */
  readonly pause: () => Promise<void>;
  readonly files: Files;
}

export interface About {
  readonly version: string;
  /** Where faults are reported, if package.json says. */
  readonly issues?: string;
}

export type KernelName = 'kernel.scalar' | 'kernel.simd' | 'exact';

/** Files and their names. A browser has those the package ships and those the caller writes. */
export interface Files {
  /** Folder of data the package ships, with a slash at its end. */
  readonly shipped: (folder: 'archs' | 'workloads') => string;
  /** Reads a file of at most `limit` bytes. */
  readonly read: (path: string, limit: number) => FileContent;
  /** True for anything that can be read: a pipe counts. */
  readonly isFile: (path: string) => boolean;
  /** True for files and folders. */
  readonly exists: (path: string) => boolean;
  /** Names in a folder, in no order. */
  readonly list: (folder: string) => readonly string[];
  readonly basename: (path: string) => string;
  readonly dirname: (path: string) => string;
  readonly join: (...parts: string[]) => string;
  /** `path` seen from `folder`. */
  readonly resolve: (folder: string, path: string) => string;
  readonly isAbsolute: (path: string) => boolean;
}

/** What became of reading a file. */
export type FileContent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'directory' }
  /** Longer than allowed: the size in bytes, if known without reading on. */
  | { readonly kind: 'too large'; readonly size?: number }
  | { readonly kind: 'unreadable'; readonly reason: string };
