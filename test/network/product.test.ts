/** The least product of sums, against trying every choice. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leastProduct } from '../../src/network/product.ts';
import type { Totals } from '../../src/network/product.ts';

const point = fc.record({
  energyPj: fc.integer({ min: 1, max: 60 }),
  cycles: fc.integer({ min: 1, max: 60 }),
});
/** For each layer the mappings it may choose from. */
const network = fc.array(fc.array(point, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 });

function sum(points: readonly Totals[]): Totals {
  return {
    energyPj: points.reduce((total, { energyPj }) => total + energyPj, 0),
    cycles: points.reduce((total, { cycles }) => total + cycles, 0),
  };
}

function everyChoice(layers: readonly (readonly Totals[])[]): Totals[] {
  return layers.reduce<Totals[]>(
    (sums, layer) => sums.flatMap((before) => layer.map((own) => sum([before, own]))),
    [{ energyPj: 0, cycles: 0 }],
  );
}

const by = (value: (totals: Totals) => number) => (layer: readonly Totals[]) =>
  layer.reduce((best, other) => (value(other) < value(best) ? other : best));

test.each([1, 2] as const)(
  'is that of the best choice of mappings and proved so: power %i',
  async (power) => {
    const product = ({ energyPj, cycles }: Totals): number => energyPj * cycles ** power;
    await fc.assert(
      fc.asyncProperty(network, async (layers) => {
        const minimise = async (latency: number) => {
          const value = ({ energyPj, cycles }: Totals): number => energyPj + latency * cycles;
          const totals = sum(layers.map(by(value)));
          return { totals, lowerBound: value(totals) };
        };
        const least = {
          energyPj: sum(layers.map(by(({ energyPj }) => energyPj))).energyPj,
          cycles: sum(layers.map(by(({ cycles }) => cycles))).cycles,
        };
        const first = sum(layers.map(by(product)));
        const { best, lowerBound } = await leastProduct({ power, first, least, minimise, rounds: 60 });
        const optimum = Math.min(...everyChoice(layers).map(product));
        expect(product(best)).toBe(optimum);
        expect(lowerBound).toBeGreaterThanOrEqual(optimum * (1 - 2e-9));
        expect(lowerBound).toBeLessThanOrEqual(optimum);
      }),
      { numRuns: 300, seed: 3 },
    );
  },
);

test('the best of each layer alone is not always the best together', async () => {
  const layers = [
    [
      { energyPj: 10, cycles: 1 },
      { energyPj: 2, cycles: 6 },
    ],
    [
      { energyPj: 1, cycles: 30 },
      { energyPj: 7, cycles: 5 },
    ],
  ];
  const alone = sum(layers.map(by(({ energyPj, cycles }) => energyPj * cycles)));
  const together = Math.min(...everyChoice(layers).map(({ energyPj, cycles }) => energyPj * cycles));
  expect(together).toBeLessThan(alone.energyPj * alone.cycles);
});

test('stops after the rounds it has, with a bound', async () => {
  const minimise = async (latency: number) => ({
    totals: { energyPj: 5, cycles: 5 },
    lowerBound: 1 + latency,
  });
  const least = { energyPj: 1, cycles: 1 };
  const found = await leastProduct({
    power: 1,
    first: { energyPj: 5, cycles: 5 },
    least,
    minimise,
    rounds: 3,
  });
  expect(found).toEqual({ best: { energyPj: 5, cycles: 5 }, lowerBound: expect.closeTo(1) });
});
