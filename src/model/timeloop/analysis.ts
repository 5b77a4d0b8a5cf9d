/**
 * Timeloop's nest analysis: what each storage level's children ask of it, found by running a few iterations of every
 * loop (the first, the second and, with residual factors, the last) and weighting the second for all others.
 */
import type { Design, TimeloopMapping, Problem } from '../../timeloop/spec.ts';
import type { BufferState, Delta } from './boxes.ts';
import { advance, boxAt, displacement, whole, words } from './boxes.ts';
import type { Nest } from './nest.ts';
import { buildNest, mappedFanout, physicalFanout } from './nest.ts';
import type { Children, Sharing } from './sharing.ts';
import { shareEqual, suppliedByNeighbours } from './sharing.ts';

/** Words one instance of a level sends to groups of `multicast` children, of which there are `scatter`. */
export interface AccessRecord {
  readonly multicast: number;
  readonly scatter: number;
  accesses: number;
  /** Links crossed by all of them. */
  hops: number;
}

/** What is known of one dataspace at one level before keeping and bypassing are considered. */
export interface RawTile {
  /** Largest tile of the level, words. */
  size: number;
  /** Largest set of words that the level's children hold together; 0 without a fan-out. */
  childrenSize: number;
  records: AccessRecord[];
  /** Words children take from their neighbours. */
  linkTransfers: number;
}

export interface Analysis {
  readonly nest: Nest;
  /** `[level][dataspace]`. */
  readonly tiles: readonly (readonly RawTile[])[];
  /** Operations of one arithmetic unit. */
  readonly computes: number;
}

export function analyse(design: Design, problem: Problem, mapping: TimeloopMapping): Analysis {
  return new Simulation(design, problem, mapping).run();
}

/** One simulated iteration of a temporal loop. */
interface Visit {
  readonly index: number;
  /** Iterations it stands for below. */
  readonly weight: number;
  /** Iterations whose fetches equal its own; 0 if the visit before stands for this one too. */
  readonly fetches: number;
}

interface Previous {
  readonly children: Children;
  readonly delta: Delta;
}

interface Supply {
  readonly groups: readonly Sharing[];
  /** Children that a neighbour supplies. */
  readonly linked: number;
}

class Simulation {
  readonly #design: Design;
  readonly #problem: Problem;
  readonly #mapping: TimeloopMapping;
  readonly #nest: Nest;
  readonly #tiles: RawTile[][];
  readonly #states: BufferState[][];
  readonly #previous: (Previous | undefined)[][];
  readonly #supplies = new Map<string, Supply>();
  readonly #children = new Map<string, Children>();
  readonly #index: number[];
  readonly #start: number[];
  #epochs = 1;
  #computes = 0;

  constructor(design: Design, problem: Problem, mapping: TimeloopMapping) {
    this.#design = design;
    this.#problem = problem;
    this.#mapping = mapping;
    this.#nest = buildNest(problem, mapping);
    const perTile = <T>(make: () => T): T[][] => mapping.levels.map(() => problem.dataspaces.map(make));
    this.#tiles = perTile(() => ({ size: 0, childrenSize: 0, records: [], linkTransfers: 0 }));
    this.#states = perTile(() => ({}));
    this.#previous = perTile(() => undefined);
    this.#index = this.#nest.loops.map(() => 0);
    this.#start = problem.dimensions.map(() => 0);
  }

  run(): Analysis {
    this.#level(this.#design.levels.length - 1);
    return { nest: this.#nest, tiles: this.#tiles, computes: this.#computes };
  }

  /** Runs one tile of a level; returns what its buffer fetches for it. */
  #level(l: number): Delta[] {
    this.#temporal(l, this.#nest.blocks[l].last);
    const extents = this.#extents(this.#nest.blocks[l].last);
    return this.#problem.dataspaces.map((dataspace, d) => {
      const box = boxAt(dataspace, this.#start, extents);
      const tile = this.#tiles[l][d];
      tile.size = Math.max(tile.size, words(box));
      const reset = this.#mapping.levels[l].noTemporalReuse[d];
      return reset ? whole(box) : advance(this.#states[l][d], box);
    });
  }

  #temporal(l: number, position: number): void {
    const { firstTemporal, firstSpatial } = this.#nest.blocks[l];
    if (position < firstTemporal) return this.#spatial(l);
    const loop = this.#nest.loops[position];
    const iterations = this.#iterations(position);
    if (position === 0) return this.#compute(iterations);
    const direct = position === firstTemporal && firstSpatial === firstTemporal;
    const total = this.#problem.dataspaces.map(() => 0);
    const { dim, stride } = loop;
    const start = this.#start[dim];
    const epochs = this.#epochs;
    for (const { index, weight, fetches } of this.#visits(iterations)) {
      this.#index[position] = index;
      this.#start[dim] = start + index * stride;
      this.#epochs = epochs * weight;
      if (!direct) this.#temporal(l, position - 1);
      else this.#level(l - 1).forEach((delta, d) => (total[d] += delta.words * fetches));
    }
    this.#start[dim] = start;
    this.#epochs = epochs;
    if (direct) total.forEach((sum, d) => this.#record(l, d, 1, 1, sum * epochs, 0));
  }

  /** The innermost loop: every iteration is one operation that reads each operand from the innermost level. */
  #compute(iterations: number): void {
    const operations = iterations * this.#epochs;
    this.#computes += operations;
    this.#problem.dataspaces.forEach((_, d) => this.#record(0, d, 1, 1, operations, 0));
  }

  #spatial(l: number): void {
    const { firstSpatial, firstTemporal } = this.#nest.blocks[l];
    const counts: number[] = [];
    for (let i = firstTemporal - 1; i >= firstSpatial; i--) {
      counts[i - firstSpatial] = this.#iterations(i);
      this.#index[i] = 0;
    }
    const deltas = l === 0 ? this.#points() : this.#level(l - 1);
    deltas.forEach((delta, d) => this.#share(l, d, delta, counts));
    const extents = this.#extents(firstTemporal - 1);
    this.#problem.dataspaces.forEach((dataspace, d) => {
      const tile = this.#tiles[l][d];
      tile.childrenSize = Math.max(tile.childrenSize, words(boxAt(dataspace, this.#start, extents)));
    });
  }

  /** What one arithmetic unit needs: one point of every dataspace, each time anew. */
  #points(): Delta[] {
    this.#computes += this.#epochs;
    const extents = this.#start.map(() => 1);
    return this.#problem.dataspaces.map((dataspace) => whole(boxAt(dataspace, this.#start, extents)));
  }

  #share(l: number, d: number, delta: Delta, counts: readonly number[]): void {
    const children = this.#childrenOf(l, d, counts);
    const before = this.#previous[l][d];
    this.#previous[l][d] = { children, delta };
    if (delta.words === 0) return;
    const { groups, linked } = this.#supply(l, d, children, before, delta);
    this.#tiles[l][d].linkTransfers += delta.words * linked * this.#epochs;
    for (const { multicast, scatter, hops } of groups) {
      const moved = delta.words * this.#epochs;
      this.#record(l, d, multicast, scatter, moved * scatter, moved * hops);
    }
  }

  /** How the children get what they want: from the parent, or in part from neighbours if the parent then sends less. */
  #supply(l: number, d: number, children: Children, before: Previous | undefined, delta: Delta): Supply {
    const { noMulticast, noLinkTransfer } = this.#mapping.levels[l];
    const alone = noMulticast[d];
    const direct = memo(this.#supplies, children.key, () => ({
      groups: shareEqual(children, alone),
      linked: 0,
    }));
    const shift = before && !noLinkTransfer[d] ? displacement(before.delta, delta) : undefined;
    if (!before || !shift) return direct;
    return memo(this.#supplies, `${children.key}/${before.children.key}/${shift.join()}`, () => {
      const supplied = suppliedByNeighbours(children, before.children, shift);
      const groups = shareEqual(children, alone, supplied);
      if (groupCount(groups) >= groupCount(direct.groups)) return direct;
      return { groups, linked: supplied.filter(Boolean).length };
    });
  }

  #childrenOf(l: number, d: number, counts: readonly number[]): Children {
    return memo(this.#children, `${l}/${d}/${counts.join()}`, (key) => {
      const { firstSpatial } = this.#nest.blocks[l];
      const physical = physicalFanout(this.#design, l);
      const { ranks } = this.#problem.dataspaces[d];
      let offsets: number[][] = [ranks.map(() => 0)];
      for (let i = counts.length - 1; i >= 0; i--) {
        const { dim, stride } = this.#nest.loops[firstSpatial + i];
        const step = ranks.map((rank) =>
          rank.reduce((sum, term) => (term.dim === dim ? sum + term.coefficient * stride : sum), 0),
        );
        offsets = offsets.flatMap((offset) =>
          Array.from({ length: counts[i] }, (_, n) => offset.map((o, r) => o + n * step[r])),
        );
      }
      const gridX = Math.max(physical.x, mappedFanout(this.#nest, l, 'x'));
      return { key, offsets, gridX, gridY: Math.max(physical.y, mappedFanout(this.#nest, l, 'y')) };
    });
  }

  #record(l: number, d: number, multicast: number, scatter: number, accesses: number, hops: number): void {
    const { records } = this.#tiles[l][d];
    const same = records.find((record) => record.multicast === multicast && record.scatter === scatter);
    if (same) {
      same.accesses += accesses;
      same.hops += hops;
    } else records.push({ multicast, scatter, accesses, hops });
  }

  /** Iterations of a loop now: the last run of a residual factor is shorter. */
  #iterations(position: number): number {
    const { bound, residual, dim } = this.#nest.loops[position];
    return this.#isLast(position + 1, dim) ? residual : bound;
  }

  /** True if all loops over the dimension from `position` outwards are in their last iteration. */
  #isLast(position: number, dim: number): boolean {
    for (let i = position; i < this.#nest.loops.length; i++) {
      const loop = this.#nest.loops[i];
      if (loop.dim === dim && this.#index[i] + 1 < loop.residual) return false;
    }
    return true;
  }

  #extents(position: number): readonly number[] {
    const { extents, residualExtents, imperfect } = this.#nest;
    if (!imperfect) return extents[position];
    return extents[position].map((extent, dim) =>
      this.#isLast(position + 1, dim) ? residualExtents[position][dim] : extent,
    );
  }

  #visits(iterations: number): Visit[] {
    const first = { index: 0, weight: 1, fetches: 1 };
    if (iterations === 1) return [first];
    if (!this.#nest.imperfect) return [first, { index: 1, weight: iterations - 1, fetches: iterations - 1 }];
    const last = { index: iterations - 1, weight: 1 };
    if (iterations === 2) return [first, { ...last, fetches: 1 }];
    const middle = { index: 1, weight: iterations - 2, fetches: iterations - 1 };
    return [first, middle, { ...last, fetches: 0 }];
  }
}

function memo<T>(known: Map<string, T>, key: string, make: (key: string) => T): T {
  const value = known.get(key) ?? make(key);
  known.set(key, value);
  return value;
}

function groupCount(groups: readonly Sharing[]): number {
  return groups.reduce((count, { scatter }) => count + scatter, 0);
}
