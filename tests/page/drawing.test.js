// What is put on canvases, on one that is held in the hand.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sumAlone } from "../../toolkit/dashboard/page/core/network.js";
import { firing } from "../../toolkit/dashboard/page/core/sums.js";
import { wholePercent } from "../../toolkit/dashboard/page/words.js";
import { axis } from "../../toolkit/dashboard/page/workbench/bias.js";
import {
  drawMap,
  inLines,
  makeLook,
  number,
  shortened,
} from "../../toolkit/dashboard/page/workbench/draw.js";

const { marks, table, values, limit, lit, plain, greyed } = JSON.parse(
  readFileSync(new URL("./colours.json", import.meta.url), "utf8"),
);
const words = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY };
const weights = Float32Array.from(values, (value) => words[value] ?? value);

/** The colours that a map is drawn in, as red, green and blue. */
function drawn(lit) {
  let image = null;
  const context = {
    createImageData: (w, h) => ({ data: new Uint8ClampedArray(4 * w * h) }),
    putImageData: (given) => {
      image = given;
    },
  };
  const canvas = { width: 0, height: 0, getContext: () => context };
  drawMap(canvas, weights, weights.length, limit, makeLook(Uint8Array.from(table), marks), lit);
  return Array.from(weights, (_, i) => [...image.data.subarray(4 * i, 4 * i + 3)]);
}

test("weights have Python's colours, and so has what is not finite", () => {
  assert.deepEqual(drawn(null), plain);
});

test("under never lit, too: there what is not finite keeps its mark", () => {
  assert.deepEqual(drawn(Uint8Array.from(lit)), greyed);
  assert.deepEqual(drawn(Uint8Array.from(lit))[values.indexOf("nan")], marks.nan);
});

test("the axis of the sums holds threshold and digit, but not what is far off", () => {
  const near = axis({ low: -2, high: 2 }, 3, 0);
  assert.deepEqual([near[0] < -2, near[1] > 3], [true, true]);
  for (const far of [1e8, -1e8, Number.NaN, Number.POSITIVE_INFINITY]) {
    const [low, high] = axis({ low: -2, high: 2 }, far, 0.5);
    assert.ok(low < -2 && low > -3 && high > 2 && high < 3, String(far));
  }
});

test("a sum is exact beside any bias", () => {
  const layer = { in: 2, out: 1, weights: Float32Array.of(0.5, -0.25), biases: Float32Array.of(1e8) };
  assert.equal(sumAlone(layer, 0, Float32Array.of(1, 1)), 0.25);
});

test("a number is told with the digits it needs, and what rounding left is none", () => {
  const told = [4.8e-22, Math.fround(0.01), 0.003, -0.00042, 0.1, 123.4, 12345, -0.5, 0, Number.NaN];
  assert.deepEqual(
    told.map((value) => number(value)),
    ["0.00", "+0.01", "+0.003", "−0.0004", "+0.10", "+123", "+1.2e+4", "−0.50", "0.00", "NaN"],
  );
  assert.equal(number(0.0004, 3, false), "0.0004");
  assert.equal(number(0.001, 2), "+0.001");
});

test("a neuron fires above its threshold: as told for its bias, made out from the bins for others", () => {
  const none = Array(10).fill(0),
    ten = Array.from({ length: 10 }, () => [0, 4, 0, 0]);
  // As of a blank neuron: all sums are 0, the left edge of a bin.
  const blank = { layer: 1, neuron: 0, low: -0.25, high: 0.75, bins: 4, wide: false, counts: ten };
  const sums = { ...blank, bias: 0, of: none.map(() => 4), fired: none, zeros: none.map(() => 4) };
  assert.equal(firing(sums, 0).all, 0);
  assert.deepEqual(firing({ ...sums, fired: none.map(() => 3) }, 0).by, Array(10).fill(0.75));
  const later = { ...sums, bias: 5 };
  assert.deepEqual(
    [-0.1, 0, 0.1].map((bias) => firing(later, bias).all),
    [0, 0, 1],
  );
  const spread = { ...later, zeros: none };
  assert.equal(firing(spread, -0.125).by[3], 0.5);
  assert.deepEqual(firing({ ...spread, of: none }, 0).by, Array(10).fill(null));
  assert.equal(firing({ ...later, bias: null }, NaN).all, 0);
  assert.deepEqual([0, 0.004, 0.876, 0.996, 0.9999, 1].map(wholePercent), [
    "0",
    "0",
    "88",
    "99",
    "99",
    "100",
  ]);
});

test("a name too long for its place keeps its beginning, its end and what follows it", () => {
  const g = { measureText: (text) => ({ width: 6 * [...text].length }) };
  const said = (name, signs) => shortened(g, name, 6 * signs, ": 0.75");
  assert.equal(said("top arc", 13), "top arc: 0.75");
  assert.equal(said("spot row 1 column 2", 17), "spot …umn 2: 0.75");
  for (let signs = 7; signs < 30; signs++) {
    const short = said("🙂spot row 1 column 2", signs);
    assert.ok([...short].length <= signs && short.isWellFormed() && short.endsWith(": 0.75"), short);
  }
  assert.equal(said("spot", 3), "…: 0.75");
});

test("a name that stands above a column is parted between two words, and each line shortened", () => {
  const g = { measureText: (text) => ({ width: 6 * [...text].length }) };
  const lines = (name, signs) => inLines(g, name, 6 * signs);
  assert.deepEqual(lines("top arc", 7), ["top arc"]);
  assert.deepEqual(lines("left over right", 9), ["left over", "right"]);
  assert.deepEqual(lines("left shoulder", 6), ["left", "sh…der"]);
  assert.deepEqual(lines("crossing", 6), ["cr…ing"]);
  assert.deepEqual(lines("", 6), [""]);
});
