// Words of the pages that look into a network: Neuron, Network, Compare, Learning.
import { count } from "../words.js";

export const FIGURE_WORDS = {
  take: "Download picture or numbers",
  svg: "picture, SVG",
  png: "picture, PNG",
  csv: "numbers, CSV",
  waits: "Being worked out…",
};

/** The pages of one experiment, by their path. @type {{[page: string]: {title: string, about: string}}} */
export const PAGES = {
  neuron: { title: "Neuron", about: "What one neuron does" },
  network: { title: "Network", about: "What the whole network does" },
  compare: { title: "Compare", about: "Two networks side by side" },
  learning: { title: "Learning", about: "Watch a network learn" },
};

export const LOOKING_WORDS = {
  workbench: "workbench",
  backTitle: "This experiment in the workbench, at this neuron",
  neuron: "Neuron",
  previous: "Previous neuron (←)",
  next: "Next neuron (→)",
  pages: "What is looked at",
  unnamed: "…",
  /** @param {string} name @param {number[]} sizes @param {{name: string, count: number}} digits */
  facts: (name, sizes, digits) =>
    `${name} · ${sizes.join("-")} · ${digits.name}, ${count(digits.count, "digit")}`,
  /** @param {number} done 0 to 1 @param {number|null} left seconds */
  working: (done, left) =>
    `Working out the analysis: ${Math.floor(100 * done)}%${left === null ? "" : `, ${Math.max(1, Math.ceil(left))} s left`}`,
  waiting: "The analysis begins once edits pause.",
  stale: "What follows is of the network as it was; it is being analysed again.",
  /** @param {string} why */
  failed: (why) => `The whole analysis could not be made: ${why}`,
};

export const DIGIT_WORDS = {
  number: "A digit’s number",
  previous: "Previous digit",
  next: "Next digit",
  random: "random",
  randomTitle: "A random digit",
  wrong: "wrong ▸",
  wrongTitle: "Next digit that the network reads wrong",
  /** @param {number|null} index @param {string|null} label @param {string|null} largest of the outputs, null of one alone */
  answered: (index, label, largest) =>
    `${index === null ? "Your own" : `Digit ${index}`}${label === null ? "" : `: a ${label}`}${largest === null ? "" : `; output ${largest} leads`}`,
  /** @param {number|null} index @param {string|null} label @param {string} read */
  said: (index, label, read) =>
    `${index === null ? "Your own" : `Digit ${index}`}: ${label === null ? "" : `a ${label}, `}read as ${read}`,
};

export const DOING_WORDS = {
  ask: "what does it do?",
  title: "What this neuron looks for, answers to, and is needed for",
  also: "analysis analyse verdict edge tuning",
};
