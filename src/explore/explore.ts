/** Explores the designs of a sweep: the most promising first, so that the others' lower bounds soon rule them out. */
import { InputError } from '../spec/errors.ts';
import type { DesignPool } from './design-pool.ts';
import { openDesignPool } from './design-pool.ts';
import type { Rivals } from './design-thread.ts';
import type { Preview } from './mapper.ts';
import { nsga2 } from './nsga2.ts';
import { ParetoFront } from './pareto.ts';
import { parseSweep } from './read-sweep.ts';
import { designCount, sampleDesigns } from './samplers.ts';
import type { Design, DesignRecord, MetricName, Sweep, SweepSources } from './sweep.ts';
import { objectiveVector } from './sweep.ts';

/** Designs previewed in one task. */
const PREVIEWED = 64;
/** Designs one shard takes in a row, so that neighbours share what they know. */
const SHARD_BLOCK = 32;

export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

export interface ExploreOptions {
  readonly threads: number;
  /** Maps the designs instead of threads here. */
  readonly openQueue?: (sources: SweepSources) => Promise<DesignPool>;
  readonly shard?: Shard;
  /** Designs that are done. */
  readonly done?: readonly DesignRecord[];
  /** Called with each record, in the order they are done. */
  readonly onRecord?: (record: DesignRecord) => void;
  readonly onProgress?: (progress: ExploreProgress) => void;
  /** Aborting ends the exploration; designs in flight are finished. */
  readonly signal?: AbortSignal;
}

export interface ExploreProgress {
  readonly done: number;
  readonly designs: number;
  /** Before any design is mapped: of how many the lower bounds are known. */
  readonly bounding?: { readonly count: number; readonly of: number };
  readonly elapsedSeconds: number;
  /** By the pace of what is counted: designs done, or bounded. Absent before the first. */
  readonly remainingSeconds?: number;
  /** Designs on the front, and the least value of the first objective. */
  readonly front: number;
  readonly best?: { readonly objective: MetricName; readonly value: number };
}

export interface Exploration {
  readonly sweep: Sweep;
  readonly front: ParetoFront;
  /** Designs of the whole sweep and of this run's shard. */
  readonly designs: number;
  readonly records: readonly DesignRecord[];
  readonly effort: ExploreEffort;
  readonly interrupted: boolean;
}

/** What this run did; what a log had before is not in it. */
export interface ExploreEffort {
  readonly seconds: number;
  /** 0 where a queue's workers did it. */
  readonly threads: number;
  readonly layersSearched: number;
  readonly layersReused: number;
}

/** Throws `InputError` for designs whose architecture cannot be, or expressions without a value. */
export async function explore(sources: SweepSources, options: ExploreOptions): Promise<Exploration> {
  const run = new Run(sources, options);
  const { threads, openQueue } = options;
  const pool = await (openQueue ? openQueue(sources) : openDesignPool(sources, threads));
  try {
    return await run.finish(pool);
  } finally {
    await pool.close();
  }
}

class Run {
  readonly #sweep: Sweep;
  readonly #options: ExploreOptions;
  readonly #front: ParetoFront;
  readonly #records: DesignRecord[] = [];
  readonly #started = performance.now();
  readonly #designs: number;
  readonly #mine: readonly Design[];
  #done = 0;
  /** Since when designs are counted, and how many were done then. */
  #since = { at: performance.now(), done: 0 };
  #bounding: ExploreProgress['bounding'];
  #searched = 0;
  #reused = 0;

  constructor(sources: SweepSources, options: ExploreOptions) {
    this.#sweep = parseSweep(sources);
    this.#options = options;
    this.#front = new ParetoFront(this.#sweep);
    this.#designs = designCount(this.#sweep);
    this.#mine =
      this.#sweep.sampling.sampler === 'nsga2'
        ? []
        : sampleDesigns(this.#sweep).filter(({ id }) => inShard(id, options.shard));
    if (options.shard && this.#sweep.sampling.sampler === 'nsga2') {
      throw new InputError({
        message: 'nsga2 breeds designs from all those before: it has no shards',
        suggestion: 'use --strategy grid, random or sobol with --shard, or more --threads',
      });
    }
    for (const record of options.done ?? []) this.#keep(record);
  }

  async finish(pool: DesignPool): Promise<Exploration> {
    if (this.#sweep.sampling.sampler === 'nsga2')
      await nsga2(this.#sweep, (designs) => this.#generation(pool, designs));
    else await this.#sample(pool);
    const seconds = (performance.now() - this.#started) / 1000;
    return {
      sweep: this.#sweep,
      front: this.#front,
      designs: this.#designs,
      records: this.#records,
      effort: {
        seconds,
        threads: this.#options.openQueue ? 0 : pool.threads,
        layersSearched: this.#searched,
        layersReused: this.#reused,
      },
      interrupted: this.#options.signal?.aborted === true,
    };
  }

  async #sample(pool: DesignPool): Promise<void> {
    const known = new Set(this.#records.map(({ id }) => id));
    const open = this.#mine.filter(({ id }) => !known.has(id));
    this.#done = this.#mine.length - open.length;
    this.#bounding = { count: 0, of: open.length };
    const candidates = await this.#preview(pool, open);
    this.#bounding = undefined;
    this.#since = { at: performance.now(), done: this.#done };
    await this.#mapAll(pool, candidates);
  }

  /** Objectives of a generation's designs: all are mapped, since the next generation depends on them. */
  async #generation(
    pool: DesignPool,
    designs: readonly Design[],
  ): Promise<readonly (readonly number[] | undefined)[]> {
    const known = new Map(this.#records.map((record) => [record.id, record]));
    const vectors: (readonly number[] | undefined)[] = [];
    await inParallel(designs, pool.threads, this.#options.signal, async (design, thread) => {
      const record = known.get(design.id) ?? (await this.#map(pool, design, [], thread));
      if (known.has(design.id)) {
        this.#done++;
        this.#since.done++;
      }
      const mapped = record.status === 'mapped' && objectiveVector(this.#sweep, record.metrics);
      vectors[design.id - designs[0].id] = mapped || undefined;
    });
    return this.#options.signal?.aborted ? [] : vectors;
  }

  /** The designs that no rule excludes, with what can be said of them. */
  async #preview(pool: DesignPool, designs: readonly Design[]): Promise<readonly Candidate[]> {
    const found: Candidate[] = [];
    await inParallel(
      chunked(designs, PREVIEWED),
      pool.threads,
      this.#options.signal,
      async (chunk, thread) => {
        const previews = await pool.preview(chunk, thread);
        chunk.forEach((design, i) => {
          const preview = previews[i];
          if (!preview) this.#add({ ...design, status: 'excluded' });
          else found.push(candidate(this.#sweep, design, preview));
        });
        this.#bounding = { count: (this.#bounding?.count ?? 0) + chunk.length, of: designs.length };
        this.#report();
      },
    );
    return found;
  }

  async #mapAll(pool: DesignPool, candidates: readonly Candidate[]): Promise<void> {
    await inParallel(inOrder(candidates), pool.threads, this.#options.signal, async (one, thread) => {
      const { design, vector } = one;
      if (this.#front.beats(vector)) return this.#add({ ...design, status: 'pruned' });
      const rivals = this.#front.points.map((point) => point.vector);
      await this.#map(pool, design, rivals, thread);
    });
  }

  async #map(pool: DesignPool, design: Design, rivals: Rivals, thread: number): Promise<DesignRecord> {
    const { record, effort } = await pool.map(design, rivals, thread);
    this.#searched += effort.searched;
    this.#reused += effort.reused;
    this.#add(record);
    return record;
  }

  #add(record: DesignRecord): void {
    this.#keep(record);
    this.#done++;
    this.#options.onRecord?.(record);
    this.#report();
  }

  #keep(record: DesignRecord): void {
    this.#records.push(record);
    if (record.status === 'mapped') this.#front.offer(record, record.metrics);
  }

  #report(): void {
    const { onProgress } = this.#options;
    if (!onProgress) return;
    const now = performance.now();
    const designs = this.#options.shard ? this.#mine.length : this.#designs;
    const done = this.#done - this.#since.done;
    const { count, of } = this.#bounding ?? { count: done, of: designs - this.#since.done };
    const [first] = this.#front.points;
    onProgress({
      done: this.#done,
      designs,
      ...(this.#bounding && { bounding: this.#bounding }),
      elapsedSeconds: (now - this.#started) / 1000,
      ...(count > 0 && { remainingSeconds: ((now - this.#since.at) / 1000 / count) * (of - count) }),
      front: this.#front.size,
      ...(first && { best: { objective: this.#sweep.objectives[0], value: first.vector[0] } }),
    });
  }
}

interface Candidate {
  readonly design: Design;
  /** Lower bounds of the objectives. */
  readonly vector: readonly number[];
  /** Where the bounds multiply to least, a front is most likely. */
  readonly rank: number;
  readonly structure: string;
  readonly words: readonly number[];
}

function candidate(sweep: Sweep, design: Design, { least, structure, words }: Preview): Candidate {
  const vector = objectiveVector(sweep, least);
  const rank = vector.reduce((sum, value) => sum + Math.log(Math.max(value, Number.MIN_VALUE)), 0);
  return { design, vector, rank, structure, words };
}

/** A family of that many designs is worth mapping its roomiest one for what that tells of the others. */
const LARGE_FAMILY = 8;

/**
 * The most promising designs first. Before them, of every large family of designs that differ in capacities and energies
 * alone, the one with the most room: its optima hold for those that need less, and bound the others from below.
 */
function inOrder(candidates: readonly Candidate[]): Candidate[] {
  const families = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const family = families.get(one.structure);
    if (family) family.push(one);
    else families.set(one.structure, [one]);
  }
  const heads = [...families.values()].flatMap((family) =>
    family.length >= LARGE_FAMILY ? [family.reduce((a, b) => (byRoom(b, a) < 0 ? b : a))] : [],
  );
  const isHead = new Set(heads);
  return [...heads, ...candidates.filter((one) => !isHead.has(one)).toSorted(byPromise)];
}

function byPromise(a: Candidate, b: Candidate): number {
  return a.rank - b.rank || byRoom(a, b);
}

/** Descending by the geometric mean of the capacities. */
function byRoom(a: Candidate, b: Candidate): number {
  const room = ({ words }: Candidate): number => words.reduce((sum, value) => sum + Math.log(value), 0);
  return room(b) - room(a) || a.design.id - b.design.id;
}

function inShard(id: number, shard: Shard | undefined): boolean {
  return !shard || Math.floor(id / SHARD_BLOCK) % shard.of === shard.index - 1;
}

function chunked<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

/** Runs a task for each item, in order, one on each thread at a time; none begins after an abort. */
async function inParallel<T>(
  items: readonly T[],
  threads: number,
  signal: AbortSignal | undefined,
  task: (item: T, thread: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const runner = async (thread: number): Promise<void> => {
    for (; next < items.length;) {
      if (signal?.aborted) return;
      await task(items[next++], thread);
    }
  };
  await Promise.all(Array.from({ length: threads }, (_, thread) => runner(thread)));
}
