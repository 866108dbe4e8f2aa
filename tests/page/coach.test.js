// Why an answer is what it is, and the coach's step: by hand, and complete.
import assert from "node:assert/strict";
import { test } from "node:test";
import { blame, most, runnerUp, sum } from "../../toolkit/dashboard/page/core/blame.js";
import { DOWNHILL, describe } from "../../toolkit/dashboard/page/core/modes.js";
import { forward } from "../../toolkit/dashboard/page/core/network.js";

const layer = (weights, biases) => ({
  out: weights.length,
  in: weights[0].length,
  weights: Float32Array.from(weights.flat()),
  biases: Float32Array.from(biases),
});
const seen = (layers, activations, input) => ({
  input,
  trace: forward(layers, activations, Float32Array.from(input)),
});
const split = (layers, activations, input, reference, winner, other) =>
  blame(
    layers,
    activations,
    seen(layers, activations, input),
    seen(layers, activations, reference),
    winner,
    other,
  );

const LINEAR = [
  layer(
    [
      [1, 2],
      [3, 4],
    ],
    [0.5, -1],
  ),
  layer(
    [
      [1, 1],
      [-1, 0],
    ],
    [0, 2],
  ),
  layer(
    [
      [2, 1],
      [0, 3],
      [-4, -4],
    ],
    [1, 0, 0],
  ),
];
const PLAIN = ["identity", "identity", "sigmoid"];

test("a linear network is split as it is by hand, against a blank picture and another", () => {
  const found = split(LINEAR, PLAIN, [1, 1], [0, 0], 0, 1);
  assert.equal(found.difference, 23);
  assert.deepEqual(
    found.parts.map((part) => [...part]),
    [
      [10, 16],
      [12, 14],
      [19, 3],
    ],
  );
  assert.deepEqual(found.rest, [-3, -3, 1]);
  assert.deepEqual(most(found, 2), [
    { layer: 2, neuron: 0, part: 19 },
    { layer: 1, neuron: 1, part: 14 },
  ]);
  const other = split(LINEAR, PLAIN, [1, 1], [1, 0], 0, 1);
  assert.deepEqual(
    other.parts.map((part) => [...part]),
    [
      [0, 16],
      [8, 8],
      [19, 3],
    ],
  );
  assert.deepEqual(other.rest, [7, 7, 1]);
});

test("the parts of every layer add up, whatever the functions between", () => {
  let state = 1;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const row = (count) => Array.from({ length: count }, random);
  for (const names of [
    ["sigmoid", "relu", "sigmoid"],
    ["tanh", "identity", "softmax"],
    ["relu", "sigmoid", "tanh"],
  ]) {
    const sizes = [12, 7, 5, 10];
    const layers = names.map((_, k) =>
      layer(
        Array.from({ length: sizes[k + 1] }, () => row(sizes[k]).map((w) => 3 * w)),
        row(sizes[k + 1]),
      ),
    );
    const digit = row(12).map(Math.abs);
    for (const reference of [row(12).map(Math.abs), digit, new Array(12).fill(0)]) {
      const found = split(layers, names, digit, reference, 3, 8);
      const { z } = seen(layers, names, digit).trace;
      assert.ok(Math.abs(found.difference - (z[2][3] - z[2][8])) < 1e-5);
      for (let k = 0; k < 3; k++)
        assert.ok(Math.abs(sum(found.parts[k]) + found.rest[k] - found.difference) < 1e-5, `${names} ${k}`);
    }
  }
});

test("the runner-up is the best of the others", () => {
  assert.equal(runnerUp([5, 1, 4, 2], 0), 2);
  assert.equal(runnerUp([1, 1, 1], 0), 1);
  assert.equal(runnerUp([3, 1], 1), 0);
});

test("a step down the slope goes where the brush covers, and nowhere else", () => {
  const given = { layer: 2, neuron: 1, tool: "coach", mode: DOWNHILL, strength: 1 };
  const grid = { rows: 1, columns: 6 };
  const slope = [0.5, -1, 2, 0, Number.NaN, 4];
  const edit = describe({ ...given, grid, coverage: [1, 0.5, 0, 1, 1, 0.25], slope });
  assert.deepEqual(edit, {
    kind: "stroke",
    layer: 2,
    neuron: 1,
    cells: [0, 1, 5],
    keep: 1,
    put: [-0.5, 0.5, -1],
    tool: "coach",
  });
  assert.equal(describe({ ...given, grid, coverage: [0, 0, 0, 1, 1, 0], slope }), null);
  assert.equal(describe({ ...given, grid, coverage: [1, 1, 1, 1, 1, 1], slope: null }), null);
});
