// Numbers: strokes and smoothing as in Python, modes, geometry, the forward pass.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { activate, derivative } from "../../toolkit/dashboard/page/core/activations.js";
import { composedRow, productsOf } from "../../toolkit/dashboard/page/core/composed.js";
import {
  alongLine,
  cellAt,
  coverer,
  coverFill,
  coverRectangle,
  dab,
} from "../../toolkit/dashboard/page/core/geometry.js";
import { describe } from "../../toolkit/dashboard/page/core/modes.js";
import {
  argmax,
  copyLayers,
  forward,
  forwardAfter,
  pack,
  unpack,
  unpackLayer,
  winner,
} from "../../toolkit/dashboard/page/core/network.js";
import { fits, layOn, smoothValues, strokeValues } from "../../toolkit/dashboard/page/core/strokes.js";
import { seeded } from "./fakes.js";

const cases = JSON.parse(readFileSync(new URL("./cases.json", import.meta.url), "utf8"));
const words = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY };
const single = (values) => Float32Array.from(values, (value) => words[value] ?? value);
const bits = (values) => [...new Uint32Array(single(values).buffer)];

for (const { name, row, edit, after } of cases) {
  test(`the same weights as Python's: ${name}`, () => {
    const before = single(row);
    const values = edit.kind === "stroke" ? strokeValues(edit, before) : smoothValues(edit, before);
    assert.deepEqual(bits(values), bits(after));
    assert.ok(fits(edit, [{ out: 1, in: row.length, weights: before, biases: new Float32Array(1) }]));
    const expected = single(row);
    edit.cells.forEach((cell, k) => {
      expected[cell] = single([after[k]])[0];
    });
    layOn(edit, before);
    assert.deepEqual(bits(before), bits(expected));
  });
}

const covered = (mode, coverage, strength = 2) =>
  describe({ layer: 1, neuron: 3, tool: "brush", mode, strength, grid: { rows: 2, columns: 2 }, coverage });

test("a mode says what covering does, whatever lies below", () => {
  const coverage = Float32Array.of(0, 0.5, 1, 0);
  const common = { layer: 1, neuron: 3, tool: "brush", cells: [1, 2] };
  assert.deepEqual(covered("set", coverage), { kind: "stroke", ...common, keep: [0.5, 0], put: [1, 2] });
  assert.deepEqual(covered("add", coverage, -2), { kind: "stroke", ...common, keep: 1, put: [-1, -2] });
  assert.deepEqual(covered("scale", coverage, -3), { kind: "stroke", ...common, keep: [2, 3], put: 0 });
  assert.deepEqual(covered("erase", coverage), { kind: "stroke", ...common, keep: [0.5, 0], put: 0 });
  assert.deepEqual(covered("smooth", coverage), { kind: "smooth", ...common, amounts: [0.5, 1], columns: 2 });
});

test("equal numbers travel as one, none as minus zero, nothing covered as nothing", () => {
  const edit = covered("set", Float32Array.of(1, 1, 0, 0), -0);
  assert.equal(edit.keep, 0);
  assert.ok(Object.is(edit.put, 0));
  assert.equal(covered("set", new Float32Array(4)), null);
});

const GRID = { rows: 4, columns: 5 };
const collect = (run) => {
  const cells = new Map();
  run((r, c, amount) => cells.set(r * GRID.columns + c, amount));
  return cells;
};

test("a small brush covers the cell under it, a hard one all within its radius", () => {
  assert.deepEqual([...collect((cover) => dab(cover, GRID, 1.9, 2.1, 1, true))], [[7, 1]]);
  const hard = collect((cover) => dab(cover, GRID, 1.5, 2.5, 2, false));
  assert.deepEqual([...hard.keys()], [2, 6, 7, 8, 12]);
  assert.ok([...hard.values()].every((amount) => amount === 1));
});

test("a soft brush falls off to its rim, in steps that are short in writing", () => {
  const soft = collect((cover) => dab(cover, GRID, 1.5, 2.5, 4, true));
  assert.equal(soft.get(7), 1);
  assert.equal(soft.get(6), 0.5);
  assert.ok([...soft.values()].every((amount) => Number.isInteger(256 * amount) && amount > 0));
});

test("a brush off the map covers what of it is on the map", () => {
  assert.equal(collect((cover) => dab(cover, GRID, -50, 2, 3, false)).size, 0);
  assert.deepEqual([...collect((cover) => dab(cover, GRID, -0.5, 0.5, 3, false)).keys()], [0, 1]);
});

test("a line is walked in steps of half a cell at most, with both ends", () => {
  const points = [];
  alongLine([0, 0], [3, 4], (r, c) => points.push([r, c]));
  assert.deepEqual(
    [points[0], points.at(-1)],
    [
      [0, 0],
      [3, 4],
    ],
  );
  assert.equal(points.length, 11);
  const spot = [];
  alongLine([1, 1], [1, 1], (r, c) => spot.push([r, c]));
  assert.deepEqual(spot[0], [1, 1]);
});

test("mirrors lie between the middle cells, and a short last row has no cells to cover", () => {
  const coverage = new Float32Array(18);
  coverer(coverage, GRID, "both")(0, 0, 1);
  assert.deepEqual(
    [...coverage.keys()].filter((cell) => coverage[cell]),
    [0, 4, 15],
  );
  const again = new Float32Array(20);
  coverer(again, GRID, "left-right")(1, 1, 0.25);
  coverer(again, GRID, "top-bottom")(1, 1, 0.5);
  coverer(again, GRID, "none")(1, 1, 0.125);
  assert.deepEqual(
    [...again.entries()].filter(([, amount]) => amount),
    [
      [6, 0.5],
      [8, 0.25],
      [11, 0.5],
    ],
  );
});

test("a rectangle keeps to the map", () => {
  assert.deepEqual(
    [...collect((cover) => coverRectangle(cover, GRID, [2.5, 3.5], [9, 9])).keys()],
    [13, 14, 18, 19],
  );
  assert.deepEqual(
    [...collect((cover) => coverRectangle(cover, GRID, [1.2, 1.9], [0.1, 1.1])).keys()],
    [1, 6],
  );
});

test("a point is in a cell or in none", () => {
  assert.equal(cellAt(GRID, 20, [3.99, 4.99]), 19);
  for (const point of [
    [-0.01, 0],
    [0, -0.01],
    [4, 0],
    [0, 5],
    [Number.NaN, 0],
  ])
    assert.equal(cellAt(GRID, 20, point), -1);
  assert.equal(cellAt(GRID, 18, [3, 3]), -1);
});

const filled = (values, point, tolerance = 0.01) =>
  [...collect((cover) => coverFill(cover, GRID, values, point, tolerance)).keys()].sort((a, b) => a - b);

test("a fill takes joined cells of nearly the same weight", () => {
  const values = new Float32Array(20);
  for (const wall of [2, 7, 12, 17]) values[wall] = 1;
  values[6] = 0.009;
  values[1] = 0.02;
  assert.deepEqual(filled(values, [0.5, 0.5]), [0, 5, 6, 10, 11, 15, 16]);
  assert.deepEqual(filled(values, [2.5, 2.5]), [2, 7, 12, 17]);
});

test("a fill from outside the map fills nothing, also beside its right edge", () => {
  const values = new Float32Array(20);
  for (const point of [
    [1.5, 5.2],
    [1.5, -0.5],
    [-3, 2],
    [4.1, 0],
  ])
    assert.deepEqual(filled(values, point), []);
});

test("a fill from a cell that is not a number stays with its kind", () => {
  const values = new Float32Array(20);
  values[7] = values[8] = Number.NaN;
  values[12] = Number.POSITIVE_INFINITY;
  assert.deepEqual(filled(values, [1.5, 2.5]), [7, 8]);
  assert.deepEqual(filled(values, [2.5, 2.5]), [12]);
  assert.equal(filled(values, [0, 0]).length, 17);
});

const byHand = () => [
  { in: 2, out: 2, weights: Float32Array.of(1, -2, 0.5, 4), biases: Float32Array.of(0.5, -1) },
  { in: 2, out: 1, weights: Float32Array.of(2, 1), biases: Float32Array.of(0.25) },
];

test("a 2-2-1 network worked by hand", () => {
  const { z, a } = forward(byHand(), ["relu", "identity"], Float32Array.of(1, 0.5));
  assert.deepEqual([[...z[0]], [...a[0]], [...z[1]], [...a[1]]], [[0.5, 1.5], [0.5, 1.5], [2.75], [2.75]]);
});

test("what one neuron changed is worked out as a full pass does", () => {
  const random = seeded(4);
  const some = (count) => Float32Array.from({ length: count }, () => random() - 0.5);
  const sizes = [9, 7, 5, 4];
  const layers = sizes
    .slice(1)
    .map((out, k) => ({ out, in: sizes[k], weights: some(out * sizes[k]), biases: some(out) }));
  const names = ["sigmoid", "tanh", "softmax"];
  const input = some(9);
  const before = forward(layers, names, input);
  for (let layer = 1; layer <= 3; layer++) {
    const changed = copyLayers(layers);
    changed[layer - 1].weights.set(some(2), 2 * sizes[layer - 1]);
    changed[layer - 1].biases[2] = 3;
    const rows = layers.map((_, k) => (k === layer - 1 ? [2] : []));
    assert.deepEqual(forwardAfter(before, changed, names, input, rows), forward(changed, names, input));
  }
});

test("the winner is NumPy's: the first of equals, and before all the first that is not a number", () => {
  assert.equal(argmax([1, 3, 3]), 1);
  assert.equal(argmax([1, Number.NaN, 9, Number.NaN]), 1);
  assert.equal(argmax([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]), 0);
  assert.equal(argmax([0, Number.POSITIVE_INFINITY, Number.NaN]), 2);
  assert.equal(winner({ z: [Float32Array.of(1), Float32Array.of(0, 2)], a: [] }, ["relu", "relu"]), 1);
});

test("where a function falls the largest activation wins, else the largest pre-activation", () => {
  // gelu(-20) is nearly 0, gelu(-0.5) is -0.15; of two outputs saturated at 1 the sums still tell.
  for (const [name, expected] of [
    ["gelu", 1],
    ["gelu_tanh", 1],
    ["silu", 1],
    ["elu(-1)", 1],
    ["leaky_relu(-0.5)", 1],
    ["leaky_relu(0.5)", 0],
    ["elu", 0],
    ["softplus", 0],
  ]) {
    const z = Float32Array.of(-0.5, -20);
    assert.equal(winner({ z: [z], a: [activate(name, z)] }, [name]), expected, name);
  }
});

test("each function has its limits, and is not a number only of what is none", () => {
  const ends = Float32Array.of(Number.NEGATIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY, -1e30, 1e30);
  for (const [name, low, high] of [
    ["gelu", 0, Infinity],
    ["gelu_tanh", 0, Infinity],
    ["silu", 0, Infinity],
    ["softplus", 0, Infinity],
    ["elu(0.5)", -0.5, Infinity],
    ["leaky_relu(0.2)", -Infinity, Infinity],
    ["hard_sigmoid", 0, 1],
  ]) {
    const [least, none, most, far] = activate(name, ends);
    assert.deepEqual([least + 0, none, most], [low, Number.NaN, high], name);
    assert.ok(Number.isFinite(far), name);
  }
  assert.throws(() => activate("step", ends), /expected one that is known/);
});

test("derivatives are finite differences", () => {
  const step = 1 / 256;
  for (const name of [
    "sigmoid",
    "tanh",
    "relu",
    "identity",
    "leaky_relu(0.2)",
    "elu",
    "elu(0.5)",
    "gelu",
    "gelu_tanh",
    "silu",
    "softplus",
    "hard_sigmoid",
  ])
    for (const z of [-5.5, -2, -0.75, -0.3, 0.4, 1.5, 4]) {
      const [below, a, above] = activate(name, Float32Array.of(z - step, z, z + step));
      const found = derivative(name, Math.fround(z), a);
      assert.ok(Math.abs(found - (above - below) / (2 * step)) < 2e-4, `${name} at ${z}`);
    }
});

test("softmax says NaN and infinity as they are, and sums to one otherwise", () => {
  assert.ok(Math.abs(activate("softmax", Float32Array.of(1000, 999)).reduce((x, y) => x + y) - 1) < 1e-6);
  assert.ok(activate("softmax", Float32Array.of(Number.NaN, 1)).every(Number.isNaN));
  assert.deepEqual([...activate("relu", Float32Array.of(-1, Number.NaN, 2))], [0, Number.NaN, 2]);
});

test("bytes to layers and back", () => {
  const layers = byHand();
  const bytes = pack(layers);
  assert.deepEqual(unpack(bytes, [2, 2, 1]), layers);
  assert.deepEqual(unpackLayer(bytes.subarray(0, 24), 2, 2), layers[0]);
  assert.throws(() => unpackLayer(bytes, 2, 2), /expected 24 bytes; got 36/);
});

test("a composed map is a row of the product of the layers", () => {
  assert.deepEqual([...composedRow(byHand(), 2, 0)], [2.5, 0]);
  assert.deepEqual(
    [productsOf([2, 2, 1], 1), productsOf([2, 2, 1], 2), productsOf([784, 16, 12, 10], 3)],
    [0, 4, 12736],
  );
});

test("what does not fit is told apart before it is laid", () => {
  const layers = byHand();
  const good = { kind: "stroke", layer: 1, neuron: 1, cells: [0], keep: 1, put: [1], tool: "" };
  assert.ok(fits(good, layers));
  const bad = [
    { layer: 3 },
    { neuron: 2 },
    { neuron: -1 },
    { cells: [2] },
    { cells: [0.5] },
    { cells: null },
    { put: [1, 2] },
    { put: Number.NaN },
    { keep: [null] },
    { kind: "other" },
    { kind: "smooth", amounts: 1, columns: 0 },
    { kind: "weights", values: [Number.NaN] },
    { kind: "bias" },
    { kind: "activation", activation: 3 },
  ];
  for (const part of bad) assert.ok(!fits({ ...good, ...part }, layers), JSON.stringify(part));
  assert.ok(!fits(null, layers));
});
