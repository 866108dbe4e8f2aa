// The network as it is shown: the base, as the server last sent it, with what was done since laid on
// it. Of a wide network an edit changes little: rows that were written to are put back from the base
// and written anew, and what is worked out from them alone follows. The others are let be.
import { ComposedMaps } from "./composed.js";
import { lay } from "./laying.js";
import { limitOf } from "./limits.js";
import { copyLayer, forward, forwardAfter } from "./network.js";

/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {{weights: Float32Array, bias: number}} Row */

export class Shown {
  constructor() {
    /** @type {Layer[]} never written to here */
    this.base = [];
    /** @type {Layer[]} of the base those that nothing is laid on */
    this.layers = [];
    /** @type {string[]} */
    this.activations = [];
    this.digit = new Float32Array(0);
    this.trace = forward([], [], this.digit);
    /** @type {number[]} by layer: a number that grows whenever weights of it change */
    this.stamps = [];
    this.maps = new ComposedMaps(this);
    /** @type {(Layer | null)[]} by layer: what is written to, once anything was */
    this.copies = [];
    /** @type {Set<number>[]} by layer: the rows of these that may differ from the base's */
    this.written = [];
    /** @type {Map<number, Row | null>[]} by layer: what was replaced since the trace was made; null where it is not known */
    this.before = [];
    /** What the trace is of, beside the layers; empty where these are others too. */
    this.traced = "";
    /** @type {(Float32Array | null)[]} by layer: the largest size in each row */
    this.limits = [];
    this.changes = 0;
  }

  /**
   * Takes another base, to be begun from anew.
   * @param {Layer[]} base
   * @param {(number[] | null)[]} rows by layer: those that differ from the base before; null for all
   */
  rebase(base, rows) {
    for (const each of [this.layers, this.copies, this.written, this.before, this.stamps, this.limits])
      each.length = base.length;
    this.base = base;
    rows.forEach((changed, k) => {
      const copy = this.copies[k];
      if (changed) {
        for (const row of changed) {
          // The base before may lie in the very bytes of this one.
          this.#keep(k, row, copy);
          if (copy) this.written[k].add(row);
        }
      } else {
        this.copies[k] = this.limits[k] = null;
        this.written[k] = new Set();
        this.before[k] = new Map();
        this.stamps[k] = ++this.changes;
        this.traced = "";
      }
      if (!this.copies[k]) this.layers[k] = base[k];
    });
  }

  /**
   * Begins anew from the base.
   * @param {string[]} activations
   */
  putBack(activations) {
    this.activations = [...activations];
    this.copies.forEach((copy, k) => {
      if (!copy) return;
      const { weights, biases, in: inputs } = this.base[k];
      for (const row of this.written[k]) {
        this.#keep(k, row, copy);
        copy.weights.set(weights.subarray(row * inputs, (row + 1) * inputs), row * inputs);
        copy.biases[row] = biases[row];
      }
      this.written[k].clear();
      this.layers[k] = this.base[k];
    });
  }

  /**
   * @param {Edit} edit
   * @param {Grid} grid of the first layer's maps
   */
  lay(edit, grid) {
    const { layers, activations } = this;
    lay(edit, { layers, activations, grid, own: (number, rows) => this.own(number, rows) });
  }

  /**
   * A layer, some rows of which are about to be written to.
   * @param {number} number
   * @param {Iterable<number>} [rows] all without
   */
  own(number, rows) {
    const k = number - 1;
    this.copies[k] ??= copyLayer(this.base[k]);
    const copy = /** @type {Layer} */ (this.copies[k]);
    for (const row of rows ?? copy.biases.keys()) {
      this.written[k].add(row);
      this.#keep(k, row, copy);
    }
    this.layers[k] = copy;
    return copy;
  }

  /**
   * @param {number} k
   * @param {number} row
   * @param {Layer | null} layer that has it as it was shown
   */
  #keep(k, row, layer) {
    if (this.before[k].has(row)) return;
    const weights = layer?.weights.slice(row * layer.in, (row + 1) * layer.in);
    this.before[k].set(row, layer && weights ? { weights, bias: layer.biases[row] } : null);
  }

  /**
   * All that should be is written: what follows from it does.
   * @param {Float32Array} digit
   */
  settle(digit) {
    const rows = this.before.map((before, k) => this.#changed(before, k));
    const traced = this.activations.join();
    const whole = this.digit !== digit || this.traced !== traced;
    const { layers, activations, trace } = this;
    Object.assign(this, { digit, traced });
    this.trace = whole
      ? forward(layers, activations, digit)
      : forwardAfter(trace, layers, activations, digit, rows);
  }

  /**
   * Which rows are others than they were.
   * @param {Map<number, Row | null>} before
   * @param {number} k
   */
  #changed(before, k) {
    const { weights, biases, in: inputs } = this.layers[k];
    const limits = this.limits[k];
    const changed = [];
    for (const [row, was] of before) {
      const now = weights.subarray(row * inputs, (row + 1) * inputs);
      const same = was?.weights.every((weight, i) => Object.is(weight, now[i]));
      if (!same) {
        this.stamps[k] = ++this.changes;
        if (limits) limits[row] = limitOf(now);
      }
      if (!same || !Object.is(biases[row], was?.bias)) changed.push(row);
    }
    before.clear();
    return changed;
  }

  /**
   * The largest finite weight of a layer, sign aside.
   * @param {number} number of the layer, from 1
   */
  limit(number) {
    const { weights, out, in: inputs } = this.layers[number - 1];
    this.limits[number - 1] ??= Float32Array.from({ length: out }, (_, j) =>
      limitOf(weights.subarray(j * inputs, (j + 1) * inputs)),
    );
    return limitOf(/** @type {Float32Array} */ (this.limits[number - 1]));
  }
}
