/** The kernel with a problem in its memory, as far as a walk over the stages needs it, and copies for other threads. */
import type { ExactExports, Layout } from './kernel.ts';
import { Image, loadExactKernel } from './kernel.ts';

export type StageOutline =
  | { readonly kind: 'compute' }
  | { readonly kind: 'array' }
  | {
      readonly kind: 'memory';
      /** Masks of tensors. */
      readonly keeps: readonly number[];
      /** Tensors may lie at different depths of its loops. */
      readonly uneven: boolean;
    };

/** Where things lie in the kernel's memory, and what drives the kernel: plain data. */
export interface Outline {
  readonly stages: readonly StageOutline[];
  /** Header, stage records. */
  readonly header: number;
  readonly stageAt: readonly number[];
  /** Nodes of the lattice, and pages of labels (see `H_MASKS`). */
  readonly nodes: number;
  readonly pages: number;
  /** Mirror image of every node; empty without a symmetry. */
  readonly mirror: Int32Array;
  /** Scratch for ranks. */
  readonly ranks: number;
  readonly rankRoom: number;
  readonly poolStart: number;
}

export interface Engine extends Outline {
  readonly image: Image;
  readonly exports: ExactExports;
  readonly layout: Layout;
}

/** An engine as it crosses to another thread. */
export interface Snapshot {
  /** The memory's first bytes; shared where there is shared memory, so that any number of threads read one copy. */
  readonly bytes: ArrayBufferLike;
  readonly outline: Outline;
}

/** The first `end` bytes of an engine's memory. */
export function snapshot({ image, ...engine }: Engine, end: number): Snapshot {
  const { header, stageAt, nodes, pages, mirror, ranks, rankRoom, poolStart } = engine;
  const stages = engine.stages.map((stage): StageOutline => {
    if (stage.kind !== 'memory') return { kind: stage.kind };
    return { kind: stage.kind, keeps: stage.keeps, uneven: stage.uneven };
  });
  const bytes = typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(end) : new SharedArrayBuffer(end);
  new Uint8Array(bytes).set(new Uint8Array(image.memory.buffer, 0, end));
  return {
    bytes,
    outline: { stages, header, stageAt, nodes, pages, mirror, ranks, rankRoom, poolStart },
  };
}

/**
 * An engine of its own that begins where the snapshot was taken.
 *
 * @throws RangeError if there is no memory for it
 */
export function restore({ bytes, outline }: Snapshot): Engine {
  const { module, layout } = loadExactKernel();
  const image = new Image(bytes.byteLength);
  const exports = image.instantiate(module);
  new Uint8Array(image.memory.buffer).set(new Uint8Array(bytes));
  return { ...outline, image, exports, layout };
}
