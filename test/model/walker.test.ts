/** The closed form against a walk of every iteration with real sets, on random small nests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../src/arch/architecture.ts';
import { fanouts, memories } from '../../src/arch/architecture.ts';
import { checkMapping } from '../../src/mapping/legality.ts';
import type { Mapping, SpatialLoop } from '../../src/mapping/mapping.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import type { Case } from '../support/arbitraries.ts';
import { cases } from '../support/arbitraries.ts';
import { countsOf } from '../support/counts.ts';
import { walk } from '../support/walker.ts';

function expectWalked({ arch, einsum, mapping }: Case): void {
  expect(countsOf(evaluateMapping(arch, einsum, mapping))).toEqual(walk(arch, einsum, mapping));
}

describe('every count equals the walk', () => {
  test('on random machines, layers and mappings', () => {
    fc.assert(fc.property(cases({ maxMacs: 96 }), expectWalked), { numRuns: 600 });
  });

  test('on longer nests', () => {
    fc.assert(fc.property(cases({ maxMacs: 1024 }), expectWalked), { numRuns: 40 });
  });

  test('where every array shares overlapping halos', () => {
    const shared = cases({ maxMacs: 96 }).filter(({ einsum }) => !einsum.tensors.some(isCoupled));
    const sharing = shared.map((example) => ({ ...example, arch: sharingHalos(example.arch) }));
    fc.assert(fc.property(sharing, expectWalked), { numRuns: 200 });
  });

  test('where some arrays keep nothing over the loops outside', () => {
    fc.assert(fc.property(forgetful, expectWalked), { numRuns: 200 });
  });

  test('and what those arrays forget costs accesses', () => {
    const sample = fc.sample(forgetful, { numRuns: 600, seed: 1 });
    expect(sample.filter(forgets).length).toBeGreaterThanOrEqual(20);
  });
});

describe('the random cases', () => {
  const sample = fc.sample(cases({ maxMacs: 96 }), { numRuns: 600, seed: 1 });

  test('are legal', () => {
    expect(sample.flatMap(({ arch, einsum, mapping }) => checkMapping(arch, einsum, mapping))).toEqual([]);
  });

  test('fill their memories to the last word when asked to', () => {
    const exact = fc.sample(cases({ maxMacs: 96, capacity: 'exact' }), { numRuns: 200, seed: 2 });
    expect(exact.flatMap(({ arch, einsum, mapping }) => checkMapping(arch, einsum, mapping))).toEqual([]);
    const tighter = exact.map((example) => ({ ...example, arch: withOneWordLess(example.arch) }));
    expect(tighter.filter(overflows).length).toBeGreaterThan(50);
  });

  test.each<[feature: string, has: (example: Case) => boolean]>([
    ['three memories', ({ arch }) => memories(arch).length === 3],
    [
      'a bypass',
      ({ arch, einsum, mapping }) => keptCount(mapping) < memories(arch).length * einsum.tensors.length,
    ],
    ['two stations of one memory', ({ mapping }) => isUneven(mapping)],
    ['two arrays at work', ({ mapping }) => new Set(spatial(mapping).map((loop) => loop.fanout)).size > 1],
    ['an array inside the innermost memory', ({ arch }) => arch.nodes.at(-1)!.kind === 'array'],
    ['two dimensions of one window side by side', hasSharedDiagonals],
    ['an array without multicast at work', (example) => works(example, (f) => !f.multicast)],
    ['an array without spatial reduction at work', (example) => works(example, (f) => !f.spatialReduction)],
    ['halo multicast at work', (example) => works(example, (f) => f.haloMulticast)],
    ['partial sums that come back', ({ arch, einsum, mapping }) => hasPartialSums(arch, einsum, mapping)],
    ['stored first updates that read', ({ arch }) => memories(arch).some((memory) => memory.rmwFirstUpdate)],
    [
      'counted drains',
      ({ arch }) =>
        memories(arch)
          .slice(1)
          .some((memory) => memory.drainReads),
    ],
    ['dimensions that index two ranks', ({ einsum }) => einsum.tensors.some(isCoupled)],
    ['outputs with gaps or sums of dimensions', hasOddOutput],
  ])('include %s', (_feature, has) => {
    expect(sample.filter(has).length).toBeGreaterThanOrEqual(20);
  });
});

/** Random cases in which each array keeps nothing inside over the loops outside, or does. */
const forgetful = fc
  .tuple(cases({ maxMacs: 96 }), fc.nat({ max: 6 }))
  .map(([example, keeping]): Case => ({ ...example, arch: withReuse(example.arch, keeping) }));

/** `keeping`: mask of the arrays, outermost first, with temporal reuse. */
function withReuse(arch: Architecture, keeping: number): Architecture {
  const arrays = fanouts(arch);
  const nodes = arch.nodes.map((node) =>
    node.kind === 'array' ? { ...node, temporalReuse: ((keeping >> arrays.indexOf(node)) & 1) === 1 } : node,
  );
  return { ...arch, nodes };
}

/** True if the same mapping moves less where every array has temporal reuse. */
function forgets({ arch, einsum, mapping }: Case): boolean {
  const kept = countsOf(evaluateMapping(withReuse(arch, -1), einsum, mapping));
  const forgotten = countsOf(evaluateMapping(arch, einsum, mapping));
  return JSON.stringify(kept) !== JSON.stringify(forgotten);
}

function sharingHalos(arch: Architecture): Architecture {
  const nodes = arch.nodes.map((node) =>
    node.kind === 'array' ? { ...node, multicast: true, haloMulticast: true } : node,
  );
  return { ...arch, nodes };
}

function withOneWordLess(arch: Architecture): Architecture {
  const nodes = arch.nodes.map((node) =>
    node.kind === 'memory' ? { ...node, words: Math.max(0, node.words - node.multipleBuffering) } : node,
  );
  return { ...arch, nodes };
}

function overflows({ arch, einsum, mapping }: Case): boolean {
  return checkMapping(arch, einsum, mapping).some(({ kind }) => kind === 'capacity');
}

function spatial({ nest }: Mapping): SpatialLoop[] {
  return nest.filter((item) => item.kind === 'parallel');
}

function keptCount({ nest }: Mapping): number {
  return nest.reduce((count, item) => (item.kind === 'station' ? count + item.tensors.length : count), 0);
}

function isUneven({ nest }: Mapping): boolean {
  const stations = nest.filter((item) => item.kind === 'station').map((station) => station.memory);
  return new Set(stations).size < stations.length;
}

function works({ arch, mapping }: Case, wanted: (fanout: ReturnType<typeof fanouts>[0]) => boolean): boolean {
  return spatial(mapping).some((loop) => wanted(fanouts(arch)[loop.fanout]));
}

function hasSharedDiagonals({ einsum, mapping }: Case): boolean {
  const loops = spatial(mapping);
  const ranks = einsum.tensors.flatMap((tensor) => tensor.ranks).map((rank) => rank.map((term) => term.dim));
  return ranks.some((dims) =>
    loops.some((a) =>
      loops.some(
        (b) => a.fanout === b.fanout && a.dim < b.dim && dims.includes(a.dim) && dims.includes(b.dim),
      ),
    ),
  );
}

function hasPartialSums(arch: Architecture, einsum: Case['einsum'], mapping: Mapping): boolean {
  const [outermost] = evaluateMapping(arch, einsum, mapping).memories;
  return outermost.tensors.some((tensor) => tensor.temporalReductions > 0);
}

function isCoupled({ ranks }: Case['einsum']['tensors'][0]): boolean {
  const dims = ranks.flatMap((rank) => rank.map((term) => term.dim));
  return new Set(dims).size < dims.length;
}

function hasOddOutput({ einsum }: Case): boolean {
  const output = einsum.tensors.find((tensor) => tensor.role === 'outputs')!;
  return output.ranks.some((rank) => rank.length > 1 || rank.some((term) => term.coefficient !== 1));
}
