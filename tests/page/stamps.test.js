// Stamps: the same levels and weights as Python's, to the bit.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FAMILIES, familyEdit } from "../../toolkit/dashboard/page/core/families.js";
import {
  complete,
  levelsOf,
  packLevels,
  pictureLevels,
  RANGES,
  SHAPES,
  stampWeights,
} from "../../toolkit/dashboard/page/core/stamps.js";
import { fits, layOn } from "../../toolkit/dashboard/page/core/strokes.js";

const { shapes, ranges, renderings, edits, families } = JSON.parse(
  readFileSync(new URL("./stamps.json", import.meta.url), "utf8"),
);
const words = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY };
const single = (values) => Float32Array.from(values, (value) => words[value] ?? value);
const bits = (values) => [...new Uint32Array(single(values).buffer)];

test("shapes, usual numbers and ranges are Python's", () => {
  assert.deepEqual(SHAPES, shapes);
  assert.deepEqual(RANGES, ranges);
});

test("families are Python's, number by number, and so is the step that stamps one on a layer", () => {
  const steps = FAMILIES.map((family) =>
    familyEdit(family, [3, 1], { strength: 2, zeroSum: true, named: true }),
  );
  assert.deepEqual(
    FAMILIES,
    families.map(({ step, small, ...family }) => family),
  );
  assert.deepEqual(
    steps,
    families.map(({ step }) => step),
  );
  const grid = { rows: 9, columns: 14 };
  assert.deepEqual(
    FAMILIES.map((family) => familyEdit(family, new Array(16).fill(0), { grid })),
    families.map(({ small }) => small),
  );
});

renderings.forEach(({ stamp, grid: [rows, columns], levels }, k) => {
  test(`the same levels as Python's: ${stamp.shape}, ${rows}×${columns}, ${k}`, () => {
    assert.deepEqual([...levelsOf(stamp, { rows, columns })], levels);
    assert.deepEqual([...levelsOf(complete(stamp), { rows, columns })], levels);
  });
});

const GRID = { rows: 3, columns: 3 };

for (const { edit, row, after } of edits) {
  test(`the same weights as Python's: ${edit.shape}, ${edit.mode} ${edit.amount}`, () => {
    const changed = single(row);
    assert.ok(fits(edit, [{ out: 1, in: 9, weights: changed, biases: new Float32Array(1) }], GRID));
    layOn(edit, changed, GRID);
    assert.deepEqual(bits(changed), bits(after));
  });
}

test("a picture's levels go through text and back, in 4096ths", () => {
  const levels = [0.5, -1, 1, 0.1, 0];
  assert.deepEqual([...pictureLevels(packLevels(levels))], [2048, -4096, 4096, 410, 0]);
  const edit = { shape: "picture", levels: packLevels(levels), strength: 2 };
  assert.deepEqual([...stampWeights(edit, { rows: 1, columns: 5 })], [1, -2, 2, 820 / 4096, 0]);
});

test("a stamp that does not fit is the server's to refuse", () => {
  const layers = [
    { out: 2, in: 9, weights: new Float32Array(18), biases: new Float32Array(2) },
    { out: 1, in: 2, weights: new Float32Array(2), biases: new Float32Array(1) },
  ];
  const good = { kind: "stamp", layer: 1, neuron: 1, shape: "edge", at: [1, 1], angle: 30 };
  assert.ok(fits(good, layers, GRID));
  assert.ok(fits({ ...good, angle: null, curvature: 0.1, mode: "blend", amount: 0.5 }, layers, GRID));
  const bad = [
    { layer: 2, neuron: 0 },
    { neuron: 2 },
    { shape: "star" },
    { shape: "toString" },
    { shape: "blob", curvature: 0 },
    { at: [1] },
    { at: [1, 1001] },
    { at: "11" },
    { angle: "30" },
    { length: 0 },
    { strength: Number.NaN },
    { mode: "multiply" },
    { amount: 1.5 },
    { zero_sum: 1 },
    { levels: [1] },
    { shape: "picture", at: undefined, angle: undefined, levels: [1, 2] },
    { shape: "picture", at: undefined, angle: undefined, levels: "AAA" },
    { shape: "picture", at: undefined, angle: undefined, levels: packLevels(new Float32Array(8)) },
  ];
  for (const part of bad) assert.ok(!fits({ ...good, ...part }, layers, GRID), JSON.stringify(part));
  assert.ok(!fits(good, layers), "without the map's grid nothing is drawn");
  const picture = { kind: "stamp", layer: 1, neuron: 0, shape: "picture", levels: new Array(9).fill(0.5) };
  assert.ok(fits(picture, layers, GRID));
});
