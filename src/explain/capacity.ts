/** How full the memories of finite size are, and which larger tiles their capacity forbids. */
import type { Architecture } from '../arch/architecture.ts';
import { memories, usableWords, wordsPerElement } from '../arch/architecture.ts';
import type { Mapping, Station } from '../mapping/mapping.ts';
import { primeFactors } from '../mapspace/factors.ts';
import type { Einsum } from '../workload/einsum.ts';
import { isRelevant, tileWords } from '../workload/einsum.ts';

/** The tile of one instance made larger along one dimension, by the least factor that a loop outside can give. */
export interface Growth {
  readonly dim: string;
  readonly factor: number;
  /** Words of one instance. */
  readonly needsWords: number;
  readonly fits: boolean;
}

export interface Fill {
  readonly name: string;
  readonly usedWords: number;
  readonly usableWords: number;
  /** Ascending by words; empty if the memory holds all there is of what it keeps. */
  readonly growths: readonly Growth[];
}

/** Outermost first, memories of unlimited size left out. */
export function fillsOf(arch: Architecture, einsum: Einsum, { nest }: Mapping): Fill[] {
  return memories(arch).flatMap((memory, m) => {
    const usable = usableWords(memory);
    const stations = nest.flatMap((item, at) =>
      item.kind === 'station' && item.memory === m ? [{ item, at }] : [],
    );
    if (usable === Infinity || stations.length === 0) return [];
    const words = ({ tensors }: Station, extents: readonly number[]): number =>
      tensors.reduce((sum, t) => {
        const tensor = einsum.tensors[t];
        return sum + tileWords(tensor, extents) * wordsPerElement(memory, tensor);
      }, 0);
    const tiles = stations.map(({ item, at }) => ({ item, at, extents: extentsAt(einsum, nest, at) }));
    const usedWords = tiles.reduce((sum, { item, extents }) => sum + words(item, extents), 0);
    const growths = tiles.flatMap(({ item, at, extents }) =>
      einsum.dims.flatMap(({ name }, dim): Growth[] => {
        const factor = leastFactor(nest.slice(0, at), dim);
        if (factor === 1 || !item.tensors.some((t) => isRelevant(einsum.tensors[t], dim))) return [];
        const larger = extents.with(dim, extents[dim] * factor);
        const needsWords = usedWords + words(item, larger) - words(item, extents);
        return [{ dim: name, factor, needsWords, fits: needsWords <= usable }];
      }),
    );
    return [
      {
        name: memory.name,
        usedWords,
        usableWords: usable,
        growths: growths.toSorted((a, b) => a.needsWords - b.needsWords),
      },
    ];
  });
}

function extentsAt(einsum: Einsum, nest: Mapping['nest'], at: number): number[] {
  const extents = einsum.dims.map(() => 1);
  for (const item of nest.slice(at)) if (item.kind !== 'station') extents[item.dim] *= item.factor;
  return extents;
}

/** The smallest prime of the temporal loops over a dimension; 1 without any. */
function leastFactor(outside: Mapping['nest'], dim: number): number {
  const primes = outside.flatMap((item) =>
    item.kind === 'for' && item.dim === dim ? primeFactors(item.factor) : [],
  );
  return primes.length === 0 ? 1 : Math.min(...primes);
}
