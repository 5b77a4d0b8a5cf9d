/** The storage levels that Timeloop has for an architecture of ours, and what their networks share. */
import type { Architecture, Fanout } from '../arch/architecture.ts';
import type { Einsum } from '../workload/einsum.ts';

/** A memory, or none where two arrays meet, and the array below it. */
export interface Level {
  readonly name: string;
  /** Index into `memories(arch)`. */
  readonly memory?: number;
  /** Index into `fanouts(arch)`. */
  readonly array?: number;
}

/** Outermost first. */
export function levelsOf(arch: Architecture): Level[] {
  const levels: Level[] = [];
  let memory = 0;
  let array = 0;
  for (const node of arch.nodes) {
    const last = levels.at(-1);
    if (node.kind === 'memory') levels.push({ name: node.name, memory: memory++ });
    else if (last && last.array === undefined) levels[levels.length - 1] = { ...last, array: array++ };
    else levels.push({ name: node.name, array: array++ });
  }
  return levels;
}

/** Tensors of which every copy has its own transfers. */
export function unshared(array: Fanout, { tensors }: Einsum): object {
  const alone = tensors.filter(({ role }) =>
    role === 'outputs' ? !array.spatialReduction : !array.multicast,
  );
  return alone.length > 0 ? { no_multicast_no_reduction: alone.map(({ name }) => name) } : {};
}
