/** What is known about a search's result: proved, or only the best found. */

/** Parts of mappings thrown out before costing, each standing for all mappings that contain it, by reason. */
export interface Pruned {
  readonly capacity: number;
  readonly fanout: number;
  /** Factor limits and utilisation floors. */
  readonly constraints: number;
  readonly dominated: number;
  readonly bound: number;
}

export interface Certificate {
  /** `optimal`: proved; `bounded`: proved to lie within `gap`; `heuristic`: the best found, whatever the bound. */
  readonly status: 'optimal' | 'bounded' | 'heuristic';
  /**
   * No legal mapping is below it, in the objective's unit (pJ, cycles, pJ·cycles, pJ·cycles²); of an order's first
   * quantity; null for a front.
   */
  readonly lowerBound: number | null;
  /** `best / lowerBound − 1`; null for a front, or if the bound is 0. */
  readonly gap: number | null;
  /** Points of the mapspace in decimal digits; of a search of uneven mappings, the even ones. */
  readonly mapspaceSize: string;
  /** Mappings costed. */
  readonly visited: number;
  readonly pruned: Pruned;
}
