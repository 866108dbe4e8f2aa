// Which output wins where two are nearly as large: the same operations in the same order as
// toolkit/scoring/resolving.py, so the same bits there and here.
import { CUBIC, family, nonDecreasing, TAIL, TAIL_SCALE, TANH_FORM } from "../core/activations.js";
import { exponential } from "../core/exact.js";

/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {(z: number) => number} Elementwise */

/** @param {number} z */
const above = (z) => (z > 0 ? z : 0);

/** p / (1 + p), p being the exponential of -x: the sigmoid of -x. @param {number} x */
function falling(x) {
  const power = exponential(-x);
  return power / (1 + power);
}

/** log(1 + y) for y from 0 to 1. @param {number} y */
function logOneMore(y) {
  const s = y / (2 + y);
  const square = s * s;
  let total = 0;
  for (let k = 29; k > 0; k -= 2) total = 1 / k + square * total;
  return 2 * (s * total);
}

/** How much of the normal distribution lies above. @param {number} x from 0 */
function upperTail(x) {
  const t = 1 / (1 + TAIL_SCALE * x);
  let total = TAIL[TAIL.length - 1];
  for (let k = TAIL.length - 2; k >= 0; k--) total = total * t + TAIL[k];
  return total * t * exponential(-0.5 * x * x);
}

/** @type {Record<string, (z: number, by: number) => number>} */
const FUNCTIONS = {
  sigmoid: (z) => 1 / (1 + exponential(-z)),
  relu: above,
  tanh: (z) => 1 - 2 / (exponential(2 * z) + 1),
  identity: (z) => z,
  leaky_relu: (z, by) => (z > 0 ? z : by * z),
  elu: (z, by) => (z > 0 ? z : by * (exponential(z) - 1)),
  hard_sigmoid: (z) => {
    const share = z / 6 + 0.5;
    return share > 0 ? (share < 1 ? share : 1) : 0;
  },
  softplus: (z) => above(z) + logOneMore(exponential(-Math.abs(z))),
  gelu: (z) => {
    const x = Math.min(Math.abs(z), 40);
    return above(z) - x * upperTail(x);
  },
  gelu_tanh: (z) => {
    const x = Math.min(Math.abs(z), 22);
    return above(z) - x * falling((x + CUBIC * x * x * x) * TANH_FORM);
  },
  silu: (z) => {
    const x = Math.min(Math.abs(z), 60);
    return above(z) - x * falling(x);
  },
};

/** @type {Map<string, Elementwise>} */
const known = new Map();

/** Of each neuron by itself: of all but softmax. @param {string} name @returns {Elementwise} */
export function exactly(name) {
  let found = known.get(name);
  if (!found) {
    const [kind, parameter] = family(name),
      f = FUNCTIONS[kind],
      by = Math.fround(parameter);
    if (!f) throw new RangeError(`activation: expected one that is known; got ${name}`);
    found = (z) => f(z, by);
    known.set(name, found);
  }
  return found;
}

/** Put a layer's activations in place of its pre-activations. @param {string} name @param {Float64Array} z */
export function activateExactly(name, z) {
  if (name !== "softmax") {
    const f = exactly(name);
    for (let j = 0; j < z.length; j++) z[j] = f(z[j]);
    return;
  }
  let top = z[0];
  for (const value of z) if (value > top) top = value;
  let sum = 0;
  for (let j = 0; j < z.length; j++) {
    z[j] = exponential(z[j] - top);
    sum += z[j];
  }
  for (let j = 0; j < z.length; j++) z[j] /= sum;
}

/**
 * The last layer's pre-activations, from the first layer's.
 * @param {Layer[]} layers
 * @param {string[]} activations
 * @param {Float64Array} first pre-activations of the first layer; the same array is used up
 */
export function outputsExactly(layers, activations, first) {
  let a = first;
  for (let k = 1; k < layers.length; k++) {
    activateExactly(activations[k - 1], a);
    const { weights, biases, in: inputs, out } = layers[k];
    const z = new Float64Array(out);
    for (let j = 0; j < out; j++) {
      let sum = 0;
      for (let i = 0, at = j * inputs; i < inputs; i++, at++) sum += weights[at] * a[i];
      z[j] = sum + biases[j];
    }
    a = z;
  }
  return a;
}

/**
 * What outputs are ranked by, in place of their pre-activations.
 * @param {string} name the last layer's function
 * @param {Float64Array} outputs
 */
export function rankExactly(name, outputs) {
  if (!nonDecreasing(name)) activateExactly(name, outputs);
  return outputs;
}

/**
 * Which output wins.
 * @param {Layer[]} layers @param {string[]} activations @param {Float64Array} first
 */
export function resolve(layers, activations, first) {
  const ranked = rankExactly(activations[activations.length - 1], outputsExactly(layers, activations, first));
  let best = 0;
  for (let j = 1; j < ranked.length; j++) if (ranked[j] > ranked[best]) best = j;
  return best;
}
