/** A sweep from its request to its report, without the files it may leave: what Node and browsers share. */
import { host } from '#host';
import type { ExploreEffort, ExploreOptions, ExploreProgress } from '../explore/explore.ts';
import { explore } from '../explore/explore.ts';
import { loadSweep, sweepSources } from '../explore/read-sweep.ts';
import type { SamplingOptions } from '../explore/read-sweep.ts';
import type { DesignRecord, Sweep, SweepSources } from '../explore/sweep.ts';
import type { SweepReport } from '../report/sweep.ts';
import { sweepReport } from '../report/sweep.ts';

export interface SweepRunRequest extends SamplingOptions {
  /** Path of a sweep file (`dse.sweep/1`), or what it would hold; then files it names are relative to the working directory. */
  readonly sweep: string | object;
  /** Worker threads; default all cores. The result does not depend on it. */
  readonly threads?: number;
  readonly onProgress?: (progress: ExploreProgress) => void;
  /** Aborting ends the sweep with what is done. */
  readonly signal?: AbortSignal;
}

/** The report as `dse sweep --json` prints it, and what it is made of. */
export interface SweepOutcome extends SweepReport {
  readonly typed: {
    readonly sweep: Sweep;
    /** In the order they were done. */
    readonly records: readonly DesignRecord[];
    readonly effort: ExploreEffort;
    readonly interrupted: boolean;
  };
}

/** Everything the requested sweep depends on. Throws `InputError` for anything wrong in it. */
export function sourcesOf({
  sweep: given,
  sampler,
  designs,
  seed,
  population,
}: Pick<SweepRunRequest, 'sweep' | keyof SamplingOptions>): SweepSources {
  const options = { sampler, designs, seed, population };
  if (typeof given === 'string') return loadSweep(given, options);
  const text = JSON.stringify(given, undefined, 1);
  return sweepSources({ file: 'sweep', text }, '.', options);
}

/**
 * Maps every design of a sweep that may be on its front, each layer optimally, and reports the front.
 *
 * @throws InputError for anything wrong in the sweep, its architecture or its networks
 */
export async function sweep(request: SweepRunRequest): Promise<SweepOutcome> {
  const { threads, onProgress, signal } = request;
  return runSweep(sourcesOf(request), { threads, onProgress, signal });
}

export async function runSweep(
  sources: SweepSources,
  { threads = host.cores(), ...options }: Partial<ExploreOptions>,
): Promise<SweepOutcome> {
  const found = await explore(sources, { threads, ...options });
  const { effort, interrupted, records } = found;
  return {
    ...sweepReport({ ...found, points: found.front.points }),
    typed: { sweep: found.sweep, records, effort, interrupted },
  };
}
