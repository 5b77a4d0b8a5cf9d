/** Reads Timeloop's constraints on mappings: of the architecture, of the mapspace, and inline in nodes. */
import type { SourcePosition } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import { dataspaces, findLevel, listedDimensions, readFactors } from './mapping.ts';
import type { NodeConstraint } from './nodes.ts';
import type { Design, Problem } from './spec.ts';
import type { Cursor } from './tree.ts';

export interface FactorBound {
  readonly dim: number;
  readonly operator: '=' | '<=' | '>=';
  readonly bound: number;
}

/** One rule on the mappings of a problem to a design; indices of levels, dimensions and dataspaces. */
export type Constraint = { readonly level: number; readonly position?: SourcePosition } & (
  | {
      readonly kind: 'temporal';
      readonly factors: readonly FactorBound[];
      readonly innermost: readonly number[];
    }
  | {
      readonly kind: 'spatial';
      readonly factors: readonly FactorBound[];
      readonly innermost: readonly number[];
      readonly split?: number;
      readonly noMulticast: readonly number[];
    }
  | { readonly kind: 'bypass'; readonly keep: readonly number[]; readonly bypass: readonly number[] }
  | { readonly kind: 'utilization'; readonly share: number }
);

const KINDS = [
  'temporal',
  'spatial',
  'bypass',
  'datatype',
  'utilization',
  'max_overbooked_proportion',
  'dataspace',
];
const LOOP_KEYS = ['target', 'type', 'factors', 'permutation', 'factors_only'];
const WITHOUT_EFFECT = ['no_temporal_reuse', 'rmw_first_update', 'no_link_transfer', 'max_remainder'];

/** @param section the section of a name, if the files have it */
export function readConstraints(
  section: (name: string) => Cursor | undefined,
  design: Design,
  problem: Problem,
): Constraint[] {
  const lists = [
    targetsOf(section('architecture_constraints'), ['targets', 'version']),
    targetsOf(section('mapspace_constraints'), ['targets', 'version']),
    targetsOf(section('extra_mapping_constraints'), ['targets', 'version']),
    targetsOf(section('mapspace'), ['constraints', 'targets', 'version', 'template', 'parallelism']),
  ];
  return lists.flat().flatMap((at) => readConstraint(at, design, problem));
}

function targetsOf(at: Cursor | undefined, known: readonly string[]): Cursor[] {
  if (!at) return [];
  if (at.isList()) return at.items();
  // `constraints: name` picks the list `constraints_name` beside it.
  const alternatives = at
    .mapping('constraints')
    .keys()
    .filter((key) => key.startsWith('constraints_'));
  at.expectKeys(known, alternatives);
  const targets = at.get('targets') ?? at.get('constraints');
  if (!targets) return [];
  if (targets.isMapping()) return targetsOf(targets, known);
  if (targets.isList()) return targets.items();
  const name = `constraints_${targets.text('a list of constraints, or the name of one')}`;
  const chosen =
    at.get(name) ?? targets.fail(`there is no '${name}'`, { suggestion: didYouMean(name, alternatives) });
  return chosen.list('a list of constraints');
}

function readConstraint(at: Cursor, design: Design, problem: Problem): Constraint[] {
  const type = at.mapping('a constraint').need('type', `one of ${KINDS.join(', ')}`);
  const kind = type.text('a type');
  const target = at.get('target') ?? at.get('name');
  if (!target) return at.fail("'target' is missing", { expected: 'the name of a storage level' });
  const level = findLevel(target, design);
  if (kind === 'utilization') {
    at.expectKeys(['target', 'type', 'min']);
    const share = at.get('min')?.notNegative('a share, 0 to 1') ?? 0;
    return [{ level, kind, share, position: at.document.position(at.path) }];
  }
  if (!KINDS.includes(kind)) {
    type.fail(`unknown type of constraint '${kind.slice(0, 40)}'`, { suggestion: didYouMean(kind, KINDS) });
  }
  return bindLevel(at, kind, level, problem);
}

function bindLevel(at: Cursor, kind: string, level: number, problem: Problem): Constraint[] {
  const position = at.document.position(at.path);
  if (kind === 'temporal') {
    at.expectKeys([...LOOP_KEYS], WITHOUT_EFFECT);
    return [{ level, kind, ...loopRules(at, problem), position }];
  }
  if (kind === 'spatial') {
    at.expectKeys([...LOOP_KEYS, 'split', 'no_multicast_no_reduction', 'no_reuse'], WITHOUT_EFFECT);
    const noMulticast = [
      ...dataspaces(at.get('no_multicast_no_reduction'), problem),
      ...dataspaces(at.get('no_reuse'), problem),
    ];
    const split = at.get('split')?.integer("'split'", 0);
    return [{ level, kind, ...loopRules(at, problem), split, noMulticast, position }];
  }
  if (kind === 'max_overbooked_proportion') {
    at.warn('overbooking is not modelled; the constraint is left out');
    return [];
  }
  at.expectKeys(['target', 'type', 'keep', 'bypass'], ['passthrough', 'no_coalesce']);
  const keep = dataspaces(at.get('keep'), problem);
  return [{ level, kind: 'bypass', keep, bypass: dataspaces(at.get('bypass'), problem), position }];
}

function loopRules(at: Cursor, problem: Problem): { factors: FactorBound[]; innermost: number[] } {
  const given = at.get('factors');
  const permutation = at.get('permutation');
  return {
    factors: (given ? readFactors(given, problem) : []).map(({ dim, operator, bound }) => ({
      dim,
      operator,
      bound: bound === 0 ? problem.bounds[dim] : bound,
    })),
    innermost: permutation ? listedDimensions(permutation, problem) : [],
  };
}

/** Constraints written inside the architecture. */
export function inlineConstraints(
  given: readonly NodeConstraint[],
  design: Design,
  problem: Problem,
): Constraint[] {
  return given.flatMap((constraint): Constraint[] => {
    const level = design.levels.findIndex(({ name }) => name === constraint.target);
    // Constraints of the arithmetic and of components that store nothing bind no loop.
    if (level < 0) return [];
    const { kind, at, alsoBypass = [] } = constraint;
    if (kind === 'nothing') return storesNothing(level, problem);
    if (kind !== 'dataspace') {
      return at
        ? bindLevel(at.mapping('a constraint'), kind, level, problem).map((rule) =>
            unitLoopsFirst(rule, problem),
          )
        : [];
    }
    at?.mapping('a constraint').expectKeys(['keep', 'bypass'], ['passthrough', 'no_coalesce', 'type']);
    const keep = dataspaces(at?.get('keep'), problem);
    const others = alsoBypass.flatMap((other) => dataspaces(other, problem));
    const bypass = [...new Set([...dataspaces(at?.get('bypass'), problem), ...others])].filter(
      (d) => !keep.includes(d),
    );
    return [{ level, kind: 'bypass', keep, bypass, position: at?.document.position(at.path) }];
  });
}

/**
 * The front end puts dimensions of one iteration first, so that they count against `split`: those of bound 1, then
 * those of factor 1, last to first.
 */
function unitLoopsFirst(rule: Constraint, problem: Problem): Constraint {
  if (rule.kind !== 'temporal' && rule.kind !== 'spatial') return rule;
  const ones = rule.factors
    .filter(({ operator, bound }) => operator === '=' && bound === 1)
    .map(({ dim }) => dim);
  const unit = problem.bounds.flatMap((bound, dim) => (bound === 1 ? [dim] : []));
  const first = [...new Set([...unit, ...ones.toReversed()])].filter((dim) => !rule.innermost.includes(dim));
  return { ...rule, innermost: [...first, ...rule.innermost] };
}

function storesNothing(level: number, problem: Problem): Constraint[] {
  return [
    {
      level,
      kind: 'temporal',
      factors: problem.dimensions.map((_, dim) => ({ dim, operator: '=', bound: 1 })),
      innermost: problem.dimensions.map((_, dim) => dim),
    },
    { level, kind: 'bypass', keep: [], bypass: problem.dataspaces.map((_, d) => d) },
  ];
}
