/** Why a mapping cannot run on a design: Timeloop's reasons, in words that name the remedy. */
import type { Arithmetic, Design, TimeloopMapping, Problem, StorageLevel } from '../../timeloop/spec.ts';
import type { Diagnostic } from '../../spec/errors.ts';
import { InputError } from '../../spec/errors.ts';
import type { Nest } from './nest.ts';
import { buildNest, expansion, mappedFanout } from './nest.ts';
import { boxAt, words } from './boxes.ts';

type Mesh = StorageLevel | Arithmetic;

/** Throws `InputError` with every reason, outermost level last. */
export function assertMappable(design: Design, problem: Problem, mapping: TimeloopMapping): void {
  const wrong = factorProblems(problem, mapping);
  if (wrong.length > 0) throw new InputError(wrong);
  const nest = buildNest(problem, mapping);
  const large = sizeProblems(mapping, nest);
  if (large.length > 0) throw new InputError(large);
  const problems = [
    ...bypassedEverywhere(problem, mapping),
    ...spreadProblems(mapping, nest, -1, design.arithmetic, 'arithmetic units'),
    ...design.levels.flatMap((_, l) => levelProblems(design, problem, mapping, nest, l)),
  ];
  if (problems.length > 0) throw new InputError(problems);
}

/** Bounds on the work of the simulation: it runs each temporal loop two or three times and places every child. */
const MAX_VISITS = 2 ** 19;
const MAX_CHILDREN = 2 ** 18;

function sizeProblems(mapping: TimeloopMapping, nest: Nest): Diagnostic[] {
  const { position } = mapping;
  const runs = nest.imperfect ? 3 : 2;
  const visits = nest.loops.reduce(
    (count, { axis, bound }) => (axis === 'time' ? count * Math.min(bound, runs) : count),
    1,
  );
  const widest = Math.max(
    ...nest.blocks.map((_, l) => mappedFanout(nest, l, 'x') * mappedFanout(nest, l, 'y')),
  );
  return [
    ...(visits > MAX_VISITS
      ? [
          {
            message: 'the nest has too many loops for the timeloop semantics',
            position,
            suggestion: 'merge loops, or use the default semantics',
          },
        ]
      : []),
    ...(widest > MAX_CHILDREN
      ? [
          {
            message: `a fan-out of ${widest} is too wide for the timeloop semantics (at most ${MAX_CHILDREN})`,
            position,
          },
        ]
      : []),
  ];
}

/** Residual factors count from the outermost: `x = x·bound + residual − 1`; `x + 1` is the dimension. */
function factorProblems(problem: Problem, mapping: TimeloopMapping): Diagnostic[] {
  return problem.dimensions.flatMap((name, dim) => {
    let covered = 0;
    for (const { temporal, spatial } of mapping.levels.toReversed()) {
      for (const block of spatial ? [temporal, spatial] : [temporal]) {
        const { bound, residual } = block.factors[dim];
        covered = covered * bound + residual - 1;
      }
    }
    const product = covered + 1;
    if (product === problem.bounds[dim]) return [];
    return [
      {
        message: `the factors of dimension ${name} make ${product}, but the problem says ${name}=${problem.bounds[dim]}`,
        position: mapping.position,
        suggestion: `change one factor of ${name}, or write ${name}=0 in one level for what is left`,
      },
    ];
  });
}

function bypassedEverywhere(problem: Problem, mapping: TimeloopMapping): Diagnostic[] {
  return problem.dataspaces
    .filter((_, d) => mapping.levels.every(({ keep }) => !keep[d]))
    .map(({ name }) => ({
      message: `${name} is bypassed in all storage levels`,
      position: mapping.position,
      suggestion: `keep ${name} in the outermost level`,
    }));
}

function spreadProblems(
  mapping: TimeloopMapping,
  nest: Nest,
  l: number,
  mesh: Mesh,
  what: string,
): Diagnostic[] {
  const x = expansion(nest, l, 'x');
  const y = expansion(nest, l, 'y');
  const position = mapping.levels.findLast(({ spatial }) => spatial)?.spatial?.position ?? mapping.position;
  if (x * y > mesh.instances) {
    const message = `${mesh.name}: the mapping needs ${x * y} ${what}, the hardware has ${mesh.instances}`;
    return [{ message, position, suggestion: 'lower a spatial factor' }];
  }
  return (['x', 'y'] as const).flatMap((axis) => {
    const [needed, has] = axis === 'x' ? [x, mesh.meshX] : [y, mesh.meshY];
    if (needed <= has) return [];
    const message = `${mesh.name}: the mapping spreads over ${needed} ${what} along ${axis.toUpperCase()}, the hardware has ${has}`;
    return [
      { message, position, suggestion: "lower a spatial factor, or change 'split' to use the other axis" },
    ];
  });
}

function levelProblems(
  design: Design,
  problem: Problem,
  mapping: TimeloopMapping,
  nest: Nest,
  l: number,
): Diagnostic[] {
  const level = design.levels[l];
  return [
    ...capacityProblems(level, keptWords(problem, mapping, nest, l)),
    ...spreadProblems(mapping, nest, l, level, 'instances'),
  ];
}

function keptWords(problem: Problem, mapping: TimeloopMapping, nest: Nest, l: number): number {
  const extents = nest.extents[nest.blocks[l].last];
  const origin = extents.map(() => 0);
  return problem.dataspaces.reduce(
    (sum, dataspace, d) => sum + (mapping.levels[l].keep[d] ? words(boxAt(dataspace, origin, extents)) : 0),
    0,
  );
}

function capacityProblems(level: StorageLevel, used: number): Diagnostic[] {
  if (level.size === undefined) return [];
  const usable = Math.floor(level.size / level.multipleBuffering);
  if (used > usable) {
    const message = `${level.name}: the tiles need ${used} words, ${used - usable} more than the ${usable} it can use`;
    return [
      { message, position: level.position, suggestion: `move a factor to a level outside ${level.name}` },
    ];
  }
  const least = usable * level.minUtilization;
  if (used >= least) return [];
  const message = `${level.name}: the tiles use ${used} words, less than min_utilization asks (${least})`;
  return [{ message, position: level.position }];
}
