/** What one thread does for a sweep: previews designs and maps them, and keeps what it learns between them. */
import type { Effort, Preview } from './mapper.ts';
import { DesignMapper } from './mapper.ts';
import { dominates } from './pareto.ts';
import { parseSweep } from './read-sweep.ts';
import type { Design, DesignRecord, Sweep, SweepSources } from './sweep.ts';
import { objectiveVector } from './sweep.ts';

/** Vectors of designs that are done; one that they beat need not be finished. */
export type Rivals = readonly (readonly number[])[];

export interface DesignResult {
  readonly record: DesignRecord;
  /** Layers searched and reused for this design. */
  readonly effort: Effort;
}

export class DesignThread {
  readonly #sweep: Sweep;
  readonly #mapper: DesignMapper;

  constructor(sources: SweepSources) {
    this.#sweep = parseSweep(sources);
    this.#mapper = new DesignMapper(this.#sweep);
  }

  preview(designs: readonly Design[]): (Preview | undefined)[] {
    return designs.map((design) => this.#mapper.preview(design));
  }

  async map(design: Design, rivals: Rivals): Promise<DesignResult> {
    const before = { ...this.#mapper.effort };
    const record = await this.#mapper.map(design, (least) => {
      const vector = objectiveVector(this.#sweep, least);
      return rivals.some((rival) => dominates(rival, vector));
    });
    const { searched, reused } = this.#mapper.effort;
    return { record, effort: { searched: searched - before.searched, reused: reused - before.reused } };
  }
}
