/**
 * Sobol points in the unit cube: every dimension is cut evenly at each power of two of points. Direction numbers:
 * S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30,
 * 2008, table new-joe-kuo-6, dimensions 2 to 21 (degree s, coefficients a, initial numbers m).
 */
const TABLE: readonly (readonly [s: number, a: number, ...m: number[]])[] = [
  [1, 0, 1],
  [2, 1, 1, 3],
  [3, 1, 1, 3, 1],
  [3, 2, 1, 1, 1],
  [4, 1, 1, 1, 3, 3],
  [4, 4, 1, 3, 5, 13],
  [5, 2, 1, 1, 5, 5, 17],
  [5, 4, 1, 1, 5, 5, 5],
  [5, 7, 1, 1, 7, 11, 19],
  [5, 11, 1, 1, 5, 1, 1],
  [5, 13, 1, 1, 1, 3, 11],
  [5, 14, 1, 3, 5, 5, 31],
  [6, 1, 1, 3, 3, 9, 7, 49],
  [6, 13, 1, 1, 1, 15, 21, 21],
  [6, 16, 1, 3, 1, 13, 27, 49],
  [6, 19, 1, 1, 1, 15, 7, 5],
  [6, 22, 1, 3, 1, 15, 13, 25],
  [6, 25, 1, 1, 5, 5, 19, 61],
  [7, 1, 1, 3, 7, 11, 23, 15, 103],
  [7, 4, 1, 3, 7, 13, 13, 15, 69],
];
export const SOBOL_DIMENSIONS = TABLE.length + 1;
const BITS = 30;

/** Points one after another, the origin first. `dimensions` up to `SOBOL_DIMENSIONS`. */
export function* sobol(dimensions: number): Generator<readonly number[]> {
  const directions = Array.from({ length: dimensions }, (_, d) => directionNumbers(d));
  const state = directions.map(() => 0);
  for (let n = 0; n < 2 ** BITS; n++) {
    yield state.map((bits) => bits / 2 ** BITS);
    const flipped = lowestZeroBit(n);
    for (let d = 0; d < dimensions; d++) state[d] ^= directions[d][flipped];
  }
}

function lowestZeroBit(n: number): number {
  let bit = 0;
  while ((n >> bit) & 1) bit++;
  return bit;
}

/** Direction numbers as integers of `BITS` bits; the first dimension is the van der Corput sequence. */
function directionNumbers(dimension: number): number[] {
  const v = Array.from({ length: BITS }, (_, i) => 1 << (BITS - 1 - i));
  if (dimension === 0) return v;
  const [s, a, ...m] = TABLE[dimension - 1];
  for (let i = 0; i < BITS; i++) {
    if (i < s) v[i] = m[i] << (BITS - 1 - i);
    else {
      v[i] = v[i - s] ^ (v[i - s] >> s);
      for (let k = 1; k < s; k++) v[i] ^= ((a >> (s - 1 - k)) & 1) * v[i - k];
    }
  }
  return v;
}
