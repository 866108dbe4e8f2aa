// What of a network the worker does not know yet.

/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {import("./scorer.js").Change} Change */
/** @typedef {import("./scorer.js").Rows} Rows */
/** @typedef {{base: Layer, written: number[], weights: Float32Array, biases: Float32Array}} Known */

/** @type {ReadonlySet<number>} */
const NONE = new Set();

export class Changes {
  /** By layer what was told, and in which rows that may differ from the base. @type {Known[]} */
  #known = [];
  #functions = "";

  /** Nothing is known any more. */
  forget() {
    this.#known = [];
  }

  /**
   * What is to be told; null where all is known. It costs what was written to.
   * @param {Layer[]} layers
   * @param {string[]} activations
   * @param {Layer[]} base each as long as the object is the same
   * @param {ReadonlySet<number>[]} [written] by layer, the rows in which one may differ from the base
   * @returns {Change | null}
   */
  take(layers, activations, base, written = []) {
    const functions = activations.join();
    const told = layers.map((layer, k) =>
      this.#rowsOf(layer, k, base[k], layer === base[k] ? NONE : written[k]),
    );
    if (functions === this.#functions && !told.some(Boolean)) return null;
    this.#functions = functions;
    return { activations: [...activations], layers: told };
  }

  /** @param {Layer} layer @param {number} k @param {Layer} base @param {ReadonlySet<number>} written */
  #rowsOf(layer, k, base, written) {
    const known = this.#known[k];
    if (!known) {
      const weights = layer.weights.slice(),
        biases = layer.biases.slice();
      this.#known[k] = { base, written: [...written], weights, biases };
      return { rows: Array.from(biases.keys()), weights: weights.slice(), biases: biases.slice() };
    }
    const looked =
      known.base === base ? new Set([...known.written, ...written]) : Array.from(layer.biases.keys());
    const rows = [...looked].filter((row) => differs(layer, known, row));
    known.base = base;
    known.written = [...written];
    return rows.length ? taken(layer, known, rows) : null;
  }
}

/** @param {Layer} layer @param {Known} known @param {number[]} rows @returns {Rows} */
function taken({ weights, biases, in: inputs }, known, rows) {
  const told = new Float32Array(rows.length * inputs);
  for (const [at, row] of rows.entries()) {
    const own = weights.subarray(row * inputs, (row + 1) * inputs);
    told.set(own, at * inputs);
    known.weights.set(own, row * inputs);
    known.biases[row] = biases[row];
  }
  return { rows, weights: told, biases: Float32Array.from(rows, (row) => biases[row]) };
}

/** @param {Layer} layer @param {Known} known @param {number} row */
function differs({ weights, biases, in: inputs }, known, row) {
  if (!Object.is(biases[row], known.biases[row])) return true;
  for (let at = row * inputs, end = at + inputs; at < end; at++)
    if (weights[at] !== known.weights[at] && !Object.is(weights[at], known.weights[at])) return true;
  return false;
}
