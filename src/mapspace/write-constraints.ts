/** Writes constraints in the form `loadConstraints` reads. */
import { Document, isScalar, visit } from 'yaml';
import type { Architecture } from '../arch/architecture.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Constraints, Rule } from './constraints.ts';

/** What an entry demands of its target. */
type Demand = Record<string, string | readonly string[] | number>;

/** An entry of a list of constraints. */
export interface ConstraintEntry extends Demand {
  readonly target: string;
}

/** Text of a `dse.constraints/1` file, one entry for each rule. */
export function constraintsToYaml(rules: Constraints, arch: Architecture, einsum: Einsum): string {
  const document = new Document({
    schema: 'dse.constraints/1',
    constraints: constraintEntries(rules, arch, einsum),
  });
  visit(document, {
    Map: (key, node) => {
      if (typeof key === 'number') node.flow = true;
    },
    Seq: (_, node) => {
      if (node.items.every(isScalar)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** An entry for each rule that forbids something. */
export function constraintEntries(rules: Constraints, arch: Architecture, einsum: Einsum): ConstraintEntry[] {
  return rules
    .filter((rule) => binds(rule, einsum))
    .map((rule) => ({ target: target(rule, arch), ...demand(rule, einsum) }));
}

function binds(rule: Rule, { dims }: Einsum): boolean {
  return rule.kind !== 'factor' || rule.least > 1 || rule.most < dims[rule.dim].bound;
}

function target({ node }: Rule, { nodes, compute }: Architecture): string {
  return nodes[node]?.name ?? compute.name;
}

function demand(rule: Rule, { dims, tensors }: Einsum): Demand {
  const name = (dim: number): string => dims[dim].name;
  switch (rule.kind) {
    case 'factor':
      return { factors: factorWords(name(rule.dim), rule.least, rule.most, dims[rule.dim].bound) };
    case 'order':
      return { order: rule.sequence.map((item) => (item === '*' ? item : name(item))) };
    case 'keep':
      return { [rule.kept ? 'keep' : 'bypass']: [tensors[rule.tensor].name] };
    case 'axis':
      return { [rule.axis]: rule.dims.map(name) };
    case 'utilization':
      return { min_utilization: rule.share };
    case 'resident':
      return { resident: [tensors[rule.tensor].name] };
    case 'reserve':
      return { reserve: rule.words };
  }
}

/** `R=3`, or what bounds the factor: `R>=2`, `R<=4`. */
export function factorWords(name: string, least: number, most: number, bound: number): string[] {
  if (least === most) return [`${name}=${least}`];
  return [...(least > 1 ? [`${name}>=${least}`] : []), ...(most < bound ? [`${name}<=${most}`] : [])];
}
