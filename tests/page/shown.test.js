// The network as it is shown: only what changed is worked out anew, and it is what a full pass has.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { composedRow } from "../../toolkit/dashboard/page/core/composed.js";
import { limitOf } from "../../toolkit/dashboard/page/core/limits.js";
import { copyLayers, forward } from "../../toolkit/dashboard/page/core/network.js";
import { Shown } from "../../toolkit/dashboard/page/core/shown.js";
import { seeded } from "./fakes.js";

const SIZES = [6, 5, 4, 3];
const GRID = { rows: 2, columns: 3 };
const NAMES = ["relu", "tanh", "softmax"];
const ALL = [null, null, null];

function made(seed) {
  const random = seeded(seed);
  const some = (count) => Float32Array.from({ length: count }, () => random() - 0.5);
  const layers = SIZES.slice(1).map((out, k) => ({
    out,
    in: SIZES[k],
    weights: some(out * SIZES[k]),
    biases: some(out),
  }));
  const pick = (count) => Math.floor(random() * count);
  return { layers, digit: some(6), pick, random };
}

/** What an edit of each kind may be. */
function anyEdit({ pick, random }) {
  const layer = 1 + pick(3);
  const neuron = pick(SIZES[layer]);
  const cells = [pick(SIZES[layer - 1])];
  const to = (neuron + 1) % SIZES[layer];
  const above = layer < 3;
  return [
    { kind: "stroke", layer, neuron, cells, keep: 1, put: random(), tool: "" },
    { kind: "weights", layer, neuron, cells, values: [random()], tool: "" },
    { kind: "bias", layer, neuron, value: Math.fround(random()) },
    { kind: "column", layer, input: cells[0], neurons: [neuron, to], values: [random(), 0] },
    { kind: "combine", how: "swap", layer, from: neuron, to, outgoing: above },
    { kind: "move", layer, neuron, move: "scale", factor: 0.5 },
    { kind: "activation", layer, activation: "sigmoid" },
    { kind: "stroke", layer: 1, neuron: 0, cells: [0], keep: 1, put: 0, tool: "" },
  ][pick(8)];
}

const agrees = (shown, digit) => {
  const { layers, activations, maps } = shown;
  assert.deepEqual(shown.trace, forward(layers, activations, digit));
  for (let number = 1; number <= 3; number++) {
    assert.equal(shown.limit(number), limitOf(layers[number - 1].weights));
    for (let j = 0; j < SIZES[number]; j++)
      assert.deepEqual(maps.map(number, j), composedRow(layers, number, j));
  }
};

test("whatever is laid, taken back and answered, all that is shown is as if made anew", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const given = made(seed);
    const shown = new Shown();
    let base = given.layers;
    shown.rebase(base, ALL);
    for (let step = 0; step < 12; step++) {
      if (given.pick(4) === 0) {
        // An answer: the base has what was shown, or another row of somebody else's.
        const k = given.pick(3);
        const row = given.pick(SIZES[k + 1]);
        // In the very bytes of the base before, or in others.
        base = given.pick(2) ? copyLayers(base) : base.map((layer) => ({ ...layer }));
        base[k].weights[row * SIZES[k]] = given.random();
        shown.rebase(
          base,
          base.map((_, at) => (at === k ? [row] : [])),
        );
      }
      shown.putBack(NAMES);
      const edits = Array.from({ length: given.pick(4) }, () => anyEdit(given));
      for (const edit of edits) shown.lay(edit, GRID);
      shown.settle(given.digit);
      agrees(shown, given.digit);
    }
    shown.putBack(NAMES);
    shown.settle(given.digit);
    assert.deepEqual(shown.layers, base);
  }
});

test("an answer that says what is shown already changes nothing", () => {
  const { layers, digit } = made(3);
  const shown = new Shown();
  shown.rebase(layers, ALL);
  shown.putBack(NAMES);
  const edit = { kind: "stroke", layer: 1, neuron: 2, cells: [1, 4], keep: 1, put: 2, tool: "" };
  shown.lay(edit, GRID);
  shown.settle(digit);
  const { trace } = shown;
  const map = shown.maps.map(3, 0);
  const stamps = [...shown.stamps];
  const answered = copyLayers(shown.layers);
  shown.rebase([answered[0], layers[1], layers[2]], [[2], [], []]);
  shown.putBack(NAMES);
  shown.settle(digit);
  assert.deepEqual([shown.trace, shown.stamps], [trace, stamps]);
  assert.equal(shown.maps.map(3, 0), map, "the very same: it was not made again");
});

test("a change reads and writes its own rows", () => {
  const { layers, digit } = made(4);
  const shown = new Shown();
  shown.rebase(layers, ALL);
  shown.putBack(NAMES);
  shown.settle(digit);
  let read = 0;
  // Row 3 of the first layer: no other is touched.
  shown.own(1, []);
  const { weights } = shown.layers[0];
  const guarded = new Proxy(weights, {
    get(target, key) {
      if (/^\d+$/.test(String(key))) read++;
      const value = target[key];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  shown.layers[0].weights = guarded;
  const set = mock.method(Float32Array.prototype, "set");
  shown.lay({ kind: "bias", layer: 1, neuron: 3, value: 9 }, GRID);
  shown.settle(digit);
  shown.putBack(NAMES);
  assert.equal(read, 6, "the weighted sum of one neuron");
  assert.deepEqual(
    set.mock.calls.map(({ arguments: [row, at] }) => [row.length, at]),
    [[6, 18]],
  );
  set.mock.restore();
});
