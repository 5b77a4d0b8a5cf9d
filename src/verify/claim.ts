/** What is checked of one layer of a result: its mappings and figures by the reference model, its proof by a new search. */
import type { Architecture } from '../arch/architecture.ts';
import { readMappingAt } from '../mapping/read.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import type { Mapspace } from '../mapspace/mapspace.ts';
import { buildMapspace } from '../mapspace/mapspace.ts';
import { disobeyed } from '../mapspace/obeys.ts';
import { readConstraints, readOwnConstraints } from '../mapspace/read-constraints.ts';
import { mapspaceSize } from '../mapspace/size.ts';
import type { Cost } from '../model/cost.ts';
import { evaluateMapping } from '../model/evaluate.ts';
import { lowerBound as simpleBound } from '../search/bound.ts';
import type { ExactOptions } from '../search/exact/exact.ts';
import { objectiveOf } from '../search/exact/exact.ts';
import { runExact } from '../search/exact/run.ts';
import { proofRefusal } from '../search/exact/support.ts';
import { EQUAL, isFront, objectiveValue } from '../search/objective.ts';
import type { Goal, Quantity } from '../search/objective.ts';
import type { Path, YamlDocument } from '../spec/document.ts';
import { InputError } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';
import { macs } from '../workload/einsum.ts';
import type { Figures, LayerClaim, ResultClaim } from './result-file.ts';

/** Relative differences that are rounding: sums of energies in another order. */
const ROUNDING = 1e-9;

/** Undecided: neither shown nor refuted, because time ran out or the search cannot tell. */
export type Outcome = 'passed' | 'failed' | 'undecided';

export type CheckName =
  'mapping' | 'figures' | 'constraints' | 'certificate' | 'bound' | 'order' | 'front' | 'total';

export interface Check {
  readonly name: CheckName;
  readonly outcome: Outcome;
  /** What was found, in a sentence. */
  readonly message: string;
}

export interface LayerChecks {
  readonly checks: readonly Check[];
  /** Partial mappings that the new search costed; 0 without one. */
  readonly visited: number;
}

export interface CheckOptions {
  /** Seconds for the new search; default none. */
  readonly timeSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Checks one layer's claims. Nothing in the result is taken for granted but its Einsum and its constraints. */
export async function checkLayer(
  result: ResultClaim,
  claim: LayerClaim,
  arch: Architecture,
  options: CheckOptions,
): Promise<LayerChecks> {
  const claimed = claimChecks(result, claim, arch);
  if (claimed.some(({ outcome }) => outcome === 'failed')) return { checks: claimed, visited: 0 };
  const { checks, visited } = await proofChecks(result, claim, arch, options);
  return { checks: [...claimed, ...checks], visited };
}

/** What needs no search: every mapping of the layer, and whether the certificate agrees with itself. */
function claimChecks({ document, goal }: ResultClaim, claim: LayerClaim, arch: Architecture): Check[] {
  const constraints = constraintsOf(document, claim, arch, claim.einsum);
  const places = [
    { path: [...claim.path, 'best'], figures: claim.best, what: 'the mapping' },
    ...(claim.front ?? []).map((figures, i) => ({
      path: [...claim.path, 'front', i],
      figures,
      what: `mapping ${i + 1} of the front`,
    })),
  ];
  const mappings = places.map((place) => mappingChecks(document, claim.einsum, arch, constraints, place));
  const failed = mappings.flat().filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) return failed;
  return [...mappings[0], ...certificateChecks(claim, arch, constraints, goal)];
}

function constraintsOf(
  document: YamlDocument,
  { path, constrained }: LayerClaim,
  arch: Architecture,
  einsum: Einsum,
): Constraints {
  const source = { path: [...path, 'constraints'], ofArchitecture: false };
  const given = constrained ? readConstraints(document, arch, einsum, source) : [];
  return [...readOwnConstraints(arch, einsum), ...given];
}

interface Place {
  readonly path: Path;
  readonly figures: Figures;
  /** What the figures are of. */
  readonly what: string;
}

function mappingChecks(
  document: YamlDocument,
  einsum: Einsum,
  arch: Architecture,
  constraints: Constraints,
  { path, figures, what }: Place,
): Check[] {
  try {
    const mapping = readMappingAt(document, [...path, 'mapping'], arch, einsum);
    const broken = disobeyed(constraints, arch, einsum, mapping);
    const cost = evaluateMapping(arch, einsum, mapping);
    return [
      passed('mapping', `${what} is legal`),
      wrongFigures(figures, cost, what) ?? passed('figures', 'equal the reference model to the last bit'),
      broken.length > 0
        ? failed('constraints', `${what}: ${broken.join('; ')}`)
        : passed('constraints', 'obeyed'),
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [{ message, position }] = error.diagnostics;
    const place = position ? ` (line ${position.line})` : '';
    return [failed('mapping', `${what} is not one of this layer: ${message}${place}`)];
  }
}

function wrongFigures(figures: Figures, cost: Cost, what: string): Check | undefined {
  const keys = ['energyPj', 'cycles', 'latencySeconds', 'edpJs', 'utilization'] as const;
  const wrong = keys.filter((key) => figures[key] !== cost[key]);
  if (wrong.length === 0) return undefined;
  const texts = wrong.map((key) => `${key} is ${cost[key]}, not ${figures[key]}`);
  return failed('figures', `${what}: ${texts.join('; ')}`);
}

/** Whether the certificate's fields agree with each other, with the layer and with the best value. */
function certificateChecks(
  { einsum, macs: claimedMacs, best, front, certificate }: LayerClaim,
  arch: Architecture,
  constraints: Constraints,
  goal: Goal,
): Check[] {
  const { status, lowerBound, gap, mapspaceSize: size } = certificate;
  const value = objectiveValue(goal.quantities[0], best.energyPj, best.cycles);
  const wrong: string[] = [];
  const actualSize = String(mapspaceSize(buildMapspace(arch, einsum, constraints)));
  if (claimedMacs !== macs(einsum)) wrong.push(`${macs(einsum)} MACs, not ${claimedMacs}`);
  if (size !== actualSize) wrong.push(`the mapspace has ${actualSize} mappings, not ${size}`);
  if (isFront(goal)) {
    if (front === undefined) wrong.push('several objectives but no front');
    if (front?.[0] && front[0].energyPj * front[0].cycles !== best.energyPj * best.cycles)
      wrong.push('the best is not the first of the front');
  } else if (lowerBound === null) {
    if (status !== 'heuristic') wrong.push('a proof without a bound');
  } else {
    if (lowerBound > value * (1 + ROUNDING)) wrong.push(`the bound ${lowerBound} is above the best ${value}`);
    const actual = lowerBound === 0 ? null : Math.max(0, value / lowerBound - 1);
    if (actual !== null && (gap === null || Math.abs(actual - gap) > ROUNDING * (1 + actual)))
      wrong.push(`the gap between bound and best is ${actual}, not ${gap}`);
    if (status === 'optimal' && lowerBound < value * (1 - ROUNDING))
      wrong.push(`called optimal although the bound ${lowerBound} is below the best ${value}`);
  }
  return [
    wrong.length > 0 ? failed('certificate', wrong.join('; ')) : passed('certificate', 'agrees with itself'),
  ];
}

/** A new exact search: dimensions and tensors in reverse order, neither beam nor annealing. */
async function proofChecks(
  { document, goal, uneven }: ResultClaim,
  claim: LayerClaim,
  arch: Architecture,
  options: CheckOptions,
): Promise<LayerChecks> {
  const { certificate } = claim;
  if (certificate.status === 'heuristic') return { checks: [], visited: 0 };
  const einsum = reversed(claim.einsum);
  const space = buildMapspace(arch, einsum, constraintsOf(document, claim, arch, einsum), uneven);
  if (isFront(goal)) return frontChecks(space, claim, goal, options);
  const bound = await boundChecks(space, certificate.lowerBound!, goal.quantities[0], options);
  const [{ outcome }] = bound.checks;
  if (goal.quantities.length === 1 || certificate.status === 'bounded' || outcome !== 'passed') return bound;
  const order = await orderChecks(space, claim, goal, options);
  return { checks: [...bound.checks, ...order.checks], visited: bound.visited + order.visited };
}

/** Searches below the claimed bound: a completed search that finds nothing there has proved it anew. */
async function boundChecks(
  space: Mapspace,
  claimed: number,
  objective: Quantity,
  options: CheckOptions,
): Promise<LayerChecks> {
  if (simpleBound(space, objective) >= claimed * (1 - ROUNDING)) {
    return { checks: [passed('bound', 'no mapping can be below the bound')], visited: 0 };
  }
  const refusal = proofRefusal(space);
  if (refusal !== undefined) return notCovered('bound', refusal);
  const result = await runExact(space, { ...options, objective, beam: 0, incumbent: claimed });
  const { lowerBound, visited } = result.certificate;
  const [found] = result.best;
  const value = found ? objectiveOf(objective, found.cost) : Infinity;
  return { checks: [boundCheck(value, lowerBound!, claimed)], visited };
}

function boundCheck(found: number, bound: number, claimed: number): Check {
  if (found < claimed * (1 - ROUNDING)) {
    return failed('bound', `a mapping of ${found} is below the claimed bound ${claimed}`);
  }
  if (bound >= claimed * (1 - ROUNDING)) return passed('bound', 'a new search found nothing below the bound');
  return { name: 'bound', outcome: 'undecided', message: `proved only that nothing is below ${bound}` };
}

function notCovered(name: CheckName, refusal: string): LayerChecks {
  return { checks: [{ name, outcome: 'undecided', message: `not covered: ${refusal}` }], visited: 0 };
}

/**
 * Whether nothing as good in an order's first quantity is better in a later one. Where the first is energy or latency,
 * the other of the two decides all others; else the point that is better would lie on the front.
 */
async function orderChecks(
  space: Mapspace,
  { best }: LayerClaim,
  { quantities }: Goal,
  options: CheckOptions,
): Promise<LayerChecks> {
  const refusal = proofRefusal(space);
  if (refusal !== undefined) return notCovered('order', refusal);
  const [first] = quantities;
  const limited: Readonly<Record<string, ExactOptions>> = {
    latency: { objective: 'energy', limits: { cycles: best.cycles }, incumbent: best.energyPj, beam: 0 },
    energy: {
      objective: 'latency',
      limits: { energyPj: best.energyPj * (1 + EQUAL) },
      incumbent: best.cycles,
      beam: 0,
    },
  };
  const search = limited[String(first)] ?? { objective: 'front', incumbents: [best] };
  const result = await runExact(space, { ...options, ...search });
  const better = result.best.find(({ cost }) => precedes(cost, best, quantities));
  const { visited, status, lowerBound } = result.certificate;
  const isDone =
    search.incumbent === undefined ? status === 'optimal' : lowerBound! >= search.incumbent * (1 - ROUNDING);
  const check: Check = better
    ? failed(
        'order',
        `a mapping of ${better.cost.energyPj} pJ in ${better.cost.cycles} cycles comes before it`,
      )
    : isDone
      ? passed('order', 'a new search found nothing that comes before it')
      : { name: 'order', outcome: 'undecided', message: 'the search did not finish' };
  return { checks: [check], visited };
}

/** In the first quantity in which they differ by more than rounding, the less. */
function precedes(a: Point, b: Point, quantities: readonly Quantity[]): boolean {
  const ratios = quantities.map(
    (quantity) =>
      objectiveValue(quantity, a.energyPj, a.cycles) / objectiveValue(quantity, b.energyPj, b.cycles),
  );
  const deciding = ratios.find((ratio) => Math.abs(ratio - 1) > EQUAL);
  return deciding !== undefined && deciding < 1;
}

interface Point {
  readonly energyPj: number;
  readonly cycles: number;
}

async function frontChecks(
  space: Mapspace,
  { front = [], certificate }: LayerClaim,
  { quantities }: Goal,
  options: CheckOptions,
): Promise<LayerChecks> {
  const values = ({ energyPj, cycles }: Point): number[] =>
    quantities.map((quantity) => objectiveValue(quantity, energyPj, cycles));
  const claimed = front.map(values);
  const beaten = claimed.findIndex((point) =>
    claimed.some((other) => other !== point && covers(other, point)),
  );
  if (beaten >= 0)
    return { checks: [failed('front', `point ${beaten + 1} is beaten by another`)], visited: 0 };
  if (certificate.status === 'bounded') {
    return { checks: [passed('front', 'no point beats another; completeness is not claimed')], visited: 0 };
  }
  const refusal = proofRefusal(space);
  if (refusal !== undefined) return notCovered('front', refusal);
  const result = await runExact(space, { ...options, objective: 'front', beam: 0, incumbents: front });
  const { visited, status } = result.certificate;
  const missing = result.best.find(
    ({ cost }) => !claimed.some((point) => covers(point, values(cost), 1 + ROUNDING)),
  );
  const check: Check = missing
    ? failed('front', `no point covers ${missing.cost.energyPj} pJ in ${missing.cost.cycles} cycles`)
    : status === 'optimal'
      ? passed('front', 'a new search found nothing that its points do not cover')
      : { name: 'front', outcome: 'undecided', message: 'the search did not finish' };
  return { checks: [check], visited };
}

/** No worse in any value. */
function covers(point: readonly number[], other: readonly number[], room = 1): boolean {
  return point.every((value, i) => value <= other[i] * room);
}

/** The same layer with its dimensions and tensors the other way round. */
function reversed({ name, dims, tensors }: Einsum): Einsum {
  return {
    name,
    dims: dims.toReversed(),
    tensors: tensors
      .map((tensor) => ({
        ...tensor,
        ranks: tensor.ranks.map((rank) =>
          rank.map(({ dim, coefficient }) => ({ dim: dims.length - 1 - dim, coefficient })),
        ),
      }))
      .toReversed(),
  };
}

function passed(name: CheckName, message: string): Check {
  return { name, outcome: 'passed', message };
}

function failed(name: CheckName, message: string): Check {
  return { name, outcome: 'failed', message };
}
