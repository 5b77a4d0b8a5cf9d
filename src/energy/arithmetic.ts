/** Energy, leakage and area of adders and multiply-accumulate units by number format. */
import type { OperationEstimate } from './estimate.ts';
import type { NumberType } from './request.ts';
import { areaScale, energyScale, leakageScale } from './technology.ts';

interface Unit {
  readonly pj: number;
  readonly um2: number;
}

/**
 * At 45 nm. int8, int32, fp16, fp32: Horowitz, "Computing's energy problem", ISSCC 2014, and the areas of the same
 * table (recollection). The others are derived:
 * - int16 product: geometric mean of int8 and int32; int4: a quarter of int8, its sum half of int8.
 * - bf16: fp16 times 0.21/0.34 (product) and 0.11/0.16 (sum), Jouppi et al., ISCA 2021, Table 2 (recollection).
 * - fp8 (4 bits of significand): the law through fp16 (11) and bf16 (8): significand^1.51 (product), ^1.18 (sum).
 * - Areas of bf16 and fp8: in proportion to the energies.
 */
const ADD: Readonly<Record<NumberType, Unit>> = {
  int4: { pj: 0.015, um2: 18 },
  int8: { pj: 0.03, um2: 36 },
  int16: { pj: 0.05, um2: 67 },
  int32: { pj: 0.1, um2: 137 },
  fp8: { pj: 0.12, um2: 410 },
  bf16: { pj: 0.275, um2: 935 },
  fp16: { pj: 0.4, um2: 1360 },
  fp32: { pj: 0.9, um2: 4184 },
};
const MULTIPLY: Readonly<Record<NumberType, Unit>> = {
  int4: { pj: 0.05, um2: 70.5 },
  int8: { pj: 0.2, um2: 282 },
  int16: { pj: 0.787, um2: 993 },
  int32: { pj: 3.1, um2: 3495 },
  fp8: { pj: 0.238, um2: 355 },
  bf16: { pj: 0.68, um2: 1013 },
  fp16: { pj: 1.1, um2: 1640 },
  fp32: { pj: 3.7, um2: 7700 },
};

/**
 * Leakage per area at 40 nm, in mW/µm²: the 32-bit multiplier of Aladdin (Shao et al., ISCA 2014): 80 µW in 6350 µm².
 */
const LEAKAGE = { nm: 40, mwPerUm2: 0.08 / 6350 } as const;

export function adder(type: NumberType, nm: number): OperationEstimate {
  return atNode(ADD[type], nm);
}

/** A product of two numbers of the type, added to an int32 sum (integers) or an fp32 sum (floating point). */
export function mac(type: NumberType, nm: number): OperationEstimate {
  const product = MULTIPLY[type];
  const sum = ADD[type.startsWith('int') ? 'int32' : 'fp32'];
  return atNode({ pj: product.pj + sum.pj, um2: product.um2 + sum.um2 }, nm);
}

function atNode({ pj, um2 }: Unit, nm: number): OperationEstimate {
  const leakAt40 = LEAKAGE.mwPerUm2 * um2 * areaScale(LEAKAGE.nm);
  return {
    energyPj: pj * energyScale('logic', nm),
    leakMw: (leakAt40 * leakageScale(nm)) / leakageScale(LEAKAGE.nm),
    areaUm2: um2 * areaScale(nm),
  };
}
