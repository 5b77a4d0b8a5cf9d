/** What a search minimises: as a caller asks for it, and as strategies work with it. */
import { InputError } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';

/** `edp` is energy × delay, `ed2p` energy × delay². */
export type ObjectiveName = 'edp' | 'energy' | 'latency' | 'ed2p';

/** Weights of a sum: of a picojoule, default 0, and of a cycle, default 0. None is negative, one is positive. */
export interface Weights {
  readonly energy?: number;
  readonly latency?: number;
}

/**
 * One quantity or weighted sum to minimise; several whose Pareto front is wanted; or several in order, where the next
 * decides among mappings that all before it find equal.
 */
export type Objective =
  | ObjectiveName
  | readonly ObjectiveName[]
  | { readonly weights: Weights }
  | { readonly lexicographic: readonly ObjectiveName[] };

/** One number to minimise. */
export type Quantity = ObjectiveName | { readonly weights: Required<Weights> };

/** An objective as strategies work with it: plain data. */
export interface Goal {
  readonly kind: 'front' | 'lexicographic';
  /** At least one, each once. */
  readonly quantities: readonly Quantity[];
  /** A proof that the result is within this share of the optimum suffices. */
  readonly gap: number;
}

/** Values that differ relatively by less are equal in an order: sums of energies are rounded. */
export const EQUAL = 1e-9;

export const OBJECTIVE_NAMES: readonly ObjectiveName[] = ['edp', 'energy', 'latency', 'ed2p'];

/**
 * @param gap share of the optimum within which a proof suffices
 * @throws InputError for an unknown name, an empty list, weights that are negative, not finite or all 0, a gap that is
 * negative or not finite, or a gap for several quantities
 */
export function goalOf(objective: Objective, gap = 0): Goal {
  const goal: Goal = { ...parts(objective), gap };
  if (gap > 0 && goal.quantities.length > 1) {
    throw new InputError({
      message: `a gap is that of one quantity, not of '${objectiveText(objective)}'`,
      suggestion: 'leave the gap out, or minimise one quantity or a weighted sum',
    });
  }
  if (gap >= 0 && gap < Infinity) return goal;
  throw new InputError({ message: `${gap} is no gap`, expected: 'a share of at least 0, such as 0.01' });
}

function parts(objective: Objective): Pick<Goal, 'kind' | 'quantities'> {
  if (typeof objective === 'string') return { kind: 'front', quantities: named([objective]) };
  if ('weights' in objective) return { kind: 'front', quantities: [{ weights: checked(objective.weights) }] };
  if ('lexicographic' in objective)
    return { kind: 'lexicographic', quantities: named(objective.lexicographic) };
  return { kind: 'front', quantities: named(objective) };
}

/** True if several mappings are wanted. */
export function isFront({ kind, quantities }: Goal): boolean {
  return kind === 'front' && quantities.length > 1;
}

/** As `--objective` takes it. */
export function objectiveText(objective: Objective): string {
  if (typeof objective === 'object' && 'weights' in objective) {
    const { energy, latency } = checked(objective.weights);
    return `weighted:energy=${energy},latency=${latency}`;
  }
  const { kind, quantities } = parts(objective);
  return `${kind === 'lexicographic' ? 'lex:' : ''}${quantities.join(',')}`;
}

function named(names: readonly ObjectiveName[]): ObjectiveName[] {
  if (names.length === 0) throw new InputError({ message: 'an objective needs at least one quantity' });
  for (const name of names) {
    if (OBJECTIVE_NAMES.includes(name)) continue;
    throw new InputError({
      message: `unknown objective '${name}'`,
      expected: `one of ${OBJECTIVE_NAMES.join(', ')}`,
      suggestion: didYouMean(name, OBJECTIVE_NAMES),
    });
  }
  return [...new Set(names)];
}

function checked({ energy = 0, latency = 0 }: Weights): Required<Weights> {
  const isWeight = (value: number): boolean => value >= 0 && value < Infinity;
  if (isWeight(energy) && isWeight(latency) && energy + latency > 0) return { energy, latency };
  throw new InputError({
    message: `weights energy=${energy}, latency=${latency} make no objective`,
    expected: 'weights of at least 0, one of them above 0',
  });
}

/** Value of a quantity in its own unit: pJ·cycles, pJ, cycles, pJ·cycles², or that of the weights. */
export function objectiveValue(quantity: Quantity, energyPj: number, cycles: number): number {
  switch (quantity) {
    case 'edp':
      return energyPj * cycles;
    case 'energy':
      return energyPj;
    case 'latency':
      return cycles;
    case 'ed2p':
      return energyPj * cycles * cycles;
    default:
      return quantity.weights.energy * energyPj + quantity.weights.latency * cycles;
  }
}
