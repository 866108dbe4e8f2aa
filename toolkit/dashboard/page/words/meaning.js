// What the page says of names, of the views of weights, of clauses and of thresholds.
import { wholePercent } from "../words.js";

export const VIEW_WORDS = {
  map: ["into", "The weights into this neuron"],
  row: ["row", "The weights into this neuron, beside the maps below"],
  column: ["column", "Where it goes: the weights that the next layer has for it"],
  matrix: ["matrix", "All weights of the layer: type, drag, wheel; copy and paste as in a spreadsheet"],
  clause: ["clause", "Say when it should fire, in words about the neurons below"],
};

/** @type {Record<string, (at: string, layer: number) => string>} */
export const TITLES = {
  map: (at) => `weights into ${at}`,
  row: (at) => `weights into ${at}`,
  column: (at) => `weights out of ${at}`,
  matrix: (_, layer) => `weights into layer ${layer}`,
  clause: (at) => `${at} as a clause`,
};

export const NAME_WORDS = {
  placeholder: "name",
  titled: (/** @type {string} */ name) => `What this neuron is called (F2)${name ? `: ${name}` : ""}`,
  command: "Name this neuron",
  also: "rename label call",
};

export const CELL_WORDS = {
  biasOf: (/** @type {string} */ at) => `of ${at}`,
  matrix:
    "Weights: arrow keys move, a figure or Enter types, Delete clears, dragging up or down and the wheel change",
  tooMany: "What lies outside the grid was left out.",
  type: "Type a weight into the cell",
  typeAlso: "number set value exact enter clicked",
};

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

/** What the column of tools says where these are few. */
export const TOOL_WORDS = {
  dragHelp: "Drag a weight up or down to change it",
  drag: (/** @type {number} */ strength) =>
    `Drag a weight up or down. Strength is how fast: ${short(0.02 * Math.abs(strength))} every 3 pixels, ${short(0.1 * Math.abs(strength))} by wheel, + and −.`,
  line: (/** @type {number} */ strength) =>
    `Drag from a cell to another: all on the line become ${short(strength)}.`,
  clause: "The sentence sets the weights: nothing is painted here.",
  stamps: "Stamps are pictures: choose a neuron of layer 1, or another tool.",
};

export const CLAUSE_WORDS = {
  label: "When it should fire",
  placeholder: "top arc and left side and not 1.4",
  help: "and · or · not · ( ) · at least 2 of (a, b, c) · 2*a + b - c > 1.5",
  sharpness: "sharpness",
  sharpnessTitle:
    "How far from its threshold the weighted sum stays, inputs being on or off: at 4 a sigmoid is below 0.02 or above 0.98. The finer the sentence's numbers, the steeper it gets; where some of them are changed, this follows, so that the others weigh what they did (Enter makes it so)",
  range: (/** @type {string} */ low, /** @type {string} */ high) =>
    `z from ${low} to ${high} on these digits.`,
  hard: (/** @type {string} */ range) => `A hard step, it answers yes or no: ${range}`,
  softer: (/** @type {number} */ sharpness) => `soften to ${sharpness}`,
  faint: (/** @type {string} */ range) => `A faint answer: ${range}`,
  sharper: (/** @type {number} */ sharpness) => `sharpen to ${sharpness}`,
  sharperTitle:
    "The sharpness with which the neuron comes to 0.98, or to 0.02, on the digit that it is surest of",
  softerTitle:
    "The sharpness with which half of the digits stay so near to the threshold that the neuron says how much, not only yes or no",
  apply: "Make it so",
  applyTitle: "Set its weights and its bias (Ctrl+Enter)",
  back: "Discard",
  none: "Its weights say nothing yet.",
  made: "Its weights are this clause.",
  biased: (/** @type {string} */ bias) =>
    `Its weights are this clause; its bias has been set since, to ${bias}.`,
  near: "Its weights come close to this.",
  tried: "Tried, not set yet.",
  unbiased: (/** @type {string} */ bias, /** @type {string} */ before) =>
    `Tried, not set yet: its bias is the sentence's again, ${bias} for ${before}.`,
  steadier: (/** @type {string} */ text) => `Steadier: ${text}`,
  steadierTitle:
    "The same decision, with weights that bear inputs further from on and off; those written may misread inputs of 0.1 and 0.9",
  waits: "…",
  fires: (/** @type {string} */ at, /** @type {string} */ sentence) => `${at} fires when ${sentence}.`,
  command: "Say what this neuron is for, as a clause",
  commandSharpness: "Sharpness of this neuron's clause",
  also: "and or not logic words sentence at least steep soften",
};

export const THRESHOLD_WORDS = {
  button: "find…",
  title: "Find a threshold that parts classes, or fires so often",
  card: (/** @type {string} */ at) => `Threshold of ${at}`,
  share: "Fires on",
  ofDigits: "% of the digits",
  parts: "Fires on",
  fromRest: "and not on the rest, as well as can be",
  set: "Set",
  setLayer: (/** @type {number} */ layer) => `Set all of layer ${layer}`,
  setLayerTitle: "Each neuron of the layer that has weights fires on this share: one step",
  layerLabel: (/** @type {number} */ layer, /** @type {number} */ percent) =>
    `layer ${layer}: each fires on ${percent}%`,
  /** @param {number} count @param {number} least @param {number} most */
  layerNow: (count, least, most) => {
    const [low, high] = [least, most].map((share) => (100 * share).toFixed(1));
    const each = count === 1 ? "1 neuron: fires" : `${count} neurons: each fires`;
    return `${each} on ${low === high ? low : `${low} to ${high}`}% of the digits.`;
  },
  some: "Choose some classes first.",
  sharesNow: (/** @type {number} */ share) => `It fires on ${(100 * share).toFixed(1)}% of the digits.`,
  /** @param {number} chosen @param {number} others @param {string} digits that it was found on */
  partsNow: (chosen, others, digits) =>
    `It fires on ${wholePercent(chosen)}% of the chosen digits and on ${wholePercent(others)}% of the rest (${digits}).`,
  command: "Find a threshold for this neuron",
  also: "bias separate classes share percent fires",
};
