/** Colours of the parts of a machine: the same in every chart. */

/** Each with a contrast of 3 to the paper of both schemes. */
const PALETTE = [
  '#4269d0',
  '#c27d00',
  '#e0533d',
  '#1f9a86',
  '#3ca951',
  '#d9538f',
  '#a463f2',
  '#0f93b8',
  '#9c6b4e',
  '#7a8a1e',
];

/**
 * Colour of each part that some layer spends energy in.
 *
 * @param {readonly { readonly energy: readonly { readonly part: string }[] }[]} layers
 * @returns {ReadonlyMap<string, string>}
 */
export function partColours(layers) {
  const parts = new Set(layers.flatMap(({ energy }) => energy.map(({ part }) => part)));
  return new Map([...parts].map((part, i) => [part, PALETTE[i % PALETTE.length]]));
}
