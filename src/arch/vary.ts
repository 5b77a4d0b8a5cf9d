/** Variations of an architecture for sweeps: a copy with one memory or one array changed. What the file gave stays. */
import { InputError } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import { fanouts, memories } from './architecture.ts';
import type { Architecture, Fanout, Memory, MemoryField, Node } from './architecture.ts';
import { estimatedMemory } from './library.ts';

/** What may differ; sizes in words, block sizes in words, bandwidth in words per cycle, energies in pJ per access. */
export type MemoryChanges = Partial<Omit<Memory, 'kind' | 'name'>>;

/** What may differ; `x` and `y` count copies. */
export type ArrayChanges = Partial<Omit<Fanout, 'kind' | 'name'>>;

/**
 * A copy of the architecture whose memory `name` has the given attributes.
 * Energy, leakage and area that came from the library are estimated anew for the new size; others stay as they are,
 * and what `changes` gives (`energy`, `areaUm2`) goes before both.
 *
 * @throws InputError if no memory has that name, a size is not a positive whole number, or the library does not model it
 */
export function withMemory(arch: Architecture, name: string, changes: MemoryChanges): Architecture {
  const found = find(arch, 'memory', memories(arch), name);
  if (changes.words !== undefined && changes.words !== Infinity)
    positive(`${found.name}.words`, changes.words);
  return replace(arch, found, estimatedMemory(changedMemory(found, changes), arch.clockHz));
}

/** The library no longer supplies what the changes give. */
function changedMemory(memory: Memory, changes: MemoryChanges): Memory {
  const changed = { ...memory, ...changes };
  if (!changed.estimates) return changed;
  const kept = (field: MemoryField): boolean =>
    (field === 'area' ? changes.areaUm2 : changes.energy) === undefined;
  const estimates = changed.estimates.map((use) => ({ ...use, fields: use.fields.filter(kept) }));
  return { ...changed, estimates: estimates.filter(({ fields }) => fields.length > 0) };
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
