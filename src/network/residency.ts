/**
 * Which activations stay on chip for the least total, exactly: a shortest path over the layers in their order, whose
 * states are the sets of activations that stay. What a layer costs depends only on those that are there while it runs.
 */

/** An activation that may stay from its producer to its last use. */
export interface Candidate {
  /** Places of layers: `first` writes it, `last` is the last to use it. */
  readonly first: number;
  readonly last: number;
  readonly words: number;
}

/** Indices of the candidates that are there while a layer runs, ascending; those it reads and writes among them. */
export type Presence = readonly number[];

export interface ResidencyOptions {
  readonly layers: number;
  readonly candidates: readonly Candidate[];
  /** Words there are. */
  readonly room: number;
  /** What the layer adds to the total beside these; `Infinity` if it cannot run so. */
  readonly cost: (layer: number, present: Presence) => number;
}

export interface Residency {
  readonly total: number;
  /** By layer. */
  readonly present: readonly Presence[];
}

/** Most sets of activations at one layer. */
export const MAX_STATES = 4096;

interface State {
  readonly total: number;
  readonly present: readonly Presence[];
}

/** The least total over all subsets of the candidates that fit; among equals the one that keeps less. */
export function leastResidency(options: ResidencyOptions): Residency {
  let states = new Map<string, State>([['', { total: 0, present: [] }]]);
  for (let layer = 0; layer < options.layers; layer++) {
    const next = new Map<string, State>();
    for (const [key, { total, present }] of states) {
      for (const here of choices(options, layer, parse(key))) {
        const after = remaining(options, layer, here).join();
        const known = next.get(after);
        const sum = total + options.cost(layer, here);
        if (known && !(sum < known.total)) continue;
        next.set(after, { total: sum, present: [...present, here] });
      }
    }
    states = next;
  }
  return states.get('') as State;
}

/**
 * Every presence that `leastResidency` asks the cost of, by layer.
 *
 * @throws RangeError if there are more than `MAX_STATES` at one layer
 */
export function presences(options: Omit<ResidencyOptions, 'cost'>): Presence[][] {
  let states = new Set(['']);
  return Array.from({ length: options.layers }, (_, layer) => {
    const here = [...states].flatMap((key) => choices(options, layer, parse(key)));
    if (here.length > MAX_STATES) throw new RangeError(`${here.length} sets of activations at one layer`);
    states = new Set(here.map((present) => remaining(options, layer, present).join()));
    return here;
  });
}

type Spans = Pick<ResidencyOptions, 'candidates' | 'room'>;

/** With what is there before the layer, and without or with what the layer writes; only what fits. */
function choices({ candidates, room }: Spans, layer: number, before: Presence): Presence[] {
  const own = candidates.flatMap(({ first }, c) => (first === layer ? [c] : []));
  const written = own.map((c) => [...before, c].toSorted((a, b) => a - b));
  return [before, ...written].filter(
    (present) => present.reduce((sum, c) => sum + candidates[c].words, 0) <= room,
  );
}

function remaining({ candidates }: Spans, layer: number, present: Presence): Presence {
  return present.filter((c) => candidates[c].last > layer);
}

function parse(key: string): number[] {
  return key === '' ? [] : key.split(',').map(Number);
}
