import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemoryEstimate, OperationEstimate } from '../../src/energy/estimate.ts';
import { componentSource, estimate } from '../../src/energy/estimate.ts';
import type {
  ComponentRequest,
  MemoryRequest,
  OperationRequest,
  RegfileRequest,
  SramRequest,
} from '../../src/energy/request.ts';
import { CELLS, DRAM_KINDS, NUMBER_TYPES } from '../../src/energy/request.ts';
import { SRAM_CELL_UM2, TECHNOLOGIES, areaScale, energyScale } from '../../src/energy/technology.ts';
import { diagnosticsOf } from '../spec/support.ts';

const technologyNm = fc.constantFrom(...TECHNOLOGIES);
const sram: fc.Arbitrary<SramRequest> = fc.record({
  component: fc.constant('sram' as const),
  technologyNm,
  sizeBits: fc.integer({ min: 256, max: 2 ** 27 }),
  widthBits: fc.integer({ min: 1, max: 512 }),
  banks: fc.integer({ min: 1, max: 32 }),
  ports: fc.integer({ min: 1, max: 3 }),
  cells: fc.constantFrom(...CELLS),
});
const regfile: fc.Arbitrary<RegfileRequest> = fc.record({
  component: fc.constant('regfile' as const),
  technologyNm,
  sizeBits: fc.integer({ min: 1, max: 2 ** 13 }),
  widthBits: fc.integer({ min: 1, max: 512 }),
  cells: fc.constantFrom(...CELLS),
});
const memory: fc.Arbitrary<SramRequest | RegfileRequest> = fc.oneof(sram, regfile);
const type = fc.constantFrom(...NUMBER_TYPES);
const operation: fc.Arbitrary<OperationRequest> = fc.oneof(
  fc.record({ component: fc.constantFrom('mac' as const, 'adder' as const), technologyNm, type }),
  fc.record({
    component: fc.constant('wire' as const),
    technologyNm,
    lengthMm: fc.double({ min: 0, max: 20, noNaN: true }),
    widthBits: fc.integer({ min: 1, max: 512 }),
  }),
);

type Costs = MemoryEstimate | OperationEstimate;
const costs = (request: ComponentRequest): Costs =>
  'technologyNm' in request && !('sizeBits' in request)
    ? estimate(request as OperationRequest)
    : estimate(request as MemoryRequest);

/** No metric of `b` is below that of `a`. */
function expectNoLess(b: Costs, a: Costs): void {
  for (const [metric, value] of Object.entries(a))
    expect((b as unknown as Record<string, number>)[metric], metric).toBeGreaterThanOrEqual(value);
}

describe('laws that hold whatever the constants', () => {
  test('a larger memory costs more energy, leakage and area', () => {
    fc.assert(
      fc.property(memory, fc.integer({ min: 2, max: 4 }), (request, times) => {
        fc.pre(request.sizeBits >= request.widthBits);
        const small = estimate(request);
        const large = estimate({ ...request, sizeBits: request.sizeBits * times });
        expectNoLess(large, small);
        expect(large.readPj).toBeGreaterThan(small.readPj);
        expect(large.leakMw).toBeGreaterThan(small.leakMw);
        expect(large.areaUm2).toBeGreaterThan(small.areaUm2);
      }),
    );
  });

  test('a wider access costs more, but not more than as many narrow ones', () => {
    fc.assert(
      fc.property(memory, (request) => {
        const narrow = estimate(request);
        const wide = estimate({ ...request, widthBits: request.widthBits * 2 });
        expectNoLess(wide, narrow);
        expect(wide.readPj).toBeLessThanOrEqual(2 * narrow.readPj);
      }),
    );
  });

  test('more banks and more ports never cost less', () => {
    fc.assert(
      fc.property(sram, (request) => {
        const { banks = 1, ports = 1 } = request;
        expectNoLess(estimate({ ...request, banks: 2 * banks }), estimate(request));
        expectNoLess(estimate({ ...request, ports: ports + 1 }), estimate(request));
      }),
    );
  });

  test('a newer node never costs more, and every figure is finite and not negative', () => {
    fc.assert(
      fc.property(fc.oneof(memory, operation), fc.nat(), (request, pick) => {
        const older = TECHNOLOGIES.filter((nm) => nm >= request.technologyNm);
        const old = costs({ ...request, technologyNm: older[pick % older.length] });
        expectNoLess(old, costs(request));
        for (const value of Object.values(old)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(Infinity);
        }
      }),
    );
  });

  test('high-performance cells leak more and cost the same otherwise', () => {
    fc.assert(
      fc.property(memory, (request) => {
        const { leakMw: low, ...rest } = estimate({ ...request, cells: 'low_power' });
        const { leakMw: high, ...same } = estimate({ ...request, cells: 'high_performance' });
        expect(high).toBeGreaterThan(low);
        expect(same).toEqual(rest);
      }),
    );
  });

  test('wider numbers of one family never cost less', () => {
    fc.assert(
      fc.property(technologyNm, fc.constantFrom('mac' as const, 'adder' as const), (nm, component) => {
        const of = (name: (typeof NUMBER_TYPES)[number]) =>
          estimate({ component, type: name, technologyNm: nm });
        for (const family of [
          ['int4', 'int8', 'int16', 'int32'] as const,
          ['fp8', 'bf16', 'fp16', 'fp32'] as const,
        ]) {
          for (const [index, name] of family.slice(1).entries()) expectNoLess(of(name), of(family[index]));
        }
      }),
    );
  });

  test('a wire costs in proportion to its length and its bits', () => {
    const of = (lengthMm: number, widthBits: number) =>
      estimate({ component: 'wire', technologyNm: 28, lengthMm, widthBits }).energyPj;
    expect(of(6, 32)).toBeCloseTo(6 * 32 * of(1, 1), 9);
  });
});

describe('published figures come out', () => {
  test.each([
    ['int8', 0.2 + 0.1],
    ['int32', 3.1 + 0.1],
    ['fp16', 1.1 + 0.9],
    ['fp32', 3.7 + 0.9],
  ] as const)('Horowitz at 45 nm: %s', (name, pj) => {
    expect(estimate({ component: 'mac', type: name, technologyNm: 45 }).energyPj).toBeCloseTo(pj, 12);
  });

  test('LPDDR4 costs 8 pJ a bit, read or written, and nothing on the chip', () => {
    expect(estimate({ component: 'dram', kind: 'lpddr4', widthBits: 64 })).toEqual({
      readPj: 512,
      writePj: 512,
      leakMw: 0,
      areaUm2: 0,
    });
  });

  test('12 µA/Mb at 0.5 V in 65 nm, within 1 %', () => {
    const megabit = { component: 'sram', technologyNm: 65, sizeBits: 2 ** 20, widthBits: 64 } as const;
    expect(estimate(megabit).leakMw / 0.006).toBeCloseTo(1, 2);
  });

  test('the ratios of 7 nm to 45 nm; above 45 nm the curve of Stillmaker and Baas', () => {
    expect(energyScale('logic', 7)).toBeCloseTo(0.35, 12);
    expect(energyScale('sram', 7)).toBeCloseTo(0.14, 12);
    const at = (a: number, b: number, c: number, volts: number) => a * volts ** 2 + b * volts + c;
    const published = at(3.755, -4.398, 1.975, 1.1) / at(1.018, -0.3107, 0.1539, 1);
    expect(energyScale('logic', 65)).toBeCloseTo(published, 12);
    expect(areaScale(7)).toBe(0.059);
  });

  test('an array of cells fills 60 to 80 % of a large single-bank SRAM', () => {
    for (const nm of TECHNOLOGIES) {
      const sizeBits = 2 ** 20;
      const { areaUm2 } = estimate({ component: 'sram', technologyNm: nm, sizeBits, widthBits: 64 });
      const efficiency = (sizeBits * SRAM_CELL_UM2[nm]) / areaUm2;
      expect(efficiency).toBeGreaterThan(0.6);
      expect(efficiency).toBeLessThan(0.8);
    }
  });

  test('the examples of docs/energy.md, to three digits', () => {
    const digits = (values: object): number[] =>
      Object.values(values).map((value) => Number(value.toPrecision(3)));
    const megabit = estimate({ component: 'sram', sizeBits: 2 ** 20, widthBits: 64, technologyNm: 45 });
    expect(digits(megabit)).toEqual([32.4, 29.2, 0.00307, 475000]);
    expect(digits(estimate({ component: 'mac', type: 'bf16', technologyNm: 7 }))).toEqual([
      0.553, 0.019, 307,
    ]);
  });

  test('every component names its source', () => {
    const memories = DRAM_KINDS.map((kind) => ({ component: 'dram', kind, widthBits: 8 }) as const);
    const mac = { component: 'mac', type: 'int8', technologyNm: 45 } as const;
    for (const request of [...memories, mac])
      expect(componentSource(request)).toMatch(/\d{4}|Accelergy|assumption/);
  });
});

describe('what is not modelled is refused', () => {
  const good = { component: 'sram', technologyNm: 45, sizeBits: 8192, widthBits: 64 } as const;
  test.each([
    [{ ...good, technologyNm: 30 }, 'technology 30 nm is not modelled', "the nearest is '32 nm'"],
    [{ ...good, technologyNm: 5 }, 'technology 5 nm is not modelled', "the nearest is '7 nm'"],
    [{ ...good, technologyNm: undefined }, 'technology undefined nm is not modelled', undefined],
    [{ ...good, sizeBits: 64 }, 'an SRAM of 8 B is not modelled', "use 'component: regfile'"],
    [{ ...good, sizeBits: Infinity }, 'an SRAM of unlimited size is not modelled', undefined],
    [{ ...good, sizeBits: Number.NaN }, 'an SRAM of NaN MB is not modelled', undefined],
    [
      { ...good, component: 'regfile', sizeBits: 2 ** 16 },
      'a register file of 8192 B is not modelled',
      "use 'component: sram'",
    ],
    [{ ...good, widthBits: 2048 }, 'an SRAM with accesses of 2048 bit is not modelled', undefined],
    [{ ...good, banks: 65 }, 'banks is 65', undefined],
    [{ ...good, ports: 1.5 }, 'ports is 1.5', undefined],
    [{ ...good, cells: 'low-power' }, "unknown cells 'low-power'", "did you mean 'low_power'?"],
    [{ component: 'dram', kind: 'hbm3e', widthBits: 8 }, "unknown kind 'hbm3e'", "did you mean 'hbm2e'?"],
    [{ component: 'dram', widthBits: 8 }, 'kind is missing', undefined],
    [{ component: 'mac', technologyNm: 45, type: 'int12' }, "unknown type 'int12'", "did you mean 'int16'?"],
    [{ component: 'wire', technologyNm: 45, lengthMm: -1, widthBits: 1 }, 'lengthMm is -1', undefined],
    [{ component: 'sarm' }, "unknown component 'sarm'", "did you mean 'sram'?"],
  ])('%j', (request, message, suggestion) => {
    const [diagnostic] = diagnosticsOf(() => estimate(request as unknown as MemoryRequest));
    expect(diagnostic.message).toBe(message);
    expect(diagnostic.suggestion).toBe(suggestion);
    expect(diagnostic.expected).toBeDefined();
  });
});
