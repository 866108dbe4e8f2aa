// Scores the states of a network that a test has written down, in the folder given; see test_live.py.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDigits } from "../../toolkit/dashboard/page/live/digits.js";
import { figures } from "../../toolkit/dashboard/page/live/figures.js";
import { Scorer } from "../../toolkit/dashboard/page/live/scorer.js";
import { finish } from "./scoring.js";

const read = (name) => new Uint8Array(readFileSync(join(process.argv[2], name)));
const { sizes, classes, steps } = JSON.parse(Buffer.from(read("job.json")));
const digits = finish(readDigits(read("digits.bin")));
const weights = read("weights.bin");
const scorer = new Scorer(digits, sizes, classes);
const winners = new Uint8Array(steps.length * digits.count);
const told = [];

function rowsOf([at, rows], inputs) {
  const values = new Float32Array(weights.slice(at, at + 4 * rows.length * (inputs + 1)).buffer);
  const many = rows.length * inputs;
  return { rows, weights: values.subarray(0, many), biases: values.subarray(many) };
}

for (const [at, { activations, layers, selected }] of steps.entries()) {
  const change = { activations, layers: layers.map((rows, k) => rows && rowsOf(rows, sizes[k])) };
  const wrong = finish(scorer.update(change));
  if (wrong) throw new Error(wrong);
  if (at === 0) scorer.tally.settle();
  winners.set(scorer.verdicts.winners, at * digits.count);
  const { confusion, fires, ...found } = figures(
    scorer,
    selected ?? [1, 0],
    selected ? ["ridges", "fires", "flips", "pictures"] : [],
  );
  const pictures = found.pictures?.map(([number, pixels]) => [number, [...pixels]]);
  told.push({ ...found, pictures, confusion: [...confusion], fires: fires?.map((layer) => [...layer]) });
}
writeFileSync(join(process.argv[2], "winners.bin"), winners);
writeFileSync(join(process.argv[2], "told.json"), JSON.stringify(told));
