/** The objective over a network's totals, against every choice from the layers' exact fronts. */
import { describe, expect, test } from 'vitest';
import { search } from '../../src/api/search.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { array, machine, memory } from '../mapspace/machines.ts';

/** Narrow enough that layers trade energy for time. */
const arch = machine(
  memory('DRAM', Infinity, { bandwidth: { read: Infinity, write: Infinity, shared: 0.5 } }),
  memory('Buffer', 40),
  array('PE', 3, 2),
  memory('RF', 6),
);
const layers = ['gemm:M=8,N=6,K=4', 'conv:M=4,C=3,P=4,Q=1,R=3,S=1', 'gemm:M=2,N=12,K=9'].map((text, i) => ({
  name: `layer${i}`,
  count: 1 + (i % 2),
  einsum: parseLayer(text),
}));
const layer = { name: 'small', selector: 'small', layers };

describe.each([
  ['edp', 1],
  ['ed2p', 2],
] as const)('%s of a network', (objective, power) => {
  test('is the least over all choices of mappings, and proved', async () => {
    const fronts = await search({ arch, layer, objective: ['energy', 'latency'], threads: 1 });
    const sums = fronts.layers.reduce(
      (before, { front = [], count }) =>
        before.flatMap(([energy, cycles]) =>
          front.map((best) => [energy + count * best.energyPj, cycles + count * best.cycles]),
        ),
      [[0, 0]],
    );
    const least = Math.min(...sums.map(([energy, cycles]) => energy * cycles ** power));
    const { total, network } = await search({ arch, layer, objective, over: 'network', threads: 1 });
    expect(network?.status).toBe('optimal');
    expect(total.energyPj * total.cycles ** power).toBeCloseTo(least, -Math.log10(least) + 9);
    expect(network?.lowerBound).toBeLessThanOrEqual(least * (1 + 1e-9));
  });
});

test('sums need no more than each layer alone; a front over a network is refused', async () => {
  const own = await search({ arch, layer, objective: 'energy', threads: 1 });
  const network = await search({ arch, layer, objective: 'energy', over: 'network', threads: 1 });
  expect(network.total).toEqual(own.total);
  const request = { arch, layer, over: 'network' } as const;
  await expect(search({ ...request, objective: ['energy', 'latency'] })).rejects.toThrow('not a front');
  await expect(search({ ...request, explain: true })).rejects.toThrow('about layers');
});
