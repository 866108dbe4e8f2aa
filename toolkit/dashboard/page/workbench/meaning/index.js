// What a neuron is: its name, its weights as numbers and as a clause, where it goes, its threshold.
import { NameField } from "./names.js";
import { Nudge } from "./nudge.js";
import { Thresholds } from "./thresholds.js";
import { MapWheel } from "./typing.js";
import { Views } from "./views.js";

/** @param {import("../bench.js").Bench} bench */
export function install(bench) {
  const nudge = new Nudge(bench);
  new NameField(bench);
  new MapWheel(bench, nudge);
  bench.views = new Views(bench, nudge);
  new Thresholds(bench);
}
