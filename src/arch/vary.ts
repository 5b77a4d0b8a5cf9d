/** Variations of an architecture for sweeps: a copy with one memory or one array changed. Energies stay as they are. */
import { InputError } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import { fanouts, memories } from './architecture.ts';
import type { Architecture, Fanout, Memory, Node } from './architecture.ts';

/** What may differ; sizes in words, block sizes in words, bandwidth in words per cycle, energies in pJ per access. */
export type MemoryChanges = Partial<Omit<Memory, 'kind' | 'name'>>;

/** What may differ; `x` and `y` count copies. */
export type ArrayChanges = Partial<Omit<Fanout, 'kind' | 'name'>>;

/**
 * A copy of the architecture whose memory `name` has the given attributes.
 * Energies and areas are not scaled with the size: pass `energy` if they should change.
 *
 * @throws InputError if no memory has that name, or a size is not a positive whole number
 */
export function withMemory(arch: Architecture, name: string, changes: MemoryChanges): Architecture {
  const found = find(arch, 'memory', memories(arch), name);
  if (changes.words !== undefined && changes.words !== Infinity)
    positive(`${found.name}.words`, changes.words);
  return replace(arch, found, { ...found, ...changes });
}

/**
 * A copy of the architecture whose array `name` has the given shape or attributes.
 *
 * @throws InputError if no array has that name, or `x` or `y` is not a positive whole number
 */
export function withArray(arch: Architecture, name: string, changes: ArrayChanges): Architecture {
  const found = find(arch, 'array', fanouts(arch), name);
  const changed = { ...found, ...changes };
  positive(`${found.name}.x`, changed.x);
  positive(`${found.name}.y`, changed.y);
  return replace(arch, found, changed);
}

function find<T extends Node>(arch: Architecture, kind: string, nodes: readonly T[], name: string): T {
  const found = nodes.find((node) => node.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  const names = nodes.map((node) => node.name);
  throw new InputError({
    message: `${arch.name} has no ${kind} '${name}'`,
    expected: `one of ${names.join(', ')}`,
    suggestion: didYouMean(name, names),
  });
}

function positive(what: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new InputError({ message: `${what} is ${value}`, expected: 'a positive whole number' });
}

function replace(arch: Architecture, old: Node, changed: Node): Architecture {
  return { ...arch, nodes: arch.nodes.map((node) => (node === old ? changed : node)) };
}
