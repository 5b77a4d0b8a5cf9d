/** How energy, area and leakage change with the technology node. What they are at one node is in the other files. */

/** Nodes the library models, in nm, oldest first. */
export const TECHNOLOGIES = [65, 45, 40, 32, 28, 22, 16, 14, 12, 10, 7] as const;
export type TechnologyNm = (typeof TECHNOLOGIES)[number];

/** The node of the arithmetic and SRAM constants; every curve below is 1 here. */
export const REFERENCE_NM = 45;

interface Knot {
  readonly nm: number;
  /** Factor `a·V² + b·V + c` of the energy of one switching event, high-performance devices. */
  readonly energy: readonly [a: number, b: number, c: number];
  /** Nominal supply. */
  readonly volts: number;
  /** Of a logic circuit, relative to 45 nm. */
  readonly area: number;
}

/**
 * `energy`, `area`: Stillmaker and Baas, "Scaling equations for the accurate prediction of CMOS device performance from
 * 180 nm to 7 nm", Integration 58, 2017, tables of coefficients and of area factors (row 45 nm).
 * `volts`: ITRS high performance as CACTI 7 uses it down to 22 nm (recollection); 0.8 V to 0.7 V below is an assumption.
 */
const KNOTS: readonly Knot[] = [
  { nm: 65, energy: [3.755, -4.398, 1.975], volts: 1.1, area: 1.5 },
  { nm: 45, energy: [1.018, -0.3107, 0.1539], volts: 1, area: 1 },
  { nm: 32, energy: [0.8367, -0.4341, 0.1701], volts: 0.9, area: 0.46 },
  { nm: 20, energy: [0.373, -0.1582, 0.04104], volts: 0.8, area: 0.21 },
  { nm: 16, energy: [0.2958, -0.1241, 0.03024], volts: 0.8, area: 0.19 },
  { nm: 14, energy: [0.2363, -0.09675, 0.02239], volts: 0.8, area: 0.17 },
  { nm: 10, energy: [0.2068, -0.09311, 0.02375], volts: 0.75, area: 0.1 },
  { nm: 7, energy: [0.1776, -0.09097, 0.02447], volts: 0.7, area: 0.059 },
];

/**
 * Energy at 7 nm over energy at 45 nm as a designer reports it: Jouppi et al., "Ten lessons from three generations
 * shaped Google's TPUv4i", ISCA 2021, Table 2 (recollection). Logic: the geometric mean of int8, int32, fp16 and fp32
 * additions and multiplications; SRAM: a 64-bit access of a 1 MB cache.
 */
const SEVEN_NM_RATIO = { logic: 0.35, sram: 0.14 } as const;

/**
 * Energy relative to 45 nm. At 45 nm and above it is the curve of Stillmaker and Baas. That curve falls to 0.056 at 7 nm,
 * far below what designers report, so below 45 nm it is raised to the power that meets `SEVEN_NM_RATIO` at 7 nm.
 */
export function energyScale(circuit: 'logic' | 'sram', nm: number): number {
  const published = switchingScale(nm);
  if (nm >= REFERENCE_NM) return published;
  return published ** (Math.log(SEVEN_NM_RATIO[circuit]) / Math.log(switchingScale(7)));
}

/** Leakage relative to 45 nm. Assumption: it falls with the energy of logic. */
export function leakageScale(nm: number): number {
  return energyScale('logic', nm);
}

/** Area of logic relative to 45 nm. */
export function areaScale(nm: number): number {
  return interpolate(nm, ({ area }) => area);
}

/**
 * Area of a six-transistor SRAM cell in µm². Recollected from the foundries' papers: Intel 65, 45, 32 and 22 nm (IEDM
 * 2004, 2007, 2008, 2012), TSMC 40, 28, 16, 10 and 7 nm (IEDM 2008, 2009, 2013, VLSI 2016, ISSCC 2017), Samsung 14 nm.
 * Assumption: 12 nm has the cell of 14 nm.
 */
export const SRAM_CELL_UM2: Readonly<Record<TechnologyNm, number>> = {
  65: 0.57,
  45: 0.346,
  40: 0.242,
  32: 0.171,
  28: 0.127,
  22: 0.092,
  16: 0.07,
  14: 0.064,
  12: 0.064,
  10: 0.042,
  7: 0.027,
};

/**
 * Picojoules per bit and millimetre of a repeated wire, for random data. Keckler et al., "GPUs and the future of
 * parallel computing", IEEE Micro 31(5), 2011 (recollection): 240 fJ per transition and mm at 40 nm, 150 fJ at 10 nm;
 * between and beyond, the power law through both. Assumption: half of the bits change.
 */
export function wirePjPerBitMm(nm: number): number {
  const exponent = Math.log(240 / 150) / Math.log(40 / 10);
  return 0.5 * 0.24 * (nm / 40) ** exponent;
}

function switchingScale(nm: number): number {
  const energy = ({ energy: [a, b, c], volts }: Knot): number => a * volts ** 2 + b * volts + c;
  return interpolate(nm, energy) / interpolate(REFERENCE_NM, energy);
}

/** Straight between the knots in the logarithms of both. */
function interpolate(nm: number, of: (knot: Knot) => number): number {
  const next = KNOTS.findIndex((knot) => knot.nm <= nm);
  const low = KNOTS[next];
  if (low.nm === nm) return of(low);
  const high = KNOTS[next - 1];
  const share = Math.log(nm / low.nm) / Math.log(high.nm / low.nm);
  return of(low) ** (1 - share) * of(high) ** share;
}
