// Moves of whole maps, and what is done between two neurons: the same weights as Python's, to the bit.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fits, lay } from "../../toolkit/dashboard/page/core/laying.js";

const cases = JSON.parse(readFileSync(new URL("./moves.json", import.meta.url), "utf8"));
const words = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY };
const single = (values) => Float32Array.from(values.flat(), (value) => words[value] ?? value);
const bits = (values) => [...new Uint32Array(values.slice().buffer)];
const GRID = { rows: 4, columns: 5 };

const layersOf = (written) =>
  written.map(({ weights, biases }) => ({
    out: biases.length,
    in: weights[0].length,
    weights: single(weights),
    biases: single(biases),
  }));

const sheetOf = (layers) => ({
  layers,
  activations: ["sigmoid", "sigmoid"],
  grid: GRID,
  own: (number) => layers[number - 1],
});

cases.forEach(({ edit, before, after }, k) => {
  test(`the same weights as Python's: ${edit.move ?? edit.how} on layer ${edit.layer}, ${k}`, () => {
    const layers = layersOf(before);
    assert.ok(lay(edit, sheetOf(layers)));
    layersOf(after).forEach((expected, at) => {
      assert.deepEqual(bits(layers[at].weights), bits(expected.weights));
      assert.deepEqual(bits(layers[at].biases), bits(expected.biases));
    });
  });
});

test("several edits are laid one on another, or none", () => {
  const layers = layersOf(cases[0].before);
  const mine = { kind: "move", layer: 1, neuron: 0, move: "scale", factor: 0, with_bias: false };
  const edits = [mine, { kind: "bias", layer: 1, neuron: 0, value: 3 }];
  assert.ok(!lay({ kind: "several", label: "", edits: [...edits, { ...mine, neuron: 9 }] }, sheetOf(layers)));
  assert.deepEqual(bits(layers[0].weights), bits(layersOf(cases[0].before)[0].weights));
  assert.ok(lay({ kind: "several", label: "", edits }, sheetOf(layers)));
  assert.ok(layers[0].weights.subarray(0, 20).every((weight) => weight === 0));
  assert.equal(layers[0].biases[0], 3);
});

test("a copy may leave the bias as it is", () => {
  const layers = layersOf([
    {
      weights: [
        [1, 2],
        [3, 4],
      ],
      biases: [5, 6],
    },
  ]); // prettier-ignore
  const copy = { kind: "combine", how: "copy", layer: 1, from: 0, to: 1, with_bias: false };
  assert.ok(lay(copy, sheetOf(layers)));
  assert.deepEqual([...layers[0].weights, ...layers[0].biases], [1, 2, 1, 2, 5, 6]);
});

test("a move that does not fit is the server's to refuse", () => {
  const layers = layersOf(cases[0].before);
  const good = { kind: "move", layer: 1, neuron: 1, move: "rotate", angle: 30 };
  assert.ok(fits(good, layers, GRID));
  assert.ok(fits({ ...good, angle: null }, layers, GRID));
  const mask = { ...good, angle: undefined, move: "mask" };
  assert.ok(fits({ ...mask, region: [0, 0, 4, 5] }, layers, GRID));
  assert.ok(fits({ ...mask, cells: [0, 19] }, layers, GRID));
  const bad = [
    { layer: 2, neuron: 0 },
    { layer: 3 },
    { neuron: 3 },
    { move: "spin" },
    { move: "constructor" },
    { angle: "30" },
    { angle: 3601 },
    { factor: 1 },
    { move: "flip", angle: undefined, axis: "diagonal" },
    { move: "invert", angle: undefined, with_bias: 1 },
    mask,
    { ...mask, cells: [20] },
    { ...mask, cells: [1, 1] },
    { ...mask, cells: [1], region: [0, 0, 1, 1] },
    { ...mask, region: [0, 0, 5, 5] },
    { ...mask, region: [1, 0, 1, 5] },
    { ...mask, region: [0, 0, 4] },
  ];
  for (const part of bad) assert.ok(!fits({ ...good, ...part }, layers, GRID), JSON.stringify(part));
  const swap = { kind: "combine", how: "swap", layer: 1, from: 0, to: 2, outgoing: true };
  assert.ok(fits(swap, layers, GRID));
  for (const part of [
    { to: 0 },
    { to: 3 },
    { from: -1 },
    { how: "add" },
    { outgoing: 1 },
    { with_bias: 0 },
    { layer: 2, to: 1 },
  ])
    assert.ok(!fits({ ...swap, ...part }, layers, GRID), JSON.stringify(part));
});
