/** Writes rules in the form `readConstraints` reads, one entry a rule. */
import type { Architecture } from '../arch/architecture.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Constraints, FactorRule, Rule } from './constraints.ts';

/** An entry of a list of constraints. */
export interface ConstraintEntry {
  readonly target: string;
  readonly factors?: readonly string[];
  readonly order?: readonly string[];
  readonly keep?: readonly string[];
  readonly bypass?: readonly string[];
  readonly x?: readonly string[];
  readonly y?: readonly string[];
  readonly min_utilization?: number;
}

export function constraintEntries(
  constraints: Constraints,
  arch: Architecture,
  einsum: Einsum,
): ConstraintEntry[] {
  return constraints.map((rule) => ({
    target: arch.nodes[rule.node]?.name ?? arch.compute.name,
    ...demand(rule, einsum),
  }));
}

function demand(rule: Rule, einsum: Einsum): Omit<ConstraintEntry, 'target'> {
  const name = (dim: number | '*'): string => (dim === '*' ? '*' : einsum.dims[dim].name);
  switch (rule.kind) {
    case 'factor':
      return { factors: factorWords(rule, einsum) };
    case 'order':
      return { order: rule.sequence.map(name) };
    case 'keep':
      return { [rule.kept ? 'keep' : 'bypass']: [einsum.tensors[rule.tensor].name] };
    case 'axis':
      return { [rule.axis]: rule.dims.map(name) };
    case 'utilization':
      return { min_utilization: rule.share };
  }
}

function factorWords({ dim, least, most }: FactorRule, { dims }: Einsum): string[] {
  const { name, bound } = dims[dim];
  if (least === most) return [`${name}=${least}`];
  if (least > 1) return [`${name}>=${least}`, ...(most < bound ? [`${name}<=${most}`] : [])];
  return [`${name}<=${most}`];
}
