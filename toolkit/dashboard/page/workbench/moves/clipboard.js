// A neuron that was copied: kept in this page, so that it goes into other neurons and experiments.

/** @typedef {import("../bench.js").Bench} Bench */
/** @typedef {import("../../core/types.js").Edit} Edit */
/** @typedef {import("../../core/store.js").Store} Store */

/**
 * @typedef {object} Copied
 * @property {string} name
 * @property {string|null} experiment that it is of
 * @property {[number, number]} from layer and neuron
 * @property {number[]} weights
 * @property {number} bias
 */

/** @type {Copied|null} */
let copied = null;

export const hasCopy = () => copied !== null;

/** The tool of what comes from elsewhere: the server marks it as loaded, not as painted. */
export const PASTE = "paste";
/** What was copied in the same experiment, as it was then: painted where nothing there is loaded. */
export const PASTE_HERE = "paste here";

/** The table that this page copied last, and of which experiment. */
let table = { text: "", experiment: /** @type {string|null} */ (null) };

/** A table of weights was copied. @param {Store} store @param {string} text */
export function copiedTable({ experiment }, text) {
  table = { text: text.trimEnd(), experiment };
}

/** The tool that pastes a table, trimmed. @param {Store} store @param {string} text */
export const toolOf = ({ experiment }, text) =>
  text === table.text && experiment === table.experiment ? PASTE_HERE : PASTE;

/** @param {Bench} bench */
export function copy(bench) {
  const [layer, neuron] = bench.store.selected;
  copied = taken(bench.store, layer, neuron);
  bench.say({ code: "copied", fields: { neuron: copied.name } });
}

/** @param {Bench} bench @param {boolean} [bias] whether it comes along */
export function paste(bench, bias = true) {
  const { store } = bench,
    [layer, neuron] = store.selected;
  if (!copied) return bench.say({ code: "nothing-copied" });
  const inputs = store.row(layer, neuron).length,
    got = copied.weights.length;
  if (inputs !== got)
    return bench.say({
      code: "paste-unfit",
      kind: "error",
      fields: { from: copied.name, to: `${layer}.${neuron}`, got, expected: inputs },
    });
  // Where it still is as it was copied, the weights keep where they come from.
  if (layer === copied.from[0] && neuron !== copied.from[1] && isThere(store, copied))
    return bench.edit({
      kind: "combine",
      how: "copy",
      layer,
      from: copied.from[1],
      to: neuron,
      outgoing: false,
      ...(bias ? {} : { with_bias: false }),
    });
  const cells = copied.weights.map((_, cell) => cell),
    tool = copied.experiment === store.experiment ? PASTE_HERE : PASTE;
  /** @type {import("../../core/types.js").SingleEdit[]} */
  const edits = [{ kind: "weights", layer, neuron, cells, values: copied.weights, tool }];
  if (bias) edits.push({ kind: "bias", layer, neuron, value: copied.bias, tool });
  const label = `paste ${copied.name} into ${layer}.${neuron}`;
  bench.edit(edits.length > 1 ? { kind: "several", label, edits } : edits[0]);
}

/**
 * An edit as a tool's.
 * @param {Edit} edit
 * @param {string} [tool] none leaves it as it is
 * @returns {Edit}
 */
export function by(edit, tool) {
  if (!tool) return edit;
  if (edit.kind !== "several") return /** @type {Edit} */ ({ ...edit, tool });
  const edits = edit.edits.map(
    (each) => /** @type {import("../../core/types.js").SingleEdit} */ ({ ...each, tool }),
  );
  return { ...edit, edits };
}

/** @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : 0);

/** @param {Store} store @param {number} layer @param {number} neuron @returns {Copied} */
const taken = (store, layer, neuron) => ({
  name: `${layer}.${neuron}`,
  experiment: store.experiment,
  from: [layer, neuron],
  weights: Array.from(store.row(layer, neuron), finite),
  bias: finite(store.bias(layer, neuron)),
});

/** @param {Store} store @param {Copied} what */
function isThere(store, what) {
  if (store.experiment !== what.experiment) return false;
  const now = taken(store, ...what.from);
  return now.bias === what.bias && now.weights.every((weight, k) => weight === what.weights[k]);
}
