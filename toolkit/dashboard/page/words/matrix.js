// Words of the matrix view: a layer as the lesson writes it.
import { nameOf, saysOf } from "./activations.js";

export const MATRIX_WORDS = {
  /** @param {number} layer @param {string} activation @param {boolean} lies whether what comes in lies above its weights @param {boolean} pooled */
  caption: (layer, activation, lies, pooled) =>
    `Each row of W holds one neuron's weights; times ${lies ? "what comes in, which lies above its weights" : "what comes in"}, added up, plus its bias, it gives z, and the function makes a of it. ${nameOf(activation)}: ${saysOf(activation)}${layer === 1 ? " Point at a row to see its map." : " Point at a row to see what it would look for."}${pooled ? " Where cells are more than there is room for, the strongest stands for its neighbours." : ""} W has one scale, b and z have theirs; of a, white is the largest, or where it may be below 0 it has a scale as they do.`,
  title: "Layer by layer, as the lesson writes it",
  layer: "Layer",
  /** @param {number} number @param {boolean} last */
  layerName: (number, last) => `${number}${last ? ", the output" : ""}`,
  previous: "Previous digit",
  next: "Next digit",
  random: "Another digit",
  wrong: "The next one read wrong",
  digit: {
    title: "The digit at hand",
    caption: "What comes in: a⁽⁰⁾, each pixel a number from 0 (black) to 1 (white).",
    /** @param {string} title @param {number|null} label @param {number} read */
    says: (title, label, read) => `${title}${label === null ? "" : `, a ${label}`}, read as ${read}`,
  },
  map: {
    /** @param {string} name */
    title: (name) => `Neuron ${name}`,
    caption: "The same row of W as a picture; green pushes it, red holds it back.",
    composed:
      "What this neuron would look for if nothing between were curved: its row times the maps below, added up.",
    unit: "weight",
  },
  row: {
    /** @param {string} name */
    title: (name) => `Row ${name}, term by term`,
    /** @param {number} shown @param {number} zero @param {string} rest */
    caption: (shown, zero, rest) =>
      `Above the weight, below it what comes in, then their product: ${shown} terms${rest}${zero ? `; the other ${zero.toLocaleString("en")} inputs are 0 and add nothing` : ""}. Click on another row of W for its terms.`,
    /** @param {number} count @param {string} sum */
    rest: (count, sum) =>
      ` with the largest products, and ${count.toLocaleString("en")} more that add ${sum}`,
    /** @param {string} input @param {string} weight @param {string} value @param {string} product */
    says: (input, weight, value, product) => `${input}: ${weight} × ${value} = ${product}`,
    none: "Every input is 0: the weighted sum is the bias alone.",
  },
};
