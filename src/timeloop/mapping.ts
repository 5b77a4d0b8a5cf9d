/** Reads Timeloop's `mapping` section: directives per level become one loop block per level and kind. */
import { physicalFanout } from '../model/timeloop/nest.ts';
import { didYouMean } from '../spec/suggest.ts';
import type {
  Design,
  Factor,
  LevelMapping,
  LoopBlock,
  Problem,
  SpatialBlock,
  TimeloopMapping,
} from './spec.ts';
import type { Cursor } from './tree.ts';

const LOOP_KEYS = ['target', 'type', 'factors', 'permutation'];
const BYPASS_KEYS = ['target', 'type', 'keep', 'bypass'];
/** Keys of each type of directive; `datatype` is the older word for `bypass`. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  temporal: [...LOOP_KEYS, 'no_temporal_reuse', 'rmw_first_update', 'rmw_on_first_writeback'],
  spatial: [...LOOP_KEYS, 'split', 'no_multicast_no_reduction', 'no_reuse', 'no_link_transfer'],
  bypass: BYPASS_KEYS,
  datatype: BYPASS_KEYS,
};

/** Directives of one level while they are read; flags per dataspace. */
interface Draft {
  spatial?: SpatialBlock;
  temporal?: LoopBlock;
  readonly keep: boolean[];
  readonly noMulticast: boolean[];
  readonly noLinkTransfer: boolean[];
  readonly noTemporalReuse: boolean[];
  readonly rmwFirstUpdate: boolean[];
}

export function readTimeloopMapping(at: Cursor, design: Design, problem: Problem): TimeloopMapping {
  const flags = (value: boolean): boolean[] => problem.dataspaces.map(() => value);
  const drafts = design.levels.map((): Draft => ({
    keep: flags(true),
    noMulticast: flags(false),
    noLinkTransfer: flags(false),
    noTemporalReuse: flags(false),
    rmwFirstUpdate: flags(false),
  }));
  for (const directive of at.list('a list of directives')) readDirective(directive, drafts, design, problem);
  const identity = trivialBlock(problem);
  const levels = drafts.map(({ temporal = identity, ...draft }): LevelMapping => ({ ...draft, temporal }));
  return { levels, position: at.document.position(at.path) };
}

export function trivialBlock(problem: Problem): LoopBlock {
  return {
    order: problem.dimensions.map((_, dim) => dim),
    factors: problem.dimensions.map(() => ({ bound: 1, residual: 1 })),
  };
}

function readDirective(at: Cursor, drafts: readonly Draft[], design: Design, problem: Problem): void {
  at.mapping('a directive');
  const type = at.need('type', "'temporal', 'spatial' or 'bypass'");
  const kind = type.text('a type');
  if (!Object.hasOwn(KEYS, kind)) {
    if (kind === 'skew') type.fail('skewed spatial loops are not modelled');
    type.fail(`unknown type of directive '${kind.slice(0, 40)}'`, {
      expected: "'temporal', 'spatial' or 'bypass'",
      suggestion: didYouMean(kind, Object.keys(KEYS)),
    });
  }
  at.expectKeys(KEYS[kind]);
  const l = findLevel(at.need('target', 'the name of a storage level'), design);
  const draft = drafts[l];
  if (kind === 'temporal') {
    draft.temporal = readBlock(at, problem);
    mark(at, ['no_temporal_reuse'], draft.noTemporalReuse, problem);
    mark(at, ['rmw_first_update', 'rmw_on_first_writeback'], draft.rmwFirstUpdate, problem);
  } else if (kind === 'spatial') readSpatial(at, draft, design, problem, l);
  else readKeeping(at, draft, problem);
}

/** Index of the storage level a directive names or numbers, the innermost being 0. */
export function findLevel(at: Cursor, design: Design): number {
  if (typeof at.value === 'number') {
    const index = at.integer('the number of a storage level', 0);
    return index < design.levels.length ? index : at.wrong(`a number below ${design.levels.length}`);
  }
  const name = at.text('the name of a storage level');
  const names = design.levels.map((level) => level.name);
  const l = names.indexOf(name);
  if (l >= 0) return l;
  const expected = `one of ${names.toReversed().join(', ')}`;
  return at.fail(`no storage level is called '${name.slice(0, 40)}'`, {
    expected,
    suggestion: didYouMean(name, names),
  });
}

function readSpatial(at: Cursor, draft: Draft, design: Design, problem: Problem, l: number): void {
  const block = readBlock(at, problem);
  const { x, y } = physicalFanout(design, l);
  if (x * y === 1 && block.factors.some(({ bound }) => bound > 1)) {
    const inner = l === 0 ? design.arithmetic.name : design.levels[l - 1].name;
    at.fail(`${design.levels[l].name} has one ${inner} below it: nothing can be spread there`, {
      suggestion: `use type: temporal, or give ${inner} more instances`,
    });
  }
  const split = at.get('split')?.integer("'split'", 0) ?? problem.dimensions.length;
  draft.spatial = { ...block, split };
  mark(at, ['no_multicast_no_reduction', 'no_reuse'], draft.noMulticast, problem);
  mark(at, ['no_link_transfer', 'no_reuse'], draft.noLinkTransfer, problem);
}

function mark(at: Cursor, keys: readonly string[], flags: boolean[], problem: Problem): void {
  for (const key of keys) for (const d of dataspaces(at.get(key), problem)) flags[d] = true;
}

/** Indices of the dataspaces a list names. */
export function dataspaces(at: Cursor | undefined, problem: Problem): number[] {
  const names = problem.dataspaces.map(({ name }) => name);
  return (at?.items() ?? []).map((item) => {
    const name = item.text('the name of a data space');
    const d = names.indexOf(name);
    if (d >= 0) return d;
    const details = { expected: `one of ${names.join(', ')}`, suggestion: didYouMean(name, names) };
    return item.fail(`no data space is called '${name.slice(0, 40)}'`, details);
  });
}

function readKeeping(at: Cursor, draft: Draft, problem: Problem): void {
  for (const d of dataspaces(at.get('keep'), problem)) draft.keep[d] = true;
  for (const d of dataspaces(at.get('bypass'), problem)) draft.keep[d] = false;
}

function readBlock(at: Cursor, problem: Problem): LoopBlock {
  const factors = problem.dimensions.map((): Factor => ({ bound: 1, residual: 1 }));
  const given = at.get('factors');
  for (const { dim, operator, bound, residual } of given ? readFactors(given, problem) : []) {
    if (operator !== '=') at.fail(`${problem.dimensions[dim]}${operator}${bound}: a mapping has one factor`);
    const full = bound === 0 ? problem.bounds[dim] : bound;
    factors[dim] = { bound: full, residual: residual ?? full };
  }
  const position = at.document.position(at.path);
  return { order: readPermutation(at.get('permutation'), problem), factors, position };
}

interface GivenFactor {
  readonly dim: number;
  readonly operator: '=' | '<=' | '>=';
  readonly bound: number;
  readonly residual?: number;
}

const FACTOR = /([A-Za-z]+)\s*(<=|>=|==?)?\s*(\d+)(?:\s*,\s*(\d+))?/y;
const GAP = /[\s,]*/y;

/**
 * `R=3 S=3`, `R3 S3`, `P=4,2` (4 iterations, 2 in the last run), or a list of such; in constraints also `R<=3`, `R>=2`,
 * or both.
 */
export function readFactors(at: Cursor, problem: Problem): GivenFactor[] {
  const found = at.items().flatMap((item) => scanFactors(item, problem));
  const repeated = found.find((one, i) => found.slice(0, i).some((other) => collide(one, other)));
  if (repeated) return at.fail(`dimension ${problem.dimensions[repeated.dim]} has two factors here`);
  return found;
}

/** A least and a most factor of one dimension go together. */
function collide(one: GivenFactor, other: GivenFactor): boolean {
  const range = one.operator !== '=' && other.operator !== '=' && one.operator !== other.operator;
  return one.dim === other.dim && !range;
}

function scanFactors(at: Cursor, problem: Problem): GivenFactor[] {
  const text = at.text("factors, as in 'R=3 S=3'").replace(/#.*$/s, '');
  const found: GivenFactor[] = [];
  for (let offset = skip(text, 0); offset < text.length; offset = skip(text, FACTOR.lastIndex)) {
    FACTOR.lastIndex = offset;
    const match = FACTOR.exec(text);
    if (!match)
      return at.fail(`cannot read the factors from '${text.slice(offset, offset + 20)}' on`, {
        expected: 'as in R=3 S=3',
      });
    const [, name, operator = '=', bound, residual] = match;
    const end = FACTOR.lastIndex;
    found.push({
      dim: findDimension(at, name, problem),
      operator: operator === '==' ? '=' : (operator as GivenFactor['operator']),
      bound: loopBound(at, bound),
      residual: residual === undefined ? undefined : residualBound(at, name, bound, residual),
    });
    FACTOR.lastIndex = end;
  }
  return found;
}

function skip(text: string, offset: number): number {
  GAP.lastIndex = offset;
  GAP.exec(text);
  return GAP.lastIndex;
}

function loopBound(at: Cursor, digits: string): number {
  const bound = Number(digits);
  return bound < 2 ** 31 ? bound : at.fail(`a factor of ${digits.slice(0, 20)} is too large`);
}

function residualBound(at: Cursor, name: string, bound: string, residual: string): number {
  const last = Number(residual);
  if (last >= 1 && last <= Number(bound)) return last;
  return at.fail(`${name}=${bound},${residual}: the last run has 1 to ${bound} iterations`);
}

function findDimension(at: Cursor, name: string, problem: Problem): number {
  const dim = problem.dimensions.indexOf(name);
  if (dim >= 0) return dim;
  return at.fail(
    `dimension ${name.slice(0, 40)} is not one of the problem's: ${problem.dimensions.join(', ')}`,
    {
      suggestion: didYouMean(name, problem.dimensions),
    },
  );
}

/** Dimensions innermost first; those not listed lie outside, in the problem's order. */
function readPermutation(at: Cursor | undefined, problem: Problem): number[] {
  const order = at ? listedDimensions(at, problem) : [];
  problem.dimensions.forEach((_, dim) => {
    if (!order.includes(dim)) order.push(dim);
  });
  return order;
}

/** `NKM`, `N K M`, `N,K,M` or a list. */
export function listedDimensions(at: Cursor, problem: Problem): number[] {
  const order: number[] = [];
  for (const item of at.items()) {
    for (const letter of item.text('dimensions, innermost first').replace(/[\s,]/g, '')) {
      const dim = findDimension(item, letter, problem);
      if (order.includes(dim)) item.fail(`dimension ${letter} appears twice in the permutation`);
      order.push(dim);
    }
  }
  return order;
}
