/** What a search minimises. */

/** `edp` is energy × delay, `ed2p` energy × delay². */
export type ObjectiveName = 'edp' | 'energy' | 'latency' | 'ed2p';

/** One quantity to minimise, or several whose Pareto front is wanted. */
export type Objective = ObjectiveName | readonly ObjectiveName[];

export const OBJECTIVE_NAMES: readonly ObjectiveName[] = ['edp', 'energy', 'latency', 'ed2p'];

/** The quantities of an objective, each once. */
export function objectiveNames(objective: Objective): ObjectiveName[] {
  return typeof objective === 'string' ? [objective] : [...new Set(objective)];
}

/** Value of an objective in its own unit: pJ·cycles, pJ, cycles, pJ·cycles². */
export function objectiveValue(name: ObjectiveName, energyPj: number, cycles: number): number {
  switch (name) {
    case 'edp':
      return energyPj * cycles;
    case 'energy':
      return energyPj;
    case 'latency':
      return cycles;
    case 'ed2p':
      return energyPj * cycles * cycles;
  }
}
