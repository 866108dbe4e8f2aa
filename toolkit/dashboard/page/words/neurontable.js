// Words of the table of every neuron.
import { count } from "../words.js";

export const TABLE_WORDS = {
  title: "Every neuron",
  caption:
    "A row a neuron: its map (of later layers the composed map), what it is by the numbers, and its figures. A head sorts; Enter or a click on a row opens the neuron. On a narrow screen the table scrolls sideways.",
  search: "search: edges, dead, layer 2, > 0.6, fires < 10%, 7s, 4 against 9…",
  searchLabel: "Search neurons",
  help: "Words for what a map is (edges, lines, arcs, blobs, templates, diffuse, noise), dead, always on, saturated, duplicates (neurons of a layer that correlate by 0.98 or more over the digits); layer 2; 7s for what tells sevens; 4 against 9 ranks by what telling the two apart loses without each; > 0.6 compares the edge score, “falls > 1” or “fires < 10%” another column; “not” before a word leaves it out; names and numbers as they are.",
  edges: "edges and lines",
  dead: "show the dead ones",
  duplicates: "duplicates",
  /** @param {number} one @param {number} other */
  pair: (one, other) => `${one} against ${other}`,
  ranking: "Each neuron is left out in turn…",
  pairTitle:
    "How many points are lost among the digits of the two, when only these two outputs compete, with its activation held at its mean",
  all: "show all",
  csv: "CSV",
  csvTitle: "Download the table, with more columns than fit here",
  label: "Neurons",
  map: "map",
  /** @param {number} shown @param {number} all */
  count: (shown, all) => (shown === all ? count(all, "neuron") : `${shown} of ${count(all, "neuron")}`),
  none: "No neuron is that. Try fewer words.",
  noneDead: "No neuron is dead.",
  noneEdges: "No neuron is an edge or a line.",
  /** @param {number} lines how many of those there are */
  noneEdge: (lines) =>
    lines
      ? `No neuron is an edge. Lines are apart: search “lines” for the ${count(lines, "neuron")} that ${lines === 1 ? "is one" : "are"}.`
      : "No neuron is an edge.",
  /** @param {number|null} threshold @param {[number, number, number, number][]} pairs layer, two neurons, correlation */
  noneTwice: (threshold, pairs) =>
    threshold === null
      ? "No neuron is a duplicate."
      : `No neuron is a duplicate, none correlating with another of its layer by ${threshold} or more over the digits${pairs.length ? ` (closest: ${pairs.map(([layer, one, other, by]) => `${layer}.${one} and ${layer}.${other}, ${by.toFixed(2).replace("-", "−")}`).join("; ")})` : ""}.`,
  waits: "Verdicts and figures come with the analysis of the whole network; until then the maps.",
  failed: "The analysis, from which verdicts and figures come, could not be made; here are the maps.",
  /** @param {string} name @param {string} verdict */
  open: (name, verdict) =>
    `Neuron ${name}${verdict ? `: ${verdict.replace(/\.$/, "")}` : ""}. Enter opens it`,
};
