// Words of the table of every neuron.
import { count } from "../words.js";

export const TABLE_WORDS = {
  title: "Every neuron",
  caption:
    "A row a neuron: its map (of later layers the composed map), what it is by the numbers, and its figures. A head sorts; Enter or a click on a row opens the neuron.",
  search: "search: edges, dead, layer 2, > 0.6, fires < 10%, 7s…",
  searchLabel: "Search neurons",
  help: "Words for what a map is (edges, lines, arcs, blobs, templates, diffuse, noise), dead, always on, saturated, twins; layer 2; 7s for what tells sevens; > 0.6 compares the edge score, “falls > 1” or “fires < 10%” another column; “not” before a word leaves it out; names and numbers as they are.",
  edges: "show me the edges",
  dead: "show the dead ones",
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
  waits: "Verdicts and figures come with the analysis of the whole network; until then the maps.",
  failed: "The analysis, from which verdicts and figures come, could not be made; here are the maps.",
  /** @param {string} name @param {string} verdict */
  open: (name, verdict) =>
    `Neuron ${name}${verdict ? `: ${verdict.replace(/\.$/, "")}` : ""}. Enter opens it`,
};
