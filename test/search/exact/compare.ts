/** Compares the exact search with exhaustive enumeration on one random case. */
import { InfeasibleError } from '../../../src/spec/errors.ts';
import { buildMapspace } from '../../../src/mapspace/mapspace.ts';
import type { Mapspace } from '../../../src/mapspace/mapspace.ts';
import { mapspaceSize } from '../../../src/mapspace/size.ts';
import { checkMapping } from '../../../src/mapping/legality.ts';
import { objectiveOf, searchExact } from '../../../src/search/exact/exact.ts';
import type { ExactObjective } from '../../../src/search/exact/problem.ts';
import { Random } from '../../../src/mapspace/random.ts';
import { exactStrategy } from '../../../src/search/exact/strategy.ts';
import { Front } from '../../../src/search/front.ts';
import type { ObjectiveName } from '../../../src/search/objective.ts';
import { goalOf, objectiveValue } from '../../../src/search/objective.ts';
import { ReferenceEvaluator } from '../../../src/search/reference-evaluator.ts';
import { ShardContext } from '../../../src/search/shard-context.ts';
import type { CaseOptions, RandomCase } from './cases.ts';
import { randomCase } from './cases.ts';
import type { Point } from './oracle.ts';
import { enumerate, TooMany } from './oracle.ts';

export const OBJECTIVES: readonly ExactObjective[] = [
  'energy',
  'latency',
  'edp',
  'ed2p',
  { weights: { energy: 1, latency: 3 } },
  { weights: { energy: 0, latency: 2 } },
  'front',
];
export const ORDERS: readonly (readonly ObjectiveName[])[] = [
  ['latency', 'energy'],
  ['energy', 'latency'],
  ['edp', 'latency'],
];
const TOLERANCE = 1e-9;
/** Points before capacity for each mapping that may be enumerated: hardly any larger space comes out small enough. */
const MOST_POINTS = 250;

export interface Comparison {
  /** `skipped`: too many mappings to enumerate, or a rule that contradicts the layer. */
  readonly outcome: 'equal' | 'infeasible' | 'skipped';
  readonly evaluated: number;
  readonly problems: readonly string[];
}

export function compare(
  random: RandomCase,
  objectives: readonly ExactObjective[],
  orders: readonly (readonly ObjectiveName[])[],
  limit: number,
  beams: readonly number[] = [100, 0],
): Comparison {
  let space: Mapspace;
  try {
    space = buildMapspace(random.arch, random.einsum, random.constraints, random.uneven);
  } catch (error) {
    if (error instanceof InfeasibleError) return { outcome: 'skipped', evaluated: 0, problems: [] };
    throw error;
  }
  if (mapspaceSize(space) > BigInt(MOST_POINTS * limit))
    return { outcome: 'skipped', evaluated: 0, problems: [] };
  const points: Point[] = [];
  let evaluated = 0;
  try {
    evaluated = enumerate(space, limit, (point) => keepBest(points, point));
  } catch (error) {
    if (error instanceof TooMany) return { outcome: 'skipped', evaluated: limit, problems: [] };
    throw error;
  }
  const problems = objectives.flatMap((objective) =>
    beams.flatMap((beam) => compareOne(space, objective, points, beam)),
  );
  const ordered = orders.flatMap((order) => compareOrder(space, order, points));
  return {
    outcome: points.length === 0 ? 'infeasible' : 'equal',
    evaluated,
    problems: [...problems, ...ordered],
  };
}

/** Compares so many cases that can be enumerated; returns what went wrong and how many had a legal mapping. */
export function compareCases(
  options: CaseOptions,
  firstSeed: number,
  wanted: number,
  limit: number,
): { problems: string[]; legal: number } {
  const problems: string[] = [];
  let compared = 0;
  let legal = 0;
  for (let seed = firstSeed; compared < wanted; seed++) {
    // Half of the objectives for each case, and one order.
    const objectives = OBJECTIVES.filter((_, i) => (i + compared) % 2 === 0);
    const orders = ORDERS.filter((_, i) => i === compared % ORDERS.length);
    const beams = [seed % 2 === 0 ? 20 : 0];
    const result = compare(randomCase(seed, options), objectives, orders, limit, beams);
    if (result.outcome === 'skipped') continue;
    compared++;
    if (result.outcome === 'equal') legal++;
    problems.push(...result.problems.map((problem) => `seed ${seed}: ${problem}`));
  }
  return { problems, legal };
}

/** Keeps the points of the energy-latency front: every objective's optimum is among them. */
function keepBest(points: Point[], point: Point): void {
  const beaten = (other: Point): boolean => other.energyPj <= point.energyPj && other.cycles <= point.cycles;
  if (points.some(beaten)) return;
  const left = points.filter((other) => !(point.energyPj <= other.energyPj && point.cycles <= other.cycles));
  points.splice(0, points.length, ...left, point);
}

function compareOne(
  space: Mapspace,
  objective: ExactObjective,
  points: readonly Point[],
  beam: number,
): string[] {
  const result = searchExact(space, { objective, beam });
  const name = JSON.stringify(objective);
  const illegal = result.best.flatMap(({ mapping }) => checkMapping(space.arch, space.einsum, mapping));
  if (illegal.length > 0) return [`${name}: illegal mapping: ${illegal[0].message}`];
  if (result.certificate.status !== 'optimal')
    return [`${name}: not proved: ${JSON.stringify(result.certificate)}`];
  if (points.length === 0)
    return result.best.length === 0 ? [] : [`${name}: found a mapping where none is legal`];
  if (objective === 'front')
    return compareFronts(
      points,
      result.best.map(({ cost }) => cost),
    );
  const expected = Math.min(...points.map((point) => objectiveOf(objective, point)));
  const got = result.best.length > 0 ? objectiveOf(objective, result.best[0].cost) : Infinity;
  const wrong = Math.abs(got - expected) > TOLERANCE * expected;
  const claimed = Math.abs(result.claimed - got) > TOLERANCE * got;
  return [
    ...(wrong ? [`${name} beam ${beam}: ${got} instead of ${expected}`] : []),
    ...(claimed ? [`${name} beam ${beam}: claims ${result.claimed}, the model says ${got}`] : []),
  ];
}

/** The strategy's search for an order of quantities against the best of all points. */
function compareOrder(space: Mapspace, order: readonly ObjectiveName[], points: readonly Point[]): string[] {
  const goal = goalOf({ lexicographic: order });
  const all = new Front(goal);
  for (const { energyPj, cycles, mapping } of points) all.offer(energyPj, cycles, () => mapping);
  const evaluator = new ReferenceEvaluator(space.arch, space.einsum);
  const context = new ShardContext(space, evaluator, new Random(1, 0), new Front(goal));
  const run = exactStrategy.start(context, { index: 0, evaluations: Infinity });
  while (run.step());
  run.report?.();
  const { front, proof } = context;
  const values = (from: Front): number[] =>
    order.map((name) =>
      from.first ? objectiveValue(name, from.first.energyPj, from.first.cycles) : Infinity,
    );
  const expected = values(all);
  const got = values(front);
  if (proof?.status !== 'optimal') return [`lex:${order.join()}: not proved`];
  const equal = got.every((value, i) => value <= expected[i] * (1 + 4 * TOLERANCE));
  return equal ? [] : [`lex:${order.join()}: ${got.join()} instead of ${expected.join()}`];
}

function compareFronts(
  points: readonly Point[],
  found: readonly { energyPj: number; cycles: number }[],
): string[] {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE * b;
  // Points whose energies differ by rounding alone may stand for each other.
  const expected = points.filter(
    (point) =>
      !points.some(
        (other) => other.cycles < point.cycles && other.energyPj <= point.energyPj * (1 + TOLERANCE),
      ),
  );
  const missing = expected.filter(
    (p) => !found.some((q) => q.cycles === p.cycles && near(q.energyPj, p.energyPj)),
  );
  const extra = found.filter(
    (q) => !points.some((p) => q.cycles === p.cycles && near(q.energyPj, p.energyPj)),
  );
  return [
    ...missing.map((p) => `front: ${p.energyPj} pJ at ${p.cycles} cycles is missing`),
    ...extra.map((p) => `front: ${p.energyPj} pJ at ${p.cycles} cycles is not on the front`),
  ];
}
