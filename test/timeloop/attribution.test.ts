import { describe, expect, test } from 'vitest';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import { toArchitecture, toEinsum, toMapping } from '../../src/timeloop/convert.ts';
import { evaluateTimeloop } from '../../src/model/timeloop/evaluate.ts';
import type { TimeloopMapping } from '../../src/timeloop/spec.ts';
import type { TimeloopInput } from '../../src/timeloop/read.ts';
import type { GoldenCase } from './golden.ts';
import { evaluate, hasGolden, loadCases, loadMaintainers } from './golden.ts';

/** Why the two semantics differ on one count: the rules of the model's description. */
type Reason = 'halo along outer loops or wraps' | 'extrapolated wraps' | 'link transfers';

interface Difference {
  readonly where: string;
  readonly dse: number;
  readonly timeloop: number;
  readonly reason: Reason | undefined;
}

describe.skipIf(!hasGolden)('the default semantics beside the timeloop semantics', () => {
  const cases = [...loadCases().filter(({ result }) => result), ...loadMaintainers()].filter(isComparable);
  const found = new Map<string, Difference[]>();

  for (const golden of cases) {
    test(`every difference on ${golden.name} has a reason`, () => {
      const all = compare(golden);
      found.set(golden.name, all);
      expect(all.filter(({ reason }) => reason === undefined)).toEqual([]);
    });
  }

  test('Timeloop is never lower on them', () => {
    const reasons = [...found.values()].flat().map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'extrapolated wraps')).toEqual([]);
  });

  test('most cases do not differ at all', () => {
    const equal = cases.filter(({ name }) => found.get(name)?.length === 0);
    expect(equal.length).toBeGreaterThan(0.6 * cases.length);
  });
});

/** Residual factors and per-dataspace directives have no counterpart; links are switched off for the comparison anyway. */
function isComparable({ tags, sources }: GoldenCase): boolean {
  const directives = sources.some(({ text }) => /no_temporal_reuse|no_reuse|rmw_first_update/.test(text));
  return !tags.includes('residual') && !directives;
}

function compare(golden: GoldenCase): Difference[] {
  const { input, result } = evaluate(golden);
  const { design, problem, mapping } = input as Required<TimeloopInput>;
  const cost = evaluateMapping(
    toArchitecture(design),
    toEinsum(problem),
    toMapping(design, problem, mapping),
  );
  const unlinked = evaluateTimeloop(design, problem, withoutLinks(mapping));
  return cost.memories.flatMap((memory) => {
    const l = result.buffers.findIndex(({ name }) => name === memory.name);
    return memory.tensors.flatMap((tensor, d) =>
      COUNTS.flatMap((count): Difference[] => {
        const dse = tensor.perInstance[count];
        const timeloop = result.buffers[l][count][d];
        if (dse === timeloop) return [];
        const reason = attribute(input, d, dse, unlinked.buffers[l][count][d]);
        return [{ where: `${memory.name} ${problem.dataspaces[d].name} ${count}`, dse, timeloop, reason }];
      }),
    );
  });
}

const COUNTS = ['reads', 'fills', 'updates', 'temporalReductions', 'addressGenerations'] as const;

function withoutLinks(mapping: TimeloopMapping): TimeloopMapping {
  return {
    levels: mapping.levels.map((level) => ({ ...level, noLinkTransfer: level.keep.map(() => true) })),
  };
}

/** @param unlinked Timeloop's count when no child may take data from its neighbours */
function attribute({ problem }: TimeloopInput, d: number, dse: number, unlinked: number): Reason | undefined {
  if (dse === unlinked) return 'link transfers';
  const dataspace = problem?.dataspaces[d];
  const slides = dataspace?.ranks.some((rank) => new Set(rank.map(({ dim }) => dim)).size > 1) ?? false;
  if (!slides || dataspace?.readWrite) return undefined;
  // Ours fetches what the buffer lacks, no more. Timeloop has less only where it takes a wrap from the second
  // iteration for one from the last, and finds the buffer already full.
  return dse < unlinked ? 'halo along outer loops or wraps' : 'extrapolated wraps';
}
