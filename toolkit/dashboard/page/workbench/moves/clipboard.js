// A neuron that was copied: kept in this page, so that it goes into other neurons and experiments.

/** @typedef {import("../bench.js").Bench} Bench */
/** @typedef {import("../../core/types.js").Edit} Edit */

/** @type {{name: string, inputs: number, weights: number[], bias: number}|null} */
let copied = null;

export const hasCopy = () => copied !== null;

/** @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : 0);

/** @param {Bench} bench */
export function copy(bench) {
  const { store } = bench,
    [layer, neuron] = store.selected;
  const weights = Array.from(store.row(layer, neuron), finite);
  copied = {
    name: `${layer}.${neuron}`,
    inputs: weights.length,
    weights,
    bias: finite(store.bias(layer, neuron)),
  };
  bench.say({ code: "copied", fields: { neuron: copied.name } });
}

/** @param {Bench} bench @param {boolean} [bias] whether it comes along */
export function paste(bench, bias = true) {
  const { store } = bench,
    [layer, neuron] = store.selected;
  if (!copied) return bench.say({ code: "nothing-copied" });
  const inputs = store.row(layer, neuron).length;
  if (inputs !== copied.inputs)
    return bench.say({
      code: "paste-unfit",
      kind: "error",
      fields: { from: copied.name, to: `${layer}.${neuron}`, got: copied.inputs, expected: inputs },
    });
  const cells = copied.weights.map((_, cell) => cell);
  /** @type {import("../../core/types.js").SingleEdit[]} */
  const edits = [{ kind: "weights", layer, neuron, cells, values: copied.weights, tool: "paste" }];
  if (bias) edits.push({ kind: "bias", layer, neuron, value: copied.bias });
  const label = `paste ${copied.name} into ${layer}.${neuron}`;
  bench.edit(edits.length > 1 ? { kind: "several", label, edits } : edits[0]);
}
