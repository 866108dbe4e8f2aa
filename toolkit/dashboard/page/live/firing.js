// How often each neuron fires for each class: on how many digits its pre-activation is above 0.

/** @typedef {import("./scorer.js").Scorer} Scorer */

/**
 * By layer, a row of classes for each neuron.
 * @param {Scorer} scorer
 * @returns {Uint32Array[]}
 */
export function firingsOf(scorer) {
  const last = scorer.layers.length - 1;
  return scorer.layers.map((_, k) => {
    if (k === 0) return ofFirst(scorer);
    return k < last ? ofHidden(scorer, k) : ofOutputs(scorer);
  });
}

/** The first layer's: counted anew where a neuron has changed. @param {Scorer} scorer */
function ofFirst({ layers, sums, digits, classes, fired, stale }) {
  const { biases, out } = layers[0];
  for (let i = 0; i < out; i++) {
    if (!stale[i]) continue;
    stale[i] = 0;
    countOne(sums[i], biases[i], digits.labels, fired.subarray(i * classes, (i + 1) * classes));
  }
  return fired.slice();
}

/** @param {Float64Array} sums @param {number} bias @param {Uint8Array} labels @param {Uint32Array} counts */
function countOne(sums, bias, labels, counts) {
  counts.fill(0);
  for (let d = 0; d < labels.length; d++) if (sums[d] / 255 + bias > 0) counts[labels[d]]++;
}

/** @param {Scorer} scorer @param {number} k */
function ofHidden({ layers, z, digits, classes }, k) {
  return countRows(z[k], layers[k].out, digits.labels, 0, classes, new Uint32Array(layers[k].out * classes));
}

/**
 * @param {Float64Array} z a digit at a time @param {number} out @param {Uint8Array} labels
 * @param {number} from of which digit the first is @param {number} classes @param {Uint32Array} counts
 */
function countRows(z, out, labels, from, classes, counts) {
  for (let at = 0, d = from; at < z.length; d++) {
    const label = labels[d];
    for (let j = 0; j < out; j++, at++) if (z[at] > 0) counts[j * classes + label]++;
  }
  return counts;
}

/** The outputs, whose pre-activations are not kept. @param {Scorer} scorer */
function ofOutputs(scorer) {
  const { layers, digits, classes } = scorer,
    { out } = layers[layers.length - 1],
    counts = new Uint32Array(out * classes),
    z = new Float64Array(out);
  for (let d = 0; d < digits.count; d++) {
    scorer.outputsOf(d, z);
    countRows(z, out, digits.labels, d, classes, counts);
  }
  return counts;
}
