/** Which designs of the grid are explored, and in which order: all, random ones, or a quasi-random sequence. */
import { Random } from '../mapspace/random.ts';
import { InputError } from '../spec/errors.ts';
import { SOBOL_DIMENSIONS, sobol } from './sobol.ts';
import type { Axis, Design, Digits, Sweep } from './sweep.ts';
import { gridSize } from './sweep.ts';

/** Points drawn in vain, one after another, before a sampler takes the grid for exhausted. */
const PATIENCE = 10_000;
/** A grid that is listed in memory. */
const MAX_GRID = 10_000_000;

/** Designs of a sweep: those a sampler lists; for nsga2, which breeds them, the most it explores. */
export function designCount(sweep: Sweep): number {
  const { sampler, designs } = sweep.sampling;
  return sampler === 'nsga2' ? Math.min(designs, gridSize(sweep)) : sampleDesigns(sweep).length;
}

/**
 * The designs of a sweep without generations, each once, numbered in order. Same sweep, same designs.
 *
 * @throws InputError for a grid beyond ten million designs, or more axes than the Sobol sequence has dimensions
 */
export function sampleDesigns(sweep: Sweep): Design[] {
  const { sampler, designs } = sweep.sampling;
  const most = Math.min(designs, gridSize(sweep));
  if (most > MAX_GRID) {
    throw new InputError({
      message: `${sweep.name} has ${most} designs, at most ${MAX_GRID} are listed`,
      suggestion: 'explore a sample: --strategy sobol --designs 10000, or nsga2',
    });
  }
  if (sampler === 'grid')
    return Array.from({ length: most }, (_, id) => ({ id, digits: digitsOf(sweep.axes, id) }));
  return distinct(sampler === 'sobol' ? sobolPoints(sweep.axes) : randomPoints(sweep), most);
}

/** Mixed radix: the last axis runs fastest. */
export function digitsOf(axes: readonly Axis[], rank: number): number[] {
  const digits = axes.map(() => 0);
  for (let i = axes.length - 1, rest = rank; i >= 0; i--) {
    digits[i] = rest % axes[i].values.length;
    rest = Math.floor(rest / axes[i].values.length);
  }
  return digits;
}

function* sobolPoints(axes: readonly Axis[]): Generator<Digits> {
  if (axes.length > SOBOL_DIMENSIONS) {
    throw new InputError({
      message: `the Sobol sequence has ${SOBOL_DIMENSIONS} dimensions, the sweep ${axes.length} parameters`,
      suggestion: 'use --strategy random',
    });
  }
  for (const point of sobol(axes.length))
    yield axes.map(({ values }, i) => Math.floor(point[i] * values.length));
}

function* randomPoints({ axes, sampling }: Sweep): Generator<Digits> {
  const random = new Random(sampling.seed, 0);
  for (;;) yield axes.map(({ values }) => random.below(values.length));
}

function distinct(points: Iterable<Digits>, most: number): Design[] {
  const seen = new Set<string>();
  const designs: Design[] = [];
  let misses = 0;
  for (const digits of points) {
    if (designs.length >= most || misses > PATIENCE) break;
    const key = digits.join();
    misses = seen.has(key) ? misses + 1 : 0;
    if (misses > 0) continue;
    seen.add(key);
    designs.push({ id: designs.length, digits });
  }
  return designs;
}
