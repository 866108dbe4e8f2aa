// Decides digits that nearly tie as resolving.js does, bit for bit, without what makes no difference: a
// network made by hand has few weights that are not 0, many neurons that answer the same to each digit,
// and digits by the thousand for which two outputs are just as large.
import { nonDecreasing } from "../core/activations.js";
import { activateExactly, exactly } from "./resolving.js";

/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {{place: number, bias: number, inputs: Uint32Array, weights: Float64Array}} Neuron without weights that are 0 */
/** @typedef {{name: string, values: Float64Array, neurons: Neuron[]}} Stage of which others than these are known */

export class Resolver {
  /** @type {Stage[]} */
  #stages = [];
  /** @type {((z: number) => number) | null} what outputs are ranked by, where not by themselves */
  #ranked = null;
  /** @type {Uint16Array} */
  #rivals = new Uint16Array(0);

  /**
   * @param {Layer[]} layers
   * @param {string[]} activations
   * @param {Uint8Array[]} constant by layer, which neurons answer the same to each digit
   * @param {Uint16Array} rivals the outputs that may win
   * @param {Float64Array} first the first layer's pre-activations for some digit
   */
  constructor(layers, activations, constant, rivals, first) {
    const last = layers.length - 1;
    let needed = Uint8Array.from({ length: layers[last].out }, (_, j) => (rivals.includes(j) ? 1 : 0));
    for (let k = last; k >= 0; k--) {
      // What hangs together is needed as a whole.
      if (activations[k] === "softmax" && k < last) needed.fill(1);
      const neurons = [...needed.keys()].filter((j) => needed[j] && !constant[k][j]);
      const made = neurons.map((j) => neuronOf(layers[k], j, k === 0));
      this.#stages[k] = { name: activations[k], values: new Float64Array(layers[k].out), neurons: made };
      needed = new Uint8Array(layers[k].in);
      for (const { inputs } of made) for (const i of inputs) needed[i] = 1;
    }
    this.#fill(layers, activations, first);
    this.#ranked = nonDecreasing(activations[last]) ? null : exactly(activations[last]);
    this.#rivals = rivals;
  }

  /** Put what a digit's values are in their places: those that are constant stay. @param {Layer[]} layers @param {string[]} activations @param {Float64Array} first */
  #fill(layers, activations, first) {
    let a = first;
    for (const [k, { values }] of this.#stages.entries()) {
      if (k) {
        activateExactly(activations[k - 1], a);
        this.#stages[k - 1].values.set(a);
        a = Float64Array.from(layers[k].biases, (_, j) => weigh(neuronOf(layers[k], j, false), a));
      }
      values.set(a);
    }
  }

  /**
   * Which output wins.
   * @param {Float64Array[]} sums of the first layer's neurons @param {number} d
   */
  winner(sums, d) {
    const stages = this.#stages,
      last = stages.length - 1;
    for (const { place, bias } of stages[0].neurons) stages[0].values[place] = sums[place][d] / 255 + bias;
    for (let k = 1; k <= last; k++) {
      const { name, values: below, neurons: moved } = stages[k - 1],
        { values, neurons } = stages[k];
      if (name !== "softmax") {
        const f = exactly(name);
        for (const { place } of moved) below[place] = f(below[place]);
      } else if (moved.length) activateExactly(name, below);
      for (const neuron of neurons) values[neuron.place] = weigh(neuron, below);
    }
    const { values } = stages[last],
      rivals = this.#rivals,
      ranked = this.#ranked;
    let best = rivals[0],
      most = ranked ? ranked(values[best]) : values[best];
    for (let r = 1; r < rivals.length; r++) {
      const value = ranked ? ranked(values[rivals[r]]) : values[rivals[r]];
      if (value <= most) continue;
      most = value;
      best = rivals[r];
    }
    return best;
  }
}

/** @param {Layer} layer @param {number} j @param {boolean} first @returns {Neuron} */
function neuronOf({ weights, biases, in: inputs }, j, first) {
  const places = [];
  if (!first) for (let i = 0; i < inputs; i++) if (weights[j * inputs + i] !== 0) places.push(i);
  return {
    place: j,
    bias: biases[j],
    inputs: Uint32Array.from(places),
    weights: Float64Array.from(places, (i) => weights[j * inputs + i]),
  };
}

/** From the first input on, one after another. @param {Neuron} neuron @param {Float64Array} a */
function weigh({ bias, inputs, weights }, a) {
  let sum = 0;
  for (let n = 0; n < inputs.length; n++) sum += weights[n] * a[inputs[n]];
  return sum + bias;
}
