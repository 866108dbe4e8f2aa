// Scores a network on a digit set and keeps the score current at the cost of what changed, with the
// same winners as toolkit/scoring: first-layer sums are exact (fixed.js), later layers are quick and
// come with a bound on what they are off by (bounds.js), and digits of which the bound leaves open
// which output wins are decided in the arithmetic that both have (resolving.js).
import { nonDecreasing } from "../core/activations.js";
import { Bounds } from "./bounds.js";
import { fixRow } from "./fixed.js";
import { BLOCK, runBlock } from "./pass.js";
import { Pictures } from "./pictures.js";
import { planned } from "./plan.js";
import { dot, multiply } from "./products.js";
import { quick } from "./quick.js";
import { Tally } from "./tally.js";
import { Verdicts } from "./verdicts.js";

/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {import("./digits.js").Digits} Digits */
/** @typedef {{rows: number[], weights: Float32Array, biases: Float32Array}} Rows of one layer, one row after another */
/** @typedef {{activations: string[], layers: (Rows | null)[]}} Change */

const PAUSE_BLOCKS = 16;

export class Scorer {
  /** @param {Digits} digits @param {number[]} sizes @param {number} classes */
  constructor(digits, sizes, classes) {
    const { count } = digits,
      later = sizes.slice(1);
    this.digits = digits;
    this.classes = classes;
    /** @type {Layer[]} */
    this.layers = later.map((out, k) => ({
      in: sizes[k],
      out,
      weights: new Float32Array(out * sizes[k]),
      biases: new Float32Array(out),
    }));
    /** @type {string[]} */
    this.activations = [];
    this.bounds = new Bounds(sizes);
    this.pictures = new Pictures(digits);
    this.tally = new Tally(digits, sizes[sizes.length - 1], classes);
    /** Of the first layer, a neuron at a time: weights in fixed point, its places, sums over 0..255. */
    this.fixed = Array.from({ length: later[0] }, () => new Float64Array(sizes[0]));
    this.bits = new Int32Array(later[0]);
    this.dark = new Uint8Array(later[0]).fill(1);
    this.sums = Array.from({ length: later[0] }, () => new Float64Array(count));
    /** On how many digits of each class each neuron of it fires, but for those that are stale. */
    this.fired = new Uint32Array(later[0] * classes);
    this.stale = new Uint8Array(later[0]).fill(1);
    /** The hidden layers' activations, as those after them know them: of the first a neuron at a time, */
    this.first = Array.from({ length: later.length > 1 ? later[0] : 0 }, () => new Float64Array(count));
    /** of the others, whose pre-activations are kept too, a digit at a time. */
    this.a = later.map((out, k) => new Float64Array(k > 0 && k < later.length - 1 ? out * count : 0));
    this.z = later.map((out, k) => new Float64Array(k > 0 && k < later.length - 1 ? out * count : 0));
    /** Weights of the later layers, those of one neuron below after those of another. */
    this.turned = later.map((out, k) => new Float64Array(k ? out * sizes[k] : 0));
    this.every = later.map((out) => Array.from({ length: out }, (_, j) => j));
    /** Some digits' activations of the first layer, a digit at a time. */
    this.below = new Float64Array(BLOCK * later[0]);
    /** What outputs are ranked by, where that is not what they are summed to. @type {import("./quick.js").Quick|null} */
    this.ranks = null;
    /** @type {import("./signs.js").Signs | null} */
    this.signs = null;
    this.verdicts = new Verdicts(count, later[later.length - 1], sizes[later.length - 1]);
    /** Whether all above is of the network that it was last given. */
    this.known = false;
  }

  /**
   * Take a change and bring everything up to date.
   * @param {Change} change at first of all rows
   * @returns {Generator<number, string>} how much is done; why it cannot be scored, empty where it can
   */
  *update({ activations, layers: given }) {
    const { layers, bounds, known, verdicts } = this,
      before = this.activations;
    this.known = false;
    this.activations = activations;
    const rows = given.map((of, k) => (of ? this.#copy(of, k) : []));
    const wrong = bounds.measure(layers, activations);
    if (wrong) return wrong;
    const summed = known ? rows[0] : this.every[0];
    for (const [at, row] of summed.entries()) {
      this.#sum(row);
      if (at % 8 === 7) yield (0.7 * at) / summed.length;
    }
    const plan = planned({ layers, activations, before, rows, known }, bounds);
    const others = bounds.contend(layers, activations, this.dark, () => this.firstOf(0));
    const last = layers.length - 1;
    this.ranks = nonDecreasing(activations[last]) ? null : quick(activations[last]);
    if (others || rows[last].length || plan.redone[last])
      verdicts.renew(layers[last], bounds.rivals, this.ranks !== null);
    if (rows[last].length) this.signs?.renew(layers[last]);
    verdicts.forget();
    const { count } = this.digits;
    for (let from = 0, blocks = 1; from < count; from += BLOCK, blocks++) {
      runBlock(this, plan, from, Math.min(count, from + BLOCK));
      if (blocks % PAUSE_BLOCKS === 0) yield 0.7 + (0.3 * from) / count;
    }
    this.known = true;
    return "";
  }

  /** The first layer's pre-activations for a digit. @param {number} d */
  firstOf(d) {
    const { biases } = this.layers[0];
    return Float64Array.from(this.sums, (sums, i) => sums[d] / 255 + biases[i]);
  }

  /**
   * The outputs' pre-activations for a digit.
   * @param {number} d @param {Float64Array} z is filled with them
   */
  outputsOf(d, z) {
    const last = this.layers.length - 1,
      { weights, biases, in: inputs } = this.layers[last];
    if (last === 0) {
      for (let j = 0; j < z.length; j++) z[j] = this.sums[j][d] / 255 + biases[j];
      return;
    }
    let below = this.a[last - 1],
      start = d * inputs;
    if (last === 1) {
      below = this.below;
      start = 0;
      for (let i = 0; i < inputs; i++) below[i] = this.first[i][d];
    }
    multiply(weights, biases, below, start, z, 0);
  }

  /**
   * A neuron's weighted sums over the digits, without its bias.
   * @param {number} layer from 1 @param {number} neuron
   */
  weightedSums(layer, neuron) {
    const k = layer - 1,
      { weights, in: inputs } = this.layers[k];
    if (k === 0) return this.sums[neuron].map((sum) => sum / 255);
    const sums = new Float64Array(this.digits.count),
      start = neuron * inputs;
    if (k === 1) {
      for (let i = 0; i < inputs; i++) addTo(sums, this.first[i], weights[start + i]);
      return sums;
    }
    for (let d = 0; d < sums.length; d++) sums[d] = dot(weights, start, this.a[k - 1], d * inputs, inputs);
    return sums;
  }

  /** @param {Rows} given @param {number} k @returns {number[]} the rows */
  #copy({ rows, weights, biases }, k) {
    const layer = this.layers[k],
      inputs = layer.in;
    for (const [at, row] of rows.entries()) {
      const own = weights.subarray(at * inputs, (at + 1) * inputs);
      layer.weights.set(own, row * inputs);
      layer.biases[row] = biases[at];
      this.bounds.setRow(k, row, own);
      if (k === 0) this.stale[row] = 1;
      if (k) for (let i = 0; i < inputs; i++) this.turned[k][i * layer.out + row] = own[i];
    }
    return rows;
  }

  /** Bring the sums of a neuron of the first layer to what its weights are. @param {number} row */
  #sum(row) {
    const { digits } = this,
      { weights, in: inputs } = this.layers[0],
      sums = this.sums[row],
      before = this.fixed[row],
      fixed = new Float64Array(inputs);
    const { bits, reach } = fixRow(
      weights.subarray(row * inputs, (row + 1) * inputs),
      digits.brightest,
      fixed,
    );
    // Differences are exact in one fixed point only.
    const near = bits === this.bits[row];
    if (!near) sums.fill(0);
    for (let p = 0; p < inputs; p++) {
      const delta = near ? fixed[p] - before[p] : fixed[p];
      if (delta !== 0) addInk(digits, p, delta, sums);
    }
    this.fixed[row] = fixed;
    this.bits[row] = bits;
    this.dark[row] = reach === 0 ? 1 : 0;
  }
}

/**
 * @param {Digits} digits @param {number} p a pixel @param {number} weight @param {Float64Array} sums
 */
function addInk({ starts, which, ink }, p, weight, sums) {
  for (let k = starts[p], end = starts[p + 1]; k < end; k++) sums[which[k]] += weight * ink[k];
}

/** @param {Float64Array} sums @param {Float64Array} a @param {number} weight */
function addTo(sums, a, weight) {
  for (let d = 0; d < sums.length; d++) sums[d] += weight * a[d];
}
