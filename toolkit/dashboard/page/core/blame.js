// Why one output is above another: the difference of their weighted sums, split over the neurons of
// each layer. The same arithmetic as toolkit/analysis/blame.py.
import { derivative } from "./activations.js";

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").Trace} Trace */

/**
 * `parts[k]` belongs to layer k, 0 being the pixels; with `rest[k]` they add up to `difference`.
 * @typedef {{difference: number, parts: Float64Array[], rest: number[]}} Blame
 */

/** Below it a change of a weighted sum is none that a ratio could be made of. */
const STILL = 1e-7;

/**
 * The last hidden layer is split as it stands: its weights' difference times its activations, the
 * rest being the difference of the outputs' biases. Layers below it are split by how they differ
 * from a reference picture, with DeepLIFT's rescale rule (Shrikumar et al. 2017, section 3.5.1); the
 * rest is what the reference itself comes to.
 * @param {Layer[]} layers
 * @param {string[]} activations
 * @param {{input: ArrayLike<number>, trace: Trace}} shown
 * @param {{input: ArrayLike<number>, trace: Trace}} reference
 * @param {number} winner
 * @param {number} other
 * @returns {Blame}
 */
export function blame(layers, activations, shown, reference, winner, other) {
  const last = layers.length - 1,
    top = layers[last];
  const bias = top.biases[winner] - top.biases[other];
  let slope = new Float64Array(top.in);
  for (let i = 0; i < top.in; i++)
    slope[i] = top.weights[winner * top.in + i] - top.weights[other * top.in + i];
  const below = (/** @type {{input: ArrayLike<number>, trace: Trace}} */ of, /** @type {number} */ k) =>
    k ? of.trace.a[k - 1] : of.input;
  /** @type {Float64Array[]} */
  const parts = Array.from({ length: layers.length });
  const rest = new Array(layers.length).fill(0);
  parts[last] = slope.map((by, i) => by * below(shown, last)[i]);
  rest[last] = bias;
  const then = bias + sum(slope.map((by, i) => by * below(reference, last)[i]));
  for (let k = last; k > 0; k--) {
    const { z, a } = shown.trace,
      { z: z0, a: a0 } = reference.trace;
    const through = slope.map((by, j) => {
      const moved = z[k - 1][j] - z0[k - 1][j];
      if (Math.abs(moved) > STILL) return by * ((a[k - 1][j] - a0[k - 1][j]) / moved);
      return by * derivative(activations[k - 1], z[k - 1][j], a[k - 1][j]);
    });
    const layer = layers[k - 1];
    slope = new Float64Array(layer.in);
    for (let j = 0; j < layer.out; j++)
      for (let i = 0; i < layer.in; i++) slope[i] += through[j] * layer.weights[j * layer.in + i];
    const now = below(shown, k - 1),
      before = below(reference, k - 1);
    parts[k - 1] = slope.map((by, i) => by * (now[i] - before[i]));
    rest[k - 1] = then;
  }
  return { difference: bias + sum(parts[last]), parts, rest };
}

/** @param {ArrayLike<number>} values */
export function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/**
 * The neurons of hidden layers with the largest parts.
 * @param {Blame} blame
 * @param {number} count
 * @returns {{layer: number, neuron: number, part: number}[]}
 */
export function most({ parts }, count) {
  const all = parts
    .slice(1)
    .flatMap((of, k) => Array.from(of, (part, neuron) => ({ layer: k + 1, neuron, part })));
  return all
    .filter(({ part }) => part > 0)
    .sort((one, next) => next.part - one.part)
    .slice(0, count);
}

/** The last but one of some numbers by size: the runner-up. @param {ArrayLike<number>} values @param {number} winner */
export function runnerUp(values, winner) {
  let best = winner === 0 ? 1 : 0;
  for (let j = 0; j < values.length; j++) if (j !== winner && values[j] > values[best]) best = j;
  return best;
}
