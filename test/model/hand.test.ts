/** Small nests counted by hand; the closed form and the walker must both give these numbers. */
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../src/arch/architecture.ts';
import type { Mapping } from '../../src/mapping/mapping.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import type { Einsum } from '../../src/workload/einsum.ts';
import { countsOf } from '../support/counts.ts';
import { array, convolution, einsum, loop, machine, memory } from '../support/machines.ts';
import { nest, parallel, product, station } from '../support/machines.ts';
import { walk } from '../support/walker.ts';

const dram = memory('DRAM');
const buffer = memory('Buffer');
const [OUTER, INNER] = [0, 1];

/** The counts both ways; fails where they differ. */
function counts(arch: Architecture, layer: Einsum, mapping: Mapping) {
  const walked = walk(arch, layer, mapping);
  expect(countsOf(evaluateMapping(arch, layer, mapping))).toEqual(walked);
  return walked;
}

describe('a sliding window', () => {
  const [P, R] = [0, 1];
  const [W, I, O] = [0, 1, 2];
  const all = [W, I, O];
  const twoLevels = machine(dram, buffer);

  test.each([
    [4, 4],
    [2, 8],
    [8, 2],
  ])('of 3 over 16 positions as %i x %i fetches every word once', (outer, inner) => {
    const mapping = nest(
      station(OUTER, ...all),
      loop(P, outer),
      station(INNER, ...all),
      loop(P, inner),
      loop(R, 3),
    );
    const { memories } = counts(twoLevels, convolution({ P: 16, R: 3 }), mapping);
    expect(memories[INNER][I]).toMatchObject({ tileWords: inner + 2, fills: 18, reads: 48 });
    expect(memories[OUTER][I].reads).toBe(18);
  });

  test.each([
    { P: 4, R: 3, stride: 2, dilation: 2, span: 11 },
    { P: 4, R: 1, stride: 3, dilation: 1, span: 10 },
    { P: 1, R: 3, stride: 1, dilation: 2, span: 5 },
  ])('P=$P R=$R stride $stride dilation $dilation spans $span', ({ P, R, stride, dilation, span }) => {
    const mapping = nest(station(OUTER, ...all), loop(0, P), loop(1, R));
    const { memories } = counts(machine(dram), convolution({ P, R }, stride, dilation), mapping);
    expect(memories[OUTER][I].tileWords).toBe(span);
  });

  test('overlaps its next position even after an inner loop wrapped', () => {
    // Boxes [0..3] [1..4] [2..5] [4..7] [5..8] [6..9] fetch 4+1+1+2+1+1 words.
    const mapping = nest(station(OUTER, ...all), loop(P, 2), loop(R, 3), station(INNER, ...all), loop(P, 4));
    const { memories } = counts(twoLevels, convolution({ P: 8, R: 3 }), mapping);
    expect(memories[INNER][I].fills).toBe(10);
  });

  test('with a stride beyond the window shares nothing', () => {
    const mapping = nest(station(OUTER, ...all), loop(P, 4), station(INNER, ...all), loop(R, 2));
    const { memories } = counts(twoLevels, convolution({ P: 4, R: 2 }, 3), mapping);
    expect(memories[INNER][I]).toMatchObject({ tileWords: 2, fills: 8 });
  });

  test('starts anew for every channel that passes between two positions', () => {
    // I[c, p+r]: with channels outside, 2 rows of 6 words; with channels inside, 4 positions of 2 windows of 3.
    const [P, R, C] = [0, 1, 2];
    const one = (dim: number) => ({ dim, coefficient: 1 });
    const layer = einsum({ P: 4, R: 3, C: 2 }, [
      { name: 'I', role: 'inputs', ranks: [[one(C)], [one(P), one(R)]] },
      { name: 'O', role: 'outputs', ranks: [[one(P)]] },
    ]);
    const fills = (...loops: ReturnType<typeof loop>[]) => {
      const mapping = nest(station(OUTER, 0, 1), ...loops, station(INNER, 0), loop(R, 3));
      return counts(twoLevels, layer, mapping).memories[INNER][0].fills;
    };
    expect(fills(loop(C, 2), loop(P, 4))).toBe(12);
    expect(fills(loop(P, 4), loop(C, 2))).toBe(24);
  });

  test('shares its diagonals across an array', () => {
    // P and R side by side: 6 units, 4 distinct inputs p+r, 2 weights, 3 outputs that each add up 2 products.
    const arch = machine(dram, array('PEs', 3, 2));
    const mapping = nest(station(OUTER, ...all), parallel(0, 'x', P, 3), parallel(0, 'y', R, 2));
    const { memories, networks } = counts(arch, convolution({ P: 3, R: 2 }), mapping);
    expect(memories[OUTER].map((tensor) => [tensor.reads, tensor.updates])).toEqual([
      [2, 0],
      [4, 0],
      [0, 3],
    ]);
    expect(networks[0]).toEqual([
      { distinct: 2, hops: 6, spatialReductions: 0 },
      { distinct: 4, hops: 6, spatialReductions: 0 },
      { distinct: 3, hops: 6, spatialReductions: 3 },
    ]);
  });

  test('compares boxes at each of two nested arrays', () => {
    // Each outer child wants {p, p+1}; {0,1} and {1,2} overlap but differ: 4 words enter, not 3.
    const arch = machine(dram, array('Rows', 2, 1), array('PEs', 2, 1));
    const mapping = nest(station(OUTER, ...all), parallel(0, 'x', P, 2), parallel(1, 'x', R, 2));
    const { memories, networks } = counts(arch, convolution({ P: 2, R: 2 }), mapping);
    expect(memories[OUTER][I].reads).toBe(4);
    expect(networks.map((network) => network[I])).toEqual([
      { distinct: 4, hops: 4, spatialReductions: 0 },
      { distinct: 4, hops: 4, spatialReductions: 0 },
    ]);
  });

  test.each([
    { halo_multicast: false, reads: 12 },
    { halo_multicast: true, reads: 6 },
  ])(
    'of 4 neighbours reads $reads words with halo_multicast $halo_multicast',
    ({ halo_multicast, reads }) => {
      const arch = machine(dram, array('PEs', 4, 1, { haloMulticast: halo_multicast }), buffer);
      const mapping = nest(
        station(OUTER, ...all),
        parallel(0, 'x', P, 4),
        station(INNER, ...all),
        loop(R, 3),
      );
      const { memories, networks } = counts(arch, convolution({ P: 4, R: 3 }), mapping);
      expect(memories[OUTER][I].reads).toBe(reads);
      expect(memories[INNER][I]).toMatchObject({ fills: 12, utilizedInstances: 4 });
      expect(networks[0][I]).toEqual({ distinct: reads, hops: 12, spatialReductions: 0 });
    },
  );

  test('shares halos across everything inside an array that shares them', () => {
    // Rows want words 0..2 and 2..4: five in all, though the inner array takes word by word.
    const arch = machine(dram, array('Rows', 2, 1, { haloMulticast: true }), array('PEs', 3, 1));
    const mapping = nest(station(OUTER, ...all), parallel(0, 'x', P, 2), parallel(1, 'x', R, 3));
    const { memories, networks } = counts(arch, convolution({ P: 2, R: 3 }, 2), mapping);
    expect(memories[OUTER][I].reads).toBe(5);
    expect(networks.map((network) => network[I].distinct)).toEqual([5, 6]);
  });
});

describe('a matrix product', () => {
  const [M, N, K] = [0, 1, 2];
  const [B, A, Z] = [0, 1, 2];
  const all = [B, A, Z];

  test('keeps what its innermost outer loop does not touch', () => {
    const layer = product({ M: 4, N: 2, K: 3 });
    const fills = (...loops: ReturnType<typeof loop>[]) => {
      const mapping = nest(station(OUTER, ...all), ...loops, station(INNER, ...all), loop(M, 2), loop(K, 3));
      return counts(machine(dram, buffer), layer, mapping).memories[INNER].map((tensor) => tensor.fills);
    };
    // Tiles: B 3 words, A 6. A second pass over N fetches A again; a second pass over M fetches B again.
    expect(fills(loop(N, 2), loop(M, 2))).toEqual([6, 24, 0]);
    expect(fills(loop(M, 2), loop(N, 2))).toEqual([12, 12, 0]);
  });

  describe('with its reduction outermost', () => {
    // Z tiles of 2 words leave 3·4 times: 24 words, of which 8 are the first of their element.
    const mapping = nest(station(OUTER, ...all), loop(K, 3), loop(M, 4), station(INNER, ...all), loop(N, 2));
    const layer = product({ M: 4, N: 2, K: 3 });

    test('brings back partial sums but never an unwritten one', () => {
      const { memories } = counts(machine(dram, buffer), layer, mapping);
      expect(memories[OUTER][Z]).toMatchObject({
        reads: 16,
        fills: 0,
        updates: 24,
        temporalReductions: 16,
        addressGenerations: 24,
      });
      expect(memories[INNER][Z]).toMatchObject({
        reads: 16,
        fills: 16,
        updates: 24,
        temporalReductions: 16,
        addressGenerations: 40,
      });
    });

    test('reads unwritten ones too where the first update reads', () => {
      const arch = machine(memory('DRAM', { rmwFirstUpdate: true }), buffer);
      const { memories } = counts(arch, layer, mapping);
      expect(memories[OUTER][Z]).toMatchObject({ reads: 24, updates: 24, temporalReductions: 24 });
      expect(memories[INNER][Z]).toMatchObject({ reads: 16, fills: 24, updates: 24 });
    });

    test('counts the reads of sums that leave where the memory says so', () => {
      const arch = machine(dram, memory('Buffer', { drainReads: true }));
      const { memories } = counts(arch, layer, mapping);
      expect(memories[OUTER][Z].reads).toBe(16);
      expect(memories[INNER][Z]).toMatchObject({ reads: 16 + 24, temporalReductions: 16 });
    });
  });

  test('accumulates in its units without reading what was never written', () => {
    const mapping = nest(station(OUTER, ...all), loop(M, 2), loop(N, 2), loop(K, 3));
    const { memories } = counts(machine(dram), product({ M: 2, N: 2, K: 3 }), mapping);
    expect(memories[OUTER][Z]).toMatchObject({ reads: 8, updates: 12, temporalReductions: 8 });
    expect(memories[OUTER][A].reads).toBe(12);
  });

  describe('on four units side by side', () => {
    const layer = product({ M: 4, N: 3, K: 2 });
    const mapping = nest(station(OUTER, ...all), loop(N, 3), loop(K, 2), parallel(0, 'x', M, 4));

    test('sends a shared operand once', () => {
      const { memories, networks } = counts(machine(dram, array('PEs', 4, 1)), layer, mapping);
      expect(memories[OUTER].map((tensor) => tensor.reads)).toEqual([6, 24, 12]);
      expect(networks[0]).toEqual([
        { distinct: 6, hops: 24, spatialReductions: 0 },
        { distinct: 24, hops: 24, spatialReductions: 0 },
        { distinct: 24 + 12, hops: 24 + 12, spatialReductions: 0 },
      ]);
    });

    test('sends it four times without multicast', () => {
      const arch = machine(dram, array('PEs', 4, 1, { multicast: false }));
      const { memories, networks } = counts(arch, layer, mapping);
      expect(memories[OUTER][B].reads).toBe(24);
      expect(networks[0][B]).toEqual({ distinct: 24, hops: 24, spatialReductions: 0 });
    });
  });

  describe('with its reduction side by side', () => {
    // Per element: 2 steps of 4 products. Each unit is sent its own partial sum, but for the first.
    const layer = product({ M: 3, N: 1, K: 8 });
    const mapping = nest(station(OUTER, ...all), loop(M, 3), loop(K, 2), parallel(0, 'y', K, 4));

    test('adds products up on their way', () => {
      const { memories, networks } = counts(machine(dram, array('PEs', 1, 4)), layer, mapping);
      expect(memories[OUTER][Z]).toMatchObject({ updates: 6, reads: 3, temporalReductions: 3 });
      expect(networks[0][Z]).toEqual({ distinct: 6 + 3, hops: 24 + 12, spatialReductions: 18 });
    });

    test('stores every product where the array cannot add', () => {
      const arch = machine(dram, array('PEs', 1, 4, { spatialReduction: false }));
      const { memories, networks } = counts(arch, layer, mapping);
      expect(memories[OUTER][Z]).toMatchObject({ updates: 24, reads: 21, temporalReductions: 21 });
      expect(networks[0][Z]).toEqual({ distinct: 24 + 21, hops: 24 + 12, spatialReductions: 0 });
    });
  });

  test('passes a memory that bypasses a tensor, and the networks around it', () => {
    const arch = machine(dram, array('Chips', 2, 1), memory('Buffer'), array('PEs', 3, 1));
    const mapping = nest(
      station(OUTER, ...all),
      parallel(0, 'x', M, 2),
      station(INNER, A, Z),
      loop(K, 5),
      parallel(1, 'x', N, 3),
    );
    const { memories, networks } = counts(arch, product({ M: 2, N: 3, K: 5 }), mapping);
    // B[k,n]: 15 words reach 2 chips, where each goes to one of 3 units.
    expect(memories[OUTER][B].reads).toBe(15);
    expect(memories[INNER][B]).toMatchObject({ kept: false, reads: 0, fills: 0, tileWords: 0 });
    expect(networks.map((network) => network[B])).toEqual([
      { distinct: 15, hops: 30, spatialReductions: 0 },
      { distinct: 30, hops: 30, spatialReductions: 0 },
    ]);
    // A[m,k]: its 5 words a chip are kept, then shared by 3 units.
    expect(networks.map((network) => network[A])).toEqual([
      { distinct: 10, hops: 10, spatialReductions: 0 },
      { distinct: 10, hops: 30, spatialReductions: 0 },
    ]);
  });

  test('crosses an idle array once a word', () => {
    const arch = machine(dram, array('PEs', 4, 4), buffer);
    const mapping = nest(station(OUTER, ...all), loop(M, 4), station(INNER, ...all), loop(N, 2));
    const { memories, networks } = counts(arch, product({ M: 4, N: 2, K: 1 }), mapping);
    expect(memories[INNER][A]).toMatchObject({ fills: 4, utilizedInstances: 1 });
    expect(networks[0].map(({ distinct, hops }) => [distinct, hops])).toEqual([
      [2, 2],
      [4, 4],
      [8, 8],
    ]);
  });

  test('lets one memory keep its tensors at different depths', () => {
    const mapping = nest(
      station(OUTER, ...all),
      station(INNER, B),
      loop(M, 4),
      loop(N, 2),
      station(INNER, A, Z),
      loop(K, 3),
    );
    const { memories } = counts(machine(dram, buffer), product({ M: 4, N: 2, K: 3 }), mapping);
    expect(memories[INNER].map((tensor) => [tensor.tileWords, tensor.fills])).toEqual([
      [6, 6],
      [3, 12],
      [1, 0],
    ]);
    expect(memories[OUTER][Z].updates).toBe(8);
  });
});

describe('an output with gaps', () => {
  test('elides the first reads of the words that exist, not of the gaps', () => {
    // O[2p] on 2 units: elements 0 and 2 each written once, word 1 never.
    const layer = einsum({ P: 2 }, [
      { name: 'I', role: 'inputs', ranks: [[{ dim: 0, coefficient: 1 }]] },
      { name: 'O', role: 'outputs', ranks: [[{ dim: 0, coefficient: 2 }]] },
    ]);
    const mapping = nest(station(OUTER, 0, 1), parallel(0, 'x', 0, 2));
    const { memories } = counts(machine(dram, array('PEs', 2, 1)), layer, mapping);
    expect(memories[OUTER][1]).toMatchObject({ tileWords: 3, updates: 2, reads: 0, temporalReductions: 0 });
  });
});
