// What of a network the worker does not know yet.

/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {import("./scorer.js").Change} Change */
/** @typedef {import("./scorer.js").Rows} Rows */
/** @typedef {{of: Layer, written: boolean, weights: Float32Array, biases: Float32Array}} Known */

export class Changes {
  /** By layer, what was told last. @type {Known[]} */
  #known = [];
  #functions = "";
  /** The row that was being painted. @type {[number, number] | null} */
  #painted = null;

  /** Nothing is known any more. */
  forget() {
    this.#known = [];
  }

  /**
   * What is to be told; null where all is known.
   * @param {Layer[]} layers
   * @param {string[]} activations
   * @param {Layer[]} base those of these that are never written to
   * @param {[number, number] | null} [painted] layer and neuron of which alone the weights or the
   *   bias are being changed, so that no other row need be looked at
   * @returns {Change | null}
   */
  take(layers, activations, base, painted = null) {
    const functions = activations.join();
    const told = layers.map((layer, k) => {
      const written = layer !== base[k];
      return this.#rowsOf(layer, k, written, painted);
    });
    this.#painted = painted;
    if (!told.some(Boolean) && functions === this.#functions) return null;
    this.#functions = functions;
    return { activations: [...activations], layers: told };
  }

  /** @param {Layer} layer @param {number} k @param {boolean} written @param {[number, number] | null} painted */
  #rowsOf(layer, k, written, painted) {
    const known = this.#known[k];
    if (known?.of === layer && !written && !known.written) return null;
    if (!known) {
      const weights = layer.weights.slice(),
        biases = layer.biases.slice();
      this.#known[k] = { of: layer, written, weights, biases };
      return { rows: Array.from(biases.keys()), weights: weights.slice(), biases: biases.slice() };
    }
    // A row under the brush a frame ago may have been painted on since it was looked at.
    const few = painted && this.#painted && known.of === layer;
    const looked = few ? [painted, this.#painted ?? painted].filter(([of]) => of === k + 1) : null;
    const rows = looked
      ? [...new Set(looked.map(([, row]) => row))].filter((row) => differs(layer, known, row))
      : rowsThatDiffer(layer, known);
    known.of = layer;
    known.written = written;
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

/** @param {Layer} layer @param {Known} known */
function rowsThatDiffer(layer, known) {
  const rows = [];
  for (let row = 0; row < layer.out; row++) if (differs(layer, known, row)) rows.push(row);
  return rows;
}

/** @param {Layer} layer @param {Known} known @param {number} row */
function differs({ weights, biases, in: inputs }, known, row) {
  if (!Object.is(biases[row], known.biases[row])) return true;
  for (let at = row * inputs, end = at + inputs; at < end; at++)
    if (weights[at] !== known.weights[at] && !Object.is(weights[at], known.weights[at])) return true;
  return false;
}
