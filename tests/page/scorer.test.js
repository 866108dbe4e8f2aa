// The page's scorer: whatever is done to a network, it reads each digit as the exact arithmetic has it.
import assert from "node:assert/strict";
import test from "node:test";
import { nonDecreasing } from "../../toolkit/dashboard/page/core/activations.js";
import { readDigits } from "../../toolkit/dashboard/page/live/digits.js";
import { firingsOf } from "../../toolkit/dashboard/page/live/firing.js";
import { quick } from "../../toolkit/dashboard/page/live/quick.js";
import { exactly, outputsExactly, resolve } from "../../toolkit/dashboard/page/live/resolving.js";
import { Scorer } from "../../toolkit/dashboard/page/live/scorer.js";
import { digitFile, finish, pick, randomFrom, whole } from "./scoring.js";

const CLASSES = 4;
const FUNCTIONS = [
  "sigmoid",
  "relu",
  "tanh",
  "identity",
  "softmax",
  "leaky_relu",
  "leaky_relu(-0.5)",
  "elu",
  "elu(2)",
  "gelu",
  "gelu_tanh",
  "silu",
  "softplus",
  "hard_sigmoid",
];

/** Weights among which ties are common, or rare, or as good as none is. */
const KINDS = {
  few: (random) => pick(random, [0, 0, 0, 1, -1, 0.5]),
  usual: (random) => 4 * random() - 2,
  sparse: (random) => (random() < 0.2 ? 4 * random() - 2 : 0),
  large: (random) => 1e4 * (random() - 0.5) ** 3,
  tiny: (random) => 1e-6 * (random() - 0.5),
};

function randomNetwork(random, sizes, draw) {
  const layers = sizes.slice(1).map((out, k) => ({
    out,
    in: sizes[k],
    weights: Float32Array.from({ length: out * sizes[k] }, () => draw(random)),
    biases: Float32Array.from({ length: out }, () => (random() < 0.5 ? 0 : draw(random))),
  }));
  return { layers, activations: layers.map(() => pick(random, FUNCTIONS)) };
}

/** Does something to it, and says what. */
function change(random, { layers, activations }, draw) {
  const told = layers.map(() => null);
  if (random() < 0.05) activations[Math.floor(random() * layers.length)] = pick(random, FUNCTIONS);
  for (let times = random() < 0.8 ? 1 : 3; times; times--) {
    const k = Math.floor(random() ** 2 * layers.length),
      layer = layers[k],
      row = Math.floor(random() * layer.out),
      many = random() < 0.1 ? layer.in : 3;
    for (let n = 0; n < many; n++)
      layer.weights[row * layer.in + (many === layer.in ? n : Math.floor(random() * layer.in))] =
        draw(random);
    if (random() < 0.3) layer.biases[row] = draw(random);
    const rows = random() < 0.05 ? Array.from({ length: layer.out }, (_, j) => j) : [row];
    told[k] = whole(layer, [...new Set([...(told[k]?.rows ?? []), ...rows])]);
  }
  return { activations: [...activations], layers: told };
}

for (const [kind, draw] of Object.entries(KINDS))
  test(`each winner is that of the exact arithmetic, after any changes: ${kind} weights`, () => {
    const random = randomFrom(kind.length);
    for (const sizes of [
      [12, CLASSES],
      [12, 5, CLASSES],
      [12, 6, 5, CLASSES],
      [12, 3, 4, 3, CLASSES],
    ]) {
      const digits = finish(readDigits(digitFile(random, { count: 300, pixels: 12, classes: CLASSES })));
      for (let run = 0; run < 8; run++) {
        const network = randomNetwork(random, sizes, draw),
          scorer = new Scorer(digits, sizes, CLASSES);
        const all = network.layers.map((layer) => whole(layer));
        assert.equal(finish(scorer.update({ activations: [...network.activations], layers: all })), "");
        for (let step = 0; step < 30; step++) {
          agrees(scorer, network);
          finish(scorer.update(change(random, network, draw)));
        }
      }
    }
  });

function agrees({ digits, verdicts, tally, firstOf, sums, layers }, network) {
  const outputs = network.layers.at(-1).out,
    confusion = new Uint32Array(CLASSES * outputs);
  for (let d = 0; d < digits.count; d++) {
    const winner = resolve(network.layers, network.activations, firstOf.call({ sums, layers }, d));
    if (winner !== verdicts.winners[d])
      assert.fail(`digit ${d} of ${network.activations}: expected ${winner}; got ${verdicts.winners[d]}`);
    confusion[digits.labels[d] * outputs + winner]++;
  }
  assert.deepEqual(tally.confusion, confusion);
}

/** Asserts that outputs are as near to the exact ones as the scorer says. */
function offBy(scorer, { layers, activations }) {
  const z = new Float64Array(CLASSES);
  for (let d = 0; d < scorer.digits.count; d++) {
    scorer.outputsOf(d, z);
    const exact = outputsExactly(layers, activations, scorer.firstOf(d));
    for (const [j, value] of exact.entries()) {
      const off = Math.abs(value - z[j]);
      assert.ok(off <= scorer.bounds.outputs[j], `${activations}: ${off} over ${scorer.bounds.outputs[j]}`);
    }
  }
}

test("no output is off by more than its bound, and none by much", () => {
  const random = randomFrom(3);
  for (const activation of FUNCTIONS) {
    const sizes = [12, 6, 5, CLASSES],
      digits = finish(readDigits(digitFile(random, { count: 200, pixels: 12, classes: CLASSES }))),
      network = randomNetwork(random, sizes, KINDS.usual),
      scorer = new Scorer(digits, sizes, CLASSES);
    network.activations = sizes.slice(1).map(() => activation);
    finish(
      scorer.update({
        activations: network.activations,
        layers: network.layers.map((layer) => whole(layer)),
      }),
    );
    for (let step = 0; step < 300; step++) {
      const told = change(random, network, (draw) => KINDS.usual(draw) * (step === 150 ? 1e6 : 1));
      network.activations.fill(activation);
      finish(scorer.update({ ...told, activations: [...network.activations] }));
    }
    if (nonDecreasing(activation)) offBy(scorer, network);
    const largest = Math.max(...scorer.bounds.largest);
    assert.ok(Math.max(...scorer.bounds.outputs) < 1e-4 * largest, `${activation}: the bound says little`);
  }
});

test("a table is as near to its function as it says", () => {
  for (const name of FUNCTIONS.filter((each) => each !== "softmax")) {
    const f = quick(name),
      exact = exactly(name);
    for (let z = -40; z < 40; z += 0.00137) {
      const off = Math.abs(f.at(z) - exact(z));
      assert.ok(off <= f.off + 1e-15 * Math.abs(z), `${name} at ${z}: off by ${off}, not ${f.off}`);
      const rise = Math.abs(exact(z + 0.001) - exact(z)) / 0.001;
      assert.ok(rise <= f.steepest * (1 + 1e-9), `${name} at ${z} rises by ${rise}`);
      assert.ok(Math.abs(exact(z)) <= f.most(Math.abs(z)), `${name} at ${z}`);
    }
  }
});

test("what huge weights leave behind once they are gone is in the bound, or is summed anew", () => {
  const random = randomFrom(5),
    sizes = [12, 6, 5, CLASSES],
    digits = finish(readDigits(digitFile(random, { count: 200, pixels: 12, classes: CLASSES }))),
    { layers } = randomNetwork(random, sizes, KINDS.usual),
    activations = ["relu", "relu", "relu"],
    usual = layers[0].weights.slice();
  for (const size of [1e6, 1e9, 1e12]) {
    const scorer = new Scorer(digits, sizes, CLASSES);
    for (const [step, factor] of [size, 1, size, 1].entries()) {
      for (let p = 0; p < 12; p++) layers[0].weights[p] = factor * usual[p];
      const rows = layers.map((layer, k) => (k && step ? null : whole(layer, step ? [0] : undefined)));
      finish(scorer.update({ activations, layers: rows }));
      offBy(scorer, { layers, activations });
      agrees(scorer, { layers, activations });
    }
  }
});

test("how often outputs fire is what a count of all digits says, whatever was done since", () => {
  const random = randomFrom(9);
  for (const sizes of [
    [12, CLASSES],
    [12, 5, CLASSES],
    [12, 6, 5, CLASSES],
  ]) {
    const digits = finish(readDigits(digitFile(random, { count: 200, pixels: 12, classes: CLASSES }))),
      network = randomNetwork(random, sizes, KINDS.usual),
      scorer = new Scorer(digits, sizes, CLASSES),
      z = new Float64Array(CLASSES);
    const all = network.layers.map((layer) => whole(layer));
    finish(scorer.update({ activations: [...network.activations], layers: all }));
    for (let step = 0; step < 200; step++) {
      const fires = firingsOf(scorer),
        counted = new Uint32Array(CLASSES * CLASSES);
      for (let d = 0; d < digits.count; d++) {
        scorer.outputsOf(d, z);
        for (let j = 0; j < CLASSES; j++) if (z[j] > 0) counted[j * CLASSES + digits.labels[d]]++;
      }
      assert.deepEqual(fires.at(-1), counted);
      finish(scorer.update(change(random, network, KINDS.usual)));
    }
  }
});
