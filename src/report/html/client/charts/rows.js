/** The vertical axis of charts that have one row per layer, whatever the layers' names. */

/**
 * @param {readonly { readonly name: string, readonly count: number }[]} layers
 */
export function layerRows(layers) {
  const labels = layers.map(layerLabel);
  return {
    height: 70 + 24 * labels.length,
    marginLeft: 20 + 7 * Math.max(...labels.map(({ length }) => length)),
    marginTop: 10,
    marginBottom: 46,
    y: {
      domain: labels.map((_, index) => index),
      tickFormat: (/** @type {number} */ index) => labels[index],
      label: null,
      tickSize: 0,
    },
  };
}

/**
 * @param {{ readonly name: string, readonly count: number }} layer
 */
export function layerLabel({ name, count }) {
  return count > 1 ? `${name} (${count}x)` : name;
}
