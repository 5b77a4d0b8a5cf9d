/** What mappings of a layer must respect, as Timeloop's `architecture_constraints`; what that has no form for is told. */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { fanouts, keeping, memories } from '../arch/architecture.ts';
import type { Constraints, OrderRule, Rule } from '../mapspace/constraints.ts';
import { factorWords } from '../mapspace/write-constraints.ts';
import type { Diagnostic } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Level } from './levels.ts';
import { levelsOf, unshared } from './levels.ts';

export interface WrittenConstraints {
  /** The section `architecture_constraints`. */
  readonly targets: readonly object[];
  /** Rules left out, each with its place: the file then allows mappings that they forbid. */
  readonly leftOut: readonly Diagnostic[];
}

interface Context {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  /** Timeloop's names of the dimensions. */
  readonly letters: readonly string[];
  readonly rules: Constraints;
  readonly leftOut: Diagnostic[];
}

/** What memories may keep, and the rules. */
export function writeConstraints(
  arch: Architecture,
  einsum: Einsum,
  rules: Constraints,
  letters: readonly string[],
): WrittenConstraints {
  const context: Context = { arch, einsum, letters, rules, leftOut: [] };
  const targets = levelsOf(arch).flatMap((level) => [
    keepTarget(context, level),
    ...temporalTarget(context, level),
    ...spatialTargets(context, level),
  ]);
  for (const rule of rules) {
    if (rule.kind === 'utilization' && rule.node === arch.nodes.length)
      leaveOut(context, rule, `the least share of ${arch.compute.name} at work`);
  }
  return { targets, leftOut: context.leftOut };
}

function leaveOut({ leftOut }: Context, { position }: Rule, what: string): void {
  leftOut.push({ message: `Timeloop has no form for ${what}: it is left out`, position });
}

function rulesOf<K extends Rule['kind']>(
  { rules }: Context,
  node: number,
  kind: K,
): Extract<Rule, { kind: K }>[] {
  return rules.filter((rule): rule is Extract<Rule, { kind: K }> => rule.kind === kind && rule.node === node);
}

/** A level without a memory stores nothing; what is not named may be kept or not. */
function keepTarget(context: Context, { name, memory }: Level): object {
  const { arch, einsum } = context;
  const choices = einsum.tensors.map((_, t) =>
    memory === undefined ? 'bypass' : keepChoice(context, memories(arch)[memory], t),
  );
  const named = (choice: string): string[] =>
    einsum.tensors.flatMap((tensor, t) => (choices[t] === choice ? [tensor.name] : []));
  return { target: name, type: 'bypass', keep: named('keep'), bypass: named('bypass') };
}

function keepChoice(context: Context, memory: Memory, t: number): 'keep' | 'bypass' | 'free' {
  const own = keeping(context.arch, memory, context.einsum.tensors[t]);
  const rule = rulesOf(context, context.arch.nodes.indexOf(memory), 'keep').find(
    ({ tensor }) => tensor === t,
  );
  if (own !== 'free' || !rule) return own;
  return rule.kept ? 'keep' : 'bypass';
}

function temporalTarget(context: Context, { name, memory }: Level): object[] {
  const { arch, letters } = context;
  if (memory === undefined) {
    return [{ target: name, type: 'temporal', factors: letters.map((letter) => `${letter}=1`).join(' ') }];
  }
  const node = arch.nodes.indexOf(memories(arch)[memory]);
  const factors = factorTexts(context, node);
  const permutation = innermost(context, name, node).map((dim) => letters[dim]);
  if (factors.length === 0 && permutation.length === 0) return [];
  return [
    {
      target: name,
      type: 'temporal',
      ...(factors.length > 0 && { factors: factors.join(' ') }),
      ...(permutation.length > 0 && { permutation: permutation.join('') }),
    },
  ];
}

function factorTexts(context: Context, node: number): string[] {
  return rulesOf(context, node, 'factor').flatMap(({ dim, least, most }) =>
    factorWords(context.letters[dim], least, most, context.einsum.dims[dim].bound),
  );
}

/** The dimensions that Timeloop lists: innermost first, all others outside them. */
function innermost(context: Context, name: string, node: number): readonly number[] {
  const orders = rulesOf(context, node, 'order').map((rule) => ({ rule, inner: listed(context, rule) }));
  const [first] = orders.flatMap(({ inner }) => (inner ? [inner] : []));
  for (const { rule, inner } of orders) {
    if (!inner || inner !== first) leaveOut(context, rule, `this order of the loops of ${name}`);
  }
  return first ?? [];
}

/** Undefined if dimensions that are not listed may lie inside those that are. */
function listed({ einsum }: Context, { sequence }: OrderRule): readonly number[] | undefined {
  const dims = sequence.filter((entry) => entry !== '*');
  const others = einsum.dims.some(({ bound }, dim) => bound > 1 && !dims.includes(dim));
  return !others || sequence.lastIndexOf('*') === 0 ? dims.toReversed() : undefined;
}

function spatialTargets(context: Context, { name, array }: Level): object[] {
  if (array === undefined) return [];
  const fanout = fanouts(context.arch)[array];
  const node = context.arch.nodes.indexOf(fanout);
  const shares = rulesOf(context, node, 'utilization').map(({ share }) => share);
  const utilization = { target: name, type: 'utilization', min: Math.max(...shares) };
  const spatial = { ...axisRules(context, node), ...unshared(fanout, context.einsum) };
  const loops = Object.keys(spatial).length > 0 ? [{ target: name, type: 'spatial', ...spatial }] : [];
  return [...loops, ...(shares.length > 0 ? [utilization] : [])];
}

/** Timeloop gives each dimension one axis: the first `split` of the permutation X, the rest Y. */
function axisRules(context: Context, node: number): object {
  const axes = rulesOf(context, node, 'axis');
  const limits = factorTexts(context, node);
  if (axes.length === 0) return limits.length > 0 ? { factors: limits.join(' ') } : {};
  const dims = context.letters.map((_, dim) => dim);
  const x = dims.filter((dim) => mayLie(context, node, 'x', dim));
  const y = dims.filter((dim) => mayLie(context, node, 'y', dim));
  const never = dims.filter((dim) => !x.includes(dim) && !y.includes(dim));
  const either = x.some((dim) => y.includes(dim));
  if (either) {
    leaveOut(
      context,
      axes[0],
      `axes of ${context.arch.nodes[node].name} of which a dimension may choose one`,
    );
  }
  const letters = (list: readonly number[]): string[] => list.map((dim) => context.letters[dim]);
  const factors = [...letters(never).map((letter) => `${letter}=1`), ...limits];
  return {
    ...(factors.length > 0 && { factors: factors.join(' ') }),
    ...(!either && { permutation: letters([...x, ...y, ...never]).join(''), split: x.length }),
  };
}

function mayLie(context: Context, node: number, axis: 'x' | 'y', dim: number): boolean {
  const array = context.arch.nodes[node];
  const rules = rulesOf(context, node, 'axis').filter((rule) => rule.axis === axis);
  return (
    array.kind === 'array' &&
    array[axis] > 1 &&
    context.einsum.dims[dim].bound > 1 &&
    rules.every(({ dims }) => dims.includes(dim))
  );
}
