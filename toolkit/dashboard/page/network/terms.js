// The matrix view in numbers: what a row of W times what comes in adds up to, term by term.
import { signOf } from "../words/activations.js";

/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {{input: number, weight: number, value: number, product: number}} Term */

/**
 * The terms of one neuron's weighted sum, in the order of its inputs.
 * @param {Layer} layer @param {number} row @param {ArrayLike<number>} below what comes in
 * @returns {{terms: Term[], sum: number, bias: number, z: number}} `sum` without the bias
 */
export function termsOf(layer, row, below) {
  const { weights, biases, in: inputs } = layer;
  const terms = [];
  let sum = 0;
  for (let input = 0; input < inputs; input++) {
    const weight = weights[row * inputs + input],
      value = below[input],
      product = weight * value;
    sum += product;
    terms.push({ input, weight, value, product });
  }
  return { terms, sum, bias: biases[row], z: sum + biases[row] };
}

/**
 * Those that count: what comes in is not zero, or the product is none that can be added up.
 * @param {Term[]} terms
 */
export const counting = (terms) => terms.filter(({ value, product }) => value !== 0 || Number.isNaN(product));

const RAISED = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];
const LOWERED = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"];

/** @param {number} number */
export const raised = (number) => `⁽${[...String(number)].map((each) => RAISED[Number(each)]).join("")}⁾`;

/** @param {number} number */
export const lowered = (number) => [...String(number)].map((each) => LOWERED[Number(each)]).join("");

/** The line of a layer in the lesson's notation. @param {number} number @param {string} activation */
export function formula(number, activation) {
  const sign = signOf(activation);
  const inner = `W${raised(number)} a${raised(number - 1)} + b${raised(number)}`;
  return `a${raised(number)} = ${sign ? `${sign}(${inner})` : inner}`;
}

/**
 * Cells in fewer columns: the strongest of those that fall together stands for them.
 * @param {ArrayLike<number>} values row-major @param {number} columns @param {number} room columns wanted
 */
export function strongest(values, columns, room) {
  const rows = values.length / columns;
  if (room >= columns) return { values, columns };
  const pooled = new Float32Array(rows * room);
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < room; at++) {
      const end = Math.floor(((at + 1) * columns) / room);
      let best = 0;
      for (let k = Math.floor((at * columns) / room); k < end; k++) {
        const value = values[row * columns + k];
        if (Number.isNaN(value) || Math.abs(value) > Math.abs(best)) best = value;
      }
      pooled[row * room + at] = best;
    }
  return { values: pooled, columns: room };
}
