/** What one thread does for a sweep: previews, bounds and maps designs, and keeps what it learns between them. */
import type { Effort, Learned, Preview } from './mapper.ts';
import { DesignMapper } from './mapper.ts';
import { dominates } from './pareto.ts';
import { parseSweep } from './read-sweep.ts';
import type { Design, DesignRecord, Metrics, Sweep, SweepSources } from './sweep.ts';
import { objectiveVector } from './sweep.ts';

/** Vectors of designs that are done; one that they beat need not be finished. */
export type Rivals = readonly (readonly number[])[];

export interface DesignResult {
  readonly record: DesignRecord;
  /** Layers searched and reused for this design. */
  readonly effort: Effort;
}

export interface BoundResult {
  /** For each design, metrics that it is not below. */
  readonly least: readonly Metrics[];
  readonly effort: Effort;
}

export class DesignThread {
  readonly #sweep: Sweep;
  readonly #mapper: DesignMapper;

  /** @param onLearned is told of every search */
  constructor(sources: SweepSources, onLearned?: (learned: Learned) => void) {
    this.#sweep = parseSweep(sources);
    this.#mapper = new DesignMapper(this.#sweep, onLearned);
  }

  preview(designs: readonly Design[]): (Preview | undefined)[] {
    return designs.map((design) => this.#mapper.preview(design));
  }

  async bound(designs: readonly Design[], rivals: Rivals): Promise<BoundResult> {
    const [least, effort] = await this.#counted(() => this.#mapper.bound(designs, this.#isBeaten(rivals)));
    return { least, effort };
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    const [record, effort] = await this.#counted(() => this.#mapper.map(design, this.#isBeaten(rivals)));
    return { record, effort };
  }

  /** Takes over what other threads learned. */
  learn(learned: readonly Learned[]): void {
    this.#mapper.learn(learned);
  }

  #isBeaten(rivals: Rivals): (least: Metrics) => boolean {
    return (least) => {
      const vector = objectiveVector(this.#sweep, least);
      return rivals.some((rival) => dominates(rival, vector));
    };
  }

  async #counted<T>(task: () => Promise<T>): Promise<readonly [T, Effort]> {
    const before = { ...this.#mapper.effort };
    const done = await task();
    const { searched, reused } = this.#mapper.effort;
    return [done, { searched: searched - before.searched, reused: reused - before.reused }];
  }
}
