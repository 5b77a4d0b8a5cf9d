/** Rules that contradict the architecture, the layer or each other. Sizes of memories and arrays are not looked at. */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { keeping } from '../arch/architecture.ts';
import type { Diagnostic } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Constraints, FactorRule, KeepRule } from './constraints.ts';
import { divisors } from './factors.ts';
import type { Limit, Mapspace } from './mapspace.ts';
import { orders } from './order.ts';

/** What is wrong with the rules alone; empty if nothing is. */
export function contradictions(space: Mapspace, constraints: Constraints): Diagnostic[] {
  return [
    ...keepContradictions(space, constraints),
    ...residentContradictions(space, constraints),
    ...factorContradictions(space, constraints),
    ...orderContradictions(space, constraints),
    ...idleContradictions(space, constraints),
  ];
}

export function nameOf({ arch }: Mapspace, node: number): string {
  return arch.nodes[node]?.name ?? arch.compute.name;
}

export function dimName({ einsum }: Mapspace, dim: number): string {
  return einsum.dims[dim].name;
}

export function ruleText(space: Mapspace, rule: FactorRule): string {
  const name = dimName(space, rule.dim);
  if (rule.least === rule.most) return `${name}=${rule.least}`;
  return rule.least > 1 ? `${name}>=${rule.least}` : `${name}<=${rule.most}`;
}

export function factorRules(constraints: Constraints, node: number, dim?: number): FactorRule[] {
  return constraints.filter(
    (rule): rule is FactorRule =>
      rule.kind === 'factor' && rule.node === node && (dim === undefined || rule.dim === dim),
  );
}

function keepContradictions(space: Mapspace, constraints: Constraints): Diagnostic[] {
  const keeps = constraints.filter((rule): rule is KeepRule => rule.kind === 'keep');
  return keeps.flatMap((rule, i): Diagnostic[] => {
    const { position } = rule;
    const memory = space.arch.nodes[rule.node] as Memory;
    const tensor = space.einsum.tensors[rule.tensor];
    const own = keeping(space.arch, memory, tensor);
    if (rule.kept && own === 'bypass') {
      const message = `${memory.name} cannot keep ${tensor.name}: the architecture has it bypass ${memory.name}`;
      return [{ message, position, suggestion: `add ${tensor.role} to may_keep of ${memory.name}` }];
    }
    if (!rule.kept && own === 'keep') {
      const why = rule.node === 0 ? 'the outermost memory holds everything' : 'the architecture says keep';
      const suggestion =
        rule.node === 0 ? 'drop this rule' : `move ${tensor.role} from keep to may_keep of ${memory.name}`;
      return [{ message: `${tensor.name} cannot bypass ${memory.name}: ${why}`, position, suggestion }];
    }
    const opposite = keeps
      .slice(0, i)
      .some((other) => other.node === rule.node && other.tensor === rule.tensor && other.kept !== rule.kept);
    if (!opposite) return [];
    const message = `${memory.name} is told both to keep ${tensor.name} and to let it bypass`;
    return [{ message, position, suggestion: 'drop one of the two rules' }];
  });
}

function residentContradictions({ arch, einsum }: Mapspace, constraints: Constraints): Diagnostic[] {
  const rules = constraints.filter((rule) => rule.kind === 'resident');
  return rules.flatMap(({ node, tensor, position }, i): Diagnostic[] => {
    const twice = rules.slice(0, i).some((other) => other.tensor === tensor && other.node !== node);
    const why = twice
      ? 'it is resident in another memory'
      : residentRefusal(arch, einsum, constraints, node, tensor);
    if (why === undefined) return [];
    const message = `${einsum.tensors[tensor].name} cannot be resident in ${arch.nodes[node].name}: ${why}`;
    return [{ message, position }];
  });
}

/**
 * Why a tensor cannot be resident in a memory, or undefined if it can: the memory is one, not the outermost, and keeps
 * the tensor, and nothing between the two must.
 */
export function residentRefusal(
  arch: Architecture,
  { tensors }: Einsum,
  constraints: Constraints,
  node: number,
  index: number,
): string | undefined {
  const memory = arch.nodes[node] as Memory;
  const tensor = tensors[index];
  if (node === 0) return 'that is the outermost memory, which holds what is not resident';
  const outside = arch.nodes.slice(1, node);
  if (outside.some(({ kind }) => kind === 'array')) return 'it is one of several';
  if (memory.minUtilization > 0) return 'tiles must fill a share of it';
  const bypassed = constraints.some(
    (rule) => rule.kind === 'keep' && !rule.kept && rule.node === node && rule.tensor === index,
  );
  if (bypassed || keeping(arch, memory, tensor) === 'bypass') return `it bypasses ${memory.name}`;
  const keeper = outside.find((other) => other.kind === 'memory' && keeping(arch, other, tensor) === 'keep');
  return keeper && `${keeper.name}, which lies outside, keeps it`;
}

function factorContradictions(space: Mapspace, constraints: Constraints): Diagnostic[] {
  const single = constraints.flatMap((rule) => (rule.kind === 'factor' ? indivisible(space, rule) : []));
  if (single.length > 0) return single;
  return space.levels.flatMap((level, node) =>
    level.limits.flatMap((limit, dim): Diagnostic[] => {
      if (divisorsWithin(space, dim, limit).length > 0) return [];
      const own = factorRules(constraints, node, dim);
      const texts = own.map((rule) => ruleText(space, rule)).join(' and ');
      const message = `${texts} at ${nameOf(space, node)} leave no divisor of ${bound(space, dim)}`;
      return [{ message, position: own.at(-1)?.position, suggestion: 'drop or widen one of these rules' }];
    }),
  );
}

function bound(space: Mapspace, dim: number): string {
  return `${dimName(space, dim)}'s bound ${space.einsum.dims[dim].bound}`;
}

export function divisorsWithin(space: Mapspace, dim: number, limit: Limit): number[] {
  return divisors(space.einsum.dims[dim].bound).filter((d) => d >= limit.least && d <= limit.most);
}

function indivisible(space: Mapspace, rule: FactorRule): Diagnostic[] {
  if (divisorsWithin(space, rule.dim, rule).length > 0) return [];
  const name = dimName(space, rule.dim);
  const all = divisors(space.einsum.dims[rule.dim].bound);
  const near = [all.findLast((d) => d < rule.least), all.find((d) => d > rule.most)];
  const options = near.filter((d) => d !== undefined).map((d) => `${name}=${d}`);
  const message = `${ruleText(space, rule)} at ${nameOf(space, rule.node)}: ${rule.least} does not divide ${bound(space, rule.dim)}`;
  const suggestion = `nearest that divide: ${options.join(' or ')}`;
  return [{ message, position: rule.position, suggestion }];
}

function orderContradictions(space: Mapspace, constraints: Constraints): Diagnostic[] {
  return space.levels.flatMap((level, node): Diagnostic[] => {
    if (level.kind === 'array') return [];
    const dims = level.slots.map((slot) => slot.dim);
    if (!orders(dims, level.before).next().done) return [];
    const position = constraints.findLast((rule) => rule.kind === 'order' && rule.node === node)?.position;
    const message = `the loop orders asked for at ${nameOf(space, node)} contradict each other`;
    return [{ message, position, suggestion: 'drop one of the order rules' }];
  });
}

/** Loops asked for at a memory that keeps nothing of this layer. */
function idleContradictions(space: Mapspace, constraints: Constraints): Diagnostic[] {
  return space.levels.flatMap((level, node): Diagnostic[] => {
    if (level.kind === 'array' || level.keeps.length > 0) return [];
    const rule = factorRules(constraints, node).find((other) => other.least > 1);
    const name = nameOf(space, node);
    const asked = rule ? ruleText(space, rule) : 'min_utilization';
    const message = `${name} keeps no tensor of ${space.einsum.name}, but ${asked} asks for tiles there`;
    return [{ message, position: rule?.position, suggestion: `let ${name} keep a tensor, or drop ${asked}` }];
  });
}
