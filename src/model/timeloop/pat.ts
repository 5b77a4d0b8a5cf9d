/** Timeloop's built-in energies, for components that no energy table lists. Sources: Eyeriss (ISCA 2016), table IV. */

/** One access of a `height` × `width` bit array, pJ: a line through (0.5 KB, 1) and (100 KB, 6), per 16 bits. */
export function sramEnergy(height: number, width: number): number {
  const kilobytes = (width * height) / (8 * 1024);
  const perHalfword = ((6 - 1) / (100 - 0.5)) * (kilobytes - 0.5) + 1;
  return (perHalfword * width) / 16;
}

/** One DRAM access, pJ. */
export function dramEnergy(bits: number): number {
  return (200 * bits) / 16;
}

/** One multiplication, pJ. */
export function builtInMultiplier(bits: number): number {
  return (bits / 16) * (bits / 16);
}
