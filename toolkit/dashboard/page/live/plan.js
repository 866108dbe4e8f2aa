// What of a network is worked out anew after a change, and what by the change alone.
/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {import("./bounds.js").Bounds} Bounds */

/**
 * @typedef {object} Plan
 * @property {number[]} moved neurons of the first layer whose activations may have
 * @property {number[][]} rows by layer, the neurons whose weights or bias changed
 * @property {boolean[]} anew by layer, whether pre-activations are summed anew
 * @property {boolean[]} redone by layer, whether the activation function is another
 */

/**
 * @param {object} what
 * @param {Layer[]} what.layers
 * @param {string[]} what.activations
 * @param {string[]} what.before the functions that were
 * @param {number[][]} what.rows
 * @param {boolean} what.known whether what was before the change is known
 * @param {Bounds} bounds is told what is done
 * @returns {Plan}
 */
export function planned({ layers, activations, before, rows, known }, bounds) {
  const last = layers.length - 1,
    anew = layers.map(() => !known),
    redone = activations.map((name, k) => !known || name !== before[k]),
    many = rows.map((of, k) => 2 * of.length > layers[k].out),
    whole = redone[0] || (activations[0] === "softmax" && rows[0].length > 0),
    moved = whole ? Array.from({ length: layers[0].out }, (_, i) => i) : rows[0];
  for (let k = 1; k < last; k++)
    anew[k] ||= many[k] || redone[k - 1] || (k === 1 && many[0]) || (k > 1 && anew[k - 1]);
  // Changes are added where something below has changed and the sums are kept.
  for (let k = 1, below = moved.length; k < last; k++) {
    if (below && !anew[k]) bounds.add(k, below);
    below = below || rows[k].length || redone[k] ? layers[k].out : 0;
  }
  for (let k = 0; k <= last; k++) if (anew[k]) bounds.renew(k);
  for (let drifted = bounds.spread(layers, activations); drifted > 0; ) {
    anew[drifted] = true;
    bounds.renew(drifted);
    drifted = bounds.spread(layers, activations);
  }
  return { moved, rows, anew, redone };
}
