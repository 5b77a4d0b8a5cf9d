/** Every tile of a layer whose extents divide its bounds, by index. No costs here. */
import { InputError } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import { divisors } from '../mapspace/factors.ts';

/** Tiles times the sets of loops outside them: what a curve has to look at, at worst. */
const MOST_STEPS = 2 ** 30;
const MOST_TILES = 2 ** 24;

/** The tiles of a layer, index 0 to `count − 1`; the last dimension's extent changes fastest. */
export class Tiles {
  readonly count: number;
  readonly #choices: readonly (readonly number[])[];

  /**
   * `divided[d]` false: dimension d always lies whole inside the tile.
   *
   * @throws InputError if there are too many to look at
   */
  constructor(einsum: Einsum, divided: readonly boolean[]) {
    this.#choices = einsum.dims.map(({ bound }, d) => (divided[d] ? divisors(bound) : [bound]));
    this.count = this.#choices.reduce((count, { length }) => count * length, 1);
    const steps = this.#choices.reduce((total, { length }) => total * (2 * length - 1), 1);
    if (this.count > MOST_TILES || steps > MOST_STEPS) {
      throw new InputError({
        message: `layer ${einsum.name} has ${about(this.count)} tiles (${about(steps)} with the loops outside them)`,
        expected: `at most ${about(MOST_TILES)} tiles (${about(MOST_STEPS)} with the loops)`,
        suggestion: 'take a smaller batch, or bounds with fewer divisors',
      });
    }
  }

  /** Writes the extents of the tile of that index. */
  read(index: number, tile: number[]): void {
    let rest = index;
    for (let d = this.#choices.length - 1; d >= 0; d--) {
      const choices = this.#choices[d];
      tile[d] = choices[rest % choices.length];
      rest = Math.floor(rest / choices.length);
    }
  }
}

function about(value: number): string {
  return value < 1e6 ? String(value) : value.toExponential(1);
}
