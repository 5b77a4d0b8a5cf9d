/** Merges layers of one shape, so that each shape is searched once. */
import type { Einsum } from './einsum.ts';
import type { DistinctLayer, Layer, Workload } from './workload.ts';

/** The workload's distinct shapes in order of first use, with counts added up. */
export function distinctLayers(workload: Workload): DistinctLayer[] {
  const shapes = new Map<string, DistinctLayer>();
  for (const layer of workload.layers) {
    const key = shapeKey(layer.einsum);
    const first = shapes.get(key);
    shapes.set(key, first ? merge(first, layer) : { ...layer, names: [layer.name] });
  }
  return [...shapes.values()];
}

/** A layer's name with its count where the network runs it more than once: `conv3_2.b (x3)`. */
export function layerLabel({ name, count }: Layer): string {
  return count === 1 ? name : `${name} (x${count})`;
}

function merge(first: DistinctLayer, layer: Layer): DistinctLayer {
  return { ...first, count: first.count + layer.count, names: [...first.names, layer.name] };
}

/** Equal for Einsums that differ in nothing but their name. */
export function shapeKey({ dims, tensors }: Einsum): string {
  return JSON.stringify([dims, tensors]);
}
