/** SRAMs as others published them: what the laws of src/energy/memories.ts were fitted to, and what was held out. */

export interface SramPoint {
  readonly source: 'Horowitz 2014' | 'Accelergy 40 nm' | 'Bitfusion' | 'ZigZag';
  readonly bytes: number;
  readonly widthBits: number;
  readonly banks?: number;
  readonly ports: number;
  readonly technologyNm: 45 | 40 | 28 | 22;
  readonly readPj: number;
  /** Horowitz gives one energy for both. */
  readonly writePj: number;
  readonly leakMw?: number;
  readonly areaUm2?: number;
}

/** Horowitz, ISSCC 2014: 64-bit accesses of caches at 45 nm. */
const HOROWITZ: SramPoint[] = [
  [8, 10],
  [32, 20],
  [1024, 100],
].map(([kilobytes, pj]) => ({
  source: 'Horowitz 2014',
  bytes: kilobytes * 1024,
  widthBits: 64,
  ports: 1,
  technologyNm: 45,
  readPj: pj,
  writePj: pj,
}));

/**
 * CACTI 7's own table in Accelergy-Project/accelergy-cacti-plug-in, cacti/out.csv. Its ports are not stated; the cells
 * it implies are as large as those of one read and one write port. Leakage there is per bank.
 */
const ACCELERGY = [
  {
    bytes: 448,
    widthBits: 16,
    banks: 1,
    readPj: 0.499718,
    writePj: 0.761365,
    leakMw: 0.24371,
    area: 0.00260362,
  },
  {
    bytes: 8192,
    widthBits: 64,
    banks: 1,
    readPj: 5.25859,
    writePj: 6.43241,
    leakMw: 3.91289,
    area: 0.0426968,
  },
  {
    bytes: 102400,
    widthBits: 64,
    banks: 1,
    readPj: 32.0811,
    writePj: 22.0674,
    leakMw: 40.3031,
    area: 0.506807,
  },
  {
    bytes: 8192,
    widthBits: 64,
    banks: 2,
    readPj: 6.24361,
    writePj: 6.79043,
    leakMw: 4.09294,
    area: 0.0607978,
  },
  {
    bytes: 102400,
    widthBits: 64,
    banks: 16,
    readPj: 34.5406,
    writePj: 35.4401,
    leakMw: 61.21328,
    area: 0.657405,
  },
  {
    bytes: 102400,
    widthBits: 64,
    banks: 32,
    readPj: 36.9077,
    writePj: 37.3174,
    leakMw: 77.55264,
    area: 0.774168,
  },
].map(({ area, ...point }): SramPoint => ({
  source: 'Accelergy 40 nm',
  ports: 2,
  technologyNm: 40,
  areaUm2: area * 1e6,
  ...point,
}));

/** CACTI 7 in hsharma35/bitfusion, bitfusion/sram/cacti_sweep.csv: 45 nm, 32 bit, a read and a write port. */
const BITFUSION_45 = [
  { bytes: 128, readPj: 0.683701, writePj: 0.925317 },
  { bytes: 1024, readPj: 1.13324, writePj: 3.29596 },
  { bytes: 2048, readPj: 1.90318, writePj: 3.63853 },
  { bytes: 4096, readPj: 3.42953, writePj: 4.31011 },
  { bytes: 8192, readPj: 6.39163, writePj: 5.56268 },
  { bytes: 16384, readPj: 9.9817, writePj: 8.4209 },
].map((point): SramPoint => ({
  source: 'Bitfusion',
  widthBits: 32,
  ports: 2,
  technologyNm: 45,
  ...point,
}));

/** Bitfusion's CACTI runs at 28 nm, as Dongyunkam/DRAM_info lists them (its energies are per bit). */
const BITFUSION_28 = [
  { bytes: 8192, widthBits: 512, readPj: 17.7688, writePj: 24.8866 },
  { bytes: 4096, widthBits: 512, readPj: 16.8924, writePj: 20.3422 },
  { bytes: 128, widthBits: 32, readPj: 0.294944, writePj: 0.415923 },
].map((point): SramPoint => ({ source: 'Bitfusion', ports: 2, technologyNm: 28, ...point }));

/** CACTI in KULeuven-MICAS/zigzag, example_mem_pool.yaml, the entries that name a technology. */
const ZIGZAG = [
  { bytes: 128, widthBits: 8, readPj: 0.0739625, writePj: 0.0996867, areaUm2: 309.137 },
  { bytes: 2 ** 21, widthBits: 256, readPj: 134.898, writePj: 139.563, areaUm2: 3.66505e6 },
].map((point): SramPoint => ({ source: 'ZigZag', ports: 2, technologyNm: 22, ...point }));

/** Factor, width and size of the energy laws are the least squares over these. */
export const FITTED: readonly SramPoint[] = [
  ...HOROWITZ,
  ...ACCELERGY.filter(({ banks }) => banks === 1),
  ...BITFUSION_45,
  ...BITFUSION_28.filter(({ widthBits }) => widthBits === 512),
];

/** Seen by no fit but, for banks, that of the exponent of banks. */
export const HELD_OUT: readonly SramPoint[] = [
  ...BITFUSION_28.filter(({ widthBits }) => widthBits !== 512),
  ...ZIGZAG,
];

export const BANKED: readonly SramPoint[] = ACCELERGY.filter(({ banks }) => banks !== 1);

/** What leakage and area were fitted to. */
export const ONE_BANK: readonly SramPoint[] = ACCELERGY.filter(({ banks }) => banks === 1);

/** Relative errors of estimates: each is the factor, at least 1, between ours and theirs. */
export interface Deviation {
  readonly median: number;
  readonly worst: number;
}

export function deviation(ratios: readonly number[]): Deviation {
  const factors = ratios.map((ratio) => Math.max(ratio, 1 / ratio)).toSorted((a, b) => a - b);
  const middle = factors.length / 2;
  const median = (factors[Math.ceil(middle) - 1] + factors[Math.floor(middle)]) / 2;
  return { median, worst: factors[factors.length - 1] };
}
