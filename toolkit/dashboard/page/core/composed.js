// What later neurons would look for if nothing between were curved: the rows of W2·W1, W3·W2·W1, ...
// One row at a time, and only those that are looked at: of a wide network all take a second.

/** @typedef {import("./types.js").Layer} Layer */

/**
 * @param {Layer[]} layers
 * @param {number} number of the layer, from 1
 * @param {number} index
 * @returns {Float32Array} a weight for each pixel
 */
export function composedRow(layers, number, index) {
  const { weights, in: inputs } = layers[number - 1];
  let row = weights.subarray(index * inputs, (index + 1) * inputs);
  for (let k = number - 2; k >= 0; k--) {
    const { weights: below, in: width, out } = layers[k];
    const next = new Float32Array(width);
    for (let i = 0; i < out; i++) {
      const w = row[i];
      if (w === 0) continue;
      for (let p = 0, at = i * width; p < width; p++, at++) next[p] += w * below[at];
    }
    row = next;
  }
  return row;
}

/**
 * How many products one such row takes.
 * @param {number[]} sizes the input first
 * @param {number} number of the layer, from 1
 */
export const productsOf = (sizes, number) =>
  sizes.slice(1, number).reduce((sum, size, k) => sum + size * sizes[k], 0);

/** The maps of a network's neurons, each made when it is first looked at and kept until it changes. */
export class ComposedMaps {
  /** @type {Map<string, {below: number, row: Float32Array, map: Float32Array}>} */
  #kept = new Map();

  /**
   * @param {{layers: Layer[], stamps: number[]}} network as it is at any time; `stamps` has for each
   *   layer a number that grows whenever weights of it change
   */
  constructor(network) {
    this.network = network;
  }

  /**
   * The map, if it need not be made.
   * @param {number} number of the layer, from 1
   * @param {number} index
   * @returns {Float32Array | null}
   */
  known(number, index) {
    const row = this.#row(number, index);
    if (number === 1) return row;
    const kept = this.#kept.get(`${number}.${index}`);
    if (kept?.below !== this.#below(number) || kept.row.length !== row.length) return null;
    for (let i = 0; i < row.length; i++) if (!Object.is(kept.row[i], row[i])) return null;
    return kept.map;
  }

  /**
   * @param {number} number of the layer, from 1
   * @param {number} index
   * @returns {Float32Array} a weight for each pixel
   */
  map(number, index) {
    const known = this.known(number, index);
    if (known) return known;
    const { layers } = this.network;
    const map = composedRow(layers, number, index);
    const row = this.#row(number, index).slice();
    this.#kept.set(`${number}.${index}`, { below: this.#below(number), row, map });
    return map;
  }

  /**
   * @param {number} number
   * @param {number} index
   */
  #row(number, index) {
    const { weights, in: inputs } = this.network.layers[number - 1];
    return weights.subarray(index * inputs, (index + 1) * inputs);
  }

  /** @param {number} number */
  #below(number) {
    return this.network.stamps.slice(0, number - 1).reduce((sum, stamp) => sum + stamp, 0);
  }
}
