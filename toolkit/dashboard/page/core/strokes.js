// What an edit makes of the weights below it. The same arithmetic in the same order as in
// toolkit/edits: double precision, each operation rounded by itself, then one rounding to float32.
// So what is shown and what is kept are equal bit for bit, on whatever weights the edit is laid.

import { fitsStamp, layStamp } from "./stamps.js";

/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").SingleEdit} SingleEdit */
/** @typedef {import("./types.js").MoveEdit} MoveEdit */
/** @typedef {import("./types.js").CombineEdit} CombineEdit */
/** @typedef {import("./types.js").ColumnEdit} ColumnEdit */
/** @typedef {import("./types.js").NameEdit} NameEdit */
/** @typedef {import("./types.js").ClauseEdit} ClauseEdit */
/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {import("./types.js").StrokeEdit} StrokeEdit */
/** @typedef {import("./types.js").SmoothEdit} SmoothEdit */

/**
 * @param {Numbers} numbers
 * @param {number} k
 */
const pick = (numbers, k) => (typeof numbers === "number" ? numbers : numbers[k]);

/** @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : 0);

/**
 * @param {number} value
 * @param {number} old
 */
function rounded(value, old) {
  const single = Math.fround(value);
  return Number.isFinite(single) ? single : old;
}

/**
 * New weights of the cells: keep × old + put.
 * @param {Pick<StrokeEdit, "cells" | "keep" | "put">} edit
 * @param {Float32Array} row
 * @returns {Float32Array}
 */
export function strokeValues({ cells, keep, put }, row) {
  const values = new Float32Array(cells.length);
  for (let k = 0; k < cells.length; k++) {
    const old = finite(row[cells[k]]);
    values[k] = rounded(pick(keep, k) * old + pick(put, k), old);
  }
  return values;
}

/**
 * New weights of the cells: drawn towards the mean of the up to 3×3 around each.
 * @param {Pick<SmoothEdit, "cells" | "amounts" | "columns">} edit
 * @param {Float32Array} row
 * @returns {Float32Array}
 */
export function smoothValues({ cells, amounts, columns }, row) {
  const values = new Float32Array(cells.length);
  for (let k = 0; k < cells.length; k++) {
    const old = finite(row[cells[k]]);
    values[k] = rounded(old + pick(amounts, k) * (meanAround(row, cells[k], columns) - old), old);
  }
  return values;
}

/**
 * @param {Float32Array} row
 * @param {number} cell
 * @param {number} columns
 */
function meanAround(row, cell, columns) {
  const r = Math.floor(cell / columns);
  const c = cell % columns;
  let sum = 0;
  let count = 0;
  for (let r2 = Math.max(0, r - 1); r2 <= r + 1; r2++) {
    for (let c2 = Math.max(0, c - 1); c2 <= Math.min(columns - 1, c + 1); c2++) {
      const other = r2 * columns + c2;
      if (other >= row.length) continue;
      sum += row[other];
      count++;
    }
  }
  return sum / count;
}

/**
 * Lays an edit of weights on a neuron's row.
 * @param {Edit} edit
 * @param {Float32Array} row changed in place
 * @param {Grid} [grid] of the first layer's maps
 */
export function layOn(edit, row, grid) {
  if (edit.kind === "stamp" && grid) layStamp(edit, row, grid);
  if (edit.kind !== "stroke" && edit.kind !== "smooth" && edit.kind !== "weights") return;
  const { cells } = edit;
  const values =
    edit.kind === "stroke"
      ? strokeValues(edit, row)
      : edit.kind === "smooth"
        ? smoothValues(edit, row)
        : edit.values;
  for (let k = 0; k < cells.length; k++) row[cells[k]] = values[k];
}

/**
 * Whether an edit of one neuron's weights, its bias or a layer's activation can be laid on these layers;
 * `laying.js` says it of every kind.
 * @param {Exclude<SingleEdit, MoveEdit | CombineEdit | ColumnEdit | NameEdit | ClauseEdit>} edit
 * @param {Layer[]} layers
 * @param {Grid} [grid] of the first layer's maps
 * @returns {boolean}
 */
export function fits(edit, layers, grid) {
  const layer = layers[edit?.layer - 1];
  if (!layer) return false;
  if (edit.kind === "activation") return typeof edit.activation === "string";
  if (!(Number.isInteger(edit.neuron) && edit.neuron >= 0 && edit.neuron < layer.out)) return false;
  if (edit.kind === "bias") return Number.isFinite(edit.value);
  if (edit.kind === "stamp") {
    const cells = edit.layer === 1 && grid ? grid.rows * grid.columns : 0;
    return cells === layer.in && fitsStamp(edit, cells);
  }
  const { cells } = edit;
  if (!Array.isArray(cells)) return false;
  if (!cells.every((cell) => Number.isInteger(cell) && cell >= 0 && cell < layer.in)) return false;
  const oneEach = (/** @type {any} */ numbers) =>
    Number.isFinite(numbers) ||
    (Array.isArray(numbers) && numbers.length === cells.length && numbers.every(Number.isFinite));
  if (edit.kind === "stroke") return oneEach(edit.keep) && oneEach(edit.put);
  if (edit.kind === "smooth") return oneEach(edit.amounts) && edit.columns >= 1 && edit.columns <= layer.in;
  return edit.kind === "weights" && Array.isArray(edit.values) && oneEach(edit.values);
}
