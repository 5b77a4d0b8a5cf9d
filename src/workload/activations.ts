/** What passes between the layers of a network: whose outputs each layer reads, and which of them may stay on chip. */
import type { Einsum, Rank } from './einsum.ts';
import { outputIndex, rankSpan } from './einsum.ts';
import type { Layer } from './workload.ts';

/** The outputs of one layer, as they are after the operators that only change their values. */
export interface Activation {
  /** Place of the layer among all. */
  readonly producer: number;
  readonly uses: readonly Use[];
  /** Why it must go through the outermost memory, if it must. */
  readonly leaves?: string;
}

export interface Use {
  /** Place of the layer that reads it, or at whose end an addition does. */
  readonly layer: number;
  /** The operand that it is, by its place in the Einsum; absent for an addition to the layer's outputs. */
  readonly tensor?: number;
}

/** One layer's use of another's outputs, as a file tells it. */
export interface Flow extends Use {
  readonly from: number;
}

export interface Departure {
  readonly from: number;
  readonly reason: string;
}

/** The activations of layers in network order: what the file does not tell of one keeps it from staying. */
export function activationsOf(
  layers: readonly Layer[],
  flows: readonly Flow[],
  departures: readonly Departure[],
): Activation[] {
  return layers.map(({ count }, producer) => {
    const uses = flows
      .filter(({ from }) => from === producer)
      .map(({ layer, tensor }): Use => (tensor === undefined ? { layer } : { layer, tensor }));
    const leaves =
      departures.find(({ from }) => from === producer)?.reason ??
      (uses.length === 0 ? 'no layer reads it' : undefined) ??
      ([count, ...uses.map(({ layer }) => layers[layer].count)].some((times) => times > 1)
        ? 'its layers stand for several'
        : undefined);
    return { producer, uses, ...(leaves !== undefined && { leaves }) };
  });
}

/** The activations of some of the layers, given by their places, ascending. */
export function selectActivations(
  activations: readonly Activation[],
  places: readonly number[],
): Activation[] {
  const at = new Map(places.map((place, index) => [place, index]));
  return places.map((place) => {
    const { uses, leaves } = activations[place];
    const inside = uses.flatMap((use) => {
      const layer = at.get(use.layer);
      return layer === undefined ? [] : [{ ...use, layer }];
    });
    const outside = inside.length < uses.length ? 'a layer that is not selected reads it' : undefined;
    const reason = leaves ?? outside;
    return { producer: at.get(place)!, uses: inside, ...(reason !== undefined && { leaves: reason }) };
  });
}

/**
 * Whether an operand can be another layer's outputs, element by element: rank by rank the same extent. Windows may reach
 * into padding on both sides and may leave over what a stride does not reach.
 */
export function passesOn(producer: Einsum, reader: Einsum, tensor: number): boolean {
  const written = ranksOf(producer, outputIndex(producer));
  const read = ranksOf(reader, tensor);
  if (written.some(({ window }) => window !== undefined)) return false;
  const words = (ranks: readonly RankExtent[]): number => ranks.reduce((total, { span }) => total * span, 1);
  const windows = read.filter(({ window }) => window !== undefined);
  const rest = read.filter(({ window }) => window === undefined);
  // Images are the last ranks of what a convolution writes.
  const images = written.slice(written.length - windows.length);
  const covered = windows.every(({ span, window }, i) => {
    const padding = span - (images[i]?.span ?? 1);
    return padding > -window!.stride && padding <= 2 * window!.reach;
  });
  return covered && words(written.slice(0, written.length - windows.length)) === words(rest);
}

interface RankExtent {
  readonly span: number;
  /** Of a rank that slides: words from one position to the next, and words of the filter beyond its first. */
  readonly window?: { readonly stride: number; readonly reach: number };
}

function ranksOf({ dims, tensors }: Einsum, tensor: number): RankExtent[] {
  const bounds = dims.map(({ bound }) => bound);
  return tensors[tensor].ranks.map((rank): RankExtent => {
    const span = rankSpan(rank, bounds);
    if (rank.length !== 2) return { span };
    return { span, window: windowOf(rank, bounds) };
  });
}

/** The first term is the position, the second the filter's. */
function windowOf([position, filter]: Rank, bounds: readonly number[]): { stride: number; reach: number } {
  return {
    stride: Math.abs(position.coefficient),
    reach: Math.abs(filter.coefficient) * (bounds[filter.dim] - 1),
  };
}
