// Laying an edit of any kind on layers, in place; one that does not fit is left to the server to refuse.
import { fitsCombine, fitsMove, layCombine, layMove } from "./moves.js";
import { fits as fitsRow, layOn } from "./strokes.js";

/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Layer} Layer */

/**
 * What edits are laid on: `own` gives a layer, by number, of which these rows may be written to, or all.
 * @typedef {object} Sheet
 * @property {Layer[]} layers
 * @property {string[]} activations
 * @property {Grid} grid of the first layer's maps
 * @property {(number: number, rows?: Iterable<number>) => Layer} own
 */

/**
 * Whether an edit can be laid on these layers.
 * @param {Edit} edit
 * @param {Layer[]} layers
 * @param {Grid} [grid] of the first layer's maps
 * @returns {boolean}
 */
export function fits(edit, layers, grid) {
  if (edit?.kind === "several")
    return Array.isArray(edit.edits) && edit.edits.every((each) => fits(each, layers, grid));
  const layer = layers[edit?.layer - 1];
  if (!layer) return false;
  if (edit.kind === "name") return true;
  if (edit.kind === "column") return fitsColumn(edit, layer);
  if (edit.kind === "clause") return edit.neuron < layer.out && edit.row?.length === layer.in;
  if (edit.kind === "combine") return fitsCombine(edit, layers);
  if (edit.kind !== "move") return fitsRow(edit, layers, grid);
  const { neuron } = edit;
  return Number.isInteger(neuron) && neuron >= 0 && neuron < layer.out && fitsMove(edit, layer, grid);
}

/**
 * @param {import("./types.js").ColumnEdit} edit
 * @param {Layer} layer
 */
function fitsColumn({ input, neurons, values }, layer) {
  return (
    input >= 0 && input < layer.in && neurons.length === values.length && neurons.every((j) => layer.out > j)
  );
}

/**
 * The rows of its layer that an edit writes to.
 * @param {Exclude<import("./types.js").SingleEdit, import("./types.js").ActivationEdit>} edit
 */
function rowsOf(edit) {
  if (edit.kind === "combine") return [edit.from, edit.to];
  return edit.kind === "column" ? edit.neurons : [edit.neuron];
}

/**
 * Lays an edit, if it fits.
 * @param {Edit} edit
 * @param {Sheet} sheet
 * @returns {boolean} whether it did
 */
export function lay(edit, sheet) {
  if (!fits(edit, sheet.layers, sheet.grid)) return false;
  if (edit.kind === "several") {
    for (const each of edit.edits) lay(each, sheet);
    return true;
  }
  if (edit.kind === "activation") {
    sheet.activations[edit.layer - 1] = edit.activation;
    return true;
  }
  if (edit.kind === "name") return true;
  const layer = sheet.own(edit.layer, rowsOf(edit));
  if (edit.kind === "bias") layer.biases[edit.neuron] = edit.value;
  else if (edit.kind === "column")
    edit.neurons.forEach((neuron, k) => {
      layer.weights[neuron * layer.in + edit.input] = edit.values[k];
    });
  else if (edit.kind === "clause") {
    // As the server worked it out when it was tried.
    layer.weights.set(edit.row ?? [], edit.neuron * layer.in);
    layer.biases[edit.neuron] = edit.bias ?? 0;
  } else if (edit.kind === "move") layMove(edit, layer, sheet.grid);
  else if (edit.kind === "combine")
    layCombine(edit, layer, edit.outgoing ? sheet.own(edit.layer + 1) : undefined);
  else {
    const row = layer.weights.subarray(edit.neuron * layer.in, (edit.neuron + 1) * layer.in);
    layOn(edit, row, sheet.grid);
  }
  return true;
}
