// A pasted neuron says where it is from: a copy within its layer, or loaded from elsewhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import { by, copy, paste } from "../../toolkit/dashboard/page/workbench/moves/clipboard.js";

/** @param {string} experiment @param {number[][]} rows of layer 1 */
function benchOf(experiment, rows) {
  const edits = /** @type {any[]} */ ([]);
  const store = {
    experiment,
    selected: [1, 0],
    row: (/** @type {number} */ _, /** @type {number} */ neuron) => Float32Array.from(rows[neuron]),
    bias: (/** @type {number} */ _, /** @type {number} */ neuron) => neuron,
  };
  const edit = (/** @type {any} */ each) => edits.push(each);
  return /** @type {any} */ ({ store, edits, edit, say: () => {} });
}

test("a neuron that stands as it was copied is copied with its marks, any other is as it was copied or from elsewhere", () => {
  const rows = [
    [1, 2],
    [3, 4],
  ];
  const bench = benchOf("mine", rows);
  copy(bench);
  bench.store.selected = [1, 1];
  paste(bench);
  paste(bench, false);
  const copied = { kind: "combine", how: "copy", layer: 1, from: 0, to: 1, outgoing: false };
  assert.deepEqual(bench.edits, [copied, { ...copied, with_bias: false }]);

  const other = benchOf("another", rows);
  other.store.selected = [1, 1];
  paste(other);
  rows[0][1] = 9; // it was painted since
  paste(bench);
  for (const [{ kind, edits }, tool] of [
    [other.edits[0], "paste"],
    [bench.edits[2], "paste here"],
  ]) {
    assert.equal(kind, "several");
    assert.deepEqual(
      edits.map((/** @type {any} */ each) => [each.kind, each.tool, each.values ?? each.value]),
      [
        ["weights", tool, [1, 2]],
        ["bias", tool, 0],
      ],
    );
  }
});

test("all edits of several are a tool's", () => {
  const edit = /** @type {const} */ ({ kind: "bias", layer: 1, neuron: 0, value: 1 });
  assert.equal(by(edit), edit);
  const several = { kind: /** @type {const} */ ("several"), label: "", edits: [edit, edit] };
  const made = /** @type {any} */ (by(several, "paste"));
  assert.deepEqual(
    made.edits.map((/** @type {any} */ each) => each.tool),
    ["paste", "paste"],
  );
});
