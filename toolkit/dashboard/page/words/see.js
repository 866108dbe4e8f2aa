// What the page says of what one has built: what fires, the digits behind a figure, chosen classes.
import { count, wholePercent } from "../words.js";

/** A network that has another number of outputs than the digits have classes. */
export const UNSCORED_WORDS = {
  title:
    "Accuracy needs an output for each class. All else works: paint, undo, see what each neuron answers to. Digits of as many classes would be scored.",
  /** @param {string} why */
  said: (why) => (why ? `${why[0].toUpperCase()}${why.slice(1)}.` : ""),
  /** @param {number} outputs */
  tie: (outputs) => `all ${outputs === 10 ? "ten" : outputs} outputs tie`,
  alone: "the one output is",
  /** What stands before and behind the output that is largest. */
  largest: ["output", "leads"],
};

export const CONFUSION_WORDS = {
  bars: "read right, %",
  table: "is ↓, read as →, %",
  answers: "is ↓, leading output →, %",
  /** @param {number} count @param {string} label @param {string} read */
  cell: (count, label, read) => `${count.toLocaleString("en")} ${label}s read as ${read}`,
};

export const SHEET_WORDS = {
  loading: "…",
  none: "None.",
  figure: "the small figure is what it is read as",
  /** @param {string} label */
  wrong: (label) => `${label}s read wrong`,
  /** @param {string} label */
  right: (label) => `${label}s read right`,
  readWrong: "read wrong",
  readRight: "read right",
  /** @param {string} label @param {string} neuron */
  fires: (label, neuron) => `${label}s on which ${neuron} fires`,
  /** @param {string} label @param {string} neuron */
  silent: (label, neuron) => `${label}s on which ${neuron} does not fire`,
  firesShort: "fires",
  silentShort: "does not",
};

/** A point that is compared with another, in the middle of a sentence. @param {string} name */
const point = (name) => (name === "now" ? "now" : `“${name}”`);

export const COMPARE_WORDS = {
  /** @param {number} digits @param {string} name */
  alone: (digits, name) => `${count(digits, "digit")} read right ${point(name)} alone`,
  /** @param {string} name */
  by: (name) => (name === "now" ? " now" : ` by ${point(name)}`),
  /** @param {number} shown @param {number} left */
  more: (shown, left) => `${shown} more of ${left.toLocaleString("en")}`,
};

export const RIDGE_WORDS = {
  /** @param {number} share @param {boolean} [laid] whether what is tried is not in it */
  often: (share, laid) =>
    `fires on ${share < 0.1 ? (100 * share).toFixed(share ? 1 : 0) : wholePercent(share)}%${laid ? " as laid" : ""}`,
  digits: "digits:",
  most: "most",
  near: "near",
  least: "least",
  /** @param {string} neuron */
  titles: (neuron) => ({
    most: `Digits that fire ${neuron} most`,
    near: `Digits near ${neuron}'s threshold`,
    least: `Digits that fire ${neuron} least`,
  }),
  nearLong: "near the threshold",
  all: "all classes",
  /** @param {string} label */
  only: (label) => `${label}s alone`,
  /** @param {string} label @param {string} sum */
  there: (label, sum) => `${label}s near a weighted sum of ${sum}`,
  group: "see",
  also: "digits examples stimuli activate threshold ridge",
};

export const SUBSET_WORDS = {
  none: "Click on a class below its bar to score some classes alone",
  /** @param {string} label @param {boolean} chosen */
  choose: (label, chosen) =>
    chosen
      ? `${label} is among the chosen classes; click to leave it out`
      : `Score the ${label}s, and what else is chosen, alone`,
  /** @param {string} classes @param {string} accuracy */
  scored: (classes, accuracy) => `${classes} alone: ${accuracy}`,
  /** @param {string} among */
  among: (among) => `${among} with no other answers`,
  /** @param {number} correct @param {number} images @param {number} among */
  title: (correct, images, among) =>
    `${correct.toLocaleString("en")} of ${images.toLocaleString("en")} digits of these classes read right; ${among.toLocaleString("en")} where only these classes' outputs count`,
  clear: "All classes again",
  command: "Score chosen classes alone…",
  all: "Score all classes",
  also: "subset only some digits 0 1 7 accuracy",
};

export const BEST_WORDS = {
  /** @param {string} accuracy */
  best: (accuracy) => `best ${accuracy}`,
  /** @param {number} step */
  title: (step) =>
    `The best so far, ${step ? `after step ${step}` : "as loaded"}. Click to go back to it; the steps after it stay in the history until another is made.`,
  command: "Back to the best so far",
  also: "highest accuracy jump undo",
};
