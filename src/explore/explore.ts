/** Explores the designs of a sweep: the most promising first, so that the others' lower bounds soon rule them out. */
import { InputError } from '../spec/errors.ts';
import type { DesignPool } from './design-pool.ts';
import { openDesignPool } from './design-pool.ts';
import type { Rivals } from './design-thread.ts';
import type { Effort, Preview } from './mapper.ts';
import { nsga2 } from './nsga2.ts';
import { ParetoFront } from './pareto.ts';
import { parseSweep } from './read-sweep.ts';
import { designCount, sampleDesigns } from './samplers.ts';
import type { Design, DesignRecord, MetricName, Metrics, Sweep, SweepSources } from './sweep.ts';
import { objectiveVector } from './sweep.ts';

/** Designs previewed in one task. */
const PREVIEWED = 64;
/** A group of so few is mapped design by design. */
const SINGLY = 2;
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
  readonly designsDone: number;
  /** Designs whose own layers were looked at; the others were given up before. */
  readonly designsBegun: number;
  /** Layers of all networks together. */
  readonly layersOfDesign: number;
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
  #begun = 0;
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
        designsDone: this.#records.length - (this.#options.done?.length ?? 0),
        designsBegun: this.#begun,
        layersOfDesign: this.#sweep.networks.reduce((sum, { layers }) => sum + layers.length, 0),
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
    const work = (group: Group, thread: number): Promise<Group[]> => this.#narrow(pool, group, thread);
    await inRankOrder(families(candidates), pool.threads, this.#options.signal, work);
  }

  /** Maps a design, or bounds a group of them: what is left of it, as smaller groups. */
  async #narrow(pool: DesignPool, { members }: Group, thread: number): Promise<Group[]> {
    const before = this.#unbeaten(members);
    if (before.length === 0) return [];
    const rivals = this.#front.points.map((point) => point.vector);
    if (before.length === 1) {
      await this.#map(pool, before[0].design, rivals, thread);
      return [];
    }
    // Nothing to compare with yet: the first design is soon reached.
    if (rivals.length === 0) return halves(before);
    const designs = before.map(({ design }) => design);
    const { least, effort } = await pool.bound(designs, rivals, thread);
    this.#count(effort);
    const after = this.#unbeaten(before.map((one, i) => withBounds(one, this.#sweep, least[i])));
    return after.length > before.length / 2 ? halves(after) : [groupOf(after)];
  }

  /** Those that may be on the front; the others are done. */
  #unbeaten(candidates: readonly Candidate[]): Candidate[] {
    return candidates.filter(({ design, vector }) => {
      const isBeaten = this.#front.beats(vector);
      if (isBeaten) this.#add({ ...design, status: 'pruned' });
      return !isBeaten;
    });
  }

  async #map(pool: DesignPool, design: Design, rivals: Rivals, thread: number): Promise<DesignRecord> {
    const { record, effort } = await pool.map(design, rivals, thread);
    this.#begun++;
    this.#count(effort);
    this.#add(record);
    return record;
  }

  #count({ searched, reused }: Effort): void {
    this.#searched += searched;
    this.#reused += reused;
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
  readonly structure: string;
  readonly words: readonly number[];
  /** Lower bounds of the objectives. */
  readonly vector: readonly number[];
  /** Where the bounds multiply to least, a front is most likely. */
  readonly rank: number;
}

function candidate(sweep: Sweep, design: Design, { least, structure, words }: Preview): Candidate {
  return withBounds({ design, structure, words }, sweep, least);
}

function withBounds(
  one: Pick<Candidate, 'design' | 'structure' | 'words'>,
  sweep: Sweep,
  least: Metrics,
): Candidate {
  const vector = objectiveVector(sweep, least);
  const rank = vector.reduce((sum, value) => sum + Math.log(Math.max(value, Number.MIN_VALUE)), 0);
  return { ...one, vector, rank };
}

/** Designs that differ in capacities and energies alone: they are bounded together, by a machine that none beats. */
interface Group {
  readonly members: readonly Candidate[];
  /** That of the most promising one. */
  readonly rank: number;
}

function groupOf(members: readonly Candidate[]): Group {
  return { members, rank: members.reduce((least, { rank }) => Math.min(least, rank), Infinity) };
}

function families(candidates: readonly Candidate[]): Group[] {
  const found = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const family = found.get(one.structure);
    if (family) family.push(one);
    else found.set(one.structure, [one]);
  }
  return [...found.values()].map(groupOf);
}

/** The designs with less and with more of the memory whose sizes differ most; by promise where none differ. */
function halves(members: readonly Candidate[]): Group[] {
  if (members.length <= SINGLY) return members.map((one) => groupOf([one]));
  const ranges = members[0].words.map((_, m) => {
    const range = { least: Infinity, most: 0 };
    for (const { words } of members) {
      range.least = Math.min(range.least, words[m]);
      range.most = Math.max(range.most, words[m]);
    }
    return range;
  });
  const ratios = ranges.map(({ least, most }) => most / least);
  const widest = ratios.indexOf(Math.max(1, ...ratios));
  if (widest < 0 || ratios[widest] === 1) return members.map((one) => groupOf([one]));
  const middle = Math.sqrt(ranges[widest].least * ranges[widest].most);
  const isLess = ({ words }: Candidate): boolean => words[widest] <= middle;
  return [members.filter(isLess), members.filter((one) => !isLess(one))].map(groupOf);
}

function inShard(id: number, shard: Shard | undefined): boolean {
  return !shard || Math.floor(id / SHARD_BLOCK) % shard.of === shard.index - 1;
}

function chunked<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

/** Works on groups, the least rank first, one on each thread at a time, and on what each leaves; none begins after an abort. */
async function inRankOrder(
  groups: readonly Group[],
  threads: number,
  signal: AbortSignal | undefined,
  work: (group: Group, thread: number) => Promise<Group[]>,
): Promise<void> {
  const open = groups.toSorted((a, b) => a.rank - b.rank);
  const free = Array.from({ length: threads }, (_, thread) => thread);
  const running = new Set<Promise<void>>();
  const begin = async (group: Group, thread: number): Promise<void> => {
    open.push(...(await work(group, thread)));
    open.sort((a, b) => a.rank - b.rank);
    free.push(thread);
  };
  const mayBegin = (): boolean => open.length > 0 && free.length > 0 && signal?.aborted !== true;
  for (;;) {
    while (mayBegin()) {
      const task = begin(open.shift() as Group, free.shift() as number);
      running.add(task);
      void task.finally(() => running.delete(task)).catch(() => undefined);
    }
    if (running.size === 0) return;
    await Promise.race(running);
  }
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
