// What the pages Network and Compare work out before they draw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { otherOf, usual } from "../../toolkit/dashboard/page/compare/choice.js";
import {
  alike,
  difference,
  matched,
  ordered,
  pairsOf,
} from "../../toolkit/dashboard/page/compare/matched.js";
import { activate } from "../../toolkit/dashboard/page/core/activations.js";
import { composedRow } from "../../toolkit/dashboard/page/core/composed.js";
import { beginning, pairedBars } from "../../toolkit/dashboard/page/looking/charts/pairedbars.js";
import { shares, sharesTable } from "../../toolkit/dashboard/page/looking/charts/shares.js";
import { confusionCounts, worst } from "../../toolkit/dashboard/page/network/confusion.js";
import { equation, few } from "../../toolkit/dashboard/page/network/equation.js";
import { figureOf, find, inSight, pairOf, sorted } from "../../toolkit/dashboard/page/network/finding.js";
import { scoreCurve } from "../../toolkit/dashboard/page/network/hope.js";
import { ranked } from "../../toolkit/dashboard/page/network/needs.js";
import { exampleRows } from "../../toolkit/dashboard/page/network/nonsense.js";
import { rowTerms, shownOf } from "../../toolkit/dashboard/page/network/row.js";
import { counting, formula, strongest, termsOf } from "../../toolkit/dashboard/page/network/terms.js";
import {
  fires,
  firesBriefly,
  nameOf,
  saysOf,
  signed,
} from "../../toolkit/dashboard/page/words/activations.js";
import * as address from "../../toolkit/dashboard/page/workbench/address.js";
import { confusionTable } from "../../toolkit/dashboard/page/workbench/confusiontable.js";
import { makeLook } from "../../toolkit/dashboard/page/workbench/draw.js";

const TEN = {
  digits: { classes: 10, names: [] },
  score: { unscored: "" },
  sizes: [784, 16, 10],
};
const LOOK = makeLook(new Uint8Array(3 * 511).fill(9), {
  nan: [1, 2, 3],
  plus_infinity: [1, 2, 3],
  minus_infinity: [1, 2, 3],
  clipped_positive: [1, 2, 3],
  clipped_negative: [1, 2, 3],
});

const row = (neuron, verdict, more = {}) => {
  const [layer, index] = neuron.split(".").map(Number);
  return { neuron, layer, index, name: null, verdict, redundant_with: null, ...more };
};
const ROWS = [
  row("1.0", "edge", { edge_score: 0.9, fires: 0.4, ablation_drop: 0.021, best_class: 7, best_auc: 0.9 }),
  row("1.1", "line", { edge_score: 0.5, fires: 0.05, ablation_drop: 0.001, best_class: 1, best_auc: 0.7 }),
  row("1.2", "diffuse", { edge_score: 0.2, fires: 0, ablation_drop: -0.002, dead: true, name: "top bar" }),
  row("2.0", "noise", { edge_score: null, fires: 0.95, always_on: true, best_class: 7, best_auc: 0.8 }),
  row("2.1", "template", { edge_score: 0.1, fires: 0.5, redundant_with: 0, best_class: 3, best_auc: 0.6 }),
];
const names = (text) => find(ROWS, text).map(({ neuron }) => neuron);

test("a search means kinds, layers, states, figures, and what else stands in a row", () => {
  assert.deepEqual(names(""), ["1.0", "1.1", "1.2", "2.0", "2.1"]);
  for (const text of ["edges", "Edge", "show me the edges".slice(12)]) assert.deepEqual(names(text), ["1.0"]);
  assert.deepEqual(names("edges or lines"), ["1.0", "1.1"], "kinds add to one another");
  assert.deepEqual(names("edges, layer 2"), [], "all else must hold");
  assert.deepEqual(names("dead"), ["1.2"], "one that is dead by its answers and not by its map");
  assert.deepEqual(names("layer 2"), ["2.0", "2.1"]);
  assert.deepEqual(names("not layer 2 not dead"), ["1.0", "1.1"]);
  assert.deepEqual(names("-edges layer 1"), ["1.1", "1.2"]);
  assert.deepEqual(names("always on"), ["2.0"]);
  assert.deepEqual(names("twins"), ["2.1"]);
  assert.deepEqual(names("7s"), ["1.0", "2.0"]);
  assert.deepEqual(names("1.1"), ["1.1"]);
  assert.deepEqual(names("top"), ["1.2"], "a name");
  assert.deepEqual(names("nonesuch"), []);
});

test("two digits are named as one says it, and rank hidden neurons", () => {
  for (const text of ["4 against 9", "4 vs 9", "layer 1 4 and 9", "4 from 9"])
    assert.deepEqual(pairOf(text), [4, 9], text);
  for (const text of ["4 vs 4", "1.4 and 1.9", "4s", "layer 2 or 13"]) assert.equal(pairOf(text), null, text);
  const rows = ROWS.map((each, k) => ({ ...each, pair: k < 3 ? k : null }));
  assert.equal(find(rows, "4 vs 9").length, 3);
  assert.equal(find(rows, "4 vs 9 edges").length, 1);
  assert.deepEqual(
    ranked([
      [0.1, null],
      [0.3, -0.1],
    ]).map(({ layer, index }) => `${layer}.${index}`),
    ["2.0", "1.0", "2.1", "1.1"],
  );
});

test("confusion in counts names the worst pairs, and a cell says its share", () => {
  const counts = Array.from({ length: 10 }, (_, k) =>
    Array.from({ length: 10 }, (_, j) => (j === k ? 98 : 0)),
  );
  counts[4][9] = 2;
  counts[9][4] = 1;
  const table = confusionCounts(counts, TEN);
  assert.deepEqual([table.text(4, 9), table.text(9, 4), table.text(0, 1)], ["2", "1", ""]);
  assert.equal(table.share(4, 9), 1, "the most mistakes are the strongest");
  assert.ok(table.share(9, 4) > 0.5 && table.share(0, 1) === 0);
  assert.equal(table.says(4, 9), "2 digits that are a 4 are read as 9, 2.0% of them");
  assert.deepEqual(worst(counts)[0], { label: 4, read: 9, count: 2 });
  assert.equal(worst(counts).length, 2);
});

test("a figure is compared with the edge score, or the column that is named, and the unknown never holds", () => {
  assert.deepEqual(names("> 0.4"), ["1.0", "1.1"]);
  assert.deepEqual(names("edge > .6"), ["1.0"], "the score, and not the kind");
  assert.deepEqual(names("lines > .6"), [], "kind and score");
  assert.deepEqual(names("edge score<=0.2 layer 1"), ["1.2"]);
  assert.deepEqual(names("fires < 10%"), ["1.1", "1.2"]);
  assert.deepEqual(names("fires >= 0.95"), ["2.0"]);
  assert.deepEqual(names("falls > 2"), ["1.0"], "in points");
  assert.deepEqual(names("falls < −0.1%"), ["1.2"]);
});

test("rows stand in a column's order, what is not known last whichever way round", () => {
  const order = (key, falling) => sorted(ROWS, key, falling).map(({ neuron }) => neuron);
  assert.deepEqual(order("edge_score", true), ["1.0", "1.1", "1.2", "2.1", "2.0"]);
  assert.deepEqual(order("edge_score", false), ["2.1", "1.2", "1.1", "1.0", "2.0"]);
  assert.deepEqual(order("neuron", true)[0], "2.1");
  assert.deepEqual(order("best_class", true).slice(0, 2), ["1.0", "2.0"], "by how well it is told");
  assert.deepEqual(order("health", false).slice(0, 3), ["2.0", "2.1", "1.2"]);
});

test("figures are told in their units", () => {
  const said = (key, unit, value) =>
    figureOf({ ...ROWS[0], [key]: value }, { key, unit, label: "", title: "" });
  assert.equal(said("ablation_drop", "points", 0.0213), "2.13");
  assert.equal(said("ablation_drop", "points", -0.0001), "−0.01");
  assert.equal(said("ablation_drop", "points", 0.000001), "0");
  assert.equal(said("fires", "share", 0.031), "3.1%");
  assert.equal(said("preferred_angle", "angle", null), "–");
  assert.equal(figureOf(ROWS[2], { key: "neuron", unit: "text", label: "", title: "" }), "1.2 top bar");
});

test("of many rows those in sight are in the page, and some beyond", () => {
  assert.deepEqual(inSight(0, 440, 44, 1000, 3), [0, 13]);
  assert.deepEqual(inSight(440, 440, 44, 1000, 3), [7, 23]);
  assert.deepEqual(inSight(1e6, 440, 44, 10, 3), [10, 10]);
});

const LAYER = {
  in: 3,
  out: 2,
  weights: new Float32Array([1, -2, 0.5, 0, 4, -1]),
  biases: new Float32Array([0.5, -1]),
};

test("the terms of a row add up to its weighted sum, and those of no input are left out", () => {
  const found = termsOf(LAYER, 1, [1, 0.5, 0]);
  assert.deepEqual(
    found.terms.map(({ product }) => product),
    [0, 2, -0],
  );
  assert.deepEqual([found.sum, found.z], [2, 1]);
  assert.deepEqual(
    counting(found.terms).map(({ input }) => input),
    [0, 1],
  );
  assert.equal(counting(termsOf(LAYER, 0, [Number.NaN, 0, 0]).terms).length, 1);
});

test("of very many terms the largest are shown, in order, and the rest is one figure", () => {
  const wide = { in: 500, out: 1, weights: Float32Array.from({ length: 500 }, (_, k) => k), biases: [1] };
  const found = shownOf(wide, 0, new Float32Array(500).fill(1));
  assert.equal(found.kept.length, 240);
  assert.deepEqual([found.kept[0].input, found.left, found.zero], [260, 260, 0]);
  const sum = found.kept.reduce((all, { product }) => all + product, 0);
  assert.equal(sum + found.rest, found.sum);
  assert.equal(found.rest, (259 * 260) / 2);
});

test("a row of the layers multiplied is what the whole product has there", () => {
  const top = { in: 2, out: 1, weights: new Float32Array([2, -1]), biases: new Float32Array(1) };
  assert.deepEqual([...composedRow([LAYER, top], 2, 0)], [2, -8, 2]);
  assert.deepEqual([...composedRow([LAYER, top], 1, 1)], [0, 4, -1]);
});

test("where there is no room for every cell the strongest stands for its neighbours", () => {
  assert.deepEqual([...strongest([1, -3, 2, 0, 0, 5, -6, 1], 4, 2).values], [-3, 2, 5, -6]);
  assert.equal(strongest([1, 2], 2, 5).columns, 2);
});

test("a layer is written as the lesson writes it", () => {
  assert.equal(formula(1, "sigmoid"), "a⁽¹⁾ = σ(W⁽¹⁾ a⁽⁰⁾ + b⁽¹⁾)");
  assert.equal(formula(12, "identity"), "a⁽¹²⁾ = W⁽¹²⁾ a⁽¹¹⁾ + b⁽¹²⁾");
  assert.deepEqual([few(-0.001), few(-1.5), few(123.4), few(Number.NaN)], ["0.00", "−1.50", "123", "NaN"]);
});

test("the equation has a place for every weight and figure, and says what stands there", () => {
  let seen = -1;
  const drawing = equation(
    {
      number: 2,
      layer: LAYER,
      activation: "relu",
      below: [1, 0.5, 0],
      z: [0.5, 1],
      a: [0.5, 1],
      row: 0,
      look: LOOK,
      hover: (k) => {
        seen = k;
      },
      act: () => {},
    },
    800,
  );
  const { spots } = drawing;
  assert.equal(spots.count, 2 * 3 + 3 * 2, "W, and a, z and b");
  const box = spots.box(4);
  const at = spots.at(box.x + box.width / 2, box.y + box.height / 2);
  assert.equal(Math.floor(at / 3), 1);
  assert.equal(spots.says(4), "row 1, input 1: weight +4.000 × 0.50 = +2.000");
  spots.hover(4);
  assert.equal(seen, 1);
  assert.ok(spots.says(6 + 2).startsWith("z of row 0"));
  for (const mark of drawing.marks)
    if ("width" in mark)
      assert.ok(mark.x >= 0 && mark.x + mark.width <= 801, JSON.stringify(mark).slice(0, 90));
});

test("a row's figures stand in as many lines as the width takes", () => {
  const of = shownOf(LAYER, 0, [1, 0.5, 0.25]);
  const given = { of, number: 1, row: 0, a: 0.6, activation: "sigmoid", nameOf: String, look: LOOK };
  const [wide, narrow] = [600, 100].map((width) => rowTerms(given, width));
  assert.equal(wide.spots.across, 3);
  assert.equal(narrow.spots.across, 2);
  assert.ok(narrow.height > wide.height);
  assert.ok(wide.marks.some((mark) => mark.text?.includes("z₀⁽¹⁾ = +0.625")));
  const nothing = rowTerms({ ...given, of: shownOf(LAYER, 0, [0, 0, 0]) }, 300);
  assert.ok(nothing.marks.some((mark) => mark.text?.includes("bias alone")));
});

test("matched neurons stand in the order asked for, those without a figure last", () => {
  const pairs = pairsOf({
    order: [2, -1, 0],
    similarity: [0.2, null, 0.9],
    sign: [1, 1, -1],
    distance: [1.5, null, 0],
  });
  assert.deepEqual(
    ordered(pairs, "alike").map(({ index }) => index),
    [2, 0, 1],
  );
  assert.deepEqual(
    ordered(pairs, "unlike").map(({ index }) => index),
    [0, 2, 1],
  );
  assert.deepEqual([...difference([1, 2], [3, -1], -1)], [-4, -1], "turned before it is taken off");
  assert.deepEqual([alike(-0.004), alike(-0.5), alike(null)], ["0.00", "−0.50", "–"]);
  const map = new Float32Array(4);
  const shown = pairs.map((pair) => ({
    ...pair,
    one: map,
    other: pair.partner < 0 ? null : map,
    difference: null,
  }));
  const drawing = matched(
    { pairs: shown, layer: 1, columns: 2, otherColumns: 2, limit: () => 1, look: LOOK, act: () => {} },
    300,
  );
  assert.equal(drawing.spots.count, 3);
  assert.equal(drawing.spots.says(0), "1.0 with 1.2: 0.20; weights and bias 1.50 apart");
  assert.match(drawing.spots.says(1), /no partner/);
});

test("what to compare with is read from the address, and has a usual one", () => {
  assert.deepEqual(otherOf("network:mnist-relu"), { network: "mnist-relu" });
  assert.deepEqual(otherOf("point:a: b"), { point: "a: b" });
  assert.deepEqual(otherOf("step:12"), { step: 12 });
  for (const wrong of ["", "step:", "step:x", "file:/etc", "network"]) assert.equal(otherOf(wrong), null);
  const shipped = ["handmade", "mnist-relu", "mnist-sigmoid"];
  assert.equal(usual({ history: { cursor: 3 }, shipped, start: {} }), "step:0");
  const start = { network: "mnist-sigmoid" };
  assert.equal(usual({ history: { cursor: 0 }, shipped, start }), "network:mnist-relu");
});

test("confusion is shown as shares of a row, and its file has the counts", () => {
  const counts = Array.from({ length: 10 }, (_, k) =>
    Array.from({ length: 10 }, (_, j) => (j === k ? 8 : 0)),
  );
  counts[3][5] = 2;
  const table = confusionTable(counts, TEN);
  assert.equal(table.text(3, 5), "20");
  assert.equal(table.share(3, 3), 0.8);
  assert.equal(table.share(3, 5), Math.sqrt(0.4), "a mistake in ten is plain to see");
  let picked = null;
  const drawing = shares({ table, act: (r, c) => (picked = [r, c]) }, 400);
  const box = drawing.spots.box(35);
  drawing.spots.act(drawing.spots.at(box.x + 1, box.y + 1));
  assert.deepEqual(picked, [3, 5]);
  assert.deepEqual(sharesTable(table, (r, c) => counts[r][c], "is").rows[3], [
    "3",
    0,
    0,
    0,
    8,
    0,
    2,
    0,
    0,
    0,
    0,
  ]);
});

test("two bars a thing begin where they part, and one that is no number has none", () => {
  assert.equal(beginning(95, 100), 90);
  assert.equal(beginning(20, 100), 0);
  const drawing = pairedBars(
    {
      names: ["a", "b"],
      values: [
        [95, Number.NaN],
        [99, 97],
      ],
      things: ["0", "1"],
      label: "%",
      thing: "digit",
    },
    300,
  );
  assert.equal(drawing.marks.filter(({ kind }) => kind === "rect").length, 3);
  assert.equal(drawing.spots.says(1), "0, b: 99");
});

test("scores go from the most to the least edge-like over the share of a layer", () => {
  const { x, y } = scoreCurve([0.1, 0.9, null]);
  assert.deepEqual(x, [0.25, 0.75], "of those that have a score");
  assert.deepEqual(y, [0.9, 0.1]);
});

test("pictures of nonsense stand in rows by kind, each with its answer", () => {
  const example = { read: 5, confidence: 0.8, pixels: new Uint8Array(4) };
  const kinds = [
    {
      kind: "noise",
      count: 2,
      answers: [0, 0, 0, 0, 0, 2, 0, 0, 0, 0],
      sure: 1,
      examples: [example, example],
    },
    { kind: "blank", count: 1, answers: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], sure: null, examples: [example] },
  ];
  const drawing = exampleRows(kinds, 2, 900, [..."0123456789"]);
  assert.equal(drawing.spots.count, 3);
  assert.equal(drawing.spots.says(2), "a blank picture: read as 5, 80% sure");
  assert.ok(drawing.marks.some((mark) => mark.text === "sure of 100% of them; most often 5 (100%)"));
});

test("an address names the digits of a network that nothing was done to, and leads back to it", () => {
  const state = {
    draft: true,
    start: { network: "mnist-sigmoid" },
    digits: { source: "drawn" },
    digit: { index: 121 },
    palette: "green-red",
  };
  const store = { experiment: "e1", state, selected: [1, 3] };
  const query = address.compose({ ...address.named(store), why: "6-7" }, "");
  assert.equal(query, "?network=mnist-sigmoid&digits=drawn&neuron=1.3&digit=121&palette=green-red&why=6-7");
  const asked = address.read(query);
  assert.equal(address.isHere(asked, store), true);
  const { view, experiment } = address.here(store, asked.view);
  assert.deepEqual([experiment, view.digits, view.digit], ["e1", "drawn", 121]);
  assert.deepEqual(address.why(query), [6, 7]);
  for (const bad of ["", "?why=6", "?why=6-6", "?why=a-b", "?why=6-7-8"])
    assert.equal(address.why(bad), null);
  // A number is of its own set; a kept experiment has its digits itself.
  assert.equal("digit" in address.here(store, { digits: "mnist" }).view, false);
  const kept = { ...store, state: { ...state, draft: false } };
  assert.deepEqual(address.read(address.compose(address.named(kept), "")).view.digits, undefined);
  assert.equal(address.isHere(asked, kept), false);
  assert.equal(address.isHere(address.read("?experiment=e1"), kept), true);
  assert.equal(address.isHere(address.read("?experiment=e2"), kept), false);
});

test("each function has a name, a sign and an honest sentence, with a slope or α of its own if it has one", () => {
  const all = [
    "sigmoid",
    "relu",
    "tanh",
    "identity",
    "softmax",
    "leaky_relu",
    "elu",
    "gelu",
    "gelu_tanh",
    "silu",
    "softplus",
    "hard_sigmoid",
  ];
  for (const name of all) {
    assert.ok(nameOf(name) && /^\S.+\.$/.test(saysOf(name)), name);
  }
  assert.equal(new Set(all.map(nameOf)).size, all.length);
  assert.match(saysOf("leaky_relu(0.2)"), /slope is 0\.2\.$/);
  assert.match(saysOf("elu"), /α is 1\.$/);
  assert.equal(formula(1, "leaky_relu(0.2)"), "a⁽¹⁾ = leaky ReLU(W⁽¹⁾ a⁽⁰⁾ + b⁽¹⁾)");
  // What the sentences say of the lowest point and of 0.
  const least = (name) =>
    Math.min(
      ...activate(
        name,
        Float32Array.from({ length: 1001 }, (_, k) => (k - 500) / 100),
      ),
    );
  assert.match(saysOf("gelu"), new RegExp(least("gelu").toFixed(2).replace("-", "−")));
  assert.match(saysOf("silu"), new RegExp(least("silu").toFixed(2).replace("-", "−")));
  assert.match(saysOf("softplus"), new RegExp(activate("softplus", Float32Array.of(0))[0].toFixed(2)));
  for (const name of all.filter((each) => each !== "softmax"))
    assert.equal(signed(name), activate(name, Float32Array.of(-1))[0] < 0, name);
});

test("when a neuron fires is said by what its activation is above where z is 0", () => {
  assert.match(fires("sigmoid"), /above one half/);
  assert.match(fires("hard_sigmoid"), /hard sigmoid its activation is above one half/);
  assert.match(fires("gelu"), /above 0 there/);
  assert.match(fires("softplus"), /above 0\.69 there/);
  assert.match(fires("leaky_relu(-0.5)"), /says nothing/);
  assert.equal(firesBriefly("softmax"), "% of a class on which each fires: z above 0");
  assert.equal(firesBriefly("softplus"), "% of a class on which each fires: a above 0.69");
});
