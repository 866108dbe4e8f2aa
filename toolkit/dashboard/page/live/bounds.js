// How far the quick pass may be from the exact arithmetic, and which outputs can win at all.
import { nonDecreasing } from "../core/activations.js";
import { quick } from "./quick.js";
import { outputsExactly, rankExactly } from "./resolving.js";

/** @typedef {import("../core/types.js").Layer} Layer */

const ULP = 2 ** -52;
/** No number may be larger: the square of it is within float64, and all are resolved in Python. */
const LARGEST = 1e150;
const MOST_DRIFT = 1e-10; // of what a pre-activation may be

export class Bounds {
  /** @param {number[]} sizes */
  constructor(sizes) {
    const later = sizes.slice(1);
    /** Of each neuron the sum of its |W|. */
    this.norms = later.map((size) => new Float64Array(size));
    /** Of each layer what no pre-activation exceeds, */
    this.largest = new Float64Array(later.length);
    /** and what none did before the last change or after it. */
    this.peak = new Float64Array(later.length);
    /** Of each layer what many additions of changes may have added up to. */
    this.drift = new Float64Array(later.length);
    /** Of each layer the most that an activation is off by. */
    this.off = new Float64Array(later.length);
    /** What each output is off by. */
    this.outputs = new Float64Array(sizes[sizes.length - 1]);
    /** A lead of more than this over the second is a lead over all. */
    this.lead = 0;
    /** Of each layer which neurons answer the same to each digit. */
    this.constant = later.map((size) => new Uint8Array(size));
    /** Outputs of which one may win. */
    this.rivals = new Uint16Array(0);
  }

  /**
   * A row was changed.
   * @param {number} k @param {number} j @param {Float32Array} row
   */
  setRow(k, j, row) {
    let norm = 0;
    for (let i = 0; i < row.length; i++) norm += Math.abs(row[i]);
    this.norms[k][j] = norm;
  }

  /**
   * Work out how large numbers may get.
   * @param {Layer[]} layers @param {string[]} activations
   * @returns {"" | "not-finite" | "too-large"} why they may not be
   */
  measure(layers, activations) {
    let below = 1;
    for (let k = 0; k < layers.length; k++) {
      const { biases } = layers[k],
        norms = this.norms[k],
        f = quick(activations[k]);
      let largest = 0;
      for (let j = 0; j < norms.length; j++) {
        const most = norms[j] * below + Math.abs(biases[j]);
        if (!Number.isFinite(norms[j] + biases[j])) return "not-finite";
        if (!(most <= LARGEST)) return "too-large";
        if (most > largest) largest = most;
      }
      this.peak[k] = Math.max(largest, this.largest[k]);
      this.largest[k] = largest;
      below = f.most(largest);
      if (!(below <= LARGEST)) return "too-large";
    }
    return "";
  }

  /** A layer's pre-activations are summed anew. @param {number} k */
  renew(k) {
    this.drift[k] = 0;
  }

  /** So many neurons' changes are added to what a layer is. @param {number} k @param {number} many */
  add(k, many) {
    this.drift[k] += 2 * ULP * many * this.peak[k];
  }

  /**
   * From how large numbers are how far they may be off.
   * @param {Layer[]} layers @param {string[]} activations
   * @returns {number} the first layer that is off by more than it need be, by drift; -1 where none is
   */
  spread(layers, activations) {
    let drifted = -1;
    for (let k = 0; k < layers.length; k++) {
      const f = quick(activations[k]),
        norms = this.norms[k],
        rounding = k ? (layers[k].in + 4) * ULP * this.largest[k] : 0,
        below = k ? this.off[k - 1] : 0,
        last = k === layers.length - 1;
      let most = 0;
      for (let j = 0; j < norms.length; j++) {
        let off = k ? norms[j] * below + rounding + this.drift[k] : 0;
        if (off > most) most = off;
        if (last && !nonDecreasing(activations[k])) off = f.steepest * off + f.off;
        if (last) this.outputs[j] = off;
      }
      if (drifted < 0 && this.drift[k] > MOST_DRIFT * this.largest[k]) drifted = k;
      this.off[k] = f.steepest * most + f.off + f.tolerance;
    }
    this.lead = 2 * this.outputs.reduce((most, each) => Math.max(most, each), 0);
    return drifted;
  }

  /**
   * Whether another output may be as large as the largest.
   * @param {Float64Array} values of rivals @param {number} best
   */
  leavesOpen(values, best) {
    const { outputs } = this;
    for (const j of this.rivals)
      if (j !== best && !(values[best] - values[j] > outputs[best] + outputs[j])) return true;
    return false;
  }

  /**
   * Which outputs may win. Of those that have the same weights and bias the first is as good as all;
   * of those that answer the same to each digit, the largest.
   * @param {Layer[]} layers @param {string[]} activations
   * @param {Uint8Array} dark which neurons of the first layer no digit reaches
   * @param {() => Float64Array} first the first layer's pre-activations for some digit
   * @returns {boolean} whether these are others than before
   */
  contend(layers, activations, dark, first) {
    this.constant[0].set(dark);
    if (activations[0] === "softmax" && layers.length > 1) allOrNone(this.constant[0]);
    for (let k = 1; k < layers.length; k++) {
      for (let j = 0; j < layers[k].out; j++) this.constant[k][j] = this.#isConstant(layers[k], k, j);
      if (activations[k] === "softmax" && k < layers.length - 1) allOrNone(this.constant[k]);
    }
    const last = layers[layers.length - 1],
      constant = this.constant[layers.length - 1];
    let best = -1;
    if (constant.some(Boolean)) {
      const ranked = rankExactly(
        activations[activations.length - 1],
        outputsExactly(layers, activations, first()),
      );
      for (let j = 0; j < last.out; j++) if (constant[j] && (best < 0 || ranked[j] > ranked[best])) best = j;
    }
    const rivals = [];
    for (let j = 0; j < last.out; j++)
      if (constant[j] ? j === best : !rivals.some((i) => sameRow(last, i, j))) rivals.push(j);
    if (rivals.join() === this.rivals.join()) return false;
    this.rivals = Uint16Array.from(rivals);
    return true;
  }

  /** @param {Layer} layer @param {number} k @param {number} j */
  #isConstant({ weights, in: inputs }, k, j) {
    const below = this.constant[k - 1];
    for (let i = 0, at = j * inputs; i < inputs; i++, at++) if (weights[at] !== 0 && !below[i]) return 0;
    return 1;
  }
}

/** What hangs together with others is constant where all are. @param {Uint8Array} constant */
function allOrNone(constant) {
  if (!constant.every(Boolean)) constant.fill(0);
}

/** @param {Layer} layer @param {number} i @param {number} j */
function sameRow({ weights, biases, in: inputs }, i, j) {
  if (biases[i] !== biases[j]) return false;
  for (let k = 0, a = i * inputs, b = j * inputs; k < inputs; k++, a++, b++)
    if (weights[a] !== weights[b]) return false;
  return true;
}
