// Words of the page Compare: two networks side by side.
import { count } from "../words.js";

/** @param {number|null} share @param {number} [digits] */
const percentOf = (share, digits = 1) => (share === null ? "–" : `${(100 * share).toFixed(digits)}%`);

export const PAIR_WORDS = {
  with: "compared with",
  choose: "The other network",
  groups: { shipped: "that ship", points: "points of this experiment", experiments: "experiments" },
  loaded: "as loaded",
  /** @param {number} step */
  step: (step) => `after step ${step}`,
  file: "a file…",
  fileTitle: "A network’s file, which becomes an experiment; it can be dropped anywhere on this page too",
  asks: "Being compared…",
  /** @param {string} why */
  failed: (why) => `These two could not be compared: ${why}`,
  same: "These two are the same, bit for bit.",
  again: "try again",
  parts: { reads: "What they read", neurons: "Whose neuron is whose?", layers: "How alike their layers are" },
  /** @param {string} one @param {string} other @param {number} images */
  on: (one, other, images) => `${one} and ${other}, on ${count(images, "digit")}`,
  perDigit: {
    title: "Read right, digit by digit",
    caption:
      "For each digit the share that each network reads right; the axis begins above 0 where that parts the bars better.",
    label: "read right, %",
    things: "digit",
    /** @param {string} name @param {string} digit @param {number|null} share */
    says: (name, digit, share) => `${digit}s, ${name}: ${percentOf(share)} read right`,
  },
  alone: {
    /** @param {number} alone @param {string} name */
    title: (alone, name) => `${count(alone, "digit")} that only ${name} reads right`,
    /** @param {string} name */
    unknown: (name) => `Digits that only ${name} reads right`,
    /** @param {string} other @param {number} first how many are listed, where not all */
    caption: (other, first) =>
      `Below each what it is → what ${other} reads.${first ? ` The first ${first} are listed.` : ""} Click on one to see it in the workbench.`,
    none: "None.",
    /** @param {{number: number, label: number, read: number}} digit @param {string} other */
    says: ({ number, label, read }, other) => `digit ${number}: a ${label}, read as ${read} by ${other}`,
    /** @param {number} more @param {number} left */
    more: (more, left) => `${more} more of ${left.toLocaleString("en")}`,
  },
  pairs: {
    title: "Matched neurons",
    by: "Matched by",
    weights: "weights",
    activations: "activations",
    titles: [
      "The pairing in which the cosines of the incoming weights add up to most",
      "The pairing in which the correlations of the activations over the digits add up to most",
    ],
    layer: "Layer",
    sort: "Sort by",
    sorts: { alike: "most alike", unlike: "least alike", index: "index" },
    scale: "One scale",
    scales: { all: "for all", pair: "for each pair" },
    /** @param {string} one @param {string} other @param {string} by @param {string|null} scale */
    caption: (one, other, by, scale) =>
      `Each neuron of ${one} on the left, the one of ${other} that it is matched with in the middle, and middle − left on the right; the figure is ${by}. ${scale === null ? "The three maps of a pair have one scale, each pair its own." : `All maps have one scale: ±${scale} is brightest.`} Click on a pair to open the neuron.`,
    cosine: "the cosine of their weights",
    correlation: "the correlation of their activations over the digits",
    composed: " Of this layer composed maps are shown.",
    turned: "turned round",
    none: "without a partner",
    noDifference: " Their pictures have different sizes, so there is no difference to show.",
    /** @param {string} one @param {string} other @param {string} alike @param {number|null} apart */
    says: (one, other, alike, apart) =>
      `${one} with ${other}: ${alike}${apart === null ? "" : `; weights and bias ${apart.toFixed(2)} apart`}`,
    /** @param {string} one */
    alone: (one) => `${one}: the other layer has no partner left for it`,
    /** @param {number} more @param {number} left */
    more: (more, left) => `${more} more of ${left}`,
    /** @param {string} why */
    cannot: (why) => `They cannot be matched like this: ${why}`,
    columns: ["neuron", "matched with", "similarity", "sign", "distance"],
  },
  cka: {
    title: "CKA of layers",
    /** @param {number} images */
    caption: (images) =>
      `How alike two layers see ${images.toLocaleString("en")} digits, whatever the order of their neurons: 1 the same up to a rotation and a scale, 0 nothing in common (linear CKA, Kornblith et al. 2019). Rows are this network's layers, columns the other's.`,
    /** @param {number} one @param {number} other @param {string} value */
    says: (one, other, value) => `layer ${one} here, layer ${other} there: ${value}`,
  },
};
