/** Changes of one part of a machine whose worth is asked: a little more or twice as much of it, energies unchanged. */
import type { Architecture, Bandwidth, Memory } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import { withArray, withMemory } from '../arch/vary.ts';

export interface MachineChange {
  readonly part: 'memory' | 'bandwidth' | 'array';
  /** Of the memory or array. */
  readonly name: string;
  /** What differs, in words: `+ 1 KB`, `read + 1 word/cycle`, `x doubled`. */
  readonly change: string;
  /** Words, words per cycle and instance, or copies: before and after. */
  readonly from: number;
  readonly to: number;
}

export interface ChangedMachine extends MachineChange {
  readonly arch: Architecture;
}

/** Outermost first: sizes, then bandwidths, then arrays. What is unlimited cannot grow. */
export function machineChanges(arch: Architecture): ChangedMachine[] {
  return [
    ...memories(arch).flatMap((memory) => sizeChanges(arch, memory)),
    ...memories(arch).flatMap((memory) => bandwidthChanges(arch, memory)),
    ...fanouts(arch).flatMap(({ name, x, y }) =>
      (['x', 'y'] as const).map((axis): ChangedMachine => {
        const [from, to] = [x * y, 2 * x * y];
        const larger = withArray(arch, name, { [axis]: 2 * (axis === 'x' ? x : y) });
        return { part: 'array', name, change: `${axis} doubled`, from, to, arch: larger };
      }),
    ),
  ];
}

const BITS_PER_KB = 8192;

function sizeChanges(arch: Architecture, memory: Memory): ChangedMachine[] {
  const { name, words } = memory;
  if (words === Infinity) return [];
  const step = sizeStep(memory);
  const sizes = [
    { change: `+ ${step.text}`, to: words + step.words },
    { change: 'x 2', to: 2 * words },
  ];
  return sizes
    .filter(({ to }, i) => i === 0 || to !== sizes[0].to)
    .map(({ change, to }) => ({
      part: 'memory',
      name,
      change,
      from: words,
      to,
      arch: withMemory(arch, name, { words: to }),
    }));
}

/** 1 KB in whole blocks; for a memory below 1 KB, one block more to use. */
function sizeStep({ words, wordBits, blockSize, multipleBuffering }: Memory): {
  words: number;
  text: string;
} {
  if (words * wordBits >= BITS_PER_KB) {
    return { words: Math.ceil(BITS_PER_KB / wordBits / blockSize) * blockSize, text: '1 KB' };
  }
  const step = Math.ceil(blockSize * multipleBuffering);
  return { words: step, text: step === 1 ? '1 word' : `${step} words` };
}

function bandwidthChanges(arch: Architecture, { name, bandwidth }: Memory): ChangedMachine[] {
  return (['read', 'write', 'shared'] as const)
    .filter((port) => bandwidth[port] !== Infinity)
    .map((port) => {
      const to = bandwidth[port] + 1;
      const wider: Bandwidth = { ...bandwidth, [port]: to };
      return {
        part: 'bandwidth',
        name,
        change: `${port} + 1 word/cycle`,
        from: bandwidth[port],
        to,
        arch: withMemory(arch, name, { bandwidth: wider }),
      };
    });
}
