// Compares the page's exact arithmetic with numbers that a test has written down; see test_live.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fixRow } from "../../toolkit/dashboard/page/live/fixed.js";
import { activateExactly, outputsExactly, resolve } from "../../toolkit/dashboard/page/live/resolving.js";

const { rows, brightest, fixed, bits, networks } = JSON.parse(readFileSync(process.argv[2]));
for (const [at, row] of rows.entries()) {
  const found = new Float64Array(row.length);
  assert.equal(fixRow(Float32Array.from(row), brightest, found).bits, bits[at]);
  // Minus zero is as good as zero.
  for (const [p, value] of fixed[at].entries()) assert.ok(found[p] === value, `row ${at}, pixel ${p}`);
}
for (const { activations, layers: told, z, outputs, ranked, winners } of networks) {
  const layers = told.map(({ weights, biases, ...more }) => ({
    ...more,
    weights: Float32Array.from(weights),
    biases: Float32Array.from(biases),
  }));
  for (const [d, first] of z.entries()) {
    const found = outputsExactly(layers, activations, Float64Array.from(first));
    assert.deepEqual([...found], outputs[d], activations[0]);
    activateExactly(activations.at(-1), found);
    assert.deepEqual([...found], ranked[d], activations[0]);
    assert.equal(resolve(layers, activations, Float64Array.from(first)), winners[d]);
  }
}
