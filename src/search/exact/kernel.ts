/** Calls the exact-search kernel and owns its memory: the map's constants come from the module itself. */
import { host } from '#host';

/** Offsets of the memory map, by the names of assembly/exact/layout.ts; HEAP is where the map may begin. */
export type Layout = Readonly<Record<string, number>>;

/** Functions of assembly/exact.ts; `p` is the header, `stage` a stage's record. */
export interface ExactExports {
  start(p: number, stage: number): void;
  boundRoot(p: number, stage: number): void;
  prepareBound(p: number, stage: number): void;
  prepareLegal(p: number, stage: number): void;
  prepareSharing(p: number, stage: number): void;
  prepareSpread(p: number, stage: number, next: number): void;
  /** False once all is done; else there is more, from H_FROM on. */
  expandArray(p: number, stage: number): boolean;
  beginMemory(p: number, stage: number, keeps: number): void;
  /** The same, from H_MASK and H_FROM on. */
  expandLoops(p: number, stage: number, keeps: number, kept: number): boolean;
  turnPage(p: number, kept: number): void;
  clearIncoming(p: number): void;
  turnTables(p: number): void;
  leastIncoming(p: number, from: number): number;
  leastOutgoing(p: number): number;
  leastMasked(p: number, mask: number, from: number): number;
  beginAnnealing(p: number, annealing: number, evaluations: number): void;
  anneal(p: number, annealing: number, evaluations: number): void;
  trim(p: number, stage: number, room: number, guess: number, ranks: number, most: number): void;
}

const PAGE = 65_536;
/** What does not change between searches: the compiled module and its map. */
let loaded: { readonly module: WebAssembly.Module; readonly layout: Layout } | undefined;

/** Compiles the kernel once. */
export function loadExactKernel(): { readonly module: WebAssembly.Module; readonly layout: Layout } {
  if (!loaded) {
    const module = new WebAssembly.Module(host.kernelBytes('exact'));
    loaded = { module, layout: readLayout(module) };
  }
  return loaded;
}

/** A bump allocator over the kernel's memory: tables are placed once, the pool behind them grows in the kernel. */
export class Image {
  readonly memory: WebAssembly.Memory;
  #end: number;

  /** `start` is the first byte behind the module's static data, or behind tables to be copied here. */
  constructor(start: number) {
    this.#end = (start + 7) & ~7;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(this.#end / PAGE) + 16, maximum: PAGE });
  }

  get end(): number {
    return this.#end;
  }

  /** Zeroed bytes, aligned to 8. */
  alloc(bytes: number): number {
    const start = this.#end;
    this.#end = (start + bytes + 7) & ~7;
    const missing = this.#end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE) + 16);
    return start;
  }

  f64(values: ArrayLike<number>): number {
    const start = this.alloc(values.length * 8);
    new Float64Array(this.memory.buffer, start, values.length).set(values);
    return start;
  }

  i32(values: ArrayLike<number>): number {
    const start = this.alloc(values.length * 4);
    new Int32Array(this.memory.buffer, start, values.length).set(values);
    return start;
  }

  u8(values: ArrayLike<number>): number {
    const start = this.alloc(values.length);
    new Uint8Array(this.memory.buffer, start, values.length).set(values);
    return start;
  }

  instantiate(module: WebAssembly.Module): ExactExports {
    const env = { memory: this.memory, abort: trap };
    return new WebAssembly.Instance(module, { env }).exports as unknown as ExactExports;
  }
}

/** Reads the memory map's constants from the module. */
function readLayout(module: WebAssembly.Module): Layout {
  const memory = new WebAssembly.Memory({ initial: 16 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: trap } });
  const globals = Object.entries(exports).flatMap(([name, value]) =>
    value instanceof WebAssembly.Global ? [[name, Number(value.value)] as const] : [],
  );
  return Object.fromEntries([...globals, ['HEAP', (exports.heapBase as () => number)()]]);
}

function trap(): never {
  throw new Error('the exact-search kernel aborted');
}
