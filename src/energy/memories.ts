/** Energy, leakage and area of one memory: SRAM, register file, DRAM. Arguments are in range: estimate.ts sees to that. */
import type { MemoryEstimate } from './estimate.ts';
import type { Cells, DramKind, DramRequest, RegfileRequest, SramRequest } from './request.ts';
import { SRAM_CELL_UM2, areaScale, energyScale, leakageScale } from './technology.ts';

/** `factor · widthBits^width · sizeBits^size · banks^banks · ports^ports`, for 45 nm. */
interface PowerLaw {
  readonly factor: number;
  readonly width: number;
  readonly size: number;
  readonly banks: number;
  readonly ports: number;
}

/**
 * pJ per access. Factor, width and size: least squares over 14 published points, 128 B to 1 MB, 16 to 512 bit
 * (test/energy/points.ts lists them and repeats the fit): Horowitz, "Computing's energy problem", ISSCC 2014 (caches of
 * 8 KB, 32 KB, 1 MB); results of CACTI 7 that Accelergy's plug-in (40 nm) and Bitfusion (ISCA 2018; 45 and 28 nm) ship.
 * Banks: three points of the plug-in's with 2, 16 and 32 banks. Ports: CACTI pairs of Bitfusion (2 and 3 ports) and
 * ZigZag (2 and 4).
 */
export const SRAM_READ_PJ: PowerLaw = {
  factor: 5.053e-4,
  width: 0.7276,
  size: 0.5801,
  banks: 0.04,
  ports: 0.5,
};
export const SRAM_WRITE_PJ: PowerLaw = {
  factor: 1.7475e-3,
  width: 0.7429,
  size: 0.4785,
  banks: 0.16,
  ports: 0.5,
};

/**
 * Cells' worth of area. Factor and size: the array efficiencies that CACTI 7 printed for the plug-in's points of 448 B,
 * 8 KB and 100 KB (65 %, 72 %, 76 %); banks and ports as above.
 */
const SRAM_CELLS: PowerLaw = { factor: 1.97, width: 0, size: 0.9705, banks: 0.12, ports: 1.3 };

/**
 * mW. Size, banks, ports: CACTI 7, as above. Factor for high performance: the same points. For low power: Wang et al.,
 * "A 1.1 GHz 12 µA/Mb-leakage SRAM design in 65 nm", JSSC 43(1), 2008: 12 µA/Mb at the retention voltage of 0.5 V,
 * brought to 45 nm.
 */
const SRAM_LEAKAGE_MW: Readonly<Record<Cells, PowerLaw>> = {
  low_power: { factor: 6.64e-9, width: 0, size: 0.941, banks: 0.17, ports: 0.3 },
  high_performance: { factor: 9.7e-5, width: 0, size: 0.941, banks: 0.17, ports: 0.3 },
};

export function sram(request: SramRequest): MemoryEstimate {
  const { technologyNm: nm, cells = 'low_power' } = request;
  const energy = energyScale('sram', nm);
  return {
    readPj: evaluate(SRAM_READ_PJ, request) * energy,
    writePj: evaluate(SRAM_WRITE_PJ, request) * energy,
    leakMw: evaluate(SRAM_LEAKAGE_MW[cells], request) * leakageScale(nm),
    areaUm2: evaluate(SRAM_CELLS, request) * SRAM_CELL_UM2[nm],
  };
}

function evaluate(law: PowerLaw, { sizeBits, widthBits, banks = 1, ports = 1 }: SramRequest): number {
  return law.factor * widthBits ** law.width * sizeBits ** law.size * banks ** law.banks * ports ** law.ports;
}

/**
 * One bit of a register at 40 nm: Shao et al., "Aladdin", ISCA 2014, power models of a 40 nm library at 1 ns, as
 * Aladdin's and Accelergy's tables give them: 9 fJ an access, 5.98 µm², 74 nW.
 */
const REGISTER_BIT = { nm: 40, pj: 0.009, um2: 5.98 } as const;

/**
 * mW/µm² of a register file, and the node it is for. Low power: assumption, that of the low-power SRAM cell above, whose
 * area is 0.667 µm². High performance: Aladdin's register.
 */
const REGISTER_LEAKAGE: Readonly<Record<Cells, { readonly nm: number; readonly mwPerUm2: number }>> = {
  low_power: { nm: 65, mwPerUm2: (0.012 * 0.5) / 2 ** 20 / 0.667 },
  high_performance: { nm: 40, mwPerUm2: 7.4e-5 / 5.98 },
};

/** Assumption: the wires across a register file, and so an access, grow with its side, as an SRAM's do. */
const REGFILE_DEPTH_EXPONENT = 0.5;

export function regfile(request: RegfileRequest): MemoryEstimate {
  const { sizeBits, widthBits, technologyNm: nm, cells = 'low_power' } = request;
  const rows = Math.max(1, sizeBits / widthBits) ** REGFILE_DEPTH_EXPONENT;
  const scale = energyScale('logic', nm) / energyScale('logic', REGISTER_BIT.nm);
  const accessPj = REGISTER_BIT.pj * widthBits * rows * scale;
  const um2At = (node: number): number =>
    (REGISTER_BIT.um2 * sizeBits * areaScale(node)) / areaScale(REGISTER_BIT.nm);
  const leakage = REGISTER_LEAKAGE[cells];
  const leakMw = leakage.mwPerUm2 * um2At(leakage.nm) * (leakageScale(nm) / leakageScale(leakage.nm));
  return { readPj: accessPj, writePj: accessPj, leakMw, areaUm2: um2At(nm) };
}

/** pJ per bit of a streaming access, interface included, and where that is from. */
export const DRAM: Readonly<Record<DramKind, { readonly pjPerBit: number; readonly source: string }>> = {
  ddr3: {
    pjPerBit: 70,
    source: 'Malladi et al., ISCA 2012: a server module at peak bandwidth',
  },
  ddr4: {
    pjPerBit: 1300 / 64,
    source: 'Jouppi et al., ISCA 2021, Table 2: 1300 pJ per 64 bit (recollection)',
  },
  lpddr4: { pjPerBit: 8, source: "the table of Accelergy's CACTI plug-in" },
  lpddr5: {
    pjPerBit: 5.6,
    source: 'assumption: 30 % below LPDDR4, as its vendors announced it (recollection)',
  },
  gddr6: {
    pjPerBit: 6.5,
    source: 'Jouppi et al., ISCA 2021, Table 2: 350 to 480 pJ per 64 bit (recollection)',
  },
  hbm2: { pjPerBit: 3.9, source: "O'Connor et al., MICRO 2017" },
  hbm2e: { pjPerBit: 3.9, source: 'assumption: that of HBM2, whose supply it keeps' },
  hbm3: { pjPerBit: 3.3, source: 'assumption: that of HBM2 times (1.1 V / 1.2 V) squared' },
};

/** Refresh, background power and the area off the chip are not modelled. */
export function dram({ kind, widthBits }: DramRequest): MemoryEstimate {
  const accessPj = DRAM[kind].pjPerBit * widthBits;
  return { readPj: accessPj, writePj: accessPj, leakMw: 0, areaUm2: 0 };
}
