// The forward pass, in the browser. Sums run in double precision and are stored as float32.

import { activate, ranking } from "./activations.js";

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").Trace} Trace */

/**
 * One layer from its bytes: weights, then biases, little-endian float32. It lies in these very bytes
 * where a Float32Array may begin there, as it may where they are an array of their own.
 * @param {Uint8Array} bytes
 * @param {number} inputs
 * @param {number} out
 * @returns {Layer}
 */
export function unpackLayer(bytes, inputs, out) {
  if (bytes.length !== 4 * out * (inputs + 1)) {
    throw new RangeError(`layer: expected ${4 * out * (inputs + 1)} bytes; got ${bytes.length}`);
  }
  const { buffer, byteOffset } = bytes.byteOffset % 4 ? bytes.slice() : bytes;
  const values = new Float32Array(buffer, byteOffset, out * (inputs + 1));
  return {
    out,
    in: inputs,
    weights: values.subarray(0, out * inputs),
    biases: values.subarray(out * inputs),
  };
}

/**
 * @param {Uint8Array} bytes every layer's, one after another
 * @param {number[]} sizes
 * @returns {Layer[]}
 */
export function unpack(bytes, sizes) {
  let at = 0;
  return sizes.slice(1).map((out, k) => {
    const length = 4 * out * (sizes[k] + 1);
    at += length;
    return unpackLayer(bytes.subarray(at - length, at), sizes[k], out);
  });
}

/**
 * @param {Layer[]} layers
 * @returns {Uint8Array}
 */
export function pack(layers) {
  const count = layers.reduce((sum, layer) => sum + layer.weights.length + layer.biases.length, 0);
  const values = new Float32Array(count);
  let at = 0;
  for (const { weights, biases } of layers) {
    values.set(weights, at);
    values.set(biases, at + weights.length);
    at += weights.length + biases.length;
  }
  return new Uint8Array(values.buffer);
}

/**
 * @param {Layer} layer
 * @returns {Layer}
 */
export function copyLayer(layer) {
  return { ...layer, weights: layer.weights.slice(), biases: layer.biases.slice() };
}

/** @param {Layer[]} layers */
export function copyLayers(layers) {
  return layers.map(copyLayer);
}

/**
 * @param {Layer} layer
 * @param {number} j
 * @param {Float32Array} below
 */
function weightedSum(layer, j, below) {
  return sumFrom(layer.biases[j], layer, j, below);
}

/**
 * The weighted sum of what comes in, without the bias: beside a huge one nothing would be left of it.
 * @param {Layer} layer
 * @param {number} j
 * @param {Float32Array} below
 */
export function sumAlone(layer, j, below) {
  return sumFrom(0, layer, j, below);
}

/**
 * @param {number} start
 * @param {Layer} layer
 * @param {number} j
 * @param {Float32Array} below
 */
function sumFrom(start, layer, j, below) {
  const { weights, in: inputs } = layer;
  const row = j * inputs;
  let sum = start;
  for (let i = 0; i < inputs; i++) sum += weights[row + i] * below[i];
  return sum;
}

/**
 * @param {Layer[]} layers
 * @param {string[]} activations
 * @param {Float32Array} input
 * @returns {Trace}
 */
export function forward(layers, activations, input) {
  return later({ z: [], a: [] }, layers, activations, input);
}

/**
 * The trace after weights or biases of some neurons changed, equal to that of a full pass.
 * @param {Trace} before
 * @param {Layer[]} layers
 * @param {string[]} activations
 * @param {Float32Array} input
 * @param {number[][]} neurons that changed, by layer
 * @returns {Trace}
 */
export function forwardAfter(before, layers, activations, input, neurons) {
  /** @type {Trace} */
  const trace = { z: [], a: [] };
  for (const [k, changed] of neurons.entries()) {
    const z = changed.length ? before.z[k].slice() : before.z[k];
    for (const j of changed) z[j] = weightedSum(layers[k], j, k ? trace.a[k - 1] : input);
    const same = changed.every((j) => Object.is(z[j], before.z[k][j]));
    trace.z.push(z);
    trace.a.push(same ? before.a[k] : activate(activations[k], z));
    // What comes in above is another: of the layers there nothing holds.
    if (!same) return later(trace, layers, activations, input);
  }
  return trace;
}

/**
 * Completes a trace by the layers that it lacks.
 * @param {Trace} trace
 * @param {Layer[]} layers
 * @param {string[]} activations
 * @param {Float32Array} input
 */
function later(trace, layers, activations, input) {
  for (let k = trace.z.length; k < layers.length; k++) {
    const layer = layers[k];
    const below = k ? trace.a[k - 1] : input;
    const z = new Float32Array(layer.out);
    for (let j = 0; j < layer.out; j++) z[j] = weightedSum(layer, j, below);
    trace.z.push(z);
    trace.a.push(activate(activations[k], z));
  }
  return trace;
}

/**
 * Where the largest value is, the first of equals; as NumPy has it, the first NaN is larger than all.
 * @param {ArrayLike<number>} values
 */
export function argmax(values) {
  let best = 0;
  for (let j = 0; j < values.length; j++) {
    if (Number.isNaN(values[j])) return j;
    if (values[j] > values[best]) best = j;
  }
  return best;
}

/**
 * The winner is read from the pre-activations, as in Python: outputs that saturate stay apart. Where
 * the function may fall, as GELU does, it is read from the activations.
 * @param {Trace} trace
 * @param {string[]} activations
 */
export function winner(trace, activations) {
  return argmax(ranked(trace, activations));
}

/** What the outputs are ranked by. @param {Trace} trace @param {string[]} activations */
export function ranked({ z, a }, activations) {
  const last = z.length - 1;
  return ranking(activations[last], z[last], a[last]);
}
